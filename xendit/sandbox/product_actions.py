"""What the products add to `Sandbox`: the methods of each one's module `sandbox_actions`.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

from xendit.balance_and_transaction.sandbox_actions import TransactionActions
from xendit.invoice.sandbox_actions import InvoiceActions
from xendit.refund.sandbox_actions import RefundActions
from xendit.transaction_report.sandbox_actions import ReportActions


class ProductActions(InvoiceActions, TransactionActions, RefundActions, ReportActions):
    """The actions of all products in one class, which `Sandbox` inherits."""
