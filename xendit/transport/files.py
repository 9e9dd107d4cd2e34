"""The transport of downloads: one GET to whatever host a link names, written to a file piece by piece.

It knows nothing of the client's key. Of a request's headers it sends only those that name the accepted types and the
user agent, whatever else the request bears. A link is itself the permission to read, so messages never show its path
and query. The body of an error is not read, because servers of files repeat the link in it.

A body counts as a file only if the answer says how long it is, and it is not empty, is exactly that long, and is no web
page. Anything else is an error. The request goes through urllib3's documented interface, as in `plain`.
"""

from __future__ import annotations

import threading
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from xendit.headers import Headers
from xendit.messages import foreign_encoding
from xendit.operation import Request, Response
from xendit.transport.common import Unreadable, encoding_of, settings_for
from xendit.transport.plain import Errand, PlainTransport

if TYPE_CHECKING:
    from typing import BinaryIO

    from xendit.configuration import Configuration
    from xendit.policy import Limits
    from xendit.transport.common import Settings

LARGEST = 2 * 1024**3
"""Bytes that a file may have when it is decompressed: a report of ten million lines has half as many."""
_PIECE = 64 * 1024
"""Bytes that are read and written at once."""
_SENT = ("accept", "user-agent")
_PAGES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/json")
"""Types of what servers send instead of a file: a login page, a page of a proxy, a description of an error."""
_GZIP = 16 + zlib.MAX_WBITS


class StoppedError(Exception):
    """A download was given up by the program that began it."""


class UnwritableError(Exception):
    """The file could not be written; `__cause__` is the OSError. It is no failure of the connection."""


class FileTransport(PlainTransport):
    """Writes what a link leads to into an open file. It serves one download; `size` and `digest` are of its last
    attempt.

    Args:
        settings: where the link leads, and how to get there.
        target: the file. Each attempt writes it from the beginning.
    """

    def __init__(self, settings: Settings, target: BinaryIO) -> None:
        super().__init__(settings)
        self.target = target
        self.size = 0
        self.digest = ""
        self._now: FileErrand | None = None
        self._is_stopped = False

    def send(self, request: Request, limits: Limits) -> Any:
        """Make one attempt. Returns the answer, whose body is in the file, or the reason why there is none.

        Raises:
            StoppedError: `stop` was called.
            UnwritableError: the file cannot be written.
        """
        if self._is_stopped:
            raise StoppedError
        headers = {name: request.headers[name] for name in _SENT if name in request.headers}
        bare = Request(request.operation, "GET", request.target, {**headers, "accept-encoding": "identity"}, None)
        return super().send(bare, limits)

    def stop(self) -> None:
        """Give the download up, from any thread: the attempt ends at once, and nothing more is written."""
        self._is_stopped = True
        if self._now is not None:
            self._now.stop()

    def _errand(self, request: Request, limits: Limits) -> Errand:
        self._now = FileErrand(self, request, limits)
        return self._now


class FileErrand(Errand):
    """An attempt. Once it is abandoned it writes nothing more, although its thread may still run."""

    def __init__(self, transport: FileTransport, request: Request, limits: Limits) -> None:
        super().__init__(transport.settings, request, limits)
        self._transport = transport
        self._writing = threading.Lock()

    def abandon(self) -> None:
        """End the attempt, because nobody waits for it any more."""
        with self._writing:
            self._abandoned = True
        super().abandon()

    def stop(self) -> None:
        """End the attempt with StoppedError."""
        self.abandon()
        self.error = StoppedError()
        self.done.set()

    def _read(self, response: Any) -> Response:
        """The answer, after its body was written into the file."""
        status = int(response.status)
        headers = Headers.joined((str(name), str(value)) for name, value in response.headers.items())
        if not 200 <= status < 300:
            return Response(status, headers, b"")
        encoding = encoding_of(headers)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        problem = None
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            problem = foreign_encoding(encoding)
        elif status != 200:
            problem = f"the answer is a {status}, which is no whole file"
        elif kind in _PAGES:
            problem = f"the answer is {kind}, and not a file of values"
        elif "content-length" not in headers and "chunked" not in headers.get("transfer-encoding", "").lower():
            problem = "the answer does not say how long it is, so a part could pass for the whole"
        if problem is not None:
            raise Unreadable(problem, status, headers)
        self._write(response, headers, unpacker=zlib.decompressobj(_GZIP) if "gzip" in encoding else None)
        return Response(status, headers, b"")

    def _write(self, response: Any, headers: Headers, unpacker: Any) -> None:
        """Write the body into the file. urllib3 compares its length with the one that the answer names."""
        size, digest, first = 0, sha256(), b""
        self._put(None)
        while piece := response.read(_PIECE):
            while piece:
                text, piece = _unpacked(piece, unpacker, headers)
                size += len(text)
                if size > LARGEST:
                    raise Unreadable(f"the file is longer than {LARGEST // 1024**3} GiB", 200, headers)
                first = first or text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
                if first == b"<":
                    raise Unreadable("what came is a page, and not a file of values", 200, headers)
                digest.update(text)
                self._put(text)
        if unpacker is not None and not unpacker.eof:
            raise Unreadable("the answer says that it is gzip, and is not whole", 200, headers)
        if not size:
            raise Unreadable("the file is empty", 200, headers)
        self._transport.size, self._transport.digest = size, digest.hexdigest()

    def _put(self, text: bytes | None) -> None:
        """Write a piece. None empties the file, to begin from its start."""
        target = self._transport.target
        with self._writing:
            if self._abandoned:
                raise StoppedError
            try:
                if text is None:
                    target.seek(0)
                    target.truncate()
                else:
                    target.write(text)
            except (OSError, ValueError) as problem:  # a ValueError: the file was closed
                raise UnwritableError from problem


def transport_to(configuration: Configuration, host: str, target: BinaryIO) -> FileTransport:
    """The transport of one download.

    Args:
        configuration: the client's: its certificates and its proxy hold for the link's host too.
        host: scheme, host and port of the link, which was checked.
        target: the file.
    """
    return FileTransport(settings_for(configuration, host), target)


def _unpacked(piece: bytes, unpacker: Any, headers: Headers) -> tuple[bytes, bytes]:
    """A piece of the file, and the rest of the answer's piece that is still to be unpacked."""
    if unpacker is None:
        return piece, b""
    try:
        return unpacker.decompress(piece, 16 * _PIECE), unpacker.unconsumed_tail
    except zlib.error:
        raise Unreadable("the answer says that it is gzip, and is not", 200, headers) from None
