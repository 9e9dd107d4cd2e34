"""The record of a transaction: all that the sandbox knows of it. A record never changes: another one replaces it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.times import format_time, recorded_time

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

_TIMES = ("created", "updated", "estimated_settlement_time", "settled_at", "ended_at")


@dataclass(frozen=True, kw_only=True)
class TransactionRecord:
    """A transaction at one moment. Amounts are JSON numbers in the currency's major units."""

    id: str
    account: Account
    created: datetime
    updated: datetime
    type: str
    status: str
    cashflow: str
    currency: str
    amount: int | float
    product_id: str
    reference_id: str = field(repr=False)
    channel_category: str = "OTHER"
    channel_code: str | None = None
    account_identifier: str | None = field(default=None, repr=False)
    xendit_fee: int | float = 0
    value_added_tax: int | float = 0
    net_amount: int | float = 0
    settlement_status: str | None = None
    estimated_settlement_time: datetime | None = None
    settled_at: datetime | None = None
    """When its money became part of the CASH balance; None when it was there at once, or is not yet."""
    ended_at: datetime | None = None
    """When it failed or was cancelled, so that its money came back."""
    payment_request_id: str | None = None
    payment_link_id: str | None = None
    payment_kind: str | None = None
    """Of a payment: the kind of its channel, as an invoice names it."""


def write_transaction(record: TransactionRecord) -> JsonObject:
    """Give all of a transaction as JSON values."""
    values = asdict(record)
    for name in _TIMES:
        values[name] = None if values[name] is None else format_time(values[name])
    return values


def read_transaction(values: JsonMapping) -> TransactionRecord:
    """Make the transaction of what `write_transaction` gave. Raises ValueError when it is none."""
    try:
        known = {one.name: values[one.name] for one in fields(TransactionRecord) if one.name in values}
        for name in _TIMES:
            known[name] = None if known[name] is None else recorded_time(known[name])
        known["account"] = Account(**known["account"])
        return TransactionRecord(**known)
    except (KeyError, TypeError) as problem:
        raise ValueError(f"this is no record of a transaction: {type(problem).__name__} at {problem}") from None
