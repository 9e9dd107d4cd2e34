"""The Invoice API: its classes and its models, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice import model as model
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi
    from xendit.invoice.model import *  # noqa: F403
else:
    from xendit.face import product_face

    __getattr__, __dir__ = product_face(__name__)
