"""What may be given in place of the models of a request: dicts, typed for checkers.

Derived from the declarations in xendit/transaction_report/model; nothing is written here by hand.
Run `make docs` after changing a model.
"""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime

    from typing_extensions import NotRequired

__all__ = [
    "CreateReportDict",
    "ReportFilterDict",
]


@hinted
class CreateReportDict(TypedDict):
    """`CreateReport` as a dict."""

    type: str
    """What it lists."""
    filter: ReportFilterDict
    """The span of time: less than 92 days."""
    format: str
    """The format of the file: `CSV`, the only one that is documented."""
    currency: NotRequired[str | None]
    """ISO 4217 code, such as `IDR`; without it, the account's own currency."""
    report_version: NotRequired[str | None]
    """Which columns the file has: `VERSION_0`, `VERSION_1` or `VERSION_2`; without it, Xendit chooses."""


@hinted
class ReportFilterDict(TypedDict):
    """`ReportFilter` as a dict."""

    from_: datetime | str
    """The earliest moment; `from` in JSON."""
    to: datetime | str
    """The latest moment."""
