"""The module in which the official SDK has DirectDebitType, declared beside DirectDebit, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import DirectDebitType

__all__ = ["DirectDebitType"]
