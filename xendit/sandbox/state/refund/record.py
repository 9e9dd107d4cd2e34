"""The record of a refund: all that the sandbox knows of it. A record never changes: another one replaces it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.times import format_time, recorded_time

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject


@dataclass(frozen=True, kw_only=True)
class RefundRecord:
    """A refund at one moment. Amounts are JSON numbers in the currency's major units."""

    id: str
    account: Account
    created: datetime
    updated: datetime
    status: str
    amount: int | float
    currency: str
    reference_id: str = field(repr=False)
    reason: str
    payment_id: str
    payment_request_id: str
    payment_method_type: str
    channel_code: str
    country: str
    invoice_id: str
    metadata: JsonMapping | None = field(default=None, repr=False)
    failure_code: str | None = None


def write_refund(record: RefundRecord) -> JsonObject:
    """Give all of a refund as JSON values."""
    return {**asdict(record), "created": format_time(record.created), "updated": format_time(record.updated)}


def read_refund(values: JsonMapping) -> RefundRecord:
    """Make the refund of what `write_refund` gave. Raises ValueError when it is none."""
    try:
        known = {one.name: values[one.name] for one in fields(RefundRecord) if one.name in values}
        created, updated = recorded_time(known["created"]), recorded_time(known["updated"])
        return RefundRecord(**{**known, "account": Account(**known["account"]), "created": created, "updated": updated})
    except (KeyError, TypeError) as problem:
        raise ValueError(f"this is no record of a refund: {type(problem).__name__} at {problem}") from None
