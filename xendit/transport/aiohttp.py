"""Sends one Request with aiohttp and says whether the server may have seen it. Needs the extra `async`.

Nothing here decides about retries, redirects or content: aiohttp's own retry, redirects, cookies and decoding are off.
A pool is that of `transport.urllib3` with the same settings: its budget, its TLS context, its proxy; it has one session
an event loop, which ends when the loop does.
"""

from __future__ import annotations

import asyncio
import os
import select
import ssl
import threading
import time
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

try:
    import aiohttp
except ImportError:
    raise ImportError('AsyncApiClient needs aiohttp: pip install "xendit-sdk[async]"', name="aiohttp") from None

from urllib3.util.wait import wait_for_read
from yarl import URL

from xendit.headers import Headers
from xendit.operation import Response, TransportError
from xendit.transport import urllib3

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Coroutine

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

    from xendit.configuration import Configuration
    from xendit.operation import Request
    from xendit.policy import Limits

_KEPT = 15.0
"""Seconds that an idle connection is kept."""
_EXACT = 1e9
"""aiohttp rounds time limits up above this many seconds."""


class _Attempt:
    """What an attempt has done so far."""

    __slots__ = ("once", "sent", "wire")

    def __init__(self, *, once: bool) -> None:
        self.once = once
        self.sent = False
        self.wire: asyncio.Transport | None = None

    def abort(self) -> None:
        """Close the connection now: a TLS farewell would wait for a server that has just failed."""
        if self.wire is not None:
            self.wire.abort()


_now: ContextVar[_Attempt] = ContextVar("xendit attempt")


class _Request(aiohttp.ClientRequest):
    """A request that notes, before its first byte is written, that the server may see it. A proxy's CONNECT is none."""

    def send(  # pyright: ignore[reportIncompatibleMethodOverride] - a coroutine all the same, and one fewer
        self, conn: Connection
    ) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        attempt = _now.get()
        if attempt.sent:  # should aiohttp ever begin to send again what may have arrived
            raise aiohttp.ClientConnectionError("it was sent already")
        attempt.sent = True
        attempt.wire = conn.transport
        return super().send(conn)


class _Connector(aiohttp.TCPConnector):
    """A pool that gives no connection on which something came or ended while it was idle, and for a request that must
    not be sent twice none that was long idle: the server may be closing it.
    """

    def _get(  # pyright: ignore[reportIncompatibleMethodOverride] - the same
        self, key: Any, traces: Any
    ) -> Coroutine[Any, Any, Connection | None]:
        kept = self._conns.get(key)
        if kept:
            oldest = time.monotonic() - (urllib3._FRESH if _now.get().once else _KEPT)
            while kept and (kept[0][1] < oldest or _unfit(kept[0][0])):
                kept.popleft()[0].close()
            if not kept:
                del self._conns[key]
        return super()._get(key, traces)


def _unfit(protocol: ResponseHandler) -> bool:
    """Whether the other side said something, or hung up, since the last answer was read."""
    transport = protocol.transport
    if protocol.should_close or transport is None or transport.is_closing():
        return True
    sock = transport.get_extra_info("socket")
    return sock is not None and _readable(sock)


if hasattr(select, "poll"):

    def _readable(sock: Any) -> bool:
        """Whether there is something to read, if only an end. As urllib3's wait_for_read does, in half the time."""
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))

else:

    def _readable(sock: Any) -> bool:
        """Whether there is something to read, if only an end."""
        return wait_for_read(sock, timeout=0)


