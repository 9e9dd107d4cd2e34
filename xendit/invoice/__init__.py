"""The Invoice API: InvoiceApi and its models, each loaded on first use."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice import model as model
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi
    from xendit.invoice.model import *  # noqa: F403
else:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "InvoiceApi":
            return import_module("xendit.invoice.invoice_api").InvoiceApi
        if name == "AsyncInvoiceApi":
            return import_module("xendit.invoice.async_invoice_api").AsyncInvoiceApi
        if name.startswith("__"):
            raise AttributeError(f"module 'xendit.invoice' has no attribute {name!r}")
        face = import_module("xendit.invoice.model")
        return face if name == "model" else getattr(face, name)


def __dir__() -> list[str]:
    from xendit.invoice.model import MODULES

    return sorted({*globals(), *MODULES, "AsyncInvoiceApi", "InvoiceApi", "model"})
