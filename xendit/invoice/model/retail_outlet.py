"""The declaration of RetailOutlet, a payment at a shop that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model, One, OpenEnum, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal


class RetailOutletName(OpenEnum):
    """A chain of shops that takes cash for invoices, in `RetailOutlet.retail_outlet_name`."""

    ALFAMART = "ALFAMART"
    INDOMARET = "INDOMARET"
    SEVEN_ELEVEN = "7ELEVEN"
    """The value starts with a digit, which no Python name can: `RetailOutletName("7ELEVEN")` finds it too."""
    CEBUANA = "CEBUANA"
    DP_ECPAY_LOAN = "DP_ECPAY_LOAN"
    DP_MLHUILLIER = "DP_MLHUILLIER"
    DP_PALAWAN = "DP_PALAWAN"
    DP_ECPAY_SCHOOL = "DP_ECPAY_SCHOOL"
    LBC = "LBC"


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
