"""What happens in a sandbox, told as it happens: one line for people, one JSON object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from xendit.cli.control import ControlPlane
from xendit.cli.ending import CommandFailure
from xendit.cli.output import money, pick, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xendit.cli.output import Output

DELIVERY_COLUMNS = ("sent (UTC)", "webhook", "~invoice", ">try", "outcome", ">status", ">ms")


def delivery_row(delivery: dict[str, Any]) -> Sequence[object]:
    """A delivery as a row of a table."""
    return (
        delivery["sent_at"][:19].replace("T", " "),
        event_name(delivery),
        delivery["reference"] or delivery["subject"],
        delivery["attempt"],
        delivery["outcome"],
        delivery["response"]["status"] or delivery["error_class"] or "",
        f"{delivery['milliseconds']:.0f}",
    )


def event_name(delivery: dict[str, Any]) -> str:
    """What a webhook tells, in a word: `invoice.paid`."""
    return f"{delivery['kind']}.{delivery['subject_status'].lower()}"


def told_delivery(delivery: dict[str, Any], output: Output) -> str:
    """A delivery in one line: `invoice.paid → POST /webhooks/xendit  200 in 12 ms`."""
    where = "nowhere" if delivery["url"] is None else urlsplit(delivery["url"]).path or delivery["url"]
    answer = delivery["response"]["status"] or delivery["error"] or delivery["outcome"]
    line = f"{event_name(delivery)} → POST {printable(where)}  {printable(answer)} in {delivery['milliseconds']:.0f} ms"
    if delivery["attempt"] > 1:
        line += f"  ({delivery['reason']}, attempt {delivery['attempt']})"
    if delivery["next_attempt"]:
        line += f"; next try at {delivery['next_attempt'][11:16]} UTC"
    return output.told(line, delivery["outcome"])


class Teller:
    """Follows a sandbox. Lines for people go to `line`; where that is None, objects go to `output`."""

    def __init__(self, url: str, line: Callable[[str], object] | None, output: Output) -> None:
        self._plane = ControlPlane(url)
        self._line = line
        self._output = output

    def follow(self, count: int | None = None) -> None:
        """Tell of what happens until the sandbox ends, or of so many things."""
        for event in self.changes():
            if self._line is None:
                self._output.line(event)
            else:
                self._line(self._told(event))
            if count is not None:
                count -= 1
                if count == 0:
                    return

    def changes(self) -> Iterator[dict[str, Any]]:
        """Every change as an object: `event` is `delivery`, `reset` or the kind of a record, the rest describes it."""
        for name, data in self._plane.events():
            if name == "reset":
                yield {"event": "reset"}
            elif name == "invoice":
                yield from self._invoice(data)
            elif name == "delivery":
                yield from self._deliveries(data)
            elif "status" in data:  # a record of another product: the control plane shows no more of it
                yield {"event": name, **data}

    def _invoice(self, data: dict[str, object]) -> Iterator[dict[str, object]]:
        try:
            found = self._plane.get(f"/invoices/{data['id']}")["invoice"]
        except CommandFailure:  # it was forgotten in the meantime
            return
        shown = pick(found, "id", "external_id", "amount", "currency", "payment_channel", "invoice_url")
        yield {"event": "invoice", "status": data["status"], **shown}

    def _deliveries(self, data: dict[str, object]) -> Iterator[dict[str, object]]:
        for each in self._plane.get("/deliveries"):
            if each["number"] == data["number"]:
                yield {"event": "delivery", **each}

    def _told(self, event: dict[str, Any]) -> str:
        if event["event"] == "reset":
            return "everything is forgotten"
        if event["event"] == "delivery":
            return told_delivery(event, self._output)
        status = self._output.told(event["status"].ljust(8), event["status"])
        if event["event"] != "invoice":
            return f"{status} {printable(event['event'])} {printable(event['id'])}"
        line = f"{status} {printable(event['external_id'])}  {money(event['amount'], event.get('currency'))}"
        if event["status"] == "PENDING":
            line += f"  {event['invoice_url']}"
        elif "payment_channel" in event:
            line += f"  by {event['payment_channel']}"
        return line
