"""What may be given in place of the models of a request: dicts, typed for checkers.

Derived from the declarations in xendit/balance_and_transaction/model; nothing is written here by hand.
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
    "DateRangeFilterDict",
]


@hinted
class DateRangeFilterDict(TypedDict):
    """`DateRangeFilter` as a dict."""

    gte: NotRequired[datetime | str | None]
    """The earliest moment; goes out as `created[gte]` in whole milliseconds. Without one the span has no beginning."""
    lte: NotRequired[datetime | str | None]
    """The latest moment; goes out as `created[lte]`. Without one the span has no end."""
