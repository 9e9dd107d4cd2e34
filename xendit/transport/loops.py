"""The transport of AsyncApiClient: sends one request on the running event loop, and says whether the server may have seen
it. Needs the extra `async`.

aiohttp connects, keeps connections and parses answers. Its ClientSession is not used, because it repeats requests,
follows redirects, keeps cookies and decodes bodies, and no transport may decide about those. There is one pool for each
event loop; it ends when the loop does.
"""

from __future__ import annotations

import asyncio
import select
import sys
import time
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from xendit.installation import explain

try:
    import aiohttp
except ImportError as error:
    explain(error, "aiohttp", "AsyncApiClient needs aiohttp", 'pip install "xendit-sdk[async]"')

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
    check_head,
    encoding_of,
    failure_of,
    shared_transport,
    tls_context,
    too_long,
    unpacked,
    without_frames,
)
from xendit.transport.loop_failures import kind_before_sending, os_error_of, reason_in
from xendit.transport.roads import tool_of_loops

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

    from aiohttp.client_proto import ResponseHandler

    from xendit.configuration import Configuration
    from xendit.operation import Request, TransportError
    from xendit.policy import Limits
    from xendit.transport.common import Settings

_KEPT = 15.0
"""Seconds that an idle connection is kept."""
_EXACT = 1e9
"""aiohttp rounds time limits above a threshold up to a whole second. With this threshold it rounds none."""
_TLS_IN_TLS = sys.version_info >= (3, 11)
"""Whether asyncio can speak TLS with a host through TLS with a proxy."""
_MOST_HEADERS = 100
"""Headers that an answer may have, as many as http.client allows. aiohttp limits their size, and only its later versions
limit their number."""
_BUFFER = 2**16
"""Bytes of an answer that are read ahead."""
_FAILURES = (aiohttp.ClientError, HttpProcessingError, asyncio.TimeoutError, OSError, ValueError, AssertionError)
"""What aiohttp raises when an attempt fails. AssertionError is among them for resolver results that it does not expect."""


class _Attempt:
    """What an attempt has done so far.

    Attributes:
        sent: whether the server may have seen a byte of the request; set before the first one is written.
        protocol: what parses the answer, once there is a connection.
        payload: the answer's body, once its head was read.
        wire: the connection.
    """

    __slots__ = ("payload", "protocol", "sent", "wire")

    def __init__(self) -> None:
        self.sent = False
        self.protocol: ResponseHandler | None = None
        self.payload: aiohttp.StreamReader | None = None
        self.wire: asyncio.Transport | None = None

    def expire(self) -> None:
        """End the attempt because its time is over: what waits for the head or the body is woken with an error."""
        late = asyncio.TimeoutError()
        assert self.protocol is not None
        self.protocol.set_exception(late)
        if self.payload is not None:
            self.payload.set_exception(late)

    def abort(self) -> None:
        """Close the connection at once. Ending TLS in an orderly way would wait for a server that has just failed."""
        if self.wire is not None:
            self.wire.abort()


