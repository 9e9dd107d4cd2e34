"""The declaration of InvoiceFee, a fee shown on an invoice."""

from __future__ import annotations

from xendit.model import Amount, Model


class InvoiceFee(Model):
    """A fee shown beside the lines of an invoice; a request takes at most 10.

    Fees are not added to `CreateInvoiceRequest.amount`: the amount is what the payer pays.
    """

    type: str
    """What the payer reads, such as `Admin fee`."""
    value: Amount
    """The fee, in the currency of the invoice."""
