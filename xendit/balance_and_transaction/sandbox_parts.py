"""What the sandbox answers for money beside the API: pages of the dashboard, a part of the control plane.

`xendit.sandbox.parts` finds this module by its name, and uses its constants and `parts_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.balance_and_transaction.pages import TransactionPages
from xendit.balance_and_transaction.sandbox_control import TRANSACTION_CONTROL, TransactionControl
from xendit.sandbox.state.balance_and_transaction.book import TransactionBook

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.server import Part
    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject

TABS = (("transactions", "Transactions", "/_sandbox/ui/transactions"),)
CONTROL = TRANSACTION_CONTROL
CONTROL_PART = TransactionControl
CONTROL_BODIES: dict[str, JsonObject] = {
    "control_move": {
        "type": {"type": "string"},
        "amount": {"type": "number"},
        "cashflow": {"type": "string", "enum": ["MONEY_IN", "MONEY_OUT"]},
        "invoice_id": {"type": "string"},
        "currency": {"type": "string"},
        "reference_id": {"type": "string"},
    }
}


def parts_of(shared: SharedState, stage: Stage, guard: Guard) -> tuple[Part, ...]:
    """Make the parts of one sandbox."""
    transactions = shared.book_of(TransactionBook)
    return TransactionPages(transactions, stage, guard), TransactionControl(transactions, stage)


def first_steps(url: str, key: str) -> str:  # noqa: ARG001 - the signature of all products
    """Nothing is tried first with transactions: a payment makes them."""
    return ""
