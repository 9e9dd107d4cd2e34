"""Ids and made-up numbers. Whoever makes a state may hand in dice of its own, so that a run can be repeated."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Chance:
    """Throws the dice: those of the operating system, unless others are handed in."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.SystemRandom()

    def hexadecimal(self, length: int) -> str:
        """Give so many hexadecimal digits."""
        return f"{self._dice.getrandbits(4 * length):0{length}x}"

    def digits(self, length: int) -> str:
        """Give so many decimal digits."""
        return "".join(self._dice.choices("0123456789", k=length))

    def uuid(self) -> str:
        """Give a random UUID."""
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def object_id(self, moment: datetime) -> str:
        """Make an id as MongoDB does: four bytes of time, eight of chance, in 24 hexadecimal digits."""
        return f"{int(moment.timestamp()) & 0xFFFFFFFF:08x}{self.hexadecimal(16)}"
