"""A webhook that is sent until it is known to be received."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time, parse_time

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject


@dataclass(eq=False)
class PendingWebhook:
    """An announcement that is sent until it is known to be received. Only the thread that holds the turn changes it."""

    id: str
    kind: str
    subject: str
    status: str
    reference: str = field(repr=False)
    body: str = field(repr=False)
    attempts: int = 0
    due: datetime | None = None
    generation: int = 0
    overtaken: bool = False

    def record(self) -> JsonObject:
        """Give what files keep of it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "status": self.status,
            "reference": self.reference,
            "body": self.body,
            "attempts": self.attempts,
            "due": None if self.due is None else format_time(self.due),
        }


def pending_of(announcement: Announcement, due: datetime | None = None) -> PendingWebhook:
    """Make the webhook that tells an announcement, due at a moment."""
    text = json.dumps(announcement.body, separators=(",", ":"))
    return PendingWebhook(
        announcement.id,
        announcement.kind,
        announcement.subject,
        announcement.status,
        announcement.reference,
        text,
        due=due,
    )


def first_record(announcement: Announcement) -> JsonObject:
    """Give what files keep of an announcement that the deliveries have not taken yet; its `due` is `new`."""
    return {**pending_of(announcement).record(), "due": "new"}


def read_pending(record: JsonMapping, now: datetime) -> PendingWebhook:
    """Make the webhook of a record. One that was new when the process ended is due now."""
    due = record["due"]
    webhook = PendingWebhook(**{name: value for name, value in record.items() if name != "due"})
    webhook.due = now if due == "new" else parse_time(due) if due else None
    return webhook
