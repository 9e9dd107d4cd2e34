"""The module in which the official SDK has Paylater; it is declared in `payment_channels`, with what is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import Paylater, PaylaterType

__all__ = ["Paylater", "PaylaterType"]