class _Place(aiohttp.ClientRequest):
    """Where connections go. aiohttp's connector wants a request that says so; this one is never sent."""

    @cached_property
    def connection_key(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - the same, made once
        """The key under which the connector keeps connections.

        aiohttp computes it again at each look. The headers for the proxy are part of it, and the connector adds some to
        these, so the key would change. Computed once, it stays the same.
        """
        return super().connection_key


class _Connector(aiohttp.TCPConnector):
    """A pool of connections. `drop_unfit` removes those that ended, or received something, while they were idle."""

    _of_proxy: ssl.SSLContext | None = None

    def _get_ssl_context(self, req: aiohttp.ClientRequest) -> ssl.SSLContext | None:
        """The TLS context: the host's own, or, for a proxy that speaks TLS itself, one that trusts what the system trusts."""
        if isinstance(req, _Place) or not req.is_ssl():
            return super()._get_ssl_context(req)
        if self._of_proxy is None:  # made once: reading the system's certificates blocks the loop
            self._of_proxy = tls_context(None)
        return self._of_proxy

    def drop_unfit(self, key: Any, *, once: bool) -> None:
        """Close the connections that ended, or received something, while they were idle.

        For a request that must not be sent twice (`once`), also close those that were idle for longer than `FRESH`.
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
        """Close all connections at once. The loop ends, so nothing could wait for an orderly end of TLS."""
        for protocol in [each for kept in self._conns.values() for each, _ in kept]:
            wire = protocol.transport
            if wire is not None:
                wire.close()  # or Python 3.10 warns that an aborted TLS connection was not closed
                wire.abort()
        await self.close()
        await asyncio.sleep(0)  # in which the sockets are closed


@lru_cache(maxsize=16)
def _time_to_connect(seconds: float) -> aiohttp.ClientTimeout:
    """A limit as aiohttp wants it. The last ones are kept, because almost every attempt has the same."""
    return aiohttp.ClientTimeout(connect=seconds, ceil_threshold=_EXACT)


def _unfit(protocol: ResponseHandler) -> bool:
    """Whether the other side sent something, or hung up, since the last answer was read."""
    transport = protocol.transport
    if protocol.should_close or transport is None or transport.is_closing():
        return True
    sock = transport.get_extra_info("socket")
    return sock is not None and _readable(sock)


if hasattr(select, "poll"):

    def _readable(sock: Any) -> bool:
        """Whether there is something to read, or the other side has hung up.

        urllib3's wait_for_read does the same in twice the time.
        """
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))

else:

    def _readable(sock: Any) -> bool:
        """Whether there is something to read, or the other side has hung up."""
        return wait_for_read(sock, timeout=0)


class _Pool:
    """The connections of one event loop, which are closed when the loop ends.

    There is only one way for a library to learn that a loop is about to end. `asyncio.run` and its like then call
    `loop.shutdown_asyncgens()`, which closes all asynchronous generators that were begun and have not ended. So each
    pool begins such a generator (`_keep`). It waits for ever, and closes the connections when it is closed itself.
    """

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
        """The generator that ends the pool when the loop closes it; the docstring of the class explains it."""
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

    is_plain = False

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

        Returns what was there before. The child must hold on to it, so that it neither uses nor closes it.
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
        """Make one attempt. Returns the answer, or why there is none. If cancelled, it closes the connection."""
        if tool_of_loops() is not None:
            from xendit.transport.plain_loops import PlainLoopTransport

            return await PlainLoopTransport(self.settings).send(request, limits)
        self.process.follow(self.reopen)
        attempt = _Attempt()
        try:
            return await self._ask(attempt, request, limits)
        except Unreadable as error:
            failure = error.failure()
            cause = None
        except _FAILURES as error:
            failure = self._failure(error, sent=attempt.sent)
            cause = os_error_of(error)
        except BaseException as interrupt:
            attempt.abort()
            without_frames(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception
        attempt.abort()
        await asyncio.sleep(0)  # in which the socket is closed
        failure.__cause__ = without_frames(cause)
        return failure

    async def _ask(self, attempt: _Attempt, request: Request, limits: Limits) -> Response:
        """The answer, by way of aiohttp's connector and protocol.

        `aiohttp.ClientSession` is passed by: it follows redirects, keeps cookies, decodes bodies, sends lost requests
        again, and does not tell whether a byte was sent.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.total
        pool = self._pools.get(loop)
        if pool is None or pool.connector.closed:
            pool = await self._begin(loop)
        pool.connector.drop_unfit(pool.place.connection_key, once=not request.repeatable)
        connection = await pool.connector.connect(pool.place, [], _time_to_connect(limits.connect))
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
                connection.release()  # kept, or closed if more bytes came than announced, or no more will come
            return answer
        finally:
            if expiry is not None:
                expiry.cancel()
            connection.close()  # has no effect on one that was released

    def _failure(self, error: BaseException, *, sent: bool) -> TransportError:
        """What an exception of aiohttp or the socket means."""
        late = isinstance(error, (asyncio.TimeoutError, TimeoutError))
        kind = "timeout" if late else "reset" if sent else kind_before_sending(error)
        return failure_of(kind, self.settings.address, reason_in(error), sent=sent)

    def __repr__(self) -> str:
        return f"LoopTransport({self.settings.host!r})"


async def _read(attempt: _Attempt, protocol: ResponseHandler) -> Response:
    """The whole answer. When it is longer than the limit, the caller closes the connection."""
    message, attempt.payload = await protocol.read()
    while 100 <= message.code < 200 and message.code != 101:  # after a 101 the connection speaks no HTTP any more
        message, attempt.payload = await protocol.read()
    if len(message.headers) > _MOST_HEADERS or sum(map(len, chain.from_iterable(message.raw_headers))) > HEAD_LIMIT:
        raise HttpProcessingError(message="the head is too long")
    status, payload = message.code, attempt.payload
    headers = Headers.joined(message.headers.items())
    good = 200 <= status < 300
    length, packed = headers.get("content-length", ""), encoding_of(headers)
    if good:
        check_head(status, headers, length, packed)
    limit = BODY_LIMIT if good else ERROR_LIMIT
    if length.isdecimal() and len(length) < 16 and int(length) <= limit and "transfer-encoding" not in headers:
        # the parser reads no byte beyond this length
        return _answer(status, headers, packed, await payload.read())
    read = bytearray()
    async for chunk in payload.iter_any():
        read += chunk
        if len(read) > limit:
            if good:
                raise too_long(status, headers)
            break
    return _answer(status, headers, packed, bytes(read[:limit]))


def _answer(status: int, headers: Headers, packed: str, body: bytes) -> Response:
    return Response(status, headers, unpacked(status, headers, body) if packed else body)


def transport_for(configuration: Configuration) -> LoopTransport:
    """The transport that all asynchronous clients with these connection settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    return shared_transport(configuration, LoopTransport)
