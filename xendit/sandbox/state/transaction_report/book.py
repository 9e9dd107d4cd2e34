"""Reports: everything that can happen to a report, by the API and by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.transaction_report.bodies import report_body
from xendit.sandbox.state.transaction_report.record import ReportRecord, read_report, write_report
from xendit.sandbox.state.transaction_report.requests import read_request
from xendit.sandbox.state.transaction_report.table import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

LIFE = timedelta(hours=24)
"""How long a link can be used."""


class Reports(Book[ReportRecord]):
    """The reports of all accounts. Every method may be called from any thread."""

    kind = "report"

    # -- what the core asks

    def write(self, record: ReportRecord) -> JsonObject:
        """Give all of a report as JSON values."""
        return write_report(record)

    def read(self, values: JsonMapping) -> ReportRecord:
        """Make the report of what `write` gave. Raises ValueError."""
        return read_report(values)

    def due_times(self, record: ReportRecord) -> Iterator[datetime]:
        """Give the moment at which a report is written by itself, unless it is assumed not to be."""
        delay = self.shared.assumptions.report_delay
        if record.status == "PENDING" and delay:
            yield record.created + timedelta(seconds=delay)

    def fall_due(self, record: ReportRecord, at: datetime) -> None:
        """Write it, if it is still pending."""
        if record.status == "PENDING":
            self._complete(record, at)

    # -- the operations

    def create(self, account: Account, body: object, base_url: str) -> ReportRecord:
        """Take a request for a report. Raises SandboxError: 400 or 403."""
        permit(account, "write")
        given, begin, end = read_request(body)
        with self.shared.lock:
            now = self.shared.now()
            record = ReportRecord(
                id=f"report_{self.shared.source.uuid()}",
                account=replace(account, permission="write"),
                created=now,
                updated=now,
                status="PENDING",
                type=given["type"],
                begin=begin,
                end=end,
                format=given["format"],
                currency=given.get("currency"),
                report_version=given.get("report_version"),
                secret=self.shared.source.hexadecimal(32),
                base_url=base_url,
            )
            self.keep(record)
            return record

    def get(self, account: Account, report_id: str) -> ReportRecord:
        """Give a report of the account. Raises SandboxError: 403 or 404."""
        permit(account, "read")
        with self.shared.lock:
            return self.own(account, report_id)

    # -- what no API does

    def find(self, report_id: str) -> ReportRecord:
        """Give a report of any account. Raises SandboxError: 404."""
        with self.shared.lock:
            self.shared.sweep()
            record = self.ledger.get(report_id)
        if record is None:
            raise self.missing(report_id)
        return record

    def recent(self, *, find: str = "", before: str | None = None, limit: int = 50) -> tuple[ReportRecord, ...]:
        """Give the newest reports of all accounts that have a text in their id or type."""
        with self.shared.lock:
            self.shared.sweep()
            wanted = (each for each in self.ledger.newest(before) if any(find in text for text in (each.id, each.type)))
            return tuple(islice(wanted, limit))

    def complete(self, report_id: str) -> ReportRecord:
        """Write a PENDING report, and tell. Raises SandboxError: 404, or 409 when it has ended."""
        with self.shared.lock:
            return self._complete(self._pending(report_id), self.shared.now())

    def fail(self, report_id: str) -> ReportRecord:
        """Let a PENDING report fail, and tell. Raises SandboxError: 404, or 409 when it has ended."""
        with self.shared.lock:
            return self._end(replace(self._pending(report_id), status="FAILED"), self.shared.now())

    def content(self, report_id: str, signature: str) -> str | None:
        """Give the file that a link leads to; None for a link that is wrong or too old."""
        with self.shared.lock:
            self.shared.sweep()
            record = self.ledger.get(report_id)
            if record is None or record.secret != signature or self.is_expired(record):
                return None
            return record.content

    def is_expired(self, record: ReportRecord) -> bool:
        """Say whether the link of a report is too old."""
        return record.content is not None and self.shared.now() - record.updated >= LIFE

    # -- inside the lock

    def _pending(self, report_id: str) -> ReportRecord:
        record = self.find(report_id)
        if record.status != "PENDING":
            raise SandboxError(409, "SANDBOX_REPORT_NOT_PENDING", f"The report is {record.status}.")
        return record

    def _complete(self, record: ReportRecord, at: datetime) -> ReportRecord:
        content = file_of(record, self.shared.book_of(TransactionBook))
        return self._end(replace(record, status="COMPLETED", content=content), at)

    def _end(self, record: ReportRecord, at: datetime) -> ReportRecord:
        record = replace(record, updated=at)
        self.keep(record, report_body(record))
        return record
