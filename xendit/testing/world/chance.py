"""Stream: numbers that look random but follow from a seed alone, the same on every Python and in every process.

A world draws all its random numbers from streams, one for each actor. So what happens to one actor does not depend on
how often another actor has drawn, and when a fault is taken out of a world, the other actors draw the same numbers as
before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_MASK = (1 << 64) - 1
_UNIT = 2.0**-53


def _mixed(number: int) -> int:
    """Spread a number over 64 bits: neighbours come to lie far apart (the finalizer of SplitMix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


class Stream:
    """A stream of numbers: a linear congruential generator of 64 bits (Knuth's MMIX), of which the upper bits are given.

    `random` is not used, because it may give other numbers for a seed in the next version of Python.

    Args:
        seed: of the world.
        name: whose stream it is; each name has a stream of its own.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int, name: str = "") -> None:
        self._state = _mixed(_mixed(seed & _MASK) ^ crc32(name.encode("ascii")))

    def chance(self) -> float:
        """A number from 0 up to but not including 1."""
        self._state = state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (state >> 11) * _UNIT

    def between(self, least: float, most: float) -> float:
        """A number between the two."""
        return least + (most - least) * self.chance()

    def below(self, count: int) -> int:
        """An integer from 0 up to but not including `count`."""
        return int(self.chance() * count)

    def choice(self, several: Sequence[T]) -> T:
        """One of several."""
        return several[int(self.chance() * len(several))]

    def entropy(self, count: int) -> bytes:
        """So many bytes: what a `Source` draws ids from."""
        state, made = self._state, 0
        for _ in range((count + 3) // 4):
            state = (state * 6364136223846793005 + 1442695040888963407) & _MASK
            made = made << 32 | state >> 32
        self._state = state
        return made.to_bytes((count + 3) // 4 * 4, "big")[:count]

    def __repr__(self) -> str:
        return "<Stream>"
