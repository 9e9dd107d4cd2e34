"""The declaration of InvoiceItem, a line of an invoice."""

from __future__ import annotations

from xendit.model import Amount, Model, Quantity, field


class InvoiceItem(Model):
    """A line of an invoice; a request takes at most 75. Pay-later channels require the lines.

    Lines inform the payer: they need not add up to `CreateInvoiceRequest.amount`, and the amount wins.
    """

    name: str
    """What the payer reads, up to 256 characters."""
    price: Amount
    """Price of one unit, in the currency of the invoice."""
    quantity: Quantity = field(ge=0)
    """How many units, from 0 to 510,000."""
    reference_id: str | None = None
    """Your own id for the line, such as an article number."""
    url: str | None = None
    """Page that shows the article."""
    category: str | None = None
    """Category of the article, such as `Electronic`."""
