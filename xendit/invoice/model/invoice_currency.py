"""The module in which the official SDK has InvoiceCurrency; it is declared in `invoice_values`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.invoice_values import InvoiceCurrency

__all__ = ["InvoiceCurrency"]
