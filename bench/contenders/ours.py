"""This library."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import payloads

from xendit.configuration import Configuration
from xendit.invoice.model import CreateInvoiceRequest, CustomerObject, Invoice, InvoiceCallback, InvoiceItem
from xendit.invoice.operations import GET_INVOICES
from xendit.operation import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LABEL = "xendit-sdk (this library)"
VERSIONS = {"xendit-sdk": version("xendit-sdk"), "urllib3": version("urllib3")}
KEY = "xnd_development_benchmark"


def construct() -> CreateInvoiceRequest:
    """A request, checked."""
    return CreateInvoiceRequest(
        external_id="order-2026-000417",
        amount=1250000,
        payer_email="siti.rahayu@example.com",
        description="Pesanan 2026-000417, tiga barang",
        invoice_duration=86400,
        should_send_email=True,
        success_redirect_url="https://toko.example.com/checkout/thanks?order=2026-000417",
        failure_redirect_url="https://toko.example.com/checkout/retry?order=2026-000417",
        payment_methods=["BCA", "OVO", "QRIS", "CREDIT_CARD"],
        currency="IDR",
        locale="id",
        reminder_time_unit="hours",
        items=[
            InvoiceItem(name="Kipas angin", price=450000, quantity=1, category="Elektronik", url=payloads.PRODUCT),
            InvoiceItem(name="Lampu meja", price=250000, quantity=2, category="Elektronik", url=payloads.PRODUCT),
            InvoiceItem(name="Kabel", price=75000, quantity=4, category="Elektronik", url=payloads.PRODUCT),
        ],
        customer=CustomerObject(
            given_names="Siti",
            surname="Rahayu",
            email="siti.rahayu@example.com",
            mobile_number="+6281234567890",
        ),
        metadata={"branch": "bandung-2", "cart": "417"},
    )


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network."""
    page = Response(200, {}, payloads.PAGE)
    request = construct()
    return {
        "decode": lambda: Invoice.from_json(payloads.INVOICE),
        "page": lambda: GET_INVOICES.read(page),
        "webhook": lambda: InvoiceCallback.from_json(payloads.WEBHOOK),
        "construct": construct,
        "encode": request.to_json,
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    return [Invoice.from_json(body) for body in bodies]


def client(url: str) -> dict[str, Callable[[], Any]]:
    """Calls of a warm client."""
    from xendit.api_client import ApiClient
    from xendit.apis import InvoiceApi

    api = InvoiceApi(ApiClient(Configuration(api_key=KEY, host=url)))
    return {
        "get": lambda: api.get_invoice_by_id(payloads.ID),
        "walk": lambda: api.get_invoices(limit=100, last_invoice=payloads.ID),
    }


def async_client(url: str) -> Callable[[], Awaitable[Any]]:
    """One call of a warm client; made inside a running loop."""
    from xendit.apis import AsyncInvoiceApi
    from xendit.async_api_client import AsyncApiClient

    client = AsyncApiClient(Configuration(api_key=KEY, host=url, connection_pool_maxsize=50))
    api = AsyncInvoiceApi(client)

    async def get() -> Any:
        return await api.get_invoice_by_id(payloads.ID)

    get.close = client.close  # type: ignore[attr-defined]
    return get


FIRST = """
from xendit.apis import InvoiceApi
from xendit import ApiClient, Configuration
InvoiceApi(ApiClient(Configuration(api_key="xnd_development_benchmark", host=URL))).get_invoice_by_id(ID)
"""
"""A whole program: from nothing to the first answer."""
IMPORT = "from xendit.apis import InvoiceApi"
