"""The declaration of RetailOutlet, a payment at a shop that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal

    from xendit.invoice.model.retail_outlet_name import RetailOutletName


class RetailOutlet(Model, received=True):
    """A payment in cash at a shop that an invoice offers, one of `Invoice.available_retail_outlets`."""

    retail_outlet_name: Given[RetailOutletName, str]
    """The chain of shops."""
    payment_code: str | None = None
    """Code that the payer tells the cashier. Answers held it up to 2021."""
    transfer_amount: One[float, Decimal] = absent
    """What to pay, in the currency of the invoice. Answers held it up to 2021."""
    merchant_name: str | None = None
    """Name under which the shop knows the merchant."""
