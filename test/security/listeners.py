"""Servers on raw sockets that a fault server cannot be: TLS of any kind, byte by byte, and proxies with manners."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from raw_server import Listener, read_head, read_request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


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
            self.requests.append(read_request(connection))
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
