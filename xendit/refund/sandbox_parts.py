"""What the sandbox answers for refunds beside the API: pages of the dashboard, a part of the control plane.

`xendit.sandbox.parts` finds this module by its name, and uses its constants and `parts_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.refund.pages import RefundPages
from xendit.refund.sandbox_control import REFUND_CONTROL, RefundControl
from xendit.sandbox.state.refund.book import Refunds

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.server import Part
    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject

TABS = (("refunds", "Refunds", "/_sandbox/ui/refunds"),)
CONTROL = REFUND_CONTROL
CONTROL_PART = RefundControl
CONTROL_BODIES: dict[str, JsonObject] = {"control_fail_refund": {"failure_code": {"type": "string"}}}


def parts_of(shared: SharedState, stage: Stage, guard: Guard) -> tuple[Part, ...]:
    """Make the parts of one sandbox."""
    refunds = shared.book_of(Refunds)
    return RefundPages(refunds, stage, guard), RefundControl(refunds, stage)


def first_steps(url: str, key: str) -> str:  # noqa: ARG001 - the signature of all products
    """Nothing is tried first with refunds: they give back what was paid before."""
    return ""
