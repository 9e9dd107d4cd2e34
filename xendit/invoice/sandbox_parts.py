"""What the sandbox answers for invoices beside the API: the payment page, the dashboard, a part of the control plane.

`xendit.sandbox.parts` finds this module by its name, and uses its constants and `parts_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.invoice.pages.dashboard_routes import Dashboard
from xendit.invoice.pages.payment_routes import PaymentPage
from xendit.invoice.sandbox_control import INVOICE_CONTROL, InvoiceControl
from xendit.sandbox.state.invoice.invoices import Invoices

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.server import Part
    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject

TABS = (("invoices", "Invoices", "/_sandbox/"),)
"""The tabs of the dashboard that are about invoices: name, title, path."""
CONTROL = INVOICE_CONTROL
"""The rows of the control plane that are about invoices."""
CONTROL_PART = InvoiceControl
"""The class whose methods answer them."""
CONTROL_BODIES: dict[str, JsonObject] = {
    "control_pay": {"channel": {"type": "string"}, "amount": {"type": "number"}, "late": {"type": "boolean"}},
    "control_fail": {"channel": {"type": "string"}, "reason": {"type": "string"}},
    "control_import": {"invoices": {"type": "array", "items": {"type": "object"}}},
}
"""The members of their JSON bodies, and of the records in an import, by the method that reads each."""


def parts_of(shared: SharedState, stage: Stage, guard: Guard) -> tuple[Part, ...]:
    """Make the parts of one sandbox."""
    invoices = shared.book_of(Invoices)
    return PaymentPage(invoices, guard), Dashboard(invoices, stage, guard), InvoiceControl(invoices, stage)


def first_steps(url: str, key: str) -> str:
    """Say how to create an invoice and pay it from a terminal."""
    return f"""\
Create an invoice; open its invoice_url in a browser, or pay it from here:

  curl {url}/v2/invoices -u {key}: -H 'Content-Type: application/json' \\
       -d '{{"external_id": "order-1", "amount": 10000}}'
  curl -X POST {url}/_sandbox/invoices/INVOICE_ID/pay"""
