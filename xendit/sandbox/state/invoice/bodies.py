"""The two bodies of an invoice: the answer of the API and the webhook. Their fields are those of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time
from xendit.sandbox.state.invoice.channels import CHANNELS, LISTS, ChannelKind
from xendit.sandbox.state.invoice.creation import ECHOED_BETWEEN, ECHOED_FIRST, ECHOED_LAST

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.invoice.record import InvoiceRecord

#: The details that an answer of the API repeats. The ids of payments are only in the webhook.
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


def invoice_body(invoice: InvoiceRecord, base_url: str) -> JsonObject:
    """Give the body of an answer. Fields that are not set are absent, never null."""
    payment = invoice.payment
    body: JsonObject = {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": invoice.account.user_id,
    }
    if payment is not None:
        body["payment_method"] = payment.kind.value
    body |= {
        "status": invoice.status,
        "merchant_name": invoice.merchant_name,
        "merchant_profile_picture_url": f"{base_url}/static/invoice/merchant.svg",
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


def _echoes(invoice: InvoiceRecord, names: tuple[str, ...]) -> JsonObject:
    return {name: invoice.echoed[name] for name in names if name in invoice.echoed}


def _available(invoice: InvoiceRecord) -> dict[str, list[JsonObject]]:
    """List the channels of an invoice by kind; a list without any is empty, never absent."""
    lists: dict[str, list[JsonObject]] = {name: [] for name, _ in LISTS.values()}
    for code in invoice.channels:
        kind = CHANNELS[invoice.currency][code]
        if kind is ChannelKind.BANK:
            lists["available_banks"].append(_bank(invoice, code))
        elif kind in LISTS:
            name, key = LISTS[kind]
            lists[name].append({key: code})
    return lists


def _bank(invoice: InvoiceRecord, code: str) -> JsonObject:
    bank: JsonObject = {"bank_code": code, "collection_type": "POOL"}
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


def callback_body(invoice: InvoiceRecord) -> JsonObject:
    """Give the body of the webhook of a PAID or EXPIRED invoice: flat, without metadata, customer or address."""
    payment = invoice.payment
    body: JsonObject = {
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
