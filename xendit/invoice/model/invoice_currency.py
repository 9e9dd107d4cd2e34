"""The declaration of InvoiceCurrency, the currencies of invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


class InvoiceCurrency(OpenEnum):
    """Currency of an invoice, as an ISO 4217 code."""

    IDR = "IDR"
    """Indonesian rupiah. The API cuts decimals of the amount."""
    USD = "USD"
    """United States dollar."""
    THB = "THB"
    """Thai baht."""
    VND = "VND"
    """Vietnamese dong."""
    PHP = "PHP"
    """Philippine peso. The API keeps decimals of the amount."""
    MYR = "MYR"
    """Malaysian ringgit."""
