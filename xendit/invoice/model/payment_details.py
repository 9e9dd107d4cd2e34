"""The declaration of PaymentDetails, what a channel tells about a payment."""

from __future__ import annotations

from xendit.model import Model


class PaymentDetails(Model, received=True):
    """What the channel tells about a payment, in `payment_details` of an invoice paid by QR code."""

    receipt_id: str | None = None
    """Number on the payer's receipt. It may be empty."""
    source: str | None = None
    """Application that the payer used, such as `Ovo`."""
