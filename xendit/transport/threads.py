"""The transport of ApiClient: sends one request in the thread that asks, and says whether the server may have seen it.

urllib3 connects and keeps connections (`pools`); http.client parses answers, within limits and in time (`framing`).

The time that an attempt has left is enforced below both libraries. Their own time limits start anew whenever a piece of
data comes, so a server that sends a byte now and then could keep them waiting for ever. So before every read or write
of a socket, `settimeout` is called with what is left of the attempt, and no other time limit is used.

A connection must therefore know which attempt it serves, but neither library hands anything of ours down to it. So the
attempt (`OpenAttempt`) is stored on the connection itself. It is not stored in a thread-local variable, because where
`gevent.monkey.patch_all()` was called late, all greenlets of a thread would share that.

One step has no time limit: looking up a host's name, which Python cannot interrupt.
"""

from __future__ import annotations

import ssl
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError, SSLError

from xendit.process import Process
from xendit.transport.common import (
    Unreadable,
    causes_of,
    failure_of,
    is_refused_by_proxy,
    reason_of,
    shared_transport,
    without_frames,
)
from xendit.transport.framing import TimedResponse, read_answer
from xendit.transport.pools import pools_of
from xendit.transport.roads import tool_of_threads

if TYPE_CHECKING:
    from typing import Protocol

    from xendit.configuration import Configuration
    from xendit.operation import Request, Response, TransportError
    from xendit.policy import Limits
    from xendit.transport.common import Settings

    class Closable(Protocol):
        """A connection or a socket."""

        def close(self) -> None:
            """End it."""


class OpenAttempt:
    """How much time an attempt has left, and what it has done.

    Attributes:
        once: whether the request must not be sent twice.
        sent: whether the server may have seen a byte of it; set before the first one is written.
        connecting: whether a connection is being made, a proxy's tunnel and the TLS handshake included.
        connection, sock: what an interrupt must close, because nobody else holds it.
    """

    __slots__ = ("connected_by", "connecting", "connection", "ends", "once", "sent", "silence", "sock")

    def __init__(self, limits: Limits, *, once: bool) -> None:
        now = time.monotonic()
        self.sent = False
        self.connecting = False
        self.connection: Closable | None = None
        self.sock: Closable | None = None
        self.once = once
        self.silence = limits.read
        self.ends = now + limits.total
        self.connected_by = now + min(limits.connect, limits.total)

    def abandon(self) -> None:
        """After an interrupt: close the connection or socket, which nothing else would close or give back to the pool."""
        for each in (self.connection, self.sock):
            if each is not None:
                each.close()

    def release(self) -> None:
        """Forget the connection, because another thread may get it from the pool in a moment."""
        self.connection = self.sock = None

    def left(self) -> float:
        """Seconds that the next read or write of the socket may take. Raises TimeoutError when none are left."""
        if self.connecting:  # a proxy is asked for its tunnel
            return self.left_to_connect()
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the attempt is over")
        return min(self.silence, left)

    def left_to_connect(self) -> float:
        """Seconds that connecting, the proxy's tunnel and the TLS handshake included, may still take."""
        left = self.connected_by - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time to connect is over")
        return left


class ThreadTransport:
    """One host's pool of connections. Safe over threads; a forked child opens connections of its own.

    Args:
        settings: where and how to connect.
    """

    is_plain = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.budget = settings.budget
        self.process = Process()
        self._manager, self._pool = pools_of(settings)

    def reopen(self) -> object:
        """Begin anew in a forked child, whose parent owns the connections and may have held the locks.

        Returns what was there before. The child must hold on to it, so that it neither uses nor closes it.
        """
        before = self._manager
        self._manager, self._pool = pools_of(self.settings)
        self.budget.unlock()
        return before

    def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """Make one attempt. Returns the answer, or the reason why there is none."""
        if tool_of_threads() is not None:
            from xendit.transport.plain import PlainTransport

            return PlainTransport(self.settings).send(request, limits)
        self.process.follow(self.reopen)
        attempt = OpenAttempt(limits, once=not request.repeatable)
        try:
            return self._exchange(attempt, request)
        except Unreadable as error:
            failure = error.failure()
            cause = None
        except (HTTPError, OSError, ValueError, OverflowError, HTTPException) as error:
            failure = self._failure(error, sent=attempt.sent)
            cause = error
        except BaseException as interrupt:
            attempt.abandon()
            without_frames(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception
        failure.__cause__ = without_frames(cause)
        return failure

    def _exchange(self, attempt: OpenAttempt, request: Request) -> Response:
        pool = self._pool
        connection = pool.take(attempt)
        fit = False
        try:
            if connection.sock is None:
                if self.settings.proxy and self.settings.secure:
                    pool._prepare_proxy(connection)  # pyright: ignore[reportArgumentType]
                else:
                    connection.connect()
            try:  # noqa: SIM105 - `suppress` would cost as much as writing the request
                connection.send(self.settings.wire.written(request))
            except BrokenPipeError:  # the server may have answered before it hung up
                pass
            answer = TimedResponse(connection.sock, attempt=attempt, method=request.method)
            try:
                answer.begin()
                response = read_answer(answer)
            finally:
                answer.close()
            fit = not answer.will_close
        finally:
            if not fit:
                connection.close()
            attempt.release()
        if fit:
            pool._put_conn(connection)
        return response

    def _failure(self, error: BaseException, *, sent: bool) -> TransportError:
        """What an exception of the HTTP library or the socket means."""
        late = any(isinstance(each, TimeoutError) for each in causes_of(error))
        kind = _kind_before_sending(error) if not sent else "timeout" if late else "reset"
        return failure_of(kind, self.settings.address, reason_of(error), sent=sent)

    def close(self) -> None:
        """Close the idle connections."""
        self._manager.clear()

    def __repr__(self) -> str:
        return f"ThreadTransport({self.settings.host!r})"


def _kind_before_sending(error: BaseException) -> str:
    """Why there was no connection, as a kind of TransportError: `tls` means that another attempt would fail too."""
    chain = causes_of(error)
    if any(is_refused_by_proxy(each) for each in chain):
        return "proxy"
    if any(isinstance(each, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for each in chain):
        return "connect"  # the other side hung up during the handshake
    if any(isinstance(each, TimeoutError) for each in chain):
        return "timeout"
    return "tls" if any(isinstance(each, (ssl.SSLError, SSLError)) for each in chain) else "connect"


def transport_for(configuration: Configuration) -> ThreadTransport:
    """The transport that all clients with these connection settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    return shared_transport(configuration, ThreadTransport)
