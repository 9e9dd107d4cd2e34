"""What is done with an answer that came compressed although `Accept-Encoding: identity` was sent.

Gateways and caches on the way do that, to their own error pages above all. gzip is read, within the limits that hold for
what is not compressed, so that no bomb unfolds. Any other encoding is named and refused.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from xendit.transport.common import BODY_LIMIT, ERROR_LIMIT, Unreadable, encoding_of, too_long

if TYPE_CHECKING:
    from xendit.headers import Headers

_GZIP = 16 + zlib.MAX_WBITS
"""Tells zlib that the data has gzip's header."""

_STEP = 256 * 1024
"""Bytes that are decompressed at once."""
_MEMBERS = 16
"""Parts that a gzip file may have: one of very many empty ones would take long to read."""


def unpacked(status: int, headers: Headers, body: bytes) -> bytes:
    """The body of an answer, decompressed if it came as gzip.

    Of an error it is the first `ERROR_LIMIT` bytes, and the body as it came where it cannot be decompressed: its status
    says what happened.

    Raises:
        Unreadable: a good answer that is no gzip, is not whole, or is longer than `BODY_LIMIT` when it is decompressed.
    """
    if encoding_of(headers) not in ("gzip", "x-gzip") or not body:
        return body
    good = 200 <= status < 300
    limit = BODY_LIMIT if good else ERROR_LIMIT
    try:
        text, whole = _inflated(body, limit)
    except zlib.error:
        if not good:
            return body
        text, whole = bytearray(), False
    if good and len(text) > limit:
        raise too_long(status, headers)
    if good and not whole:
        raise Unreadable("the answer says that it is gzip, and is not, or not whole", status, headers)
    del text[limit:]
    return bytes(text)


def _inflated(body: bytes, limit: int) -> tuple[bytearray, bool]:
    """What the members of a gzip file hold, until it is more than the limit, and whether it is whole."""
    text = bytearray()
    for _ in range(_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            piece = member.decompress(body, _STEP)
            text += piece
            body = member.unconsumed_tail
            if len(text) > limit or not (piece or body or member.eof):
                return text, False
        body = member.unused_data
        if not body:
            return text, True
    return text, False
