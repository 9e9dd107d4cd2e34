"""The pages of the sandbox's dashboard that are about refunds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.invoice.pages.dashboard import delivery_row
from xendit.sandbox.pages.formats import format_amount
from xendit.sandbox.pages.frame import DashboardPart, Moment, Tone, moment
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.refund.bodies import refund_body
from xendit.sandbox.state.refund.book import FAILURES

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.frame import Form
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.refund.book import Refunds
    from xendit.sandbox.state.refund.record import RefundRecord
    from xendit.sandbox.web import Request, Response

_PATH = "/_sandbox/ui/refunds"
_TONES: dict[str, Tone] = {"PENDING": "wait", "SUCCEEDED": "good", "FAILED": "bad", "CANCELLED": "none"}


@dataclass(frozen=True)
class RefundRow:
    """A refund in a list, and on its own page."""

    id: str
    reference: str
    amount: str
    status: str
    tone: Tone
    channel: str
    reason: str
    failure: str | None
    invoice_id: str | None
    created: Moment
    updated: Moment


class RefundPages(DashboardPart):
    """The pages of refunds and their forms."""

    routes = (
        ("GET", _PATH, "ui_refunds"),
        ("GET", f"{_PATH}/<refund_id>", "ui_refund"),
        ("POST", f"{_PATH}/<refund_id>/succeed", "ui_succeed_refund"),
        ("POST", f"{_PATH}/<refund_id>/fail", "ui_fail_refund"),
    )

    def __init__(self, refunds: Refunds, stage: Stage, guard: Guard) -> None:
        super().__init__(refunds.shared, stage, guard)
        self._refunds = refunds

    def ui_refunds(self, request: Request) -> Response:
        """List the refunds of every account, newest first."""
        shown = self.listing(request, _PATH, self._refunds.recent, refund_row)
        return self.page(request, "refunds", "refund/refunds.html", path=_PATH, **shown)

    def ui_refund(self, request: Request, refund_id: str) -> Response:
        """Show a refund: what it gives back, its webhooks, and how it can end."""
        try:
            refund = self._refunds.find(refund_id)
        except SandboxError:
            return self.missing(request, "refunds", "No such refund", (_PATH, "All refunds"))
        told = [one for one in self._stage.deliveries if one.subject == refund_id]
        return self.page(
            request,
            "refunds",
            "refund/refund.html",
            path=_PATH,
            row=refund_row(refund),
            failures=FAILURES,
            rows=[delivery_row(one) for one in reversed(told)],
            json=json.dumps(refund_body(refund), indent=2, ensure_ascii=False),
        )

    def ui_succeed_refund(self, request: Request, refund_id: str) -> Response:
        """Let a refund succeed."""

        def do(_form: Form) -> str:
            self._refunds.succeed(refund_id)
            return "The payer has the money."

        return self.act(request, do)

    def ui_fail_refund(self, request: Request, refund_id: str) -> Response:
        """Let a refund fail."""

        def do(form: Form) -> str:
            self._refunds.fail(refund_id, form.get("failure_code") or "REFUND_FAILED")
            return "The refund has failed, and its money came back."

        return self.act(request, do)


def refund_row(refund: RefundRecord) -> RefundRow:
    """Show a refund."""
    return RefundRow(
        id=refund.id,
        reference=refund.reference_id,
        amount=format_amount(refund.amount, refund.currency),
        status=refund.status,
        tone=_TONES.get(refund.status, "none"),
        channel=refund.channel_code,
        reason=refund.reason.replace("_", " ").capitalize(),
        failure=refund.failure_code,
        invoice_id=refund.invoice_id or None,
        created=moment(refund.created),
        updated=moment(refund.updated),
    )
