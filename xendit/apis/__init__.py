"""The API classes, each loaded on first use. Classes of other Xendit products are stand-ins that say so.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.elsewhere import (
        BalanceApi as BalanceApi,
        CustomerApi as CustomerApi,
        PaymentMethodApi as PaymentMethodApi,
        PaymentRequestApi as PaymentRequestApi,
        PayoutApi as PayoutApi,
        RefundApi as RefundApi,
        TransactionApi as TransactionApi,
    )
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi

HOMES: dict[str, str] = {
    "AsyncInvoiceApi": "xendit.invoice.async_invoice_api",
    "InvoiceApi": "xendit.invoice.invoice_api",
}
"""The module that each API class lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import apis_face

    __getattr__, __dir__ = apis_face(__name__, HOMES)
