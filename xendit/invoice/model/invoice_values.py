"""The words that fields of an invoice hold: its status, its currency, and what paid for it."""

from __future__ import annotations

from xendit.model import OpenEnum
from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing_extensions import Self


class InvoiceStatus(OpenEnum):
    """Where an invoice is in its life: PENDING, then PAID and SETTLED, or EXPIRED.

    There is no status for a failed attempt (the invoice stays PENDING) and none for a refund. Treat PAID and
    SETTLED alike, as `Invoice.is_paid` does: which of the two is read depends on when one looks.
    """

    PENDING = "PENDING"
    """Waiting for the payer."""
    PAID = "PAID"
    """Paid. The webhook tells this status."""
    SETTLED = "SETTLED"
    """Paid, and the money is settled. Not every payment gets here, and no webhook announces it."""
    EXPIRED = "EXPIRED"
    """Not paid in time, or expired by `expire_invoice`. It cannot be revived, yet a payment made in the last
    moment may still arrive."""


class InvoicePaymentMethod(OpenEnum):
    """The kind of channel that an invoice was paid through; the channel itself is in `payment_channel`.

    Not to be confused with the codes of `CreateInvoiceRequest.payment_methods`, which name channels.
    """

    POOL = "POOL"
    CALLBACK_VIRTUAL_ACCOUNT = "CALLBACK_VIRTUAL_ACCOUNT"
    """Bank transfer to a fixed virtual account."""
    CREDIT_CARD = "CREDIT_CARD"
    """Card."""
    RETAIL_OUTLET = "RETAIL_OUTLET"
    """Cash at a shop, against a payment code."""
    QR_CODE = "QR_CODE"
    """QR code. QRIS payments say this, with `payment_channel` QRIS."""
    QRIS = "QRIS"
    """Declared by the official models; real QRIS payments say QR_CODE."""
    EWALLET = "EWALLET"
    """E-wallet; `ewallet_type` says which."""
    DIRECT_DEBIT = "DIRECT_DEBIT"
    """Direct debit of a bank account."""
    BANK_TRANSFER = "BANK_TRANSFER"
    """Bank transfer to a virtual account; `bank_code` says which bank."""
    PAYLATER = "PAYLATER"
    """Pay later."""
    CRYPTOCURRENCY = "CRYPTOCURRENCY"
    """Cryptocurrency."""


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
