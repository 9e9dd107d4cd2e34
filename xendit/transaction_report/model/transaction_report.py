"""The declaration of TransactionReport: what creating and reading a report answers, and what its webhook brings."""

from __future__ import annotations

from xendit.model import Given, Model, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime

    from xendit.transaction_report.model.report_filter import ReportFilter
    from xendit.transaction_report.model.report_status import ReportStatus
    from xendit.transaction_report.model.report_type import ReportType


class TransactionReport(Model, received=True, shown=("id", "type", "status", "created")):
    """A report as Xendit knows it. Its webhook has the same body, without an envelope."""

    id: str = field(strict=True)
    """Id of the report, `report_…`."""
    type: Given[ReportType, str] = absent
    """What it lists."""
    status: Given[ReportStatus, str] = field(default=absent, strict=True)
    """Whether it can be downloaded."""
    filter: ReportFilter | None = None
    """The span of time."""
    format: str | None = None
    """The format of the file: CSV."""
    url: str | None = field(default=None, personal=True)
    """Where the file is, for 24 hours. Whoever has the address can read it."""
    currency: str | None = None
    """ISO 4217 code of the transactions in it; without one, transactions of every currency."""
    business_id: str = absent
    """Id of the business."""
    report_version: str | None = None
    """Which columns the file has, such as `VERSION_1`."""
    created: One[datetime, str] = absent
    """When it was asked for."""
    updated: One[datetime, str] = absent
    """When it last changed."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more is awaited: it was written, or could not be."""
        return str(self.status) in ("COMPLETED", "FAILED")
