"""Servers on raw sockets for tests: they record what they are sent and answer what they are told, byte by byte."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    Answer = bytes | Callable[[socket.socket], None]


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def silence(connection: socket.socket) -> None:
    """Say nothing until the client gives up."""
    connection.settimeout(10)
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    """Close with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


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


def read_request(connection: socket.socket) -> bytes:
    """A whole request of a client, head and body."""
    head = read_head(connection)
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    body = b""
    while len(body) < length:
        more = connection.recv(length - len(body))
        if not more:
            raise ConnectionError("the client closed the connection")
        body += more
    return head + body


class RawServer(Listener):
    """Answers each request with the next of its answers; the last one repeats."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self._lock = threading.Lock()
        super().__init__()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        """Answer until an answer is a function, which has the connection for itself."""
        while True:
            request = read_request(connection)
            with self._lock:
                self.requests.append(request)
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if callable(answer):
                answer(connection)
                return
            connection.sendall(answer)
