"""Webhook deliveries: what is sent when, the retries, and the log of what came of it.

One worker thread sends one webhook after the other, never inside a request; in-process receivers are served by the
thread that asks for it instead (`receivers`). Sends to loopback addresses and nowhere else, unless a name was
allowed. Uses http.client of the standard library, so that no code of our own client stands on both sides of a test.
What a webhook says is decided in `state`; nothing here knows of invoices beyond an id.
"""

from __future__ import annotations

import errno
import heapq
import http.client
import ipaddress
import itertools
import json
import logging
import socket
import threading
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.retries import wait_after
from xendit.sandbox.state.times import format_time, parse_time
from xendit.source import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from xendit.sandbox.faults import Faults
    from xendit.sandbox.state import Assumptions, Event
    from xendit.sandbox.storage import Storage

logger = logging.getLogger(__name__)

#: How a delivery ended, in the words of Xendit's dashboard; DROPPED is ours, for a webhook lost on purpose.
Outcome = Literal["COMPLETED", "FAILED", "TIMEOUT", "URL_NOT_SET", "DROPPED"]
#: Why it was made: it was due, or someone asked.
Reason = Literal["first", "retry", "resend", "duplicate", "reorder"]

#: How many deliveries are remembered, and how much of an answer.
REMEMBERED = 1_000
ANSWER_LIMIT = 65_536
#: How often one order may ask for a webhook to be sent again.
MOST_TIMES = 100
#: How long a webhook that was to be overtaken waits for another.
_OVERTAKEN = timedelta(seconds=60)
#: Seconds between two looks at the clock, which may be moved by hand.
_LOOK = 0.05


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver one webhook. Its repr shows no body; the callback token is never kept."""

    id: str
    """What was sent as `webhook-id`: every attempt for the same event has the same id."""
    invoice_id: str
    """The invoice that the event is about."""
    invoice_status: str
    """PAID or EXPIRED."""
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

    @property
    def status(self) -> int | None:
        """The status of the receiver's answer, as `response_status`."""
        return self.response_status

    def json(self) -> dict[str, Any]:
        """Give the JSON object that the control plane shows."""
        return {
            "id": self.id,
            "number": self.number,
            "attempt": self.attempt,
            "reason": self.reason,
            "invoice_id": self.invoice_id,
            "invoice_status": self.invoice_status,
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

    def record(self) -> dict[str, Any]:
        """Give all of it as JSON values, for files."""
        record: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        record["sent_at"] = format_time(self.sent_at)
        record["next_attempt"] = None if self.next_attempt is None else format_time(self.next_attempt)
        return record


def read_delivery(record: Mapping[str, Any]) -> Delivery:
    """Make the delivery of a record."""
    times = {name: parse_time(record[name]) if record[name] else None for name in ("sent_at", "next_attempt")}
    return Delivery(**{**record, **times})


class Receiver(Protocol):
    """Where webhooks go."""

    @property
    def url(self) -> str:
        """What the log calls it."""
        ...

    @property
    def in_process(self) -> bool:
        """Whether it is called in the thread that asks for deliveries, not by the worker."""
        ...

    def send(self, webhook: Webhook, token: str) -> tuple[int, str]:
        """Deliver, and give status and body of the answer. Raises OSError and its kin."""
        ...


@dataclass(frozen=True)
class Target:
    """Where webhooks go, taken apart."""

    url: str
    host: str
    port: int
    path: str


def read_target(url: str, allowed: frozenset[str] = frozenset()) -> Target:
    """Take a webhook URL apart. `allowed` names hosts that need not be loopback.

    Raises ValueError for anything but `http://` to a host with no user name, and for an IP address that is neither
    loopback nor allowed. What a name stands for is decided when it is used.
    """
    if not url.isprintable() or not url.isascii() or " " in url:
        raise ValueError("the webhook URL must be printable ASCII without spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the webhook URL cannot be read: check its host and port") from None
    if parts.scheme != "http" or not host:
        raise ValueError("the webhook URL must begin with http:// and name a host, such as http://127.0.0.1:8000/")
    if "@" in parts.netloc:
        raise ValueError("the webhook URL must not hold a user name or password")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not is_loopback(literal) and host not in allowed:
            raise ValueError("the webhook URL must be on this machine: 127.0.0.1, localhost or [::1]")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, host, port if port is not None else 80, path)


