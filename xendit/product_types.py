"""Types that are unions over the products, for checkers and editors alone: at run time nothing stands here.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from xendit.invoice.async_invoice_api import AsyncInvoiceApi
    from xendit.invoice.dicts import CreateInvoiceRequestDict
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice
    from xendit.invoice.webhook import InvoiceEvent

    #: What `create_many` creates over, in threads.
    BatchApi: TypeAlias = InvoiceApi
    #: What it creates over, in tasks.
    AsyncBatchApi: TypeAlias = AsyncInvoiceApi
    #: What it takes: one request.
    BatchRequest: TypeAlias = CreateInvoiceRequest | CreateInvoiceRequestDict
    #: What the create of a batch brings.
    BatchMade: TypeAlias = Invoice
    #: What a worker of webhooks calls its `handler` with; events of other classes go to its `other`.
    HandledEvent: TypeAlias = InvoiceEvent
