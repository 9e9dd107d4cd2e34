"""What a webhook must tell. An announcement is made when something happens; the deliveries take and send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonMapping


@dataclass(frozen=True)
class Announcement:
    """Something that happened to a record, and the body that tells of it."""

    id: str
    """The `webhook-id`: every attempt to deliver the announcement carries the same."""
    kind: str
    """The kind of the record, such as `invoice`."""
    subject: str
    """The id of the record."""
    status: str
    """The status that it had then, by which faults are matched."""
    reference: str
    """The merchant's own id of it, by which faults are narrowed; empty where it has none."""
    body: JsonMapping
    """What is sent."""
