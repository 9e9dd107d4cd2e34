"""The module in which the official SDK has RetailOutletName, declared beside RetailOutlet, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.retail_outlet import RetailOutletName

__all__ = ["RetailOutletName"]
