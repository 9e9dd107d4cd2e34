"""Delivery: one attempt to deliver one webhook, as the log keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from xendit.sandbox.state.core.times import format_time, parse_time
from xendit.static_typing import hinted

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.deliveries.result import Outcome
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

#: Why an attempt was made: it was due, or someone asked.
Reason = Literal["first", "retry", "resend", "duplicate", "reorder"]


@hinted
@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver one webhook. Its repr shows no body; the callback token is never kept."""

    id: str
    """What was sent as `webhook-id`: every attempt for the same event has the same id."""
    subject: str
    """The id of what it is about: an invoice's."""
    subject_status: str
    """The status that it tells of: of an invoice PAID or EXPIRED."""
    url: str | None
    """Where it was sent; None when no URL was set."""
    body: str = field(repr=False)
    """The JSON text that was sent."""
    outcome: Outcome
    """COMPLETED (any 2xx), FAILED, TIMEOUT, URL_NOT_SET or DROPPED."""
    sent_at: datetime
    """When the attempt began, in UTC, by the sandbox's clock."""
    milliseconds: float
    """How long the attempt took, in the time of this machine."""
    response_status: int | None = None
    """The status of the receiver's answer; None without one."""
    response_body: str = field(default="", repr=False)
    """The first 64 KiB of the receiver's answer."""
    error: str | None = None
    """What went wrong, in one line; None when nothing did."""
    error_class: str | None = None
    """The class of error as Xendit's dashboard words it: 4xx, 5xx, ECONNREFUSED, ECONNRESET, ETIMEDOUT, EAI_AGAIN…"""
    attempt: int = 1
    """The number of this attempt for its event, from 1."""
    number: int = 0
    """The number of this attempt in the log, from 1."""
    reason: Reason = "first"
    """Why it was made."""
    next_attempt: datetime | None = None
    """When it is tried again by itself; None when it is not."""
    kind: str = "invoice"
    """The kind of what it is about."""
    reference: str = field(default="", repr=False)
    """The merchant's own id of what it is about: an invoice's external id."""

    @property
    def invoice_id(self) -> str:
        """The id of the invoice that it is about: `subject`."""
        return self.subject

    @property
    def invoice_status(self) -> str:
        """The status of the invoice that it tells of: `subject_status`."""
        return self.subject_status

    @property
    def status(self) -> int | None:
        """The status of the receiver's answer, as `response_status`."""
        return self.response_status

    def json(self) -> JsonObject:
        """Give the JSON object that the control plane shows."""
        return {
            "id": self.id,
            "number": self.number,
            "attempt": self.attempt,
            "reason": self.reason,
            "kind": self.kind,
            "subject": self.subject,
            "subject_status": self.subject_status,
            "reference": self.reference,
            "invoice_id": self.subject,
            "invoice_status": self.subject_status,
            "url": self.url,
            "outcome": self.outcome,
            "sent_at": format_time(self.sent_at),
            "milliseconds": self.milliseconds,
            "next_attempt": None if self.next_attempt is None else format_time(self.next_attempt),
            "request": {
                "headers": {
                    "Content-Type": "application/json",
                    "x-callback-token": "***",
                    "webhook-id": self.id,
                },
                "body": json.loads(self.body),
            },
            "response": {"status": self.response_status, "body": self.response_body},
            "error": self.error,
            "error_class": self.error_class,
        }

    def record(self) -> JsonObject:
        """Give all of it as JSON values, for files."""
        record: JsonObject = {one.name: getattr(self, one.name) for one in fields(self)}
        record["sent_at"] = format_time(self.sent_at)
        record["next_attempt"] = None if self.next_attempt is None else format_time(self.next_attempt)
        return record


def read_delivery(record: JsonMapping) -> Delivery:
    """Make the delivery of a record."""
    times = {name: parse_time(record[name]) if record[name] else None for name in ("sent_at", "next_attempt")}
    return Delivery(**{**record, **times})
