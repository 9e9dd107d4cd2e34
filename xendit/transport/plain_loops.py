"""The plain transport of AsyncApiClient: one request through `aiohttp.ClientSession`, by its documented interface alone.

What `plain` says of threads holds here too. Each request has a session of its own, so that none outlives a loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from xendit.installation import explain

try:
    import aiohttp
except ImportError as error:
    explain(error, "aiohttp", "AsyncApiClient needs aiohttp", 'pip install "xendit-sdk[async]"')

from yarl import URL

from xendit.transport.common import (
    HEAD_LIMIT,
    Unreadable,
    failure_of,
    shared_transport,
    without_frames,
)
from xendit.transport.loop_failures import RepeatedError, kind_before_sending, os_error_of, reason_in
from xendit.transport.plain import IncomingAnswer, Unpooled, time_to_connect
from xendit.transport.roads import unwatched

if TYPE_CHECKING:
    from xendit.configuration import Configuration
    from xendit.operation import Request, Response, TransportError
    from xendit.policy import Limits

_CHUNK = 64 * 1024
"""Bytes read at once."""
_EXACT = 1e9
"""aiohttp rounds time limits above a threshold up to a whole second. With this threshold it rounds none."""
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.ConnectionTimeoutError)
"""What aiohttp raises when it could not connect: a name was not found, the connection, the certificate or the proxy's
tunnel was refused, or the time to connect was over."""


class PlainLoopTransport(Unpooled):
    """One host, asked by tasks of any event loop through aiohttp."""

    async def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """Make one attempt. Returns the answer, or the reason why there is none.

        An error by which a recording tool refuses a request is raised as it is.
        """
        self.process.follow(self.reopen)
        try:
            return await self._exchange(request, limits)
        except Unreadable as error:
            return error.failure()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            failure = self._failure(error)
            failure.__cause__ = without_frames(os_error_of(error))
            return failure
        except BaseException as interrupt:
            without_frames(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception

    async def _exchange(self, request: Request, limits: Limits) -> Response:
        settings = self.settings
        headers = {name: "".join(value) for name, value in request.headers.items()}  # plain text, as tools expect
        tunnelled = settings.proxy is not None and settings.secure
        if settings.proxy and not settings.secure:  # there is no CONNECT that would carry the proxy's headers
            headers.update(settings.proxy_headers)
        within = aiohttp.ClientTimeout(
            total=limits.total, connect=time_to_connect(limits), sock_read=limits.read, ceil_threshold=_EXACT
        )
        connector = aiohttp.TCPConnector(
            ssl=True if settings.ssl_context is None else settings.ssl_context, force_close=True
        )
        session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=within,
            trace_configs=[_without_repeats()],
            max_line_size=HEAD_LIMIT,
            max_field_size=HEAD_LIMIT,
        )
        try:
            with unwatched(request):
                async with session.request(
                    request.method,
                    URL(f"{settings.host}{request.target}", encoded=True),
                    data=request.body,
                    headers=headers,
                    skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
                    allow_redirects=False,
                    proxy=settings.proxy,
                    proxy_headers=settings.proxy_headers if tunnelled else None,
                ) as response:
                    return await _read(response)
        finally:
            await session.close()
            await asyncio.sleep(0)  # in which the socket is closed

    def _failure(self, error: BaseException) -> TransportError:
        """What an exception means, judged by the public exceptions alone."""
        address, reason = self.settings.address, reason_in(error)
        late = isinstance(error, (asyncio.TimeoutError, TimeoutError))
        if isinstance(error, _NOT_SENT):
            return failure_of("timeout" if late else kind_before_sending(error), address, reason, sent=False)
        return failure_of("timeout" if late else "reset", address, reason, sent=True)

    def __repr__(self) -> str:
        return f"PlainLoopTransport({self.settings.host!r})"


def _without_repeats() -> aiohttp.TraceConfig:
    """A trace that allows a request one connection only, because aiohttp repeats a GET whose connection was lost."""
    made: list[bool] = []

    async def begin(*_: object) -> None:
        if made:
            raise RepeatedError
        made.append(True)

    traced = aiohttp.TraceConfig()
    traced.on_connection_create_start.append(begin)
    return traced


async def _read(response: aiohttp.ClientResponse) -> Response:
    """The whole answer, up to the limit."""
    answer = IncomingAnswer(response.status, response.headers.items())
    stream = response.content  # asked for only once: in vcrpy's answers it starts again each time
    while answer.may_go_on:
        chunk = await stream.read(_CHUNK)
        if not chunk:
            break
        answer.read += chunk
    return answer.response()


def transport_for(configuration: Configuration) -> PlainLoopTransport:
    """The plain transport that all asynchronous clients with these connection settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    return shared_transport(configuration, PlainLoopTransport)
