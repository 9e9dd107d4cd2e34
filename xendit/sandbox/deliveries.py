"""Webhook deliveries: what is sent, by whom, and the log of what came of it.

One worker thread sends one event after the other, once each, to a loopback address and nowhere else. Uses
http.client of the standard library, so that no code of our own client stands on both sides of a test. What an
event says is decided in `state`; nothing here knows of invoices beyond an id.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import queue
import socket
import threading
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

#: How a delivery ended, in the words of Xendit's dashboard.
Outcome = Literal["COMPLETED", "FAILED", "TIMEOUT", "URL_NOT_SET"]

#: How many deliveries are remembered, and how much of an answer.
REMEMBERED = 1_000
ANSWER_LIMIT = 65_536


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver one webhook. Its repr shows no body; the callback token is never kept."""

    id: str
    """What was sent as `webhook-id`: the same event has the same id."""
    invoice_id: str
    """The invoice that the event is about."""
    invoice_status: str
    """PAID or EXPIRED."""
    url: str | None
    """Where it was sent; None when no URL was set."""
    body: str = field(repr=False)
    """The JSON text that was sent."""
    outcome: Outcome
    """COMPLETED (any 2xx), FAILED, TIMEOUT or URL_NOT_SET."""
    sent_at: datetime
    """When the attempt began, in UTC, by the clock of this machine."""
    milliseconds: float
    """How long the attempt took."""
    response_status: int | None = None
    """The status of the receiver's answer; None without one."""
    response_body: str = field(default="", repr=False)
    """The first 64 KiB of the receiver's answer."""
    error: str | None = None
    """What went wrong, in one line; None when nothing did."""

    def json(self) -> dict[str, Any]:
        """Give the JSON object that the control plane shows."""
        return {
            "id": self.id,
            "invoice_id": self.invoice_id,
            "url": self.url,
            "outcome": self.outcome,
            "sent_at": self.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "milliseconds": self.milliseconds,
            "request": {"body": json.loads(self.body)},
            "response": {"status": self.response_status, "body": self.response_body},
            "error": self.error,
        }


@dataclass(frozen=True)
class Target:
    """Where webhooks go, taken apart."""

    url: str
    host: str
    port: int
    path: str


def read_target(url: str) -> Target:
    """Take a webhook URL apart.

    Raises ValueError for anything but `http://` to a host with no user name, and for an IP address that is not
    loopback. What a name stands for is decided when it is used.
    """
    if not url.isprintable() or not url.isascii() or " " in url:
        raise ValueError("the webhook URL must be printable ASCII without spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the webhook URL cannot be read: check its host and port") from None
    if parts.scheme != "http" or not host:
        raise ValueError(
            "the webhook URL must begin with http:// and name a host, such as http://127.0.0.1:8000/"
        )
    if "@" in parts.netloc:
        raise ValueError("the webhook URL must not hold a user name or password")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not is_loopback(literal):
            raise ValueError("the webhook URL must be on this machine: 127.0.0.1, localhost or [::1]")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, host, port if port is not None else 80, path)


def is_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Say whether an address never leaves this machine, also when it is IPv4 written as IPv6."""
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def resolve(target: Target) -> str:
    """Find the IP address of a target; every address of its name must be loopback. Raises OSError."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not all(is_loopback(ipaddress.ip_address(address.partition("%")[0])) for address in addresses):
        raise OSError("refused: the webhook URL is not on this machine")
    return addresses[0]


@dataclass(frozen=True)
class _Job:
    """An event that waits for the worker. `generation` tells whether the log was cleared since."""

    id: str
    invoice_id: str
    invoice_status: str
    body: str
    url: str | None
    token: str = field(repr=False)
    generation: int


