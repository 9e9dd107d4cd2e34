"""The module in which the official SDK has QrCodeType, declared beside QrCode, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import QrCodeType

__all__ = ["QrCodeType"]
