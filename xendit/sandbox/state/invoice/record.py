"""The record of an invoice: all that the sandbox knows of it. A record never changes: another one replaces it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.state.invoice.channels import ChannelKind


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

    kind: ChannelKind
    channel: str
    amount: int | float
    paid_at: datetime
    details: JsonMapping


@dataclass(frozen=True, kw_only=True)
class InvoiceRecord:
    """An invoice at one moment. Times are in UTC and whole milliseconds."""

    id: str
    account: Account
    merchant_name: str = field(repr=False)
    external_id: str = field(repr=False)
    amount: int | float
    currency: str
    channels: tuple[str, ...] = field(repr=False)
    echoed: JsonMapping = field(repr=False)
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
