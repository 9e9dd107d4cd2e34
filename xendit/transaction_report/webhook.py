"""The webhook of a report: ReportEvent, and how its body, which has no envelope, is read as one. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from xendit.exceptions import ApiTypeError
from xendit.static_typing import hinted
from xendit.transaction_report.model.transaction_report import TransactionReport
from xendit.webhook.event import Event, bounded_key, key_part
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.webhook.event import Delivered

__all__ = ["ReportEvent", "read"]

_PREFIX = "report_"
"""The beginning of the id of a report, by which its body differs from that of an invoice."""


@hinted
@dataclass(frozen=True)
class ReportEvent(Event):
    """A report was written, or could not be.

    `dedupe_key` is business id / report id / `completed` or `failed`. Its `report.url` can be read for 24 hours.
    """

    report: TransactionReport
    """The webhook's body as a model."""

    @property
    def event_name(self) -> str:
        """`report.completed` or `report.failed`: a name of ours, for the body has no envelope."""
        return f"report.{key_part(str(self.report.status).lower())}"[:40]

    @property
    def kind(self) -> str:
        """`report_completed` or `report_failed`."""
        return self.event_name.replace(".", "_")

    @property
    def subject(self) -> str:
        """Business id / report id."""
        return _subject(self.report)

    @property
    def report_id(self) -> str:
        """Id of the report at Xendit, `report_…`."""
        return self.report.id

    @property
    def user_id(self) -> str | None:
        """Id of the business that the report is about."""
        business: str | None = self.report.business_id
        return business

    @property
    def rank(self) -> int:
        """PENDING < FAILED < COMPLETED; -1 for a status that is not known."""
        return {"PENDING": 0, "FAILED": 1, "COMPLETED": 2}.get(str(self.report.status), -1)


def read(delivered: Delivered) -> ReportEvent | None:
    """The event of a body without an envelope; None where it is no report's.

    Raises:
        ApiTypeError, ApiValueError: it is a report that this version cannot read; the text shows no value.
    """
    data = delivered.data
    named = data.get("id")
    if delivered.event_name is not None or not isinstance(named, str) or not named.startswith(_PREFIX):
        return None
    status = data.get("status")
    if not isinstance(status, str) or not status:
        found = "an empty text" if status == "" else type_name(status)
        raise ApiTypeError(f"TransactionReport['status']: {found} was found, text is needed", ("status",))
    report = delivered.read_as(TransactionReport, data)
    key = delivered.stored_key or bounded_key(f"{_subject(report)}/{key_part(status.lower())}")
    return ReportEvent(key, delivered.body, report, webhook_id=delivered.webhook_id, source=delivered.source)


def _subject(report: TransactionReport) -> str:
    business: str | None = report.business_id
    return bounded_key(f"{key_part(business)}/{key_part(report.id)}")
