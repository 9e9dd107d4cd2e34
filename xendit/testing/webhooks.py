"""Webhooks for the tests of an application: bodies as Xendit sends them, and the request around them.

    from xendit.testing import paid, signed

    request = signed(paid("EWALLET", external_id="order-1", amount=150000), token="...")
    client.post("/webhooks/xendit", **request.for_flask())

The bodies come from the sandbox's rules, whose field sets by kind of payment are those of recorded webhooks.
Needs the standard library alone.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM
from xendit.static_typing import hinted
from xendit.webhook.order import order_id, order_price
from xendit.webhook.verify import usable_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.invoice.invoices import Invoices
    from xendit.webhook.order import OrderAmount, OrderId

    #: The JSON of a webhook.
    Body: TypeAlias = dict[str, Any]
    #: What a test client's `post` takes by name.
    Arguments: TypeAlias = dict[str, Any]

__all__ = ["DASHBOARD_TEST", "WebhookRequest", "expired", "paid", "signed"]

_KEY = "xnd_development_testing"
DASHBOARD_TEST: Body = {
    "id": "579c8d61f23fa4ca35e52da4",
    "external_id": "invoice_123124123",
    "user_id": "5781d19b2e2385880609791c",
    "is_high": True,
    "payment_method": "BANK_TRANSFER",
    "status": "PAID",
    "merchant_name": "Xendit",
    "amount": 50000,
    "paid_amount": 50000,
    "bank_code": "PERMATA",
    "paid_at": "2016-10-12T08:15:03.404Z",
    "payer_email": "payer@example.com",
    "description": "This is a description",
    "adjusted_received_amount": 47500,
    "fees_paid_amount": 0,
    "updated": "2016-10-10T08:15:03.404Z",
    "created": "2016-10-10T08:15:03.404Z",
    "currency": "IDR",
    "payment_channel": "PERMATA",
    "payment_destination": "888888888888",
}
"""What the dashboard's "Test and save" sends: no such invoice exists, and a receiver must answer it with 200."""


@hinted
def paid(
    method: str | None = None,
    channel: str | None = None,
    *,
    external_id: OrderId = "order-1",
    amount: OrderAmount = 150000,
    currency: str | None = None,
    at: datetime | None = None,
    **fields: object,
) -> Body:
    """The body of the webhook of a paid invoice.

    Args:
        method: how it was paid: `BANK_TRANSFER`, `CREDIT_CARD`, `EWALLET`, `QR_CODE`, `RETAIL_OUTLET`,
            `DIRECT_DEBIT` or `PAYLATER`. It decides which further fields the body has. None: a bank transfer, or
            another method where the currency has none.
        channel: the channel's code, such as `BCA`; else the first of the method in that currency.
        external_id, amount, currency: the order's, in any type that `event.matches` takes; IDR where neither the
            amount nor `currency` says otherwise.
        at: when it was paid; else now.
        **fields: fields to add or to replace, such as `status="SETTLED"` or `id="..."`.

    Raises:
        ValueError: the currency has no such method or channel.
        ApiTypeError: id, amount or currency is of another type.
    """
    from xendit.sandbox.state.invoice.channels import CHANNELS

    order = _order("paid", external_id, amount, currency)
    code: str = order["currency"]
    channels = {channel: kind.value for channel, kind in CHANNELS.get(code, {}).items()}
    if method is None and channel is None:
        method = "BANK_TRANSFER" if "BANK_TRANSFER" in channels.values() else next(iter(channels.values()), None)
    found = [each for each, kind in channels.items() if method in (None, kind) and channel in (None, each)]
    if not found:
        wanted = f"{method} over {channel}" if method and channel else method or channel or "any method"
        known = ", ".join(sorted(set(channels.values()))) or "none: no such currency"
        raise ValueError(f"{code} cannot be paid by {wanted}; its methods are {known}")
    invoices, _, made = _invoice(order, at)
    invoices.pay(made, channel=found[0])
    return {**_last_body(invoices), **fields}


@hinted
def expired(
    *,
    external_id: OrderId = "order-1",
    amount: OrderAmount = 150000,
    currency: str | None = None,
    at: datetime | None = None,
    **fields: object,
) -> Body:
    """The body of the webhook of an expired invoice: it has no field of a payment.

    Args:
        external_id, amount, currency: the order's, as `paid` takes them.
        at: when it expired; else now.
        **fields: fields to add or to replace.

    Raises:
        ApiTypeError: id, amount or currency is of another type.
    """
    invoices, account, made = _invoice(_order("expired", external_id, amount, currency), at)
    invoices.expire(account, made)
    return {**_last_body(invoices), **fields}


@hinted
class WebhookRequest(NamedTuple):
    """A POST as Xendit sends it, in the words of each test client."""

    headers: dict[str, str]
    """Content type, token and webhook id."""
    body: bytes
    """The JSON text."""

    def for_django(self) -> Arguments:
        """Arguments of `django.test.Client.post` after the path."""
        headers = {name: value for name, value in self.headers.items() if name != "content-type"}
        return {"data": self.body, "content_type": self.headers["content-type"], "headers": headers}

    def for_flask(self) -> Arguments:
        """Arguments of Flask's and Werkzeug's `client.post` after the path; of `requests.post` too."""
        return {"data": self.body, "headers": dict(self.headers)}

    def for_starlette(self) -> Arguments:
        """Arguments of Starlette's and FastAPI's `TestClient.post` after the path; of httpx too."""
        return {"content": self.body, "headers": dict(self.headers)}


@hinted
def signed(
    body: Mapping[str, object] | bytes | str, token: str | None = None, *, webhook_id: str | None = None
) -> WebhookRequest:
    """The request around a body.

    Args:
        body: what `paid` or `expired` made, or raw JSON.
        token: the webhook token; else what `XENDIT_WEBHOOK_TOKEN` says, of several the first.
        webhook_id: the id of the delivery; else a new one.

    Raises:
        ConfigurationException: there is no token, or the one of the settings can be none.
    """
    given = token or next(iter(usable_tokens()), None)
    if given is None:
        raise ConfigurationException("there is no webhook token: give token=... or set XENDIT_WEBHOOK_TOKEN")
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return WebhookRequest(
        {
            "content-type": "application/json",
            "x-callback-token": str(given),
            "webhook-id": SYSTEM.uuid() if webhook_id is None else webhook_id,
        },
        text.encode() if isinstance(text, str) else text,
    )


def _order(where: str, external_id: OrderId, amount: OrderAmount, currency: str | None) -> Body:
    """What the body of a create holds about an order: text, a JSON number, a code."""
    if currency is None and not hasattr(amount, "currency"):
        currency = "IDR"
    number, code = order_price(amount, currency, where)
    worth = int(number) if number == number // 1 else float(number)
    return {"external_id": order_id(external_id, where), "amount": worth, "currency": code}


def _invoice(order: Body, at: datetime | None) -> tuple[Invoices, Account, str]:
    """A sandbox's book with one invoice in it: the book, the account, the invoice's id."""
    from xendit.sandbox.state.invoice.invoices import Invoices

    moment = SYSTEM.now() if at is None else at
    invoices = Invoices.alone(lambda: moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))
    account = invoices.shared.account(_KEY)
    made = invoices.create(account, order)
    return invoices, account, made.id


def _last_body(invoices: Invoices) -> Body:
    return dict(invoices.shared.drain()[-1].body)
