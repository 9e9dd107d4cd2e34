"""What happens in a sandbox, told as it happens: one line for people, one JSON object for programs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xendit.cli.control import ControlPlane
from xendit.cli.output import printable
from xendit.sandbox.products import product_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xendit.cli.control import Told
    from xendit.cli.output import Output

#: Seconds to wait for the webhook of what was done, to say what became of it.
_PATIENCE = 2.0
DELIVERY_COLUMNS = ("@:sent", "webhook", "~about", ">try", "outcome", ">status", ">ms")


def delivery_row(delivery: Told) -> Sequence[object]:
    """A delivery as a row of a table."""
    return (
        delivery["sent_at"],
        event_name(delivery),
        delivery["reference"] or delivery["subject"],
        delivery["attempt"],
        delivery["outcome"],
        delivery["response"]["status"] or delivery["error_class"] or "",
        f"{delivery['milliseconds']:.0f}",
    )


def event_name(delivery: Told) -> str:
    """What a webhook tells, in a word: `invoice.paid`."""
    return f"{delivery['kind']}.{delivery['subject_status'].lower()}"


def told_delivery(delivery: Told, output: Output) -> str:
    """A delivery in one line: `invoice.paid → POST /webhooks/xendit  200 in 12 ms`."""
    where = "nowhere" if delivery["url"] is None else urlsplit(delivery["url"]).path or delivery["url"]
    answer = delivery["response"]["status"] or delivery["error"] or delivery["outcome"]
    line = f"{event_name(delivery)} → POST {printable(where)}  {printable(answer)} in {delivery['milliseconds']:.0f} ms"
    if delivery["attempt"] > 1:
        line += f"  ({delivery['reason']}, attempt {delivery['attempt']})"
    if delivery["next_attempt"]:
        line += f"; next try at {output.moment(delivery['next_attempt'])}"
    return output.told(line, delivery["outcome"])


def tell_deliveries(output: Output, plane: ControlPlane, subject: str, known: int, *, expected: int = 1) -> None:
    """Say what became of the webhooks about one thing, except the first `known`; wait a moment until there is one."""
    if plane.get("/status")["webhook_url"] is None:
        output.say("no webhook was sent: the sandbox has no webhook URL (--webhook-url)")
        return
    deadline = time.monotonic() + _PATIENCE
    while True:
        made = plane.get("/deliveries", subject=subject)[known:]
        if len(made) >= expected or time.monotonic() > deadline:
            break
        time.sleep(0.03)
    for each in made:
        output.say(told_delivery(each, output))
    if not made:
        output.say("the webhook is still under way: `xendit sandbox events` shows how it ends")


def following(output: Output, url: str) -> Callable[[], object]:
    """What says that a sandbox is followed, for `begun`: not before it is, so that nothing that happens then is missed."""
    return lambda: output.say(f"following {url}; Ctrl-C ends this")


class Teller:
    """Follows a sandbox. Lines for people go to `line`; where that is None, objects go to `output`.

    `begun` is called as soon as everything that happens is told.
    """

    def __init__(
        self,
        url: str,
        line: Callable[[str], object] | None,
        output: Output,
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        self._plane = ControlPlane(url)
        self._line = line
        self._output = output
        self._begun = begun

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

    def changes(self) -> Iterator[Told]:
        """Every change as an object: `event` is `delivery`, `reset` or the kind of a record, the rest describes it."""
        for name, data in self._plane.events():
            if name == "hello":
                self._begun()
            elif name == "reset":
                yield {"event": "reset"}
            elif name == "delivery":
                yield from self._deliveries(data)
            elif "status" in data:  # a record of a product
                part = product_part(name, "sandbox_events")
                yield from [{"event": name, **data}] if part is None else part.changes(self._plane, data)

    def _deliveries(self, data: dict[str, object]) -> Iterator[dict[str, object]]:
        for each in self._plane.get("/deliveries"):
            if each["number"] == data["number"]:
                yield {"event": "delivery", **each}

    def _told(self, event: Told) -> str:
        if event["event"] == "reset":
            return "everything is forgotten"
        if event["event"] == "delivery":
            return told_delivery(event, self._output)
        status = self._output.told(event["status"].ljust(8), event["status"])
        part = product_part(event["event"], "sandbox_events")
        said = f"{printable(event['event'])} {printable(event['id'])}" if part is None else part.told(event)
        return f"{status} {said}"
