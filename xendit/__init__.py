"""A Python SDK for Xendit's Invoice API: the public names, each loaded on first use (PEP 562).

import xendit
from xendit.apis import InvoiceApi

xendit.set_api_key("...")
invoice = InvoiceApi().create_invoice({"external_id": "order-1", "amount": 50000})
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit import apis as apis, exceptions as exceptions, invoice as invoice, models as models
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
    from xendit.invoice.async_invoice_api import AsyncInvoiceApi as AsyncInvoiceApi
    from xendit.invoice.invoice_api import InvoiceApi as InvoiceApi
    from xendit.legacy import Invoice as Invoice, Xendit as Xendit, XenditError as XenditError
    from xendit.operation import ApiResponse as ApiResponse
    from xendit.policy import RetryPolicy as RetryPolicy
    from xendit.version import __version__ as __version__

    api_key: str | None
    base_url: str

_HOMES = {
    "ApiClient": "xendit.client.sync",
    "ApiResponse": "xendit.operation",
    "AsyncApiClient": "xendit.client.asyncio",
    "AsyncInvoiceApi": "xendit.invoice.async_invoice_api",
    "Configuration": "xendit.configuration",
    "Invoice": "xendit.legacy",
    "InvoiceApi": "xendit.invoice.invoice_api",
    "RetryPolicy": "xendit.policy",
    "Xendit": "xendit.legacy",
    "XenditError": "xendit.legacy",
    "XenditWarning": "xendit.exceptions",
    "__version__": "xendit.version",
    "set_api_key": "xendit.configuration",
}
_MODULES = ("apis", "exceptions", "invoice", "models")

__all__ = [
    "ApiAttributeError",
    "ApiClient",
    "ApiKeyError",
    "ApiResponse",
    "ApiTypeError",
    "ApiValueError",
    "AsyncApiClient",
    "AsyncInvoiceApi",
    "BadRequestException",
    "Configuration",
    "ConfigurationException",
    "ConflictException",
    "ConnectionException",
    "ForbiddenException",
    "InvoiceApi",
    "JournalException",
    "NotFoundException",
    "OpenApiException",
    "OutcomeUnknownException",
    "RateLimitException",
    "ResponseException",
    "RetryPolicy",
    "ServiceException",
    "TimeoutException",
    "TlsException",
    "UnauthorizedException",
    "UnsupportedException",
    "XenditSdkException",
    "XenditWarning",
    "set_api_key",
]


if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists

    def __getattr__(name: str) -> object:
        """Load a public name. `api_key` and `base_url`, which 0.x had, read as what they are until they are set."""
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"xendit.{name}")
        if name.startswith("_") and name not in _HOMES:
            raise AttributeError(f"module 'xendit' has no attribute {name!r}")
        if name in ("api_key", "base_url"):
            return "" if name == "api_key" else "https://api.xendit.co/"
        if name in _HOMES or name in __all__:
            value = getattr(import_module(_HOMES.get(name, "xendit.exceptions")), name)
        else:
            value = import_module("xendit.elsewhere").name_at_the_top(name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES, *__all__})
