"""The declaration of ProductData, which says what a transaction belongs to."""

from __future__ import annotations

from xendit.model import Model


class ProductData(Model, received=True):
    """What a transaction belongs to. The official models lack it, and with it the way from settled money to an invoice."""

    capture_id: str | None = None
    """Id of the capture of a card payment."""
    payment_request_id: str | None = None
    """Id of the payment request, `pr-…`. A refund is created with it."""
    reusable_payment_link_id: str | None = None
    """Id of a payment link that can be paid more than once."""
    payment_link_id: str | None = None
    """Id of the invoice."""
