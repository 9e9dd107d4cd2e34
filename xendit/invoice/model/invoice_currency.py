"""The declaration of InvoiceCurrency, the currencies of invoices."""

from __future__ import annotations

from xendit.model import OpenEnum
from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing_extensions import Self


@hinted
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

    @classmethod
    def meant_by(cls, text: str) -> Self:
        """The currency of a code in any case: `idr` is IDR."""
        return cls(text.upper() if cls(text.upper()).is_known else text)
