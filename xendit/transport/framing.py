"""Reads one answer from a socket: in time, within limits, and with no doubt about where it ends.

Why this is more than `http.client`
-----------------------------------

A connection carries one answer after another, and only the head of an answer says where that answer ends (RFC 9112,
section 6): after so many bytes (`Content-Length`), after a chunk of length zero (`Transfer-Encoding: chunked`), or at
the end of the connection. A client that gets this wrong takes the beginning of an answer for the whole, or the rest of
one answer for the next answer. For payments nothing could be worse. Half a list that looks whole says that an invoice
does not exist, and the answer to another request says that the wrong invoice is paid.

`http.client` reads well-formed answers correctly, but accepts malformed ones. Each point below says what it accepts,
and what is done here instead; the method of `TimedResponse` (or the function) that does it stands in parentheses:

- When the data ends within the head, it treats that as the end of the head. Here the answer is broken (`begin`).
- It treats interim answers other than 100, such as `103 Early Hints`, as the answer itself. The real answer would then
  be read as the answer to the next request. Here all interim answers are skipped (`_read_status`).
- It reads a chunk's length with `int(text, 16)`, which accepts `-1` (after which it would read without end), `+1`,
  `0x1` and `1_0`. Here a length is one to eight hexadecimal digits and nothing else (`_read_next_chunk_size`).
- When a body is read in pieces, it accepts one that is shorter than its `Content-Length`. Here that is an error
  (`read_answer`).
- When more bytes come than were promised, it leaves them in the buffer, where the next request would read them as its
  answer. Here a connection is closed when anything is left after the last byte of an answer, even when the rest still
  waits inside TLS, where the socket does not show it (`_close_conn`).
- It accepts a `Content-Length` that comes twice with different values, or is no number. Here both are refused
  (`read_answer`).

Time and size are limited below all this, at the one place through which every byte passes (`_TimedRaw.readinto`). Each
read from the socket may take as long as the attempt has left. The head and the whole answer each have a limit of bytes,
towards which interim answers, chunk lines and trailers count too. So a call can be held up neither by a server that
sends a byte each second nor by one that sends endless headers.

The async transport has aiohttp's parser, which is strict by itself, and the same limits.
"""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from typing import TYPE_CHECKING, Any

from xendit.headers import Headers
from xendit.operation import Response
from xendit.transport.common import (
    BODY_LIMIT,
    ERROR_LIMIT,
    HEAD_LIMIT,
    Unreadable,
    check_head,
    encoding_of,
    too_long,
    unpacked,
)

if TYPE_CHECKING:
    import socket

    from xendit.transport.threads import OpenAttempt

_WIRE_LIMIT = 2 * BODY_LIMIT
"""Bytes read from the socket for one answer, its framing included: a chunk of one byte takes six bytes."""
_CHUNK = 64 * 1024
"""Bytes read at once."""
_OF_CHUNKS = 8 * 1024
"""Bytes read at once of a chunked answer. It is less, because http.client makes an object of each chunk, however
short."""


class _TimedRaw(io.RawIOBase):
    """The bytes of a socket. Each read is limited by the time that the attempt has left and by the size of the answer.

    Attributes:
        most: how many bytes may be read in all: first the limit of the head, then that of the whole answer.
        ended: set at the end of an answer, so that a look into the buffer does not wait for more bytes.
        met_end: whether the last read met the end of the data.
    """

    def __init__(self, sock: socket.socket, attempt: OpenAttempt) -> None:
        self._sock = sock
        self._attempt = attempt
        self._raw = sock.makefile("rb", buffering=0)
        self._count = 0
        self.most = HEAD_LIMIT
        self.ended = False
        self.met_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.ended:
            return 0
        if self._count >= self.most:
            raise HTTPException("the answer is too long")
        self._sock.settimeout(self._attempt.left())
        room = memoryview(buffer)[: self.most - self._count]
        count = self._raw.readinto(room) or 0
        self._count += count
        self.met_end = not count
        return count

    def waiting(self) -> bool:
        """Whether bytes wait inside TLS, already decrypted, where the socket does not show them."""
        pending = getattr(self._sock, "pending", None)
        return pending is not None and pending() > 0

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._raw.close()


class _TimedSocket:
    """What http.client asks of a socket when it reads an answer."""

    def __init__(self, sock: socket.socket, attempt: OpenAttempt) -> None:
        self.raw = _TimedRaw(sock, attempt)

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(self.raw)


class TimedResponse(HTTPResponse):
    """http.client's answer, read in time, within limits, and with strict framing."""

    def __init__(self, sock: Any, *args: Any, attempt: OpenAttempt, **kwargs: Any) -> None:
        timed = _TimedSocket(sock, attempt)
        self._timed = timed.raw
        super().__init__(timed, *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Read the head, and then raise the limit to that of the whole answer."""
        super().begin()
        if self._timed.met_end:  # http.client takes the end of the data for the end of the headers
            raise IncompleteRead(b"")
        self._timed.most = _WIRE_LIMIT
        if self.status == 101:  # after this status the connection speaks another protocol
            self.will_close = True

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final answer, after all interim answers were skipped."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            parse_headers(self.fp)

    def _read_next_chunk_size(self) -> int:
        """The length of the next chunk. Extensions behind a semicolon are allowed and ignored."""
        line = self.fp.readline(4097)
        digits = line.partition(b";")[0].strip()
        if len(line) > 4096 or len(digits) > 8 or not digits or digits.strip(b"0123456789abcdefABCDEF"):
            self._close_conn()
            raise IncompleteRead(b"")
        return int(digits, 16)

    def _close_conn(self) -> None:
        """Called by http.client when it has read the last byte of the answer and lets go of the connection.

        Bytes after that one make the connection unfit for another request. They may be in the buffer, or wait inside
        TLS, already decrypted. `ended` makes the look into the buffer return instead of asking the socket for more.
        """
        reader = self.fp
        more = False
        if not reader.closed:
            self._timed.ended = True
            more = bool(reader.peek(1)) or self._timed.waiting()
        super()._close_conn()  # type: ignore[misc]
        if more:
            self.will_close = True


def read_answer(answer: TimedResponse) -> Response:
    """The whole answer. When it is longer than the limit, the caller closes the connection.

    Raises:
        Unreadable: a good answer that is encoded, too long, or whose lengths contradict one another.
        HTTPException: it is no HTTP, or not whole.
    """
    headers = Headers.joined(answer.headers.items())
    status = answer.status
    length = headers.get("content-length", "")
    if "," in length:
        raise Unreadable("the answer's headers contradict one another", status, headers)
    good = 200 <= status < 300
    packed = encoding_of(headers)
    if good:
        check_head(status, headers, length, packed)
    limit = BODY_LIMIT if good else ERROR_LIMIT
    step = _OF_CHUNKS if answer.chunked else _CHUNK
    read = bytearray()
    while len(read) <= limit:
        chunk = answer.read(min(step, limit + 1 - len(read)))
        if not chunk:
            if answer.length:  # bytes are missing, of which http.client does not complain
                raise IncompleteRead(b"", answer.length)
            return Response(status, headers, unpacked(status, headers, bytes(read)) if packed else bytes(read))
        read += chunk
    answer.will_close = True
    if good:
        raise too_long(status, headers)
    data = bytes(read[:limit])
    return Response(status, headers, unpacked(status, headers, data) if packed else data)
