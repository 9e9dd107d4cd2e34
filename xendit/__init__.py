"""A Python SDK for Xendit's Invoice API: the public names, each loaded on first use (PEP 562).

import xendit
from xendit.apis import InvoiceApi

xendit.set_api_key("...")
invoice = InvoiceApi().create_invoice({"external_id": "order-1", "amount": 50000})
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit import apis as apis, exceptions as exceptions, models as models
    from xendit.api_client import ApiClient as ApiClient
    from xendit.async_api_client import AsyncApiClient as AsyncApiClient
    from xendit.configuration import Configuration as Configuration, set_api_key as set_api_key
    from xendit.exceptions import (
        ApiAttributeError as ApiAttributeError,
        ApiKeyError as ApiKeyError,
        ApiTypeError as ApiTypeError,
        ApiValueError as ApiValueError,
        BadRequestException as BadRequestException,
        ConfigurationException as ConfigurationException,
        ConflictException as ConflictException,
        ConnectionException as ConnectionException,
        ForbiddenException as ForbiddenException,
        JournalException as JournalException,
        NotFoundException as NotFoundException,
        OpenApiException as OpenApiException,
        OutcomeUnknownException as OutcomeUnknownException,
        RateLimitException as RateLimitException,
        ResponseException as ResponseException,
        ServiceException as ServiceException,
        TimeoutException as TimeoutException,
        TlsException as TlsException,
        UnauthorizedException as UnauthorizedException,
        UnsupportedException as UnsupportedException,
        XenditSdkException as XenditSdkException,
        XenditWarning as XenditWarning,
    )
    from xendit.legacy import Invoice as Invoice, Xendit as Xendit, XenditError as XenditError
    from xendit.operation import ApiResponse as ApiResponse
    from xendit.policy import RetryPolicy as RetryPolicy
    from xendit.version import __version__ as __version__

    api_key: str | None
    base_url: str

if TYPE_CHECKING:  # what belongs to the products, by docs/build.py
    from xendit import (
        balance_and_transaction as balance_and_transaction,
        invoice as invoice,
        refund as refund,
        transaction_report as transaction_report,
    )
    from xendit.balance_and_transaction.async_balance_api import AsyncBalanceApi as AsyncBalanceApi
    from xendit.balance_and_transaction.async_transaction_api import AsyncTransactionApi as AsyncTransactionApi
    from xendit.balance_and_transaction.balance_api import BalanceApi as BalanceApi
    from xendit.balance_and_transaction.transaction_api import TransactionApi as TransactionApi
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi
    from xendit.refund.async_refund_api import AsyncRefundApi as AsyncRefundApi
    from xendit.refund.refund_api import RefundApi as RefundApi
    from xendit.transaction_report.async_report_api import AsyncReportApi as AsyncReportApi
    from xendit.transaction_report.report_api import ReportApi as ReportApi

_HOMES = {
    "ApiAttributeError": "xendit.exceptions",
    "ApiClient": "xendit.client.sync",
    "ApiKeyError": "xendit.exceptions",
    "ApiResponse": "xendit.operation",
    "ApiTypeError": "xendit.exceptions",
    "ApiValueError": "xendit.exceptions",
    "AsyncApiClient": "xendit.client.asyncio",
    "BadRequestException": "xendit.exceptions",
    "Configuration": "xendit.configuration",
    "ConfigurationException": "xendit.exceptions",
    "ConflictException": "xendit.exceptions",
    "ConnectionException": "xendit.exceptions",
    "ForbiddenException": "xendit.exceptions",
    "Invoice": "xendit.legacy",
    "JournalException": "xendit.exceptions",
    "NotFoundException": "xendit.exceptions",
    "OpenApiException": "xendit.exceptions",
    "OutcomeUnknownException": "xendit.exceptions",
    "RateLimitException": "xendit.exceptions",
    "ResponseException": "xendit.exceptions",
    "RetryPolicy": "xendit.policy",
    "ServiceException": "xendit.exceptions",
    "TimeoutException": "xendit.exceptions",
    "TlsException": "xendit.exceptions",
    "UnauthorizedException": "xendit.exceptions",
    "UnsupportedException": "xendit.exceptions",
    "Xendit": "xendit.legacy",
    "XenditError": "xendit.legacy",
    "XenditSdkException": "xendit.exceptions",
    "XenditWarning": "xendit.exceptions",
    "__version__": "xendit.version",
    "apis": "xendit.apis",
    "exceptions": "xendit.exceptions",
    "models": "xendit.models",
    "set_api_key": "xendit.configuration",
}
"""Each name that is no product's, with the module that has it; the API classes come from the products."""


if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import top_face

    _look_up, __dir__ = top_face(__name__, _HOMES)

    def __getattr__(name: str) -> object:
        """Load a public name. `api_key` and `base_url`, which 0.x had, read as what they are until they are set."""
        if name in ("api_key", "base_url"):
            return "" if name == "api_key" else "https://api.xendit.co/"
        return _look_up(name)
