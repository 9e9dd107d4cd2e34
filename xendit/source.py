"""Source: where time, chance and ids come from. Nothing else in this package draws them.

Code that needs the time, a random number or a new id asks the Source that it was handed. So a program can run on a
clock of its own, a test can let hours pass at once, and a simulated world can be repeated exactly from its seed. Code
that is handed no Source uses `SYSTEM`, which asks the operating system.

Only two parts may ask the machine directly: the transports, because sockets know no other time, and the command line,
which is used by people.
"""

from __future__ import annotations

import os
import time

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["SYSTEM", "Source"]


async def _pause(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


@hinted
class Source:
    """Time, chance and ids. Everything comes from these five functions.

    Args:
        wall: seconds since 1970, as a calendar has them; it may jump.
        monotonic: seconds since some moment; it never goes back.
        entropy: gives so many random bytes; where a secret is made of them, nobody must be able to foresee them.
        wait: blocks the thread for so many seconds.
        pause: the same for a task of an event loop.
    """

    __slots__ = ("entropy", "monotonic", "pause", "wait", "wall")

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        entropy: Callable[[int], bytes] = os.urandom,
        wait: Callable[[float], object] = time.sleep,
        pause: Callable[[float], Awaitable[object]] = _pause,
    ) -> None:
        self.wall = wall
        self.monotonic = monotonic
        self.entropy = entropy
        self.wait = wait
        self.pause = pause

    def now(self) -> datetime:
        """The moment by the calendar, in UTC."""
        from datetime import datetime, timezone

        return datetime.fromtimestamp(self.wall(), timezone.utc)

    def chance(self) -> float:
        """A random multiple of 2**-53, from 0 up to but not including 1; all are equally likely."""
        return (int.from_bytes(self.entropy(7), "big") >> 3) * 2.0**-53

    def between(self, least: float, most: float) -> float:
        """A number between the two."""
        return least + (most - least) * self.chance()

    def choice(self, several: Sequence[T]) -> T:
        """One of several."""
        return several[int(self.chance() * len(several))]

    def hexadecimal(self, count: int) -> str:
        """An id of `count` random bytes, written with two digits each."""
        return self.entropy(count).hex()

    def uuid(self) -> str:
        """A random UUID (version 4) as text."""
        raw = bytearray(self.entropy(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def __repr__(self) -> str:
        return "<Source of the system>" if self is SYSTEM else "<Source>"


SYSTEM = Source()
"""The operating system's clock and randomness."""
