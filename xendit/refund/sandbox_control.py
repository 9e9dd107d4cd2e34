"""The part of the control plane that is about refunds: list them, show them, let them succeed and fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.control import read_object, recent_page, text_of
from xendit.sandbox.state.refund.bodies import refund_body

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.state.refund.book import Refunds
    from xendit.sandbox.web import Request

#: Method, path, the method of `RefundControl` that answers, and what it does.
REFUND_CONTROL: list[tuple[str, str, str, str]] = [
    ("GET", "/_sandbox/refunds", "control_refunds", "Refunds of all accounts, newest first"),
    ("GET", "/_sandbox/refunds/<refund_id>", "control_refund", "One refund and its deliveries"),
    ("POST", "/_sandbox/refunds/<refund_id>/succeed", "control_succeed_refund", "Let it succeed"),
    ("POST", "/_sandbox/refunds/<refund_id>/fail", "control_fail_refund", "Let it fail"),
]


class RefundControl:
    """The handlers, in the manner of `xendit.sandbox.control.Control`."""

    routes = tuple(row[:3] for row in REFUND_CONTROL)

    def __init__(self, refunds: Refunds, stage: Stage) -> None:
        self._refunds = refunds
        self._stage = stage

    def control_refunds(self, request: Request) -> object:
        """List refunds. `find` is a part of an id or reference, `before` the id of the refund to go on after."""
        found, before = recent_page(request, self._refunds.recent)
        return {"refunds": [refund_body(one) for one in found], "before": before}

    def control_refund(self, _request: Request, refund_id: str) -> object:
        """Give one refund and its deliveries."""
        refund = self._refunds.find(refund_id)
        told = [one.json() for one in self._stage.deliveries if one.subject == refund_id]
        return {"refund": refund_body(refund), "deliveries": told}

    def control_succeed_refund(self, _request: Request, refund_id: str) -> object:
        """Let a PENDING refund succeed."""
        return refund_body(self._refunds.succeed(refund_id))

    def control_fail_refund(self, request: Request, refund_id: str) -> object:
        """Let a PENDING refund fail, with a `failure_code`. Its money comes back."""
        code = text_of(read_object(request), "failure_code") or "REFUND_FAILED"
        return refund_body(self._refunds.fail(refund_id, code))