class Deliveries:
    """The worker and the log. `timeout` is in seconds, for a delivery as a whole."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._log: deque[Delivery] = deque(maxlen=REMEMBERED)
        self._generation = 0
        self._closed = False
        self._connection: http.client.HTTPConnection | None = None
        self._worker = threading.Thread(target=self._work, name="xendit-sandbox-webhooks", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._worker.start()

    def close(self) -> None:
        """End the worker; a delivery under way is cut off, those that wait are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._jobs.put(None)
        self._hang_up()
        if self._worker.is_alive():
            self._worker.join()

    def enqueue(self, invoice_id: str, body: Mapping[str, Any], *, url: str | None, token: str) -> None:
        """Hand an event to the worker; returns at once."""
        text = json.dumps(body, separators=(",", ":"))
        with self._changed:
            generation = self._generation
        status = str(body["status"])
        self._jobs.put(_Job(str(uuid.uuid4()), invoice_id, status, text, url, token, generation))

    def log(self) -> tuple[Delivery, ...]:
        """Give what was delivered or tried since the last clearing, oldest first."""
        with self._changed:
            return tuple(self._log)

    def clear(self) -> None:
        """Forget the log, and what still waits or is under way."""
        with self._changed:
            self._generation += 1
            self._log.clear()

    def wait(self, count: int, timeout: float) -> tuple[Delivery, ...]:
        """Wait until the log holds `count` deliveries and give them all. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._log) >= count or self._closed, timeout):
                raise TimeoutError(f"{len(self._log)} of {count} webhook deliveries after {timeout} s")
            if len(self._log) < count:
                raise TimeoutError(
                    f"the sandbox was closed after {len(self._log)} of {count} webhook deliveries"
                )
            return tuple(self._log)

    # -- the worker

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._changed:
                if self._closed:
                    return
                if job.generation != self._generation:
                    continue
            delivery = self._deliver(job)
            logger.debug("webhook %s: %s", delivery.id, delivery.outcome)
            with self._changed:
                if job.generation == self._generation:
                    self._log.append(delivery)
                    self._changed.notify_all()

    def _deliver(self, job: _Job) -> Delivery:
        sent_at, began = datetime.now(timezone.utc), time.monotonic()
        status: int | None = None
        answer, error = "", None
        outcome: Outcome = "FAILED"
        overdue = threading.Event()
        if job.url is None:
            outcome, error = "URL_NOT_SET", "no webhook URL is set"
        else:
            # A socket timeout counts from byte to byte; the delivery as a whole is cut off by this one.
            alarm = threading.Timer(self._timeout, self._give_up, (overdue,))
            alarm.daemon = True
            alarm.start()
            try:
                status, answer = self._send(job, read_target(job.url))
                outcome = "COMPLETED" if 200 <= status < 300 else "FAILED"
                error = None if outcome == "COMPLETED" else f"the receiver answered {status}"
            except TimeoutError:
                overdue.set()
            except (OSError, ValueError, http.client.HTTPException) as problem:
                error = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
            finally:
                alarm.cancel()
                alarm.join()
            if overdue.is_set() and status is None:
                outcome, error = "TIMEOUT", f"no answer within {self._timeout:g} s"
        return Delivery(
            id=job.id,
            invoice_id=job.invoice_id,
            invoice_status=job.invoice_status,
            url=job.url,
            body=job.body,
            outcome=outcome,
            sent_at=sent_at,
            milliseconds=round((time.monotonic() - began) * 1000, 3),
            response_status=status,
            response_body=answer,
            error=error,
        )

    def _send(self, job: _Job, target: Target) -> tuple[int, str]:
        """Post a job and read the answer; redirects are answers like any other."""
        address = resolve(target)
        connection = http.client.HTTPConnection(address, target.port, timeout=self._timeout)
        name = f"[{target.host}]" if ":" in target.host else target.host
        headers = {
            "Host": name if target.port == 80 else f"{name}:{target.port}",
            "Content-Type": "application/json",
            "User-Agent": "xendit-sandbox",
            "x-callback-token": job.token,
            "webhook-id": job.id,
            "Connection": "close",
        }
        try:
            connection.connect()
            with self._changed:
                if self._closed:
                    raise OSError("the sandbox was closed")
                self._connection = connection
            connection.request("POST", target.path, job.body.encode("utf-8"), headers)
            response = connection.getresponse()
            with response:
                return response.status, response.read(ANSWER_LIMIT).decode("utf-8", "replace")
        finally:
            with self._changed:
                self._connection = None
            connection.close()

    def _give_up(self, overdue: threading.Event) -> None:
        overdue.set()
        self._hang_up()

    def _hang_up(self) -> None:
        """Cut off the delivery under way, from another thread."""
        with self._changed:
            under_way = self._connection.sock if self._connection is not None else None
            if under_way is not None:
                with suppress(OSError):  # it may have ended by itself
                    under_way.shutdown(socket.SHUT_RDWR)
