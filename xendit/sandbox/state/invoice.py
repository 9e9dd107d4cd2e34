"""The record of an invoice, and the two bodies it is shown as: the answer of the API and the webhook.

The field sets are those of recorded bodies. A record never changes: `store` replaces it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.channels import CHANNELS, LISTS, Kind
from xendit.sandbox.state.creation import ECHOED_BETWEEN, ECHOED_FIRST, ECHOED_LAST
from xendit.sandbox.state.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from xendit.sandbox.state.accounts import Account
    from xendit.source import Source


@dataclass(frozen=True)
class Origin:
    """How an invoice came to be. Over the API nothing of it can be set."""

    client_type: str = "API_GATEWAY"
    on_demand_link: str | None = None
    recurring_payment_id: str | None = None


@dataclass(frozen=True)
class Step:
    """A point of an invoice's time line; `what` is one of STEPS, `detail` a few words for people."""

    at: datetime
    what: str
    detail: str = ""


STEPS = ("created", "reminded", "attempt_failed", "paid", "expired", "settled")


@dataclass(frozen=True)
class Payment:
    """How an invoice was paid; `details` holds what only this kind of channel tells."""

    kind: Kind
    channel: str
    amount: int | float
    paid_at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice at one moment. Times are in UTC and whole milliseconds."""

    id: str
    account: Account
    merchant_name: str = field(repr=False)
    external_id: str = field(repr=False)
    amount: int | float
    currency: str
    channels: tuple[str, ...] = field(repr=False)
    echoed: Mapping[str, Any] = field(repr=False)
    status: str
    created: datetime
    updated: datetime
    expiry_date: datetime
    should_send_email: bool = False
    reminder_date: datetime | None = None
    origin: Origin = field(default=Origin(), repr=False)
    payment: Payment | None = field(default=None, repr=False)
    fee_rule: str | None = None
    split_rule: str | None = None
    steps: tuple[Step, ...] = field(default=(), repr=False)


def payment_details(invoice: Invoice, channel: str, source: Source) -> dict[str, Any]:
    """Make up what a payment of an invoice over a channel tells of itself."""
    kind = CHANNELS[invoice.currency][channel]
    if kind is Kind.BANK:
        return {
            "bank_code": channel,
            "payment_destination": destination(invoice.id, channel, kind),
            "initial_amount": invoice.amount,
        }
    if kind is Kind.EWALLET:
        return {
            "ewallet_type": channel,
            "payment_id": f"ewc_{source.uuid()}",
            "payment_method_id": _method_id(source),
        }
    if kind is Kind.QR:
        return {
            "payment_id": f"qrpy_{source.uuid()}",
            "payment_method_id": _method_id(source),
            "payment_details": {"source": "Sandbox", "receipt_id": _digits(12, source)},
        }
    if kind is Kind.CARD:
        return {"credit_card_token": source.hexadecimal(12), "credit_card_charge_id": source.hexadecimal(12)}
    if kind is Kind.RETAIL:
        return {"payment_destination": destination(invoice.id, channel, kind)}
    return {}


def destination(invoice_id: str, channel: str, kind: Kind) -> str | None:
    """Give the virtual account or payment code of an invoice at a channel: the same whenever a payer asks.

    None for a kind of channel that has none.
    """
    if kind not in (Kind.BANK, Kind.RETAIL):
        return None
    digest = hashlib.sha256(f"{invoice_id} {channel}".encode("utf-8", "replace")).digest()
    number = f"{int.from_bytes(digest[:8], 'big'):020d}"
    return f"9{number[-12:]}" if kind is Kind.BANK else f"TEST{number[-6:]}"


def _digits(count: int, source: Source) -> str:
    return "".join(source.choice("0123456789") for _ in range(count))


def _method_id(source: Source) -> str:
    return f"pm-{source.uuid()}"


#: What an answer of the API repeats of the details; the ids of payments are in the webhook alone.
_ANSWERED_DETAILS = (
    "bank_code",
    "initial_amount",
    "payment_destination",
    "ewallet_type",
    "payment_details",
    "credit_card_charge_id",
)
#: What a PAID webhook repeats of the request, and what an EXPIRED one does.
_PAID_ECHOES = (
    "items",
    "fees",
    "description",
    "payer_email",
    "success_redirect_url",
    "failure_redirect_url",
    "mid_label",
    "should_authenticate_credit_card",
)
_EXPIRED_ECHOES = ("description", "success_redirect_url", "failure_redirect_url")


def invoice_body(invoice: Invoice, base_url: str) -> dict[str, Any]:
    """Give the body of an answer. Fields that are not set are absent, never null."""
    payment = invoice.payment
    body: dict[str, Any] = {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": invoice.account.user_id,
    }
    if payment is not None:
        body["payment_method"] = payment.kind.value
    body |= {
        "status": invoice.status,
        "merchant_name": invoice.merchant_name,
        "merchant_profile_picture_url": f"{base_url}/static/merchant.svg",
        "amount": invoice.amount,
    }
    if payment is not None:
        body |= {"paid_amount": payment.amount, "paid_at": format_time(payment.paid_at)}
        body |= {name: payment.details[name] for name in _ANSWERED_DETAILS if name in payment.details}
    body |= _echoes(invoice, ECHOED_FIRST)
    body |= {"expiry_date": format_time(invoice.expiry_date), "invoice_url": f"{base_url}/web/{invoice.id}"}
    body |= _available(invoice)
    body |= {
        "should_exclude_credit_card": "CREDIT_CARD" not in invoice.channels,
        "should_send_email": invoice.should_send_email,
    }
    body |= _echoes(invoice, ECHOED_BETWEEN)
    body |= {
        "created": format_time(invoice.created),
        "updated": format_time(invoice.updated),
        "currency": invoice.currency,
    }
    if payment is not None:
        body["payment_channel"] = payment.channel
    if invoice.reminder_date is not None:
        body["reminder_date"] = format_time(invoice.reminder_date)
    for name in ("on_demand_link", "recurring_payment_id"):
        if getattr(invoice.origin, name) is not None:
            body[name] = getattr(invoice.origin, name)
    return body | _echoes(invoice, ECHOED_LAST)


def _echoes(invoice: Invoice, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: invoice.echoed[name] for name in names if name in invoice.echoed}


def _available(invoice: Invoice) -> dict[str, list[dict[str, Any]]]:
    """List the channels of an invoice by kind; a list without any is empty, never absent."""
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in LISTS.values()}
    for code in invoice.channels:
        kind = CHANNELS[invoice.currency][code]
        if kind is Kind.BANK:
            lists["available_banks"].append(_bank(invoice, code))
        elif kind in LISTS:
            name, key = LISTS[kind]
            lists[name].append({key: code})
    return lists


def _bank(invoice: Invoice, code: str) -> dict[str, Any]:
    bank: dict[str, Any] = {"bank_code": code, "collection_type": "POOL"}
    payment = invoice.payment
    if payment is not None and payment.channel == code:
        # The account number appears once the payer has picked the bank.
        bank["bank_account_number"] = payment.details["payment_destination"]
    return bank | {
        "transfer_amount": invoice.amount,
        "bank_branch": "Virtual Account",
        "account_holder_name": invoice.merchant_name.upper(),
        "identity_amount": 0,
    }


def callback_body(invoice: Invoice) -> dict[str, Any]:
    """Give the body of the webhook of a PAID or EXPIRED invoice: flat, without metadata, customer or address."""
    payment = invoice.payment
    body: dict[str, Any] = {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": invoice.account.user_id,
        "is_high": False,
        "status": invoice.status,
        "merchant_name": invoice.merchant_name,
        "amount": invoice.amount,
        "created": format_time(invoice.created),
        "updated": format_time(invoice.updated),
        "currency": invoice.currency,
    }
    if payment is None:
        return body | _echoes(invoice, _EXPIRED_ECHOES)
    body |= {
        "payment_method": payment.kind.value,
        "payment_channel": payment.channel,
        "paid_amount": payment.amount,
        "paid_at": format_time(payment.paid_at),
    }
    if invoice.origin.recurring_payment_id is not None:
        body["recurring_payment_id"] = invoice.origin.recurring_payment_id
    return body | dict(payment.details) | _echoes(invoice, _PAID_ECHOES)
