"""The module in which the official SDK has BankCode, declared beside Bank, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import BankCode

__all__ = ["BankCode"]
