"""The plain transport of ApiClient: one request through urllib3's documented interface alone, `PoolManager.urlopen`.

The transport in `threads` goes below that interface, to know whether a byte was sent. There are two cases in which that
does not work. Tools that record and replay requests, or stand in for a server, wrap the interface and would see nothing
of a request below it. And a new release of urllib3 may change what lies below. In both cases `roads` chooses the plain
transport. It is small, keeps no connection, and differs in one thing: it reports a request as not sent only where a
public exception proves that. After any other failure the server may have seen the request, so a create is looked up and
never repeated.

urllib3's interface cannot limit the time of a whole answer, because each piece of the answer may take `read_timeout`.
So the request is made in a thread of its own, which the caller leaves behind when the time is over.
"""

from __future__ import annotations

import contextvars
import ssl
import threading
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    TimeoutError as Urllib3TimeoutError,
)

from xendit.headers import Headers
from xendit.operation import Response
from xendit.process import Process
from xendit.transport.common import (
    BODY_LIMIT,
    ERROR_LIMIT,
    HEAD_LIMIT,
    Unreadable,
    causes_of,
    check_head,
    encoding_of,
    failure_of,
    is_refused_by_proxy,
    reason_of,
    shared_transport,
    too_long,
    unpacked,
    without_frames,
)
from xendit.transport.roads import unwatched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.configuration import Configuration
    from xendit.operation import Request, TransportError
    from xendit.policy import Limits
    from xendit.transport.common import Settings

_CHUNK = 16 * 1024
"""Bytes read at once."""


class Unpooled:
    """A transport that reaches its host anew for each request. Safe over threads and fork: it holds no connection.

    Args:
        settings: where and how to connect.
    """

    is_plain = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.budget = settings.budget
        self.process = Process()

    def reopen(self) -> object:
        """Called in a forked child; there is nothing to do, because no connection is held."""
        self.budget.unlock()
        return None


class PlainTransport(Unpooled):
    """One host, asked by threads through urllib3."""

    def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """Make one attempt. Returns the answer, or the reason why there is none.

        An error by which a recording tool refuses a request is raised as it is.
        """
        self.process.follow(self.reopen)
        errand = self._errand(request, limits)
        try:
            errand.start()
            over = errand.done.wait(limits.total)
        except BaseException as interrupt:
            errand.abandon()
            raise without_frames(interrupt)  # type: ignore[misc]  # noqa: B904 - it is the same exception
        if not over:
            errand.abandon()
            return failure_of("timeout", self.settings.address, "", sent=True)
        if errand.answer is not None:
            return errand.answer
        error = without_frames(errand.error)  # the frames hold the request's headers
        if isinstance(error, Unreadable):
            return error.failure()
        if not isinstance(error, (HTTPError, OSError, ValueError, OverflowError, HTTPException)):
            assert error is not None
            raise error
        failure = _failure(error, self.settings)
        failure.__cause__ = error
        return failure

    def _errand(self, request: Request, limits: Limits) -> Errand:
        """What makes the request."""
        return Errand(self.settings, request, limits)

    def close(self) -> None:
        """There is nothing to close."""

    def __repr__(self) -> str:
        return f"PlainTransport({self.settings.host!r})"


