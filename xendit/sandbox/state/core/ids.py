"""Ids in the shapes that the API was seen to use, made of what a source gives."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.source import Source


def object_id(moment: datetime, source: Source) -> str:
    """Make an id as MongoDB does: four bytes of time, eight of chance, in 24 hexadecimal digits."""
    return f"{int(moment.timestamp()) & 0xFFFFFFFF:08x}{source.hexadecimal(8)}"


def uuid_of(text: str) -> str:
    """Make the UUID that belongs to a text: it is the same each time, and has the form of a random one."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    variant = "89ab"[int(digest[16], 16) % 4]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def digits(count: int, source: Source) -> str:
    """Make so many decimal digits."""
    return "".join(source.choice("0123456789") for _ in range(count))
