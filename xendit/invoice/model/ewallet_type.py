"""The module in which the official SDK has EwalletType, declared beside Ewallet, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import EwalletType

__all__ = ["EwalletType"]
