"""Connections for threads, kept from one request to the next.

urllib3 knows how to connect: addresses, TLS, proxies and their tunnels. Its connections and pools are used for that.
Three things that payments need are added: every step ends within the time of the attempt; it is noted whether the
server may have seen the request; and a create never uses a connection that may be closing. urllib3's `urlopen` is not
used, because it retries, follows redirects and decodes, and no transport may decide about those.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from functools import partial
from queue import Empty, Full
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from xendit.transport.common import is_doubtful
from xendit.transport.framing import TimedResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.transport.addresses import AddressInfo
    from xendit.transport.common import Settings
    from xendit.transport.threads import OpenAttempt


def _as_it_is_looked_up(host: str) -> str | bytes:
    """A host's name in the form that costs Python's look-up the least time.

    The look-up encodes a text as IDNA, and importing the tables for that takes three milliseconds. An ASCII name needs
    no encoding, so it is handed over as bytes. Where another module's function stands in place of Python's look-up, it
    is handed the text, as urllib3 would do.
    """
    if host.isascii() and getattr(socket.getaddrinfo, "__module__", None) == "socket":
        return host.encode("ascii")
    return host


def _connected(info: AddressInfo, options: Iterable[Any], attempt: OpenAttempt) -> socket.socket:
    """A connection to the only address of a host."""
    family, kind, protocol, _, address = info
    sock = attempt.sock = socket.socket(family, kind, protocol)
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(attempt.left_to_connect())
        sock.connect(address)
        sock.settimeout(attempt.left_to_connect())  # a time limit for the TLS handshake
    except BaseException:
        sock.close()
        raise
    return sock


class _PlainConnection(HTTPConnection):
    """A connection that notes, before the first byte of a request is written, that the server may see it."""

    attempt: OpenAttempt
    """The attempt that uses the connection now; the pool sets it when it hands the connection out."""
    idle_since = 0.0

    @property
    def response_class(self) -> Any:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """The class with which http.client reads a proxy's answer to CONNECT."""
        return partial(TimedResponse, attempt=self.attempt)

    def _new_conn(self) -> socket.socket:
        """A connected socket. All addresses of the host are tried within one time limit."""
        host, port = self._dns_host.strip("[]"), self.port
        try:
            found = socket.getaddrinfo(_as_it_is_looked_up(host), port, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(host, self, error) from error  # type: ignore[arg-type]
        try:
            if len(found) == 1:
                return _connected(found[0], self.socket_options or (), self.attempt)
            from xendit.transport.addresses import connected

            return connected(found, self.socket_options or (), self.attempt)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, error.strerror or str(error)) from error

    def _tunnel(self) -> None:
        super()._tunnel()
        self.sock.settimeout(self.attempt.left_to_connect())

    def connect(self) -> None:
        self.attempt.connecting = True
        try:
            super().connect()
        finally:
            self.attempt.connecting = False

    def send(self, data: Any) -> None:
        sock = self.sock
        if not self.attempt.connecting:  # a CONNECT to a proxy is not part of the request
            self.attempt.sent = True
        view = memoryview(data)
        while view:  # sendall would give each piece of a TLS record the whole time again
            sock.settimeout(self.attempt.left())
            view = view[sock.send(view) :]


class _TlsConnection(_PlainConnection, HTTPSConnection):  # pyright: ignore[reportIncompatibleVariableOverride]
    """The same with TLS: the methods of `_PlainConnection` call those of urllib3's connection with TLS by `super()`."""

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        return _TlsOfProxy(super()._connect_tls_proxy(hostname, sock), self)


class _TlsOfProxy:
    """The TLS connection to a proxy, as a socket for the TLS connection to the host that goes through it.

    urllib3 reads from it in a loop without a time limit of its own. So each read is limited to what the attempt has
    left.
    """

    def __init__(self, sock: Any, connection: _TlsConnection) -> None:
        self._sock = sock
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._sock, name)

    @property
    def _io_refs(self) -> int:
        refs: int = self._sock._io_refs
        return refs

    @_io_refs.setter
    def _io_refs(self, refs: int) -> None:
        self._sock._io_refs = refs

    def recv(self, size: int) -> object:
        self._sock.settimeout(self._connection.attempt.left())
        return self._sock.recv(size)

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._connection.attempt.left())
        self._sock.sendall(data)


class _Stack:
    """The queue that urllib3's pool needs, without a lock, which an interrupt could leave locked for ever."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._kept: deque[_PlainConnection | None] = deque()

    def put(self, item: _PlainConnection | None, block: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - a queue's signature
        if len(self._kept) >= self._maxsize:  # several threads may pass at once; then a few more are kept
            raise Full
        self._kept.append(item)

    def get(
        self,
        block: bool = True,  # noqa: ARG002, FBT001, FBT002 - the same
        timeout: float | None = None,  # noqa: ARG002
    ) -> _PlainConnection | None:
        try:
            return self._kept.pop()
        except IndexError:
            raise Empty from None

    def qsize(self) -> int:
        return len(self._kept)


class _PlainPool(urllib3.HTTPConnectionPool):
    """A pool that never reuses a long-idle connection for a request that must not be sent twice (see `is_doubtful`)."""

    QueueCls = _Stack  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ConnectionCls = _PlainConnection  # pyright: ignore[reportAssignmentType]

    def take(self, attempt: OpenAttempt) -> _PlainConnection:
        """A connection for an attempt. The attempt is stored on the connection until it is given back."""
        connection: _PlainConnection = self._get_conn()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        connection.attempt = attempt
        attempt.connection = connection
        kept = attempt.once and connection.sock is not None
        if kept and is_doubtful(time.monotonic() - connection.idle_since, once=True):
            connection.close()
        return connection

    def _put_conn(self, conn: _PlainConnection | None) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Keep the connection; when enough are kept, close it, without urllib3's warning."""
        if conn is not None:
            conn.idle_since = time.monotonic()
        try:
            if self.pool is not None:
                self.pool.put(conn, block=False)
                return
        except Full:
            pass
        if conn is not None:
            conn.close()


class _TlsPool(_PlainPool, urllib3.HTTPSConnectionPool):  # pyright: ignore[reportIncompatibleMethodOverride]
    """The same with TLS."""

    ConnectionCls = _TlsConnection  # pyright: ignore[reportAssignmentType]


POOLS = {"http": _PlainPool, "https": _TlsPool}
"""The classes of pools by the scheme of the host, as urllib3's PoolManager takes them."""


def pools_of(settings: Settings) -> tuple[urllib3.PoolManager, _PlainPool]:
    """A manager and its pool for the host; connections are opened when they are needed."""
    options: dict[str, Any] = {"maxsize": settings.maxsize}
    if settings.secure:
        options["ssl_context"] = settings.ssl_context
    manager: urllib3.PoolManager
    if settings.proxy:
        manager = urllib3.ProxyManager(settings.proxy, proxy_headers=settings.proxy_headers, **options)
    else:
        manager = urllib3.PoolManager(**options)
    manager.pool_classes_by_scheme = POOLS
    pool = manager.connection_from_url(settings.host)
    assert isinstance(pool, _PlainPool)
    return manager, pool
