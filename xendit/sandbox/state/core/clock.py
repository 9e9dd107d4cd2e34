"""The sandbox's clock: the time of this machine, until it is frozen, set, moved forward or made faster.

The clock only tells the time. When it is moved, `xendit.sandbox.local` does what has fallen due.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.checks import is_number
from xendit.sandbox.state.core.given import must_be
from xendit.sandbox.state.core.times import format_time, parse_time
from xendit.source import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

#: How many times faster than real time the clock may run.
FASTEST = 1_000_000.0
_EPOCH = datetime(1971, 1, 1, tzinfo=timezone.utc)
_END = datetime(9000, 1, 1, tzinfo=timezone.utc)


class Clock:
    """A clock. Calling it gives the time, aware and in UTC. Every method may be called from any thread.

    `base` is the clock that it follows; the time of this machine when None.
    """

    def __init__(self, base: Callable[[], datetime] | None = None) -> None:
        self._base = base or SYSTEM.now
        self._lock = threading.Lock()
        self.reset()

    def __call__(self) -> datetime:
        """Give the time. Raises ValueError when the clock that it follows gives a naive time."""
        with self._lock:
            return self._now()

    def reset(self) -> None:
        """Follow the base again, as at first."""
        with self._lock:
            self._frozen: datetime | None = None
            self._speed = 1.0
            self._since: datetime | None = None  # the moment of the base clock at which this clock showed `_from`
            self._from: datetime | None = None

    @property
    def frozen(self) -> bool:
        """Whether it is stopped."""
        return self._frozen is not None

    @property
    def speed(self) -> float:
        """How many seconds pass on it in one real second; 1 unless told otherwise."""
        return self._speed

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stop it, at once or at a moment, and give the time."""
        with self._lock:
            self._frozen = self._now() if at is None else checked(at)
            return self._frozen

    def resume(self) -> datetime:
        """Let it run on from where it stands, and give the time."""
        with self._lock:
            now = self._now()
            self._frozen = None
            self._anchor(now)
            return now

    def set(self, moment: datetime) -> datetime:
        """Set it. It stays stopped or running, as it was."""
        with self._lock:
            moment = checked(moment)
            if self._frozen is not None:
                self._frozen = moment
            else:
                self._anchor(moment)
            return moment

    def run(self, speed: float) -> None:
        """Make it run `speed` times as fast as real time, from now on. Raises ValueError."""
        if not is_number(speed) or not 0 < speed <= FASTEST:
            raise ValueError(must_be("the speed", f"a number above 0 and at most {FASTEST:.0f}", speed, number=True))
        with self._lock:
            now = self._now()
            self._speed = float(speed)
            if self._frozen is None:
                self._anchor(now)

    def json(self) -> JsonObject:
        """Say how it stands, as the control plane shows it."""
        return {"now": format_time(self()), "frozen": self.frozen, "speed": self.speed}

    # -- what files keep

    def dump(self) -> JsonObject:
        """Give what `load` needs: the moment at which it is stopped, how far it is ahead of the base, its speed."""
        with self._lock:
            ahead = 0.0 if self._from is None else (self._now() - self._read_base()).total_seconds()
            return {
                "frozen": None if self._frozen is None else format_time(self._frozen),
                "ahead": ahead,
                "speed": self._speed,
            }

    def load(self, kept: JsonMapping) -> None:
        """Restore what `dump` gave."""
        with self._lock:
            self._speed = float(kept["speed"])
            self._frozen = parse_time(kept["frozen"]) if kept["frozen"] else None
            if kept["ahead"] or self._speed != 1.0:
                self._anchor(self._read_base() + timedelta(seconds=kept["ahead"]))

    # -- inside the lock

    def _anchor(self, moment: datetime) -> None:
        self._since, self._from = self._read_base(), moment

    def _now(self) -> datetime:
        if self._frozen is not None:
            return self._frozen
        base = self._read_base()
        if self._since is None or self._from is None:
            return base
        return self._from + (base - self._since) * self._speed

    def _read_base(self) -> datetime:
        moment = self._base()
        if moment.tzinfo is None:
            raise ValueError("now() must give an aware datetime, such as datetime.now(timezone.utc)")
        return moment.astimezone(timezone.utc)


def checked(given: object) -> datetime:
    """Take a moment: an aware datetime, or an ISO 8601 text. Raises ValueError."""
    moment = parse_time(given) if isinstance(given, str) else given
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(must_be("a moment", "an aware datetime or a text such as 2026-01-31T09:00:00Z", given))
    if not _EPOCH <= moment <= _END:
        raise ValueError(must_be("a moment", "from 1971 to 9000", given))
    return moment.astimezone(timezone.utc)
