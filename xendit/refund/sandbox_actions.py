"""Methods of `Sandbox` that do to a refund what its channel would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.actions import SandboxActions
from xendit.sandbox.state.refund.bodies import refund_body
from xendit.sandbox.state.refund.book import Refunds

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject


class RefundActions(SandboxActions):
    """Let refunds succeed and fail."""

    def succeed_refund(self, refund_id: str) -> JsonObject:
        """Let a PENDING refund succeed, send the webhook, and give the refund as the API shows it.

        Raises SandboxError: 404 for an unknown id, 409 when it has ended.
        """
        refund = self.book_of(Refunds).succeed(refund_id)
        self.publish()
        return refund_body(refund)

    def fail_refund(self, refund_id: str, failure_code: str = "REFUND_FAILED") -> JsonObject:
        """Let a PENDING refund fail, send the webhook, and give the refund as the API shows it. Its money comes back.

        Raises SandboxError: 404 for an unknown id, 409 when it has ended, 400 for a code that there is not.
        """
        refund = self.book_of(Refunds).fail(refund_id, failure_code)
        self.publish()
        return refund_body(refund)
