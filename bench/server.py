"""The server that is measured against: loopback, keep-alive, answers ready made. `python server.py` prints its port.

It is a process of its own on the other CPU, so that a client's CPU time is the client's alone. Each answer is one
write, with a Date header, as nginx sends it. A GET of a list is answered with a page, everything else with an
invoice. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import payloads

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer(body: bytes) -> bytes:
    """A whole answer: status line, headers, body."""
    head = (
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 15 Jan 2026 08:31:09 GMT\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Connection: keep-alive\r\nRequest-Id: 65a4f0c2b1e8d73f9a000000\r\nVary: Origin\r\n\r\n"
    )
    return head.encode() + body


INVOICE, PAGE = answer(payloads.INVOICE), answer(payloads.PAGE)


class Answering(asyncio.Protocol):
    """One connection. Requests have no body, so each ends at its empty line."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.read = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        *requests, self.read = (self.read + data).split(b"\r\n\r\n")
        for request in requests:
            page = request.startswith((b"GET /v2/invoices?", b"GET /v2/invoices/?"))
            self.transport.write(PAGE if page else INVOICE)


@contextmanager
def running() -> Iterator[tuple[int, str]]:
    """The server as a process of its own: its number and its URL."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.pid, f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


async def main() -> None:
    """Listen, print the port, and end with the standard input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
