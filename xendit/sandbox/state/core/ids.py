"""Ids in the shapes that the API was seen to use, made of what a source gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.source import Source


def object_id(moment: datetime, source: Source) -> str:
    """Make an id as MongoDB does: four bytes of time, eight of chance, in 24 hexadecimal digits."""
    return f"{int(moment.timestamp()) & 0xFFFFFFFF:08x}{source.hexadecimal(8)}"


def digits(count: int, source: Source) -> str:
    """Make so many decimal digits."""
    return "".join(source.choice("0123456789") for _ in range(count))