def is_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Say whether an address never leaves this machine, also when it is IPv4 written as IPv6."""
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def resolve(target: Target, allowed: frozenset[str] = frozenset()) -> str:
    """Find the IP address of a target; every address of a name that is not allowed must be loopback.

    Raises OSError. The caller connects to the address that was looked at, so no second look-up can differ.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if target.host not in allowed and not all(
        is_loopback(ipaddress.ip_address(address.partition("%")[0])) for address in addresses
    ):
        raise OSError("refused: the webhook URL is not on this machine")
    return addresses[0]


@dataclass(eq=False)
class Webhook:
    """An event that is told until it is known to be received. Changed only in its turn."""

    id: str
    invoice_id: str
    status: str
    external_id: str = field(repr=False)
    body: str = field(repr=False)
    attempts: int = 0
    due: datetime | None = None
    generation: int = 0
    overtaken: bool = False

    def record(self) -> dict[str, Any]:
        """Give what files keep of it."""
        return {
            "id": self.id,
            "invoice_id": self.invoice_id,
            "status": self.status,
            "external_id": self.external_id,
            "body": self.body,
            "attempts": self.attempts,
            "due": None if self.due is None else format_time(self.due),
        }


class Deliveries:
    """The worker, the schedule and the log.

    `receiver` says where webhooks go now, `token` is their `x-callback-token`.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        assumptions: Assumptions,
        faults: Faults,
        receiver: Callable[[], Receiver | None],
        token: str,
        storage: Storage | None = None,
    ) -> None:
        self._clock = clock
        self._assumptions = assumptions
        self._faults = faults
        self._receiver = receiver
        self._token = token
        self._storage = storage
        self._turn = threading.RLock()  # one webhook at a time, whoever sends it
        self._busy = False
        self._changed = threading.Condition()
        self._queue: list[tuple[datetime, int, Webhook, Reason]] = []
        self._order = itertools.count()
        self._webhooks: dict[str, Webhook] = {}
        self._log: deque[Delivery] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._waiting: list[Webhook] = []  # to be overtaken by the next
        self._generation = 0
        self._closed = False
        self._wire = Wire()
        self._worker = threading.Thread(target=self._work, name="xendit-sandbox-webhooks", daemon=True)
        if storage is not None:
            with self._changed:
                self._load(storage)

    def start(self) -> None:
        """Start the worker."""
        self._worker.start()

    def close(self) -> None:
        """End the worker; a delivery under way is cut off, those that wait stay where they are kept."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wire.close()
        if self._worker.is_alive():
            self._worker.join()

    @property
    def wire(self) -> Wire:
        """The connection that webhooks to a URL go over."""
        return self._wire

    # -- what is to be sent

    def enqueue(self, event: Event) -> None:
        """Take over an event; returns at once."""
        text = json.dumps(event.body, separators=(",", ":"))
        invoice = event.invoice
        with self._changed:
            webhook = Webhook(event.id, invoice.id, invoice.status, invoice.external_id, text)
            webhook.generation = self._generation
            webhook.due = self._clock()
            self._webhooks[webhook.id] = webhook
            self._push(webhook.due, webhook, "first")

    def resend(self, webhook_id: str, times: int = 1, reason: Reason = "resend") -> None:
        """Send a webhook again, whatever became of it. Raises SandboxError: 404, 400."""
        if times not in range(1, MOST_TIMES + 1) or times is True:
            raise SandboxError(400, "SANDBOX_INVALID_TIMES", f"The number of times must be 1 to {MOST_TIMES}.")
        with self._changed:
            webhook = self._find(webhook_id)
            for _ in range(times):
                self._push(self._clock(), webhook, reason)

    def reorder(self, webhook_ids: Iterable[str]) -> None:
        """Send webhooks again in the order given. Raises SandboxError: 404."""
        with self._changed:
            for webhook in [self._find(webhook_id) for webhook_id in webhook_ids]:
                self._push(self._clock(), webhook, "reorder")

    def next_due(self) -> datetime | None:
        """Say when the next attempt is due; None when none is."""
        with self._changed:
            self._drop_stale()
            return self._queue[0][0] if self._queue else None

    # -- the log

    def log(self) -> tuple[Delivery, ...]:
        """Give what was delivered or tried since the last clearing, oldest first; the last 1,000."""
        with self._changed:
            return tuple(self._log)

    def clear(self) -> None:
        """Forget the log, and what still waits or is under way."""
        with self._changed:
            self._generation += 1
            self._queue.clear()
            self._webhooks.clear()
            self._waiting.clear()
            self._log.clear()
            self._count = 0

    def wait(self, count: int, timeout: float) -> tuple[Delivery, ...]:
        """Wait until the log holds `count` deliveries and give them all. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._log) >= count or self._closed, timeout):
                raise TimeoutError(f"{len(self._log)} of {count} webhook deliveries after {timeout} s")
            if len(self._log) < count:
                raise TimeoutError(f"the sandbox was closed after {len(self._log)} of {count} webhook deliveries")
            return tuple(self._log)

    # -- sending

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the worker still, so that the holder alone sends."""
        with self._turn:
            yield

    def run_due(self) -> list[Delivery]:
        """Send, in this thread, all that is due by the clock, in order. Give the attempts."""
        made: list[Delivery] = []
        with self._turn:
            if self._busy:  # a receiver caused another event: whoever called the receiver goes on with it
                return made
            self._busy = True
            try:
                while (next_up := self._take()) is not None:
                    made += self._deliver(*next_up)
            finally:
                self._busy = False
        return made

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not self._is_work():
                    self._changed.wait(_LOOK if self._queue else None)
                if self._closed:
                    return
            try:
                self.run_due()
            except Exception:
                if self._closed:
                    return
                logger.exception("the webhook worker failed")
                SYSTEM.wait(_LOOK)

    def _is_work(self) -> bool:
        receiver = self._receiver()
        if receiver is not None and receiver.in_process:
            return False
        self._drop_stale()
        return bool(self._queue) and self._queue[0][0] <= self._clock()

    def _take(self) -> tuple[Webhook, Reason] | None:
        with self._changed:
            self._drop_stale()
            if self._closed or not self._queue or self._queue[0][0] > self._clock():
                return None
            _, _, webhook, reason = heapq.heappop(self._queue)
            if reason in ("first", "retry"):
                webhook.due = None
            return webhook, reason

    def _deliver(self, webhook: Webhook, reason: Reason) -> list[Delivery]:
        faults = {one.kind: one for one in self._faults.meet(webhook.status, webhook.external_id, webhook=True)}
        scheduled = reason in ("first", "retry")
        if scheduled and not webhook.overtaken and not faults.keys().isdisjoint(("webhook_delay", "webhook_reorder")):
            webhook.overtaken = True
            delay = faults.get("webhook_delay")
            wait = _OVERTAKEN if delay is None else timedelta(seconds=delay.duration)
            with self._changed:
                webhook.due = self._clock() + wait
                self._push(webhook.due, webhook, reason)
                if delay is None:
                    self._waiting.append(webhook)
            return []
        made = [self._attempt(webhook, reason, faults)]
        if "webhook_duplicate" in faults:
            made.append(self._attempt(webhook, "duplicate", faults))
        with self._changed:
            for overtaken in self._waiting:
                if overtaken.due is not None and overtaken is not webhook:
                    overtaken.due = self._clock()
                    self._push(overtaken.due, overtaken, "retry" if overtaken.attempts else "first")
            self._waiting.clear()
        return made

    def _attempt(self, webhook: Webhook, reason: Reason, faults: Mapping[str, Any]) -> Delivery:
        sent_at, began = self._clock(), SYSTEM.monotonic()
        receiver = self._receiver()
        result = self._send(webhook, receiver, faults)
        webhook.attempts += 1
        if reason in ("first", "retry"):
            wait = wait_after(result.outcome, webhook.attempts, self._assumptions)
            webhook.due = None if wait is None else sent_at + wait
        elif result.outcome == "COMPLETED":
            webhook.due = None  # received at last: no need to try again
        delivery = Delivery(
            id=webhook.id,
            invoice_id=webhook.invoice_id,
            invoice_status=webhook.status,
            url=None if receiver is None else receiver.url,
            body=webhook.body,
            outcome=result.outcome,
            sent_at=sent_at.astimezone(timezone.utc),
            milliseconds=round((SYSTEM.monotonic() - began) * 1000, 3),
            response_status=result.status,
            response_body=result.body,
            error=result.error,
            error_class=result.error_class,
            attempt=webhook.attempts,
            reason=reason,
            next_attempt=webhook.due,
        )
        logger.debug("webhook %s: %s", delivery.id, delivery.outcome)
        return self._remember(webhook, delivery)

    def _send(self, webhook: Webhook, receiver: Receiver | None, faults: Mapping[str, Any]) -> _Result:
        if "webhook_drop" in faults:
            return _Result("DROPPED", error="lost by an armed fault")
        if "webhook_fail" in faults:
            return _answered(faults["webhook_fail"].status, "")
        if receiver is None:
            return _Result("URL_NOT_SET", error="no webhook URL is set")
        token = "wrong-callback-token" if "webhook_token" in faults else self._token
        try:
            return _answered(*receiver.send(webhook, token))
        except TimeoutError:
            timeout = self._assumptions.webhook_timeout
            return _Result("TIMEOUT", error=f"no answer within {timeout:g} s", error_class="ETIMEDOUT")
        except (OSError, ValueError, http.client.HTTPException) as problem:
            line = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
            return _Result("FAILED", error=line, error_class=class_of(problem))

    def _remember(self, webhook: Webhook, delivery: Delivery) -> Delivery:
        with self._changed:
            if webhook.generation != self._generation or self._closed:
                return delivery
            self._count += 1
            delivery = replace(delivery, number=self._count)
            if self._storage is not None:
                self._storage.save_webhook(webhook.id, webhook.record(), delivery.record())
            if webhook.due is not None and delivery.reason in ("first", "retry"):
                self._push(webhook.due, webhook, "retry")
            self._log.append(delivery)
            if self._count % (REMEMBERED // 2) == 0:
                self._prune()
            self._changed.notify_all()
        return delivery

    # -- inside the lock

    def _push(self, due: datetime, webhook: Webhook, reason: Reason) -> None:
        heapq.heappush(self._queue, (due, next(self._order), webhook, reason))
        self._changed.notify_all()

    def _drop_stale(self) -> None:
        """Drop what the schedule has been changed away from."""
        while self._queue:
            due, _, webhook, reason = self._queue[0]
            if reason not in ("first", "retry") or webhook.due == due:
                return
            heapq.heappop(self._queue)

    def _find(self, webhook_id: str) -> Webhook:
        webhook = self._webhooks.get(webhook_id)
        if webhook is None:
            raise SandboxError(404, "SANDBOX_WEBHOOK_NOT_FOUND", "There is no such webhook, or it is too long ago.")
        return webhook

    def _prune(self) -> None:
        """Forget the oldest webhooks that are done with, and the attempts that the log no longer holds."""
        done = [webhook_id for webhook_id, webhook in self._webhooks.items() if webhook.due is None]
        old = done[: max(len(done) - REMEMBERED, 0)]
        for webhook_id in old:
            del self._webhooks[webhook_id]
        if self._storage is not None:
            self._storage.forget(old, self._log[0].number)

    def _load(self, storage: Storage) -> None:
        for record in storage.webhooks():
            due = record.pop("due")
            webhook = Webhook(**record)
            # One that was due when the process ended may have been sent: at least once is the promise.
            webhook.due = self._clock() if due == "new" else parse_time(due) if due else None
            self._webhooks[webhook.id] = webhook
            if webhook.due is not None:
                self._push(webhook.due, webhook, "retry" if webhook.attempts else "first")
        for record in storage.deliveries():
            self._log.append(read_delivery(record))
        self._count = self._log[-1].number if self._log else 0


@dataclass(frozen=True)
class _Result:
    """How an attempt ended."""

    outcome: Outcome
    status: int | None = None
    body: str = ""
    error: str | None = None
    error_class: str | None = None


def _answered(status: int, body: str) -> _Result:
    if 200 <= status < 300:
        return _Result("COMPLETED", status, body)
    return _Result("FAILED", status, body, f"the receiver answered {status}", f"{status // 100}xx")


_CLASSES: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "ECONNREFUSED"),
    (ConnectionResetError, "ECONNRESET"),
    (BrokenPipeError, "ECONNRESET"),
    (http.client.RemoteDisconnected, "ECONNRESET"),
    (http.client.IncompleteRead, "ECONNABORTED"),
    (ConnectionAbortedError, "ECONNABORTED"),
    (socket.gaierror, "EAI_AGAIN"),
)


