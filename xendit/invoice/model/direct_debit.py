"""The module in which the official SDK has DirectDebit; it is declared in `payment_channels`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import DirectDebit, DirectDebitType

__all__ = ["DirectDebit", "DirectDebitType"]
