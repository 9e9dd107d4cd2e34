"""Methods of `Sandbox` that do to a report what Xendit would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.actions import SandboxActions
from xendit.sandbox.state.transaction_report.bodies import report_body
from xendit.sandbox.state.transaction_report.book import Reports

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject


class ReportActions(SandboxActions):
    """Let reports be written and fail."""

    def complete_report(self, report_id: str) -> JsonObject:
        """Write a PENDING report, send the webhook, and give the report as the API shows it.

        Raises SandboxError: 404 for an unknown id, 409 when it has ended.
        """
        report = self.book_of(Reports).complete(report_id)
        self.publish()
        return report_body(report)

    def fail_report(self, report_id: str) -> JsonObject:
        """Let a PENDING report fail, send the webhook, and give the report as the API shows it.

        Raises SandboxError: 404 for an unknown id, 409 when it has ended.
        """
        report = self.book_of(Reports).fail(report_id)
        self.publish()
        return report_body(report)
