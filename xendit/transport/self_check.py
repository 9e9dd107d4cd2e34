"""Whether the undocumented parts of libraries that the fast transports use are still there, and still work as expected.

There are two checks, one for threads and one for event loops. Each is made once in a process, before the first request.
No socket is opened: answers are read from memory, and a pool is asked for a connection that is never opened. A check
takes some tenths of a millisecond.
"""

from __future__ import annotations

import io
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from xendit.policy import Limits
from xendit.transport.common import HEAD_LIMIT, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.transport.threads import OpenAttempt

_GOOD = (
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\nmore"
)
"""A good answer after an interim one. The bytes behind it make the connection unfit for another answer."""
_BROKEN = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
)
"""Answers that are not whole, or not framed well."""


class _Memory:
    """A stand-in for a socket from which fixed bytes can be read, and nothing more."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, mode: str, buffering: int) -> Any:
        """What was said, to be read."""
        assert (mode, buffering) == ("rb", 0)
        return io.BytesIO(self._said)

    def settimeout(self, seconds: float) -> None:
        """It never waits."""


def flaw_of_threads() -> str | None:
    """What has changed in http.client or urllib3, or None. Raises ImportError, AttributeError or TypeError for some of it."""
    from urllib3 import HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    flaw = _flaw_of_framing() or _flaw_of_pools()
    if "_prepare_proxy" not in vars(HTTPSConnectionPool):
        flaw = flaw or "the tunnel through a proxy is made in another way"
    for made in (HTTPConnection, HTTPSConnection):
        names = _names_in(made.connect)
        if names is not None and "_new_conn" not in names:
            flaw = flaw or f"{made.__name__}.connect no longer calls _new_conn"
    return flaw


def _names_in(function: Any) -> tuple[str, ...] | None:
    """The names that a function uses; None where they cannot be seen, because it is compiled or wrapped by a tracer."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return None if code is None else code.co_names


def _flaw_of_framing() -> str | None:
    """Read answers from memory as they are read from a socket."""
    from xendit.transport.framing import TimedResponse, read_answer

    attempt = _attempt()
    answer = TimedResponse(_Memory(_GOOD), attempt=attempt, method="GET")
    answer.begin()
    response = read_answer(answer)
    if (response.status, response.data, answer.will_close) != (200, b"{}", True):
        return "a good answer is read in another way"
    for said in _BROKEN:
        answer = TimedResponse(_Memory(said), attempt=attempt, method="GET")
        try:
            answer.begin()
            read_answer(answer)
        except HTTPException:
            continue
        finally:
            answer.close()
        return "a broken answer is taken for a good one"
    return None


def _attempt() -> OpenAttempt:
    from xendit.transport.threads import OpenAttempt

    return OpenAttempt(Limits(60, 60, 60), once=False)


def _flaw_of_pools() -> str | None:
    """Ask pools for a connection and give it back."""
    from xendit.transport.pools import pools_of

    manager, pool = pools_of(_somewhere())
    connection = pool.take(_attempt())
    pool._put_conn(connection)
    same = pool.take(_attempt()) is connection
    manager.clear()
    asked: tuple[Callable[..., Any], ...] = (pool._prepare_proxy, connection._tunnel, connection._new_conn)
    if not same or not hasattr(connection, "_dns_host") or not all(map(callable, asked)):
        return "the pool of connections works in another way"
    return None


def _somewhere() -> Settings:
    """A host to which no connection is opened."""
    return Settings("http://127.0.0.1", maxsize=1, ca_certs=None, ssl_context=None, proxy=None, proxy_headers=None)


def flaw_of_loops() -> str | None:
    """What has changed in aiohttp, or None. Raises ImportError, AttributeError or TypeError for some of it."""
    import asyncio

    import aiohttp
    from aiohttp.client_proto import ResponseHandler

    from xendit.transport.loops import _Pool

    missing = [
        name for name in ("start_timeout", "set_exception", "should_close") if not hasattr(ResponseHandler, name)
    ]
    missing += [name for name in ("connect", "close", "_get_ssl_context") if not hasattr(aiohttp.TCPConnector, name)]
    missing += [name for name in ("connection_key", "is_ssl") if not hasattr(aiohttp.ClientRequest, name)]
    if missing:
        return f"{', '.join(missing)} is gone"
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # no loop runs, so what needs one is not checked
        return None
    pool = _Pool(_somewhere(), loop)
    if pool.connector._conns.get(pool.place.connection_key):
        return "the pool of connections works in another way"
    protocol = ResponseHandler(loop)
    protocol.set_response_params(
        read_until_eof=True,
        auto_decompress=False,
        read_timeout=None,
        read_bufsize=2**16,
        timeout_ceil_threshold=1e9,
        max_line_size=HEAD_LIMIT,
        max_field_size=HEAD_LIMIT,
    )
    protocol.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    reading = protocol.read()
    try:
        reading.send(None)
    except StopIteration as done:
        message, payload = done.value
        return None if (message.code, payload.read_nowait()) == (200, b"{}") else "an answer is read in another way"
    reading.close()
    return "an answer that is there is not given"