def class_of(problem: BaseException) -> str | None:
    """Name an error as Xendit's dashboard does."""
    for kind, name in _CLASSES:
        if isinstance(problem, kind):
            return name
    return errno.errorcode.get(problem.errno or 0) if isinstance(problem, OSError) else None


class Wire:
    """The connection of the delivery under way, which others may cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._closed = False

    def close(self) -> None:
        """Cut what is under way, and let nothing begin."""
        with self._lock:
            self._closed = True
        self.hang_up()

    def hang_up(self) -> None:
        """Cut off the delivery under way, from another thread."""
        with self._lock:
            under_way = self._connection.sock if self._connection is not None else None
            if under_way is not None:
                with suppress(OSError):  # it may have ended by itself
                    under_way.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def hold(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """Let others cut a connection for as long as it is used."""
        with self._lock:
            if self._closed:
                raise OSError("the sandbox was closed")
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None


@dataclass(frozen=True)
class UrlReceiver:
    """A receiver behind a URL. `timeout` is in seconds, for a delivery as a whole."""

    target: Target
    timeout: float
    allowed: frozenset[str]
    wire: Wire = field(repr=False)
    in_process: bool = False

    @property
    def url(self) -> str:
        """Where it is."""
        return self.target.url

    def send(self, webhook: Webhook, token: str) -> tuple[int, str]:
        """Post a webhook and read the answer; redirects are answers like any other. Raises TimeoutError, OSError."""
        # A socket timeout counts from byte to byte; the delivery as a whole is cut off by this one.
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            self.wire.hang_up()

        alarm = threading.Timer(self.timeout, give_up)
        alarm.daemon = True
        alarm.start()
        try:
            return self._post(webhook, token)
        except (OSError, http.client.HTTPException):
            if overdue.is_set():
                raise TimeoutError from None
            raise
        finally:
            alarm.cancel()
            alarm.join()

    def _post(self, webhook: Webhook, token: str) -> tuple[int, str]:
        target = self.target
        address = resolve(target, self.allowed)
        connection = http.client.HTTPConnection(address, target.port, timeout=self.timeout)
        name = f"[{target.host}]" if ":" in target.host else target.host
        headers = {
            "Host": name if target.port == 80 else f"{name}:{target.port}",
            **headers_of(webhook, token),
            "Connection": "close",
        }
        try:
            connection.connect()
            with self.wire.hold(connection):
                connection.request("POST", target.path, webhook.body.encode("utf-8"), headers)
                response = connection.getresponse()
                with response:
                    return response.status, response.read(ANSWER_LIMIT).decode("utf-8", "replace")
        finally:
            connection.close()


def headers_of(webhook: Webhook, token: str) -> dict[str, str]:
    """Give the headers that every receiver gets."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "xendit-sandbox",
        "x-callback-token": token,
        "webhook-id": webhook.id,
    }
