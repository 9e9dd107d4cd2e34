"""The module in which the official SDK has InvoicePaymentMethod; it is declared in `invoice_values`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.invoice_values import InvoicePaymentMethod

__all__ = ["InvoicePaymentMethod"]
