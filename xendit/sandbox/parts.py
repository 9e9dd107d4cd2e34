"""What the sandbox answers beside the API: the payment page, the dashboard and the control plane, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.control import Control
from xendit.sandbox.invoice_control import InvoiceControl
from xendit.sandbox.pages.dashboard_routes import Dashboard
from xendit.sandbox.pages.guard import Guard
from xendit.sandbox.pages.payment_routes import PaymentPage

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.server import Part
    from xendit.sandbox.state.invoice.invoices import Invoices


def parts_of(invoices: Invoices, stage: Stage, port: int) -> tuple[Part, ...]:
    """Make the parts of a sandbox. The pages show invoices alone; the control plane is that of all products."""
    guard = Guard(str(port), invoices.shared.source)
    return (
        PaymentPage(invoices, guard),
        Dashboard(invoices, stage, guard),
        Control(invoices.shared, stage),
        InvoiceControl(invoices, stage),
    )
