"""The module in which the official SDK has PaylaterType, declared beside Paylater, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import PaylaterType

__all__ = ["PaylaterType"]
