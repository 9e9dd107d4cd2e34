"""The control plane: what the real API does not offer, over HTTP and JSON, for tests in any language and for people.

Every path begins with /_sandbox. No key is needed, because the sandbox answers on this machine only; requests that a web
page of another site caused are refused by `server` before they reach this module. docs/Sandbox.md lists the paths, and
/_sandbox/openapi.json describes them.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, error_answers
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.errors import invalid_json
from xendit.sandbox.state.core.given import must_be, sentence, shown
from xendit.sandbox.state.core.jsontext import read_json
from xendit.sandbox.web import Request, Response
from xendit.version import __version__

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from xendit.sandbox.deliveries.record import Delivery, Reason
    from xendit.sandbox.faults import Faults
    from xendit.sandbox.requests import RequestLog
    from xendit.sandbox.state.core.clock import Clock
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.shared import SharedState


#: Seconds after which the stream of changes looks for a change again, and seconds without a change after which it sends
#: a comment.
LOOK, ALIVE = 0.1, 2.0
#: How many streams may be open at a time, and how many records or webhooks one request may ask for.
STREAMS, PAGE = 50, 100


class Stage(Protocol):
    """The parts of a `Sandbox` that the control plane and the dashboard use."""

    faults: Faults
    clock: Clock
    requests: RequestLog

    @property
    def webhook_url(self) -> str | None:
        """Where webhooks go."""
        ...

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None: ...

    @property
    def url(self) -> str:
        """The address of the sandbox."""
        ...

    @property
    def api_key(self) -> str:
        """The test key to call it with."""
        ...

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """The log of webhook deliveries."""
        ...

    @property
    def last_delivery(self) -> int:
        """The number of the last one."""
        ...

    def reset(self) -> None:
        """Forget everything."""

    def advance(self, by: str | float | timedelta) -> tuple[Delivery, ...]:
        """Let time pass."""
        ...

    def resend(self, webhook_id: str, *, times: int = 1, reason: Reason = "resend") -> object:
        """Send a webhook again."""

    def reorder(self, webhook_ids: Sequence[str]) -> object:
        """Send webhooks again in another order."""

    def changed_clock(self) -> None:
        """Store the clock, and let happen what has fallen due."""

    def export(self) -> JsonObject:
        """Give everything as JSON values."""
        ...

    def plant(self, seed: JsonMapping) -> Mapping[str, Sequence[object]]:
        """Take over a seed or an export, and give the records by their kinds."""
        ...


#: Method, path, the method of `Control` that answers, and what it does: the table of docs/Sandbox.md.
CONTROL: list[tuple[str, str, str, str]] = [
    ("GET", "/_sandbox/status", "control_status", "Version, URL, clock, counts, where webhooks go"),
    ("GET", "/_sandbox/deliveries", "control_deliveries", "The attempts to deliver webhooks, oldest first"),
    ("GET", "/_sandbox/requests", "control_requests", "The last 1,000 requests to the API, oldest first"),
    ("POST", "/_sandbox/webhooks/<webhook_id>/resend", "control_resend", "Send a webhook again"),
    ("POST", "/_sandbox/webhooks/<webhook_id>/duplicate", "control_duplicate", "Send a webhook twice"),
    ("POST", "/_sandbox/webhooks/reorder", "control_reorder", "Send webhooks again in the order given"),
    ("PUT", "/_sandbox/webhook_url", "control_webhook_url", "Say where webhooks go"),
    ("GET", "/_sandbox/clock", "control_clock", "The clock"),
    ("POST", "/_sandbox/clock/freeze", "control_freeze", "Stop it, at once or at a moment"),
    ("POST", "/_sandbox/clock/resume", "control_resume", "Let it run on"),
    ("POST", "/_sandbox/clock/set", "control_set", "Set it"),
    ("POST", "/_sandbox/clock/advance", "control_advance", "Let time pass: expiries and retries happen in order"),
    ("POST", "/_sandbox/clock/speed", "control_speed", "Make it faster or slower"),
    ("GET", "/_sandbox/faults", "control_faults", "The armed faults, and the kinds there are"),
    ("POST", "/_sandbox/faults", "control_arm", "Arm a fault"),
    ("DELETE", "/_sandbox/faults", "control_clear", "Take all faults back"),
    ("DELETE", "/_sandbox/faults/<fault_id>", "control_disarm", "Take a fault back"),
    ("POST", "/_sandbox/reset", "control_reset", "Forget everything"),
    ("GET", "/_sandbox/export", "control_export", "Everything, as JSON"),
    ("POST", "/_sandbox/import", "control_import", "Take over a seed or an export"),
    (
        "GET",
        "/_sandbox/events",
        "control_events",
        "Server-sent events: the kind of a record, `delivery`, `clock`, `fault`, `reset`; with `?requests`, `request` too",
    ),
]


class Control:
    """The handlers of the control plane. Each gives JSON values, and raises SandboxError for what it refuses.

    The docstring of a handler is also its description in the OpenAPI document: a name in backticks is a member of the
    request's body or a parameter of its query.
    """

    routes = tuple(row[:3] for row in CONTROL)

    def __init__(self, shared: SharedState, stage: Stage) -> None:
        self._shared = shared
        self._stage = stage
        self._streams = 0

    def control_status(self, _request: Request) -> object:
        """Give the version, the addresses, the assumptions, the clock and the counts."""
        return {
            "version": __version__,
            "url": self._stage.url,
            "webhook_url": self._stage.webhook_url,
            "assumptions": self._shared.assumptions.switched(),
            "clock": self._stage.clock.json(),
            **{f"{book.kind}s": book.counts() for book in self._shared},
            "deliveries": len(self._stage.deliveries),
            "faults": sum(1 for _ in self._stage.faults),
        }

    # -- webhooks

    def control_deliveries(self, request: Request) -> object:
        """List the attempts to deliver webhooks: all of them, or those about the record whose id is `subject`."""
        names = ("subject", *(f"{book.kind}_id" for book in self._shared))
        wanted = next((request.args[name] for name in names if name in request.args), None)
        return [one.json() for one in self._stage.deliveries if wanted in (None, one.subject)]

    def control_requests(self, request: Request) -> object:
        """List the requests to the API: all that are remembered, or those whose number is above `after`."""
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 16):
            raise wrong_request(must_be("after", "the number of a request", after))
        return [one.json() for one in self._stage.requests.after(int(after))]

    def control_resend(self, request: Request, webhook_id: str) -> object:
        """Send a webhook again, as often as `times` says."""
        self._stage.resend(webhook_id, times=read_object(request).get("times", 1))
        return {}

    def control_duplicate(self, _request: Request, webhook_id: str) -> object:
        """Send a webhook twice, one right after the other."""
        self._stage.resend(webhook_id, times=2, reason="duplicate")
        return {}

    def control_reorder(self, request: Request) -> object:
        """Send the webhooks of `ids` again, in the order given."""
        ids = read_object(request).get("ids")
        if not isinstance(ids, list) or not ids or len(ids) > PAGE or not all(isinstance(one, str) for one in ids):
            raise wrong_request(must_be("ids", f"a list of 1 to {PAGE} webhook ids", ids))
        self._stage.reorder(ids)
        return {}

    def control_webhook_url(self, request: Request) -> object:
        """Set the `url` that webhooks go to; null for none."""
        url = text_of(read_object(request), "url")
        try:
            self._stage.webhook_url = url
        except ValueError as problem:
            raise wrong_request(str(problem)) from None
        return {"url": url}

    # -- the clock

    def control_clock(self, _request: Request) -> object:
        """Show the clock."""
        return self._stage.clock.json()

    def control_freeze(self, request: Request) -> object:
        """Stop the clock, at the moment `at` or at once."""
        at = member_of(request, "at")
        return self._move(lambda: self._stage.clock.freeze(at))

    def control_resume(self, _request: Request) -> object:
        """Let the clock run on."""
        return self._move(self._stage.clock.resume)

    def control_set(self, request: Request) -> object:
        """Set the clock to the moment `now`."""
        now = member_of(request, "now")
        return self._move(lambda: self._stage.clock.set(now))

    def control_speed(self, request: Request) -> object:
        """Make the clock run `factor` times as fast as the time of this machine."""
        factor = member_of(request, "factor")
        return self._move(lambda: self._stage.clock.run(factor))

    def control_advance(self, request: Request) -> object:
        """Let time pass `by` a duration such as 25h. Answers, with the deliveries made, when everything due has happened."""
        by = member_of(request, "by")
        try:
            made = self._stage.advance(by)
        except ValueError as problem:
            raise wrong_request(str(problem)) from None
        return {**self._stage.clock.json(), "deliveries": [one.json() for one in made]}

    def _move(self, move: Callable[[], object]) -> object:
        try:
            move()
        except ValueError as problem:
            raise wrong_request(str(problem)) from None
        self._stage.changed_clock()
        return self._stage.clock.json()

    # -- faults

    def control_faults(self, _request: Request) -> object:
        """Give the armed faults, the kinds that there are, and the error codes that have an answer of their own."""
        return {
            "faults": [armed.json() for armed in self._stage.faults],
            "request_kinds": list(REQUEST_KINDS),
            "webhook_kinds": list(WEBHOOK_KINDS),
            "error_codes": sorted(error_answers()),
        }

    def control_arm(self, request: Request) -> object:
        """Arm a fault of a `kind`, with any of the fields of `Fault`."""
        body = read_object(request)
        try:
            return self._stage.faults.arm(**{"kind": None, **body}).json()
        except (TypeError, ValueError) as problem:
            raise wrong_request(str(problem)) from None

    def control_clear(self, _request: Request) -> object:
        """Take all faults back."""
        self._stage.faults.clear()
        return {}

    def control_disarm(self, _request: Request, fault_id: str) -> object:
        """Take one fault back."""
        if not self._stage.faults.disarm(fault_id):
            raise SandboxError(404, "SANDBOX_FAULT_NOT_FOUND", f"No such fault is armed; {shown(fault_id)} was given.")
        return {}

    # -- everything

    def control_reset(self, _request: Request) -> object:
        """Forget everything."""
        self._stage.reset()
        return {}

    def control_export(self, _request: Request) -> object:
        """Give everything."""
        return self._stage.export()

    def control_import(self, request: Request) -> object:
        """Take over a seed or an export."""
        try:
            planted = self._stage.plant(read_object(request))
        except ValueError as problem:
            raise wrong_request(str(problem)) from None
        return {f"{kind}s": len(records) for kind, records in planted.items()}

    def control_events(self, request: Request) -> Response:
        """Send every change, as server-sent events, until the client hangs up; with `requests`, every request to the API."""
        if self._streams >= STREAMS:
            raise SandboxError(503, "SANDBOX_TOO_MANY_STREAMS", f"{STREAMS} streams are open already.")
        ended: threading.Event = request.environ["xendit.ended"]
        stream = self._changes(ended, requests="requests" in request.args)
        return Response(stream, content_type="text/event-stream; charset=utf-8", direct_passthrough=True)

    def _changes(self, ended: threading.Event, *, requests: bool) -> Iterator[bytes]:
        self._streams += 1
        try:
            here = position(self._shared, self._stage)
            version, number, asked, around = here
            yield _event("hello", {"position": str(here)})
            spoken = self._shared.source.monotonic()
            while not ended.wait(LOOK):
                before, number = number, self._stage.last_delivery
                fresh = []
                if number > before:  # what comes after the last number is told the next time
                    fresh = [one for one in self._stage.deliveries if before < one.number <= number]
                version, changes = self._shared.changes_since(version)
                events = [
                    _event("reset", {}) if one.kind is None else _event(one.kind, {"id": one.id, "status": one.status})
                    for one in changes
                ]
                events += [
                    _event("delivery", {"id": one.id, "number": one.number, "outcome": one.outcome}) for one in fresh
                ]
                if requests:
                    told = self._stage.requests.after(asked)
                    events += [_event("request", one.json()) for one in told]
                    asked = told[-1].number if told else asked
                seen, around = around, _around(self._stage)
                events += [_event(name, {}) for name in around if around[name] != seen[name]]
                if not events and self._shared.source.monotonic() - spoken > ALIVE:
                    events = [b": still here\n\n"]
                if events:
                    spoken = self._shared.source.monotonic()
                    yield b"".join(events)
        finally:
            self._streams -= 1


class Position(NamedTuple):
    """How far a sandbox has come, so that a page misses no change.

    A page holds the position as it was before the page was made, and the stream of changes begins with its own
    position. If the two differ, something happened in between that the stream will not tell, so the browser loads the
    page again.
    """

    version: int
    """Of the last change of a record."""
    delivery: int
    """Number of the last delivery."""
    request: int
    """Number of the last request to the API."""
    around: Mapping[str, object]
    """The clock and the faults."""

    def __str__(self) -> str:
        return f"{self.version}.{self.delivery}.{self.request}.{zlib.crc32(repr(self.around).encode()):x}"


def position(shared: SharedState, stage: Stage) -> Position:
    """Give how far a sandbox has come."""
    return Position(shared.changes.version, stage.last_delivery, stage.requests.count, _around(stage))


def _around(stage: Stage) -> dict[str, object]:
    """Give values that change whenever the clock is moved, or a fault is armed, met or taken back."""
    clock = stage.clock.dump()
    ahead = round(clock["ahead"]) if clock["speed"] == 1 else None
    return {
        "clock": clock["frozen"] or (ahead, clock["speed"]),
        "fault": [(one.id, one.seen, one.struck) for one in stage.faults],
    }


def recent_page(
    request: Request, recent: Callable[..., Sequence[Any]], **wanted: object
) -> tuple[Sequence[Any], str | None]:
    """Give a page of records, newest first, and the id to go on after; None when there are no more. Raises SandboxError.

    `find` in the query is a part of an id or a reference, `before` the id of the record to go on after, `limit` how many.
    """
    given = request.args.get("limit", "50")
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:6]) <= PAGE:
        raise wrong_request(must_be("limit", f"1 to {PAGE}", given))
    limit = int(given)
    found = recent(find=request.args.get("find", ""), before=request.args.get("before"), limit=limit + 1, **wanted)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def read_object(request: Request) -> JsonObject:
    """Read a JSON object; an empty body is an empty one. Raises SandboxError."""
    raw = request.get_data(cache=False, parse_form_data=False)
    if raw and not request.is_json:
        raise invalid_json()
    body = read_json(raw)
    if not isinstance(body, dict):
        raise invalid_json()
    return body


def member_of(request: Request, name: str) -> Any:
    """Give a member of a request's JSON object, as it came; None when it is not there. Raises SandboxError."""
    return read_object(request).get(name)


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def wrong_request(message: str) -> SandboxError:
    """Refuse a request of the control plane, with a sentence."""
    return SandboxError(400, "SANDBOX_INVALID_REQUEST", sentence(message))


def text_of(body: JsonMapping, name: str, *, code: str = "SANDBOX_INVALID_REQUEST") -> str | None:
    """Give a member that is a text or absent. Raises SandboxError."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise SandboxError(400, code, sentence(must_be(name, "a text", value)))
    return value


def boolean_of(body: JsonMapping, name: str) -> bool:
    """Give a member that is true, false or absent. Raises SandboxError."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise wrong_request(must_be(name, "true or false", value))
    return value
