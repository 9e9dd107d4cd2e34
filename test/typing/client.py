"""How a client is made, the four operations called, their results read and their errors caught."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from typing_extensions import assert_type

import xendit
from xendit import ApiClient, ApiResponse, Configuration, XenditSdkException
from xendit.apis import InvoiceApi
from xendit.exceptions import (
    ApiTypeError,
    BadRequestException,
    NotFoundException,
    OpenApiException,
    OutcomeUnknownException,
    RateLimitException,
)
from xendit.invoice.model.invoice import Invoice
from xendit.invoice.model.invoice_client_type import InvoiceClientType
from xendit.invoice.model.invoice_item import InvoiceItem
from xendit.invoice.model.invoice_status import InvoiceStatus
from xendit.source import Source

# The ways to make a client.
xendit.set_api_key("xnd_development_example")
InvoiceApi()
InvoiceApi(xendit.ApiClient())
InvoiceApi(ApiClient(Configuration(api_key="xnd_development_example")))
InvoiceApi(api_client=ApiClient(configuration=Configuration(host="http://localhost:8000", api_key="xnd_x")))
InvoiceApi(ApiClient(Configuration(api_key=lambda: "xnd_development_example")))
InvoiceApi("xnd_development_example")
InvoiceApi(api_key="xnd_development_example")
InvoiceApi(lambda: "xnd_development_example")
InvoiceApi(api_key=None)
xendit.set_api_key(None)
configuration = Configuration(source=Source())
configuration.api_key = "xnd_development_example"
with ApiClient(configuration) as client:
    api = InvoiceApi(client)

# Creating one: by model, by dict, by keyword; also with the answer.
assert_type(api.create_invoice(external_id="order-1", amount=150000), Invoice)
assert_type(
    api.create_invoice(
        external_id=1, amount=150000, items=[{"name": "Tea", "price": 1, "quantity": 1}], _request_timeout=5.0
    ),
    Invoice,
)
assert_type(api.with_raw_response.create_invoice(external_id="order-1", amount=1), ApiResponse[Invoice])
assert_type(api.with_raw_response.create_invoice({"external_id": "order-1", "amount": 1}), ApiResponse[Invoice])

# Any path of the API.
assert_type(client.request("GET", "/balance", query={"account_type": "CASH"}), ApiResponse[Any])
client.request("POST", "/sessions", json={"amount": 1}, headers={"api-version": "1"}, timeout=(3, 10))
assert_type(client.mode, str | None)

# Looking at one invoice.
invoice = api.get_invoice_by_id("62efe4c33e45294d63f585f2")
assert_type(invoice, Invoice)
api.get_invoice_by_id(invoice_id="62efe4c33e45294d63f585f2", for_user_id="62efe4c33e45694d63f585f0")
assert_type(api.expire_invoice("62efe4c33e45294d63f585f2"), Invoice)
api.expire_invoice(invoice_id="62efe4c33e45294d63f585f2", for_user_id=None)

# Listing, with every spelling of a time and of an enum.
assert_type(api.get_invoices(), list[Invoice])
api.get_invoices(statuses=["PENDING", "SETTLED"], limit=10, external_id="order-1")
api.get_invoices(statuses=[InvoiceStatus.PAID, "SETTLED"], client_types=["API_GATEWAY"])
api.get_invoices(statuses=(InvoiceStatus("PAID"),), client_types=[InvoiceClientType.DASHBOARD])
api.get_invoices(
    for_user_id="62efe4c33e45694d63f585f0",
    created_after=datetime(2026, 1, 1, tzinfo=timezone.utc),
    created_before=date(2026, 2, 1),
    paid_after="2026-01-01T00:00:00Z",
    paid_before="2026-02-01",
    expired_after=datetime.now(tz=timezone.utc),
    expired_before=None,
    last_invoice="62efe4c33e45294d63f585f2",
    payment_channels=["BNI", "BRI"],
    on_demand_link="test-link",
    recurring_payment_id="62efe4c33e45294d63f585f2",
    _request_timeout=2.5,
)

# Reading a result.
assert_type(invoice.id, str)
assert_type(invoice.external_id, str)
assert_type(invoice.invoice_url, str)
assert_type(invoice.amount, float)
assert_type(invoice.status, InvoiceStatus)
assert_type(invoice.expiry_date, datetime)
assert_type(invoice.expiry_date.isoformat(), str)
assert_type(invoice.description, str | None)
assert_type(invoice.items, list[InvoiceItem] | None)
assert_type(invoice.is_paid, bool)
assert_type(invoice.is_expired, bool)
assert_type(invoice.is_final, bool)
assert_type(invoice["anything"], Any)
assert_type(invoice.get("id"), Any)
assert_type(invoice.get("id", ""), Any)
assert_type("id" in invoice, bool)
assert_type(len(invoice), int)
assert_type(list(invoice), list[str])
assert_type(dict(invoice), dict[str, Any])
assert_type(invoice.to_dict(), dict[str, Any])
assert_type(invoice.to_str(), str)
assert_type(invoice.to_json(), str)
assert_type(Invoice.from_dict({"id": "1"}), Invoice)
assert_type(Invoice.from_json(b"{}"), Invoice)

# A status is text.
column: str = invoice.status
paid = invoice.status == "PAID" or invoice.status in ("PAID", "SETTLED") or invoice.status in {"PAID"}
counts: dict[str, int] = {invoice.status: 1}
value: str = invoice.status.value
assert_type(invoice.status.is_known, bool)
if invoice.status is InvoiceStatus.PAID:
    print(f"{invoice.status}: {invoice.amount:,}")


def describe(seen: Invoice) -> str:
    """Match on fields, by name."""
    match seen:
        case Invoice(status="PAID"):
            return "paid"
        case _:
            return "waiting"


# The official options change what a call returns.
raw_answer = api.get_invoice_by_id("62efe4c33e45294d63f585f2", _return_http_data_only=False)
handle = api.get_invoice_by_id("62efe4c33e45294d63f585f2", async_req=True)
api.get_invoices(_preload_content=True, _check_return_type=True, _check_input_type=True)

# Catching.
try:
    api.create_invoice({"external_id": "order-1", "amount": 1000})
except ApiTypeError as error:
    print(error.path_to_item)
except RateLimitException as error:
    assert_type(error.retry_after, float | None)
except NotFoundException as error:
    assert_type(error.errorCode, str)
except BadRequestException as error:
    for path, message in error.errors:
        print(path, message)
except OutcomeUnknownException as error:
    assert_type(error.outcome, str | None)
except xendit.XenditSdkException as error:
    assert_type(error.status, str)
    assert_type(error.http_status, int | None)
    assert_type(error.errorCode, str)
    assert_type(error.errorMessage, str)
    assert_type(error.body, str | None)
    assert_type(error.headers["request-id"], str)
    assert_type(error.request_id, str | None)
    assert_type(error.attempts, int)
    assert_type(error.elapsed, float)
    assert_type(error.user_message, str)
    error_or_none: XenditSdkException | None = error
except OpenApiException as error:
    print(str(error))
