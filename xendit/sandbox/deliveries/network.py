"""Receivers behind a URL. Each webhook has a connection of its own, which is cut when its time is over.

This uses http.client of the standard library, so that our own client's code is never on both sides of a test.
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xendit.process import daemonic
from xendit.sandbox.deliveries.receiver import ANSWER_LIMIT, headers_of
from xendit.sandbox.deliveries.target import WebhookTarget, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox.deliveries.pending import PendingWebhook


class OpenConnection:
    """The connection of the delivery under way, so that another thread can cut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._closed = False

    def close(self) -> None:
        """Cut the delivery under way, and refuse any further one."""
        with self._lock:
            self._closed = True
        self.hang_up()

    def hang_up(self) -> None:
        """Cut the connection of the delivery under way. Called from another thread."""
        with self._lock:
            under_way = self._connection.sock if self._connection is not None else None
            if under_way is not None:
                with suppress(OSError):  # it may have ended by itself
                    under_way.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def hold(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """Register a connection for as long as it is used. Raises OSError when the sandbox was closed."""
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

    target: WebhookTarget
    timeout: float
    allowed: frozenset[str]
    wire: OpenConnection = field(repr=False)
    in_process: bool = False

    @property
    def url(self) -> str:
        """Where it is."""
        return self.target.url

    def send(self, webhook: PendingWebhook, token: str) -> tuple[int, str]:
        """Post a webhook and read the answer; redirects are answers like any other. Raises TimeoutError, OSError."""
        # The timeout of a socket begins again with every byte, so a receiver that answers slowly could take for ever.
        # This timer limits the delivery as a whole.
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            self.wire.hang_up()

        alarm = daemonic(threading.Timer(self.timeout, give_up))
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

    def _post(self, webhook: PendingWebhook, token: str) -> tuple[int, str]:
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
