"""The API classes, each loaded on first use. Classes of other Xendit products are stand-ins that say so."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi

    BalanceApi: Any
    CustomerApi: Any
    PaymentMethodApi: Any
    PaymentRequestApi: Any
    PayoutApi: Any
    RefundApi: Any
    TransactionApi: Any

__all__ = ["AsyncInvoiceApi", "InvoiceApi"]


if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        value: Any
        if name == "InvoiceApi":
            value = import_module("xendit.invoice.invoice_api").InvoiceApi
        elif name == "AsyncInvoiceApi":
            value = import_module("xendit.invoice.async_invoice_api").AsyncInvoiceApi
        else:
            value = import_module("xendit.elsewhere").product_class(name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