class Errand:
    """A request that is made in a thread of its own, with the context of the caller (spans, among other things).

    Attributes:
        done: set when there is an answer or an error.
        answer, error: what came of it.
    """

    def __init__(self, settings: Settings, request: Request, limits: Limits) -> None:
        self._settings = settings
        self._request = request
        self._limits = limits
        self._response: Any = None
        self._abandoned = False
        self.done = threading.Event()
        self.answer: Response | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(self._run,), name="xendit-plain", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # a subinterpreter may allow no daemon threads
            thread = threading.Thread(target=context.run, args=(self._run,), name="xendit-plain", daemon=False)
            thread.start()

    def abandon(self) -> None:
        """End the request, for which nobody waits any more: at once where that is possible, else at the next piece."""
        self._abandoned = True
        response = self._response
        if response is not None and hasattr(response, "shutdown"):  # urllib3 2.3
            with suppress(ValueError, RuntimeError, OSError):
                response.shutdown()

    def _run(self) -> None:
        try:
            self.answer = self._exchange()
        except BaseException as error:
            self.error = error
        finally:
            self.done.set()

    def _exchange(self) -> Response:
        settings, request, limits = self._settings, self._request, self._limits
        options: dict[str, Any] = {"ssl_context": settings.ssl_context} if settings.secure else {}
        manager: urllib3.PoolManager
        if settings.proxy:
            manager = urllib3.ProxyManager(settings.proxy, proxy_headers=settings.proxy_headers, **options)
        else:
            manager = urllib3.PoolManager(**options)
        headers = {name: "".join(value) for name, value in request.headers.items()}  # plain text, as tools expect
        with manager, unwatched(request):
            self._response = response = manager.urlopen(
                request.method,
                f"{settings.host}{request.target}",
                body=request.body if request.method == "GET" else request.body or b"",
                headers={**headers, "connection": "close"},
                timeout=urllib3.Timeout(connect=time_to_connect(limits), read=limits.read),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return self._read(response)
            finally:
                response.close()

    def _read(self, response: Any) -> Response:
        """The whole answer, up to the limit."""
        pairs = [(str(name), str(value)) for name, value in response.headers.items()]
        answer = IncomingAnswer(int(response.status), pairs)
        while answer.may_go_on and not self._abandoned:
            chunk = response.read(_CHUNK)
            if not chunk:
                break
            answer.read += chunk
        return answer.response()


class IncomingAnswer:
    """An answer whose head was read by a library and whose body comes in pieces; each piece is added to `read`.

    Args:
        status, pairs: its status and its headers.

    Raises:
        Unreadable, HTTPException: as of `checked_headers`.
    """

    def __init__(self, status: int, pairs: Iterable[tuple[str, str]]) -> None:
        self.status = status
        self.headers = checked_headers(status, pairs)
        self.read = bytearray()
        self._is_good = 200 <= status < 300
        self._limit = BODY_LIMIT if self._is_good else ERROR_LIMIT

    @property
    def may_go_on(self) -> bool:
        """Whether the body is still within the limit, so that another piece may be read."""
        return len(self.read) <= self._limit

    def response(self) -> Response:
        """The answer, when all of it was read. The body of an error is cut at its limit.

        Raises:
            Unreadable: a good answer is too long, or cannot be unpacked.
        """
        if self._is_good and not self.may_go_on:
            raise too_long(self.status, self.headers)
        data = unpacked(self.status, self.headers, bytes(self.read[: self._limit]))
        return Response(self.status, self.headers, data)


def time_to_connect(limits: Limits) -> float:
    """Seconds to connect. They end before the attempt does, so that a failure to connect is known to have sent nothing."""
    return max(0.001, min(limits.connect, limits.total - 0.005))


def checked_headers(status: int, pairs: Iterable[tuple[str, str]]) -> Headers:
    """The headers of an answer that a library has read.

    Raises:
        Unreadable: they are too long, contradict one another, or say of a good answer that it cannot be read.
        HTTPException: it is an interim answer, behind which the answer proper was not looked for.
    """
    pairs = list(pairs)
    headers = Headers.joined(pairs)
    if status < 200 and status != 101:
        raise HTTPException(f"an interim answer ({status}) was taken for the answer")
    if sum(len(name) + len(value) for name, value in pairs) > HEAD_LIMIT:
        raise Unreadable("the answer's head is too long", status, headers)
    length = headers.get("content-length", "")
    if "," in length:
        raise Unreadable("the answer's headers contradict one another", status, headers)
    if 200 <= status < 300:
        check_head(status, headers, length, encoding_of(headers))
    return headers


def _failure(error: BaseException, settings: Settings) -> TransportError:
    """What an exception means, judged by the public exceptions alone."""
    kind = _kind_not_sent(error.original_error if isinstance(error, ProxyError) else error)
    if kind is not None:
        return failure_of(kind, settings.address, reason_of(error), sent=False)
    chain = causes_of(error)
    if any(isinstance(each, (TimeoutError, Urllib3TimeoutError)) for each in chain):
        kind = "timeout"
    elif any(isinstance(each, ssl.SSLError) and not _is_end(each) for each in chain):
        kind = "tls"
    else:
        kind = "reset"
    return failure_of(kind, settings.address, reason_of(error), sent=True)


def _kind_not_sent(error: BaseException) -> str | None:
    """The kind of a failure that came before the request was written, or None where that is not proven.

    Nothing was written in three cases: there was no connection, a proxy refused its tunnel, or the server's certificate
    was refused, which ends the handshake.
    """
    if isinstance(error, NewConnectionError):  # a refused connection, a name that was not found
        return "connect"
    if isinstance(error, ConnectTimeoutError):
        return "timeout"
    if type(error) is OSError and str(error).startswith("Tunnel connection failed"):
        return "proxy" if is_refused_by_proxy(error) else "connect"
    return "tls" if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes_of(error)) else None


def _is_end(error: BaseException) -> bool:
    """Whether an error of TLS says only that the other side hung up."""
    return isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def transport_for(configuration: Configuration) -> PlainTransport:
    """The plain transport that all clients with these connection settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    return shared_transport(configuration, PlainTransport)
