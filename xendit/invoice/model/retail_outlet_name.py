"""The declaration of RetailOutletName, the shops that take cash for invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


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
