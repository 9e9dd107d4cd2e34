"""The module in which the official SDK has AddressObject, declared beside CustomerObject, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.customer_object import AddressObject

__all__ = ["AddressObject"]
