"""The API classes, each loaded on first use. Classes of other Xendit products are stand-ins that say so."""

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

__all__ = ["AsyncInvoiceApi", "InvoiceApi"]


if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "InvoiceApi":
            value = import_module("xendit.invoice.invoice_api").InvoiceApi
        elif name == "AsyncInvoiceApi":
            value = import_module("xendit.invoice.async_invoice_api").AsyncInvoiceApi
        else:
            elsewhere = import_module("xendit.elsewhere")
            value = None if name.startswith("_") else elsewhere.api_class(name)
            if value is None:
                near = "" if name.startswith("_") else elsewhere.nearest(name, [*__all__, *elsewhere.api_names()])
                raise AttributeError(f"module 'xendit.apis' has no attribute {name!r}{near}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
