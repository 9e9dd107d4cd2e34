"""The module in which the official SDK has RetailOutletName, declared beside RetailOutlet, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.payment_channels import RetailOutletName

__all__ = ["RetailOutletName"]
