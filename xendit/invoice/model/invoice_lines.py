"""What the amount of an invoice is made of: its items and its fees."""

from __future__ import annotations

from xendit.model import Amount, Model, Quantity, field


class InvoiceFee(Model):
    """A fee shown beside the lines of an invoice; a request takes at most 10.

    Fees are not added to `CreateInvoiceRequest.amount`: the amount is what the payer pays.
    """

    type: str
    """What the payer reads, such as `Admin fee`."""
    value: Amount
    """The fee, in the currency of the invoice."""


class InvoiceItem(Model):
    """A line of an invoice; a request takes at most 75. Pay-later channels require the lines.

    Lines inform the payer: they need not add up to `CreateInvoiceRequest.amount`, which is what the payer pays.
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
