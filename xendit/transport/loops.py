"""The transport of AsyncApiClient: sends one request on the running event loop, and says whether the server may have seen
it. Needs the extra `async`.

aiohttp connects, keeps connections and parses answers. Its ClientSession, with retries, redirects, cookies and decoding,
is not used: nothing here decides about those. There is one pool for each event loop, which ends when the loop does.
"""

from __future__ import annotations

import asyncio
import select
import ssl
import sys
import time
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

try:
    import aiohttp
except ImportError:
    raise ImportError('AsyncApiClient needs aiohttp: pip install "xendit-sdk[async]"', name="aiohttp") from None

from aiohttp.http import HttpProcessingError
from urllib3.util.wait import wait_for_read
from yarl import URL

from xendit.exceptions import ConfigurationException
from xendit.headers import Headers
from xendit.operation import Response
from xendit.process import Process
from xendit.transport.common import (
    BODY_LIMIT,
    ERROR_LIMIT,
    FRESH,
    HEAD_LIMIT,
    Unreadable,
    causes_of,
    check_head,
    failure_of,
    reason_of,
    shared_transport,
    tls_context,
    too_long,
    without_frames,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp.client_proto import ResponseHandler

    from xendit.configuration import Configuration
    from xendit.operation import Request, TransportError
    from xendit.policy import Limits
    from xendit.transport.common import Settings

_KEPT = 15.0
"""Seconds that an idle connection is kept."""
_EXACT = 1e9
"""aiohttp rounds time limits up above this many seconds."""
_TLS_IN_TLS = sys.version_info >= (3, 11)
"""Whether asyncio can speak TLS with a host through TLS with a proxy."""
_MOST_HEADERS = 100
"""Headers of an answer, as http.client has it. aiohttp bounds each, and their number in later versions only."""
_BUFFER = 2**16
"""Bytes of an answer that are read ahead."""
_FAILURES = (aiohttp.ClientError, HttpProcessingError, asyncio.TimeoutError, OSError, ValueError, AssertionError)
"""What aiohttp raises. It asserts what a resolver may do otherwise, such as that there are two families of addresses."""


class _Attempt:
    """What an attempt has done so far."""

    __slots__ = ("payload", "protocol", "sent", "wire")

    def __init__(self) -> None:
        self.sent = False
        self.protocol: ResponseHandler | None = None
        self.payload: aiohttp.StreamReader | None = None
        self.wire: asyncio.Transport | None = None

    def expire(self) -> None:
        """Its time is over: end the wait for the answer."""
        late = asyncio.TimeoutError()
        assert self.protocol is not None
        self.protocol.set_exception(late)
        if self.payload is not None:
            self.payload.set_exception(late)

    def abort(self) -> None:
        """Close the connection now: a TLS farewell would wait for a server that has just failed."""
        if self.wire is not None:
            self.wire.abort()


class _Place(aiohttp.ClientRequest):
    """Where connections go, as the connector wants it said. It is never sent."""

    @cached_property
    def connection_key(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - the same, made once
        """What connections are kept by. A connector adds to the headers for a proxy, which are part of it."""
        return super().connection_key


class _Connector(aiohttp.TCPConnector):
    """A pool that gives no connection on which something came or ended while it was idle."""

    _of_proxy: ssl.SSLContext | None = None

    def _get_ssl_context(self, req: aiohttp.ClientRequest) -> ssl.SSLContext | None:
        """The host's own context, and for a proxy that speaks TLS one that trusts what the system trusts."""
        if isinstance(req, _Place) or not req.is_ssl():
            return super()._get_ssl_context(req)
        if self._of_proxy is None:  # once: the loop waits while the system's certificates are read
            self._of_proxy = tls_context(None)
        return self._of_proxy

    def drop_unfit(self, key: Any, *, once: bool) -> None:
        """Close such connections; for a request that must not be sent twice also those that were long idle: the server
        may be closing them.
        """
        kept = self._conns.get(key)
        if not kept:
            return
        oldest = time.monotonic() - (FRESH if once else _KEPT)
        while kept and (kept[0][1] < oldest or _unfit(kept[0][0])):
            kept.popleft()[0].close()
        if not kept:
            del self._conns[key]

    async def end(self) -> None:
        """Close all connections now: the loop ends, and would not wait for a TLS farewell."""
        for protocol in [each for kept in self._conns.values() for each, _ in kept]:
            wire = protocol.transport
            if wire is not None:
                wire.close()  # without which Python 3.10 says of an aborted TLS connection that nobody closed it
                wire.abort()
        await self.close()
        await asyncio.sleep(0)  # in which the sockets are closed


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


class _Pool:
    """An event loop's connections, which end with the loop: `asyncio.run` and its like end what generators began."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self.connector = _Connector(
            limit=0,
            ssl=True if settings.ssl_context is None else settings.ssl_context,
            keepalive_timeout=_KEPT,
            timeout_ceil_threshold=_EXACT,
        )
        proxy = settings.proxy
        self.place = _Place(
            "GET",
            URL(settings.host),
            proxy=None if proxy is None else URL(proxy),
            proxy_headers=dict(settings.proxy_headers) if proxy and settings.secure else None,
            loop=loop,
        )
        self._keeper = self._keep()

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.connector.end()

    async def begin(self) -> _Pool:
        """Tie the pool to the running loop."""
        await self._keeper.__anext__()
        return self


class LoopTransport:
    """One host's connections, for any number of event loops. Safe over threads and fork.

    Args:
        settings: where and how to connect.

    Raises:
        ConfigurationException: this Python cannot speak TLS through such a proxy.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.secure and (settings.proxy or "").startswith("https:") and not _TLS_IN_TLS:
            raise ConfigurationException(
                "proxy: an AsyncApiClient needs Python 3.11 or newer for a proxy that speaks TLS itself; use an http:// one"
                " or an ApiClient; no request was made"
            )
        self.settings = settings
        self.budget = settings.budget
        self.process = Process()
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}

    def reopen(self) -> object:
        """Begin anew in a forked child, whose parent owns the connections and may have held the budget's lock.

        Gives what was there, which the child is to keep, so that it neither uses nor closes it.
        """
        before = self._pools
        self._pools = {}
        self.budget.unlock()
        return before

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> _Pool:
        """A pool for the running loop."""
        for ended in [each for each in list(self._pools) if each.is_closed()]:
            self._pools.pop(ended, None)
        pool = self._pools[loop] = _Pool(self.settings, loop)
        return await pool.begin()

    async def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """One attempt: the answer, or why there is none. Cancelled, it closes the connection."""
        self.process.follow(self.reopen)
        attempt = _Attempt()
        try:
            return await self._ask(attempt, request, limits)
        except Unreadable as error:
            failure = error.failure()
            cause = None
        except _FAILURES as error:
            failure = self._failure(error, sent=attempt.sent)
            cause = _os_error(error)
        except BaseException as interrupt:
            attempt.abort()
            without_frames(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception
        attempt.abort()
        await asyncio.sleep(0)  # in which the socket is closed
        failure.__cause__ = without_frames(cause)
        return failure

    async def _ask(self, attempt: _Attempt, request: Request, limits: Limits) -> Response:
        """The answer. `aiohttp.ClientSession` is passed over: it follows redirects, keeps cookies, decodes, sends again
        what was lost and does not tell whether a byte was sent, none of which may be done to a payment.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.total
        pool = self._pools.get(loop)
        if pool is None or pool.connector.closed:
            pool = await self._begin(loop)
        pool.connector.drop_unfit(pool.place.connection_key, once=not request.repeatable)
        within = aiohttp.ClientTimeout(connect=limits.connect, ceil_threshold=_EXACT)
        connection = await pool.connector.connect(pool.place, [], within)
        expiry = None
        try:
            attempt.protocol = protocol = connection.protocol
            attempt.wire = wire = connection.transport
            if protocol is None or wire is None or wire.is_closing():
                raise aiohttp.ServerDisconnectedError
            protocol.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=limits.read if limits.read < limits.total else None,
                read_bufsize=_BUFFER,
                timeout_ceil_threshold=_EXACT,
                max_line_size=HEAD_LIMIT,
                max_field_size=HEAD_LIMIT,
            )
            expiry = loop.call_at(deadline, attempt.expire)
            wanted = self.settings.wire.written(request)
            attempt.sent = True
            wire.write(wanted)
            protocol.start_timeout()
            answer = await _read(attempt, protocol)
            if answer.status >= 200:
                connection.release()  # which closes one that has said more, or will not say any more
            return answer
        finally:
            if expiry is not None:
                expiry.cancel()
            connection.close()  # which does nothing to one that was released

    def _failure(self, error: BaseException, *, sent: bool) -> TransportError:
        """What an exception of aiohttp or the socket means."""
        late = isinstance(error, (asyncio.TimeoutError, TimeoutError))
        kind = "timeout" if late else "reset" if sent else _kind_before_sending(error)
        return failure_of(kind, self.settings.address, _reason(error), sent=sent)

    def __repr__(self) -> str:
        return f"LoopTransport({self.settings.host!r})"


async def _read(attempt: _Attempt, protocol: ResponseHandler) -> Response:
    """The whole answer, up to the limit; beyond it the connection is closed by whoever asked."""
    message, attempt.payload = await protocol.read()
    while 100 <= message.code < 200 and message.code != 101:  # which ends HTTP: nothing asked for it
        message, attempt.payload = await protocol.read()
    if len(message.headers) > _MOST_HEADERS or sum(map(len, chain.from_iterable(message.raw_headers))) > HEAD_LIMIT:
        raise HttpProcessingError(message="the head is too long")
    status, payload = message.code, attempt.payload
    headers = Headers.joined(message.headers.items())
    good = 200 <= status < 300
    length = headers.get("content-length", "")
    if good:
        check_head(status, headers, length)
    limit = BODY_LIMIT if good else ERROR_LIMIT
    if length.isdecimal() and len(length) < 16 and int(length) <= limit and "transfer-encoding" not in headers:
        # what is longer the parser does not read
        return Response(status, headers, await payload.read())
    read = bytearray()
    async for chunk in payload.iter_any():
        read += chunk
        if len(read) > limit:
            if good:
                raise too_long(status, headers)
            break
    return Response(status, headers, bytes(read[:limit]))


def _kind_before_sending(error: BaseException) -> str:
    """Why no connection came about: `tls` is what another attempt will meet again."""
    chain = causes_of(error)
    if any(isinstance(each, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)) for each in chain):
        return "connect"  # the other side hung up, in the handshake perhaps
    return "tls" if any(isinstance(each, ssl.SSLError) for each in chain) else "connect"


def _os_error(error: BaseException) -> BaseException | None:
    """The system's own error behind one of aiohttp, which may hold the request's headers."""
    return next(
        (each for each in causes_of(error) if isinstance(each, OSError) and not isinstance(each, aiohttp.ClientError)),
        None,
    )


def _reason(error: BaseException) -> str:
    """What went wrong in few words: the system's, else the kind of error."""
    found = _os_error(error)
    if found is not None:
        return reason_of(found)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed it"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer is not whole"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}"[:200]
    return "the answer is no HTTP" if isinstance(error, HttpProcessingError) else type(error).__name__


def transport_for(configuration: Configuration) -> LoopTransport:
    """The transport that all asynchronous clients with these connection settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    return shared_transport(configuration, LoopTransport)
