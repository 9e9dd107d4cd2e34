"""Servers on raw sockets that a fault server cannot be: TLS of any kind, byte by byte, and proxies with manners."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from typing_extensions import Self


class Listener:
    """Serves each connection in a thread of its own; counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.closing = threading.Event()
        self._threads[0].start()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        number: int = self._listener.getsockname()[1]
        return number

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._guarded, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _guarded(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        """What is done with a connection."""
        raise NotImplementedError

    def secure(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The connection after the TLS handshake, which takes its place."""
        wrapped = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.append(wrapped)
        try:
            wrapped.do_handshake()
        except OSError:
            wrapped.close()
            raise
        return wrapped

    def close(self) -> None:
        """Close all sockets and wait for the threads."""
        self.closing.set()
        for each in (self._listener, *self._open):
            with suppress(OSError):  # below TLS, whose own state its thread may be using
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_head(connection: socket.socket) -> bytes:
    """What a client sends until the blank line, byte by byte, so that nothing behind it is lost."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = connection.recv(1)
        if not more:
            raise ConnectionError("the client closed the connection")
        head += more
    return head


class Answering(Listener):
    """Answers each request with the next function of a list; the last one repeats. With a context over TLS."""

    def __init__(self, *answers: Callable[[Any], None], context: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._context = context
        self.handshakes = 0
        super().__init__()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        if self._context is not None:
            with self.secure(connection, self._context) as secure:
                self.handshakes += 1
                self._converse(secure)
        else:
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        while True:
            head = read_head(connection)
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            body = b""
            while len(body) < length:
                body += connection.recv(length - len(body))
            self.requests.append(head + body)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            answer(connection)


class Proxy(Listener):
    """An HTTP proxy that knows CONNECT alone.

    Args:
        credentials: what it demands, such as `user:password`; a request without them is answered 407.
        manner: `good`; `inner` opens the tunnel and drips a TLS record into it; `drip` sends its answer a byte at a time and never ends; `hang` says nothing; `rst` hangs up;
            `garbage` answers what is no HTTP; `odd` answers 502 with a text; `flood` never ends its headers.
        context: speaks TLS with its clients.
    """

    def __init__(
        self, credentials: str | None = None, manner: str = "good", *, context: ssl.SSLContext | None = None
    ) -> None:
        self._wanted = credentials and base64.b64encode(credentials.encode()).decode()
        self._manner = manner
        self._context = context
        self.refused = 0
        super().__init__()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        if self._context is not None:
            if self._manner == "stall":
                self.closing.wait(30)
                return
            with self.secure(connection, self._context) as secure:
                self._serve(secure)
        else:
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        head = read_head(connection)
        self.requests.append(head)
        if self._manner == "hang":
            self.closing.wait(30)
            return
        if self._manner == "drip":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nX-Drip: ")
            while not self.closing.wait(0.05):
                connection.sendall(b"a")
            return
        if self._manner == "inner":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            connection.recv(65536)
            connection.sendall(b"\x16\x03\x03\x10\x00")
            while not self.closing.wait(0.05):
                connection.sendall(b"\x02")
            return
        if self._manner == "flood":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n")
            while not self.closing.is_set():
                connection.sendall(b"X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 1000)
            return
        if self._manner == "rst":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return
        if self._manner == "garbage":
            connection.sendall(b"NOPE nope nope\r\n\r\n")
            return
        if self._manner == "odd":
            connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nnope")
            return
        if self._wanted and f"proxy-authorization: basic {self._wanted}".lower() not in head.decode().lower():
            self.refused += 1
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = head.split()[1].decode().partition(":")
        with socket.create_connection((host, int(port)), 5) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_carry, args=(target, connection), daemon=True)
            back.start()
            _carry(connection, target)
            back.join(5)


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
