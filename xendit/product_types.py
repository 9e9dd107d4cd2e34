"""Types that are unions over the products, for checkers and editors alone: at run time nothing stands here.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias, TypeVar

    from xendit.invoice.async_invoice_api import AsyncInvoiceApi
    from xendit.invoice.dicts import CreateInvoiceRequestDict
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice
    from xendit.invoice.webhook import InvoiceEvent
    from xendit.refund.webhook import RefundEvent
    from xendit.transaction_report.webhook import ReportEvent

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
    RefundEventHandler = TypeVar(
        "RefundEventHandler", bound=Callable[[RefundEvent], object] | Callable[[RefundEvent, Any], object]
    )
    ReportEventHandler = TypeVar(
        "ReportEventHandler", bound=Callable[[ReportEvent], object] | Callable[[ReportEvent, Any], object]
    )

    class NamedHandlers:
        """The decorators of `Handlers` that are called as the events of products."""

        def refund_succeeded(self, function: RefundEventHandler) -> RefundEventHandler:
            """Decorate what handles `refund.succeeded`."""
            return function

        def refund_failed(self, function: RefundEventHandler) -> RefundEventHandler:
            """Decorate what handles `refund.failed`."""
            return function

        def report_completed(self, function: ReportEventHandler) -> ReportEventHandler:
            """Decorate what handles `report.completed`."""
            return function

        def report_failed(self, function: ReportEventHandler) -> ReportEventHandler:
            """Decorate what handles `report.failed`."""
            return function