class _Session:
    """An event loop's session, which ends with the loop: `asyncio.run` and its like end what generators began."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        connector = _Connector(
            limit=0,
            ssl=True if tls is None else tls,
            keepalive_timeout=_KEPT,
            timeout_ceil_threshold=_EXACT,
        )
        # a request bears all the headers that aiohttp would add: Accept, Accept-Encoding, Content-Type, User-Agent
        self.http = aiohttp.ClientSession(
            connector=connector,
            request_class=_Request,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=urllib3.HEAD_LIMIT,
            max_field_size=urllib3.HEAD_LIMIT,
        )
        self.http._retry_connection = False  # it sends a GET again by itself; _Request refuses that as well
        self._keeper = self._keep()

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.http.close()

    async def begin(self) -> _Session:
        """Tie the session to the running loop."""
        await self._keeper.__anext__()
        return self


class AiohttpTransport:
    """One host's pool of connections, for any number of event loops. Safe over threads and fork.

    Args:
        pool: the sync pool with the same settings, whose budget, TLS context and proxy are shared.
    """

    def __init__(self, pool: urllib3.Urllib3Transport) -> None:
        self.budget = pool.budget
        self._host = pool._host
        self._tls = pool.ssl_context
        self._secure = pool._tls
        self._address = pool._address
        self._proxy, self._proxy_headers = pool._proxy, pool._proxy_headers
        self._sessions: dict[asyncio.AbstractEventLoop, _Session] = {}
        _transports.add(self)

    def reopen(self) -> None:
        """Begin anew in a forked child, whose parent owns the connections and may have held the budget's lock."""
        self._parents = self._sessions  # kept, so that the child neither uses nor closes them
        self._sessions = {}
        self.budget.unlock()

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> _Session:
        """A session for the running loop."""
        for ended in [each for each in list(self._sessions) if each.is_closed()]:
            self._sessions.pop(ended, None)
        session = self._sessions[loop] = _Session(self._tls)
        return await session.begin()

    async def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """One attempt: the answer, or why there is none. Cancelled, it closes the connection."""
        attempt = _Attempt(once=not request.operation.repeatable)
        outer = _now.set(attempt)
        try:
            loop = asyncio.get_running_loop()
            session = self._sessions.get(loop)
            if session is None or session.http.closed:
                session = await self._begin(loop)
            answer = await self._ask(session.http, request, limits)
            try:
                return await _read(answer)
            finally:
                answer.close()  # which does nothing when the answer was read to its end
        except urllib3._Unreadable as error:
            failure = TransportError("unreadable", str(error), sent=True, status=error.status, headers=error.headers)
            cause = None
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            failure = self._failure(error, sent=attempt.sent)
            cause = _os_error(error)
        except BaseException as interrupt:
            attempt.abort()
            urllib3._bare(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception
        finally:
            _now.reset(outer)
        attempt.abort()
        await asyncio.sleep(0)  # in which the socket is closed
        failure.__cause__ = urllib3._bare(cause)
        return failure

    def _ask(
        self, http: aiohttp.ClientSession, request: Request, limits: Limits
    ) -> Awaitable[aiohttp.ClientResponse]:
        """What is awaited for the head of the answer."""
        headers: Any = request.headers
        if self._proxy and not self._secure:  # there is no CONNECT that would carry the proxy's headers
            headers = {**headers, **self._proxy_headers}
        return http.request(
            request.method,
            URL(self._host + request.target, encoded=True),
            data=request.body,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers if self._proxy and self._secure else None,
            timeout=aiohttp.ClientTimeout(
                total=limits.total,
                connect=limits.connect,
                sock_read=limits.read,
                ceil_threshold=_EXACT,
            ),
        )

    def _failure(self, error: BaseException, *, sent: bool) -> TransportError:
        """What an exception of aiohttp or the socket means."""
        late = isinstance(error, (asyncio.TimeoutError, TimeoutError))
        if not sent:
            kind = "timeout" if late else _kind_before_sending(error)
            said = {
                "timeout": f"no connection to {self._address} in time",
                "tls": f"TLS with {self._address} failed: {_reason(error)}",
            }
            return TransportError(kind, said.get(kind, f"cannot connect to {self._address}: {_reason(error)}"), sent=sent)
        if late:
            return TransportError("timeout", "no answer in time", sent=sent)
        return TransportError("reset", f"the connection was lost: {_reason(error)}", sent=sent)

    def __repr__(self) -> str:
        return f"AiohttpTransport({self._host!r})"


async def _read(answer: aiohttp.ClientResponse) -> Response:
    """The whole answer, up to the limit; beyond it the connection is closed by whoever asked."""
    headers = _joined(answer.headers)
    good = 200 <= answer.status < 300
    if good:
        urllib3._check_head(answer.status, headers, headers.get("content-length", ""))
    limit = urllib3.BODY_LIMIT if good else urllib3.ERROR_LIMIT
    length = answer.content_length
    if length is not None and length <= limit:  # which the parser holds it to
        return Response(answer.status, headers, await answer.read())
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > limit:
            if good:
                raise urllib3._Unreadable(
                    f"the answer is longer than {urllib3.BODY_LIMIT // 1024} KiB", answer.status, headers
                )
            break
    return Response(answer.status, headers, bytes(read[:limit]))


def _joined(headers: Any) -> Headers:
    """Headers with those that came twice joined, as every HTTP library does."""
    joined = Headers()
    names = joined.keys()  # which are asked without lower() once more
    for name, value in headers.items():
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in names else value
    return joined


def _kind_before_sending(error: BaseException) -> str:
    """Why no connection came about: `tls` is what another attempt will meet again."""
    chain = urllib3._chain(error)
    if any(isinstance(each, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)) for each in chain):
        return "connect"  # the other side hung up, in the handshake perhaps
    return "tls" if any(isinstance(each, ssl.SSLError) for each in chain) else "connect"


def _os_error(error: BaseException) -> BaseException | None:
    """The system's own error behind one of aiohttp, which may hold the request's headers."""
    return next(
        (each for each in urllib3._chain(error) if isinstance(each, OSError) and not isinstance(each, aiohttp.ClientError)),
        None,
    )


def _reason(error: BaseException) -> str:
    """What went wrong in few words: the system's, else the kind of error."""
    found = _os_error(error)
    if found is not None:
        return urllib3._reason(found)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed it"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer is not whole"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    return "the answer is no HTTP" if isinstance(error, aiohttp.ClientResponseError) else type(error).__name__


_lock = threading.Lock()
_twins: weakref.WeakKeyDictionary[urllib3.Urllib3Transport, AiohttpTransport] = weakref.WeakKeyDictionary()
_transports: weakref.WeakSet[AiohttpTransport] = weakref.WeakSet()


def transport_for(configuration: Configuration) -> AiohttpTransport:
    """The transport that all asynchronous clients with these connection settings share."""
    pool = urllib3.transport_for(configuration)
    with _lock:
        made = _twins.get(pool)
        if made is None:
            made = _twins[pool] = AiohttpTransport(pool)
    return made


def _reset_in_child() -> None:
    """A forked child must not share its parent's connections: each would read the other's answers."""
    global _lock
    _lock = threading.Lock()
    for transport in _transports:
        transport.reopen()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
