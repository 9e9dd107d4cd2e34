"""The API classes, each loaded on first use. Classes of other Xendit products are stand-ins that say so.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.balance_and_transaction.async_balance_api import AsyncBalanceApi as AsyncBalanceApi
    from xendit.balance_and_transaction.async_transaction_api import AsyncTransactionApi as AsyncTransactionApi
    from xendit.balance_and_transaction.balance_api import BalanceApi as BalanceApi
    from xendit.balance_and_transaction.transaction_api import TransactionApi as TransactionApi
    from xendit.elsewhere import (
        CustomerApi as CustomerApi,
        PaymentMethodApi as PaymentMethodApi,
        PaymentRequestApi as PaymentRequestApi,
        PayoutApi as PayoutApi,
    )
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi
    from xendit.refund.async_refund_api import AsyncRefundApi as AsyncRefundApi
    from xendit.refund.refund_api import RefundApi as RefundApi
    from xendit.transaction_report.async_report_api import AsyncReportApi as AsyncReportApi
    from xendit.transaction_report.report_api import ReportApi as ReportApi

HOMES: dict[str, str] = {
    "AsyncBalanceApi": "xendit.balance_and_transaction.async_balance_api",
    "AsyncInvoiceApi": "xendit.invoice.async_invoice_api",
    "AsyncRefundApi": "xendit.refund.async_refund_api",
    "AsyncReportApi": "xendit.transaction_report.async_report_api",
    "AsyncTransactionApi": "xendit.balance_and_transaction.async_transaction_api",
    "BalanceApi": "xendit.balance_and_transaction.balance_api",
    "InvoiceApi": "xendit.invoice.invoice_api",
    "RefundApi": "xendit.refund.refund_api",
    "ReportApi": "xendit.transaction_report.report_api",
    "TransactionApi": "xendit.balance_and_transaction.transaction_api",
}
"""The module that each API class lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import apis_face

    __getattr__, __dir__ = apis_face(__name__, HOMES)
