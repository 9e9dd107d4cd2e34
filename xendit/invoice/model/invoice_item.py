"""The module in which the official SDK has InvoiceItem; it is declared in `invoice_lines`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.invoice_lines import InvoiceItem

__all__ = ["InvoiceItem"]
