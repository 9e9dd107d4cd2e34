"""The declaration of CreateReport, the body of `create_report`."""

from __future__ import annotations

from xendit.model import Given, Model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.transaction_report.dicts import ReportFilterDict
    from xendit.transaction_report.model.report_filter import ReportFilter
    from xendit.transaction_report.model.report_type import ReportType


class CreateReport(Model):
    """The report to write. The official SDK has no reports."""

    type: Given[ReportType, str]
    """What it lists."""
    filter: Given[ReportFilter, ReportFilterDict]
    """The span of time: less than 92 days."""
    format: str
    """The format of the file: `CSV`, the only one that is documented."""
    currency: str | None = None
    """ISO 4217 code, such as `IDR`; without it, the account's own currency."""
    report_version: str | None = None
    """Which columns the file has: `VERSION_0`, `VERSION_1` or `VERSION_2`; without it, Xendit chooses."""
