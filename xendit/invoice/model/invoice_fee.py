"""The module in which the official SDK has InvoiceFee; it is declared in `invoice_lines`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.invoice_lines import InvoiceFee

__all__ = ["InvoiceFee"]
