"""The two bodies of a refund: the answer of the API and the webhook. Their fields are those of recordings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.refund.record import RefundRecord


def nanoseconds(moment: datetime, refund_id: str) -> str:
    """Write a moment with nine digits, as this API does. Digits beyond milliseconds are derived from the id."""
    tail = int(hashlib.sha256(refund_id.encode()).hexdigest()[:8], 16) % 1_000_000
    return f"{format_time(moment)[:-1]}{tail:06d}Z"


def refund_body(refund: RefundRecord) -> JsonObject:
    """Give the body of an answer. Texts that are not set are empty, other values null."""
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "payment_request_id": refund.payment_request_id,
        "invoice_id": refund.invoice_id,
        "payment_method_type": refund.payment_method_type,
        "amount": refund.amount,
        "channel_code": refund.channel_code,
        "status": refund.status,
        "reason": refund.reason,
        "reference_id": refund.reference_id,
        "currency": refund.currency,
        "country": refund.country,
        "refund_fee_amount": None,
        "failure_code": refund.failure_code,
        "refund_method": "DIRECT",
        "payout_link_properties": None,
        "actions": None,
        "metadata": None if refund.metadata is None else dict(refund.metadata),
        "created": nanoseconds(refund.created, refund.id),
        "updated": nanoseconds(refund.updated, refund.id),
    }


def callback_body(refund: RefundRecord, at: datetime) -> JsonObject:
    """Give the body of the webhook of a refund that has ended: an envelope around what a real one holds."""
    left_out = ("refund_fee_amount", "payout_link_properties", "actions")
    data = {name: value for name, value in refund_body(refund).items() if name not in left_out}
    if refund.failure_code is None:
        del data["failure_code"]
    return {
        "event": f"refund.{refund.status.lower()}",
        "business_id": refund.account.user_id,
        "created": format_time(at),
        "data": data,
    }
