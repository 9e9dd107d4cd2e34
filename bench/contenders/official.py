"""The official SDK, xendit-python, by its own path: the body as text, types checked."""

from __future__ import annotations

import json
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import payloads

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest, CustomerObject, Invoice, InvoiceCallback, InvoiceItem

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "xendit-python (official)"
VERSIONS = {name: version(name) for name in ("xendit-python", "urllib3", "python-dateutil")}


def construct() -> CreateInvoiceRequest:
    """The same request; its constructors refuse an int where a number is due."""
    return CreateInvoiceRequest(
        external_id="order-2026-000417",
        amount=1250000.0,
        payer_email="siti.rahayu@example.com",
        description="Pesanan 2026-000417, tiga barang",
        invoice_duration=86400.0,
        should_send_email=True,
        success_redirect_url="https://toko.example.com/checkout/thanks?order=2026-000417",
        failure_redirect_url="https://toko.example.com/checkout/retry?order=2026-000417",
        payment_methods=["BCA", "OVO", "QRIS", "CREDIT_CARD"],
        currency="IDR",
        locale="id",
        reminder_time_unit="hours",
        items=[
            InvoiceItem(name="Kipas angin", price=450000.0, quantity=1.0, category="Elektronik", url=payloads.PRODUCT),
            InvoiceItem(name="Lampu meja", price=250000.0, quantity=2.0, category="Elektronik", url=payloads.PRODUCT),
            InvoiceItem(name="Kabel", price=75000.0, quantity=4.0, category="Elektronik", url=payloads.PRODUCT),
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
    client = xendit.ApiClient()

    def decode(body: bytes, kind: Any) -> Any:
        return client.deserialize(SimpleNamespace(data=body.decode()), (kind,), True)

    request = construct()
    return {
        "decode": lambda: decode(payloads.INVOICE, Invoice),
        "page": lambda: decode(payloads.PAGE, [Invoice]),
        "webhook": lambda: decode(payloads.WEBHOOK, InvoiceCallback),
        "construct": construct,
        "encode": lambda: json.dumps(client.sanitize_for_serialization(request)),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    client = xendit.ApiClient()
    return [client.deserialize(SimpleNamespace(data=body.decode()), (Invoice,), True) for body in bodies]


def client(url: str) -> dict[str, Callable[[], Any]]:
    """Calls of a warm client."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(host=url, api_key="xnd_development_benchmark")))
    return {
        "get": lambda: api.get_invoice_by_id(payloads.ID),
        "walk": lambda: api.get_invoices(limit=100.0, last_invoice=payloads.ID),
    }


FIRST = """
import xendit
from xendit.apis import InvoiceApi
configuration = xendit.Configuration(host=URL, api_key="xnd_development_benchmark")
InvoiceApi(xendit.ApiClient(configuration)).get_invoice_by_id(ID)
"""
IMPORT = "import xendit; from xendit.apis import InvoiceApi"
