"""The declaration of InvoiceCallbackItem, a line of an invoice as the webhook tells it."""

from __future__ import annotations

from xendit.model import Amount, Model, Quantity, field


class InvoiceCallbackItem(Model, received=True):
    """A line of an invoice as the webhook tells it, one of `InvoiceCallback.items`.

    Unlike an `InvoiceItem` it has no `reference_id`.
    """

    name: str
    """What the payer reads."""
    price: Amount
    """Price of one unit, in the currency of the invoice."""
    quantity: Quantity = field(ge=0)
    """How many units."""
    url: str | None = None
    """Page that shows the article."""
    category: str | None = None
    """Category of the article."""
