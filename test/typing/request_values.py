"""Every way to give the values of a request: as a model, as a dict, by position, by name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import numpy as np
from typing_extensions import assert_type

from xendit.apis import InvoiceApi
from xendit.invoice import CreateInvoiceRequest
from xendit.invoice.dicts import CreateInvoiceRequestDict
from xendit.invoice.model import (
    AddressObject,
    ChannelProperties,
    ChannelPropertiesCards,
    CustomerObject,
    Invoice,
    InvoiceCurrency,
    InvoiceFee,
    InvoiceItem,
    NotificationChannel,
    NotificationPreference,
)

# By position, in the order of the contract, and by name.
by_position = CreateInvoiceRequest("order-1", 100000.0)
by_name = CreateInvoiceRequest(external_id="order-1", amount=100000)
mixed = CreateInvoiceRequest("order-1", 100000, payer_email="ana@example.com")
InvoiceItem("Tea", 12000, 2)
InvoiceFee("ADMIN", 2500)

# An amount is an int, a float or a Decimal, and reads as a float to the checkers.
for amount in (1000, 1000.5):
    CreateInvoiceRequest(external_id="order-1", amount=amount)
CreateInvoiceRequest(external_id="order-1", amount=Decimal("1000.50"))
InvoiceItem(name="Tea", price=Decimal(12000), quantity=1)
InvoiceFee(type="ADMIN", value=Decimal(2500))
CreateInvoiceRequest(external_id="order-1", amount=np.int64(1000))
CreateInvoiceRequest(external_id=np.int64(17), amount=1000, invoice_duration=np.int64(60))


class Price(NamedTuple):
    """A money value, as py-moneyed's is."""

    amount: Decimal
    currency: str


CreateInvoiceRequest(external_id="order-1", amount=Price(Decimal("99.95"), "PHP"))
assert_type(by_name.amount, float)
assert_type(by_name.decimal("amount"), Decimal | None)
by_name.amount = Decimal(5)
by_name.amount = 5

# An external_id is text, a number or a UUID, and reads as text.
CreateInvoiceRequest(external_id=17, amount=1000)
CreateInvoiceRequest(external_id=uuid4(), amount=1000)
CreateInvoiceRequest(external_id=UUID("12345678123456781234567812345678"), amount=1000)
assert_type(by_name.external_id, str)

# A duration is seconds in any spelling, or a timedelta.
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration=86400)
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration=86400.0)
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration="86400")
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration=timedelta(days=1))
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration=None)
assert_type(by_name.invoice_duration, int | None)

# An enum is a member, its constructor or its text.
CreateInvoiceRequest(external_id="order-1", amount=1000, currency="IDR")
CreateInvoiceRequest(external_id="order-1", amount=1000, currency=InvoiceCurrency.IDR)
CreateInvoiceRequest(external_id="order-1", amount=1000, currency=InvoiceCurrency("IDR"))
assert_type(by_name.currency, InvoiceCurrency | None)
NotificationPreference(invoice_created=["email", NotificationChannel.WHATSAPP])
preference = NotificationPreference(
    invoice_created=["email"],
    invoice_reminder=[NotificationChannel("whatsapp")],
    invoice_expired=None,
    invoice_paid=[NotificationChannel.EMAIL],
)
assert_type(preference.invoice_paid, list[NotificationChannel] | None)

# Nothing, said as None.
mobile: str | None = None
CreateInvoiceRequest(external_id="order-1", amount=1000, payer_email=mobile, customer=None, items=None)

# Models inside models.
full = CreateInvoiceRequest(
    external_id="order-1",
    amount=Decimal(100000),
    payer_email="ana@example.com",
    description="Two teas",
    invoice_duration=timedelta(hours=2),
    callback_virtual_account_id="5848fdf860053555135587e7",
    should_send_email=True,
    customer=CustomerObject(
        given_names="Ana",
        surname="Putri",
        email="ana@example.com",
        mobile_number="+6281234567890",
        addresses=[AddressObject(country="Indonesia", city="Jakarta", postal_code="10110")],
    ),
    customer_notification_preference=preference,
    success_redirect_url="https://shop.example/paid",
    failure_redirect_url="https://shop.example/failed",
    payment_methods=["BCA", "QRIS"],
    mid_label="main",
    should_authenticate_credit_card=True,
    currency="IDR",
    reminder_time=1,
    reminder_time_unit="days",
    locale="id",
    items=[InvoiceItem(name="Tea", price=50000, quantity=2, reference_id="tea", category="Drinks")],
    fees=[InvoiceFee(type="ADMIN", value=2500)],
    channel_properties=ChannelProperties(cards=ChannelPropertiesCards(allowed_bins=["41111111"])),
    metadata={"branch": "Jakarta", "table": 7},
)
assert_type(full.items, list[InvoiceItem] | None)
assert_type(full.customer, CustomerObject | None)
assert_type(full.metadata, dict[str, Any] | None)
if full.items:
    assert_type(full.items[0].price, float)

# Dicts inside models, mixed with models in one list.
CreateInvoiceRequest(
    external_id="order-1",
    amount=1000,
    customer={"given_names": "Ana", "addresses": [{"city": "Jakarta"}]},
    items=[{"name": "Tea", "price": 12000, "quantity": 1}, InvoiceItem(name="Cup", price=1, quantity=1)],
    fees=[{"type": "ADMIN", "value": Decimal(2500)}],
    customer_notification_preference={"invoice_paid": ["email", NotificationChannel.SMS]},
    channel_properties={"cards": {"allowed_bins": ["41111111"]}},
)
full.items = [{"name": "Tea", "price": 12000, "quantity": 1}]
full.customer = {"given_names": "Ana"}

# A dict in place of the model: written in the call, or declared as the TypedDict.
request: CreateInvoiceRequestDict = {
    "external_id": uuid4(),
    "amount": Decimal("1000.50"),
    "invoice_duration": "3600",
    "currency": "IDR",
    "items": [{"name": "Tea", "price": 12000, "quantity": 1}],
    "customer": {"given_names": "Ana", "mobile_number": None},
    "metadata": {"table": 7},
}


def create(api: InvoiceApi) -> None:
    """Create in every call form."""
    assert_type(api.create_invoice(full), Invoice)
    assert_type(api.create_invoice(create_invoice_request=full), Invoice)
    assert_type(api.create_invoice(request), Invoice)
    api.create_invoice({"external_id": "order-1", "amount": 1000})
    api.create_invoice(create_invoice_request={"external_id": 17, "amount": 1000, "invoice_duration": 60})
    api.create_invoice(full, for_user_id="62efe4c33e45694d63f585f0")
    api.create_invoice(full, "62efe4c33e45694d63f585f0")
    api.create_invoice(full, for_user_id=None)
    api.create_invoice(full, with_fee_rule="xpfeeru_1", with_split_rule="splitru_1")
    api.create_invoice(full, _request_timeout=5, _headers={"x-trace": "1"})
    api.create_invoice(full, _request_timeout=(3, 10.0))
