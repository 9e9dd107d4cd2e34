"""How the command line tells of invoices of a sandbox. `xendit.cli.events` finds this module by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.cli.ending import CommandFailure
from xendit.cli.output import pick, printable
from xendit.display import money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.cli.control import ControlPlane


def changes(plane: ControlPlane, data: dict[str, object]) -> Iterator[dict[str, object]]:
    """Give what the stream said of an invoice, with what else there is to say of it; nothing when it was forgotten."""
    try:
        found = plane.get(f"/invoices/{data['id']}")["invoice"]
    except CommandFailure:  # it was forgotten in the meantime
        return
    shown = pick(found, "id", "external_id", "amount", "currency", "payment_channel", "invoice_url")
    yield {"event": "invoice", "status": data["status"], **shown}


def told(event: dict[str, object]) -> str:
    """The same in words: what stands behind its status."""
    line = f"{printable(event['external_id'])}  {money(event['amount'], event.get('currency'))}"
    if event["status"] == "PENDING":
        line += f"  {event['invoice_url']}"
    elif "payment_channel" in event:
        line += f"  by {event['payment_channel']}"
    return line
