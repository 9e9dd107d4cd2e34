"""Reads one answer from a socket: in time, within limits, and with no doubt about where it ends.

Why this is more than `http.client`
-----------------------------------

A connection carries one answer after another, and nothing but the answer's own head says where it ends (RFC 9112,
section 6): after so many bytes (`Content-Length`), after a chunk of length zero (`Transfer-Encoding: chunked`), or where
the connection does. Whoever gets that wrong takes the beginning of an answer for all of it, or the rest of one answer
for the next. For a payment both are the worst that can happen: half a list that looks whole says that an invoice is not
there, and the answer to another request says that another invoice is paid. `http.client` parses well what is well formed,
and is lenient where it should not be. What is made strict here, each in one method of `TimedResponse`:

- An end of the data within the head is taken for the end of the head. It is a broken answer (`begin`).
- Interim answers other than 100, such as `103 Early Hints`, are taken for the answer; the real one would then be read as
  the answer to the next request (`_read_status`).
- A chunk's length goes through `int(text, 16)`, which takes `-1` (then everything is read, without end), `+1`, `0x1` and
  `1_0`. Only hexadecimal digits are one, eight at most (`_read_next_chunk_size`).
- Fewer bytes than `Content-Length` promises are no error when they are read in pieces. They are one (`read_answer`).
- More bytes than promised stay in the buffer, for the next request to read. A connection on which something is left after
  the last byte of an answer is closed, also when the rest waits inside of TLS, where no look at the socket shows it
  (`_close_conn`).
- A `Content-Length` that comes twice, with two values, is refused (`read_answer`); so is one that is no number.

Time and size are bounded below all that, at the one place through which every byte comes (`_TimedRaw.readinto`): each
look at the socket may take what is left of the attempt, and head and body have limits of their own, which interim
answers, chunk lines and trailers count towards. So neither a byte a second nor headers without end can hold a call.

The async transport has aiohttp's parser, which is strict by itself, and the same limits.
"""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from typing import TYPE_CHECKING, Any

from xendit.headers import Headers
from xendit.operation import Response
from xendit.transport.common import BODY_LIMIT, ERROR_LIMIT, HEAD_LIMIT, Unreadable, check_head, too_long, unpacked

if TYPE_CHECKING:
    import socket

    from xendit.transport.threads import OpenAttempt

_WIRE_LIMIT = 2 * BODY_LIMIT
"""Bytes read from the socket for one answer, whatever its framing: chunks of one byte are six bytes each."""
_CHUNK = 64 * 1024
"""Bytes read at once."""
_OF_CHUNKS = 8 * 1024
"""Bytes read at once of an answer in chunks: http.client keeps each chunk as an object, and each may hold one byte."""


class _TimedRaw(io.RawIOBase):
    """A socket's bytes, each look at it within what is left of the attempt and of the answer's size.

    Attributes:
        most: how many bytes may be read in all; the head's limit at first, the whole answer's after it.
        ended: set at the end of an answer, so that a look at what is buffered does not wait for more.
        met_end: whether the last look met the end of the data.
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
        """Whether bytes wait inside TLS, where no look at the socket shows them."""
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
        """Read the head; then the limit is that of the whole answer."""
        super().begin()
        if self._timed.met_end:  # http.client takes the end of the data for the end of the headers
            raise IncompleteRead(b"")
        self._timed.most = _WIRE_LIMIT
        if self.status == 101:  # after it the connection speaks something else
            self.will_close = True

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the answer that counts, behind all interim ones."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            parse_headers(self.fp)

    def _read_next_chunk_size(self) -> int:
        """The length of the next chunk; extensions behind a semicolon are allowed, and mean nothing."""
        line = self.fp.readline(4097)
        digits = line.partition(b";")[0].strip()
        if len(line) > 4096 or len(digits) > 8 or not digits or digits.strip(b"0123456789abcdefABCDEF"):
            self._close_conn()
            raise IncompleteRead(b"")
        return int(digits, 16)

    def _close_conn(self) -> None:
        """The last byte was read; http.client calls this when it lets go of the connection.

        Bytes beyond it make the connection unfit for another request. They may be in the buffer, or have been decrypted
        and wait inside of TLS; `ended` makes the look at the buffer return instead of asking the socket for more.
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
    """The whole answer, up to the limit; beyond it the connection is closed by whoever asked.

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
    if good:
        check_head(status, headers, length)
    packed = "content-encoding" in headers
    limit = BODY_LIMIT if good else ERROR_LIMIT
    step = _OF_CHUNKS if answer.chunked else _CHUNK
    read = bytearray()
    while len(read) <= limit:
        chunk = answer.read(min(step, limit + 1 - len(read)))
        if not chunk:
            if answer.length:  # of which http.client does not complain
                raise IncompleteRead(b"", answer.length)
            return Response(status, headers, unpacked(status, headers, bytes(read)) if packed else bytes(read))
        read += chunk
    answer.will_close = True
    if good:
        raise too_long(status, headers)
    data = bytes(read[:limit])
    return Response(status, headers, unpacked(status, headers, data) if packed else data)
