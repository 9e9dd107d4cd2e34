"""The declaration of InvoicePaymentMethod, the kind of channel that an invoice was paid through."""

from __future__ import annotations

from xendit.model import OpenEnum


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
