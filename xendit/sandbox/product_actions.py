"""What the products add to `Sandbox`: the methods of each one's module `sandbox_actions`.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

from xendit.invoice.sandbox_actions import InvoiceActions


class ProductActions(InvoiceActions):
    """The actions of all products in one class, which `Sandbox` inherits."""
