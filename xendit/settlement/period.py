"""Period: a span of time by the calendar of a stated time zone. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.words import type_name

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?", re.ASCII)


class Period(NamedTuple):
    """From `begin` on, until `end` is reached; both in UTC. `zone` is the time zone whose days it is made of."""

    begin: datetime
    end: datetime
    zone: str
    name: str
    """As it was given: `2026-01`."""

    @classmethod
    def of(cls, text: str, zone: str) -> Period:
        """The period of a text: a month `2026-01`, a day `2026-01-31`, or days `2026-01-01..2026-01-15`, both included.

        Args:
            text: see above.
            zone: the name of a time zone, such as `Asia/Jakarta` or `UTC`.

        Raises:
            ApiTypeError, ApiValueError: it is no such text, or there is no such time zone.
        """
        for name, given in (("period", text), ("zone", zone)):
            if not _is_text(given):
                raise ApiTypeError(f"{name} must be a text, {type_name(given)} was given", (name,))
        place = zone_of(zone)
        try:
            first, last = _days_of(text)
            after = last + timedelta(days=1)
        except (ValueError, OverflowError):
            problem = f"{text!r} is no period: a month 2026-01, a day 2026-01-31, or days 2026-01-01..2026-01-15"
            raise ApiValueError(problem, ("period",)) from None
        if last < first:
            raise ApiValueError(f"the period {text!r} ends before it begins", ("period",))
        begin, end = (
            datetime(each.year, each.month, each.day, tzinfo=place).astimezone(timezone.utc) for each in (first, after)
        )
        return cls(begin, end, zone, text)

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in it."""
        return self.begin <= moment < self.end

    def local(self, moment: datetime) -> datetime:
        """A moment by the clock of its time zone."""
        return moment.astimezone(zone_of(self.zone))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _days_of(text: str) -> tuple[date, date]:
    """The first and the last day of a period. Raises ValueError."""
    month, days = _MONTH.fullmatch(text), _DAYS.fullmatch(text)
    if month is not None:
        first = date(int(month[1]), int(month[2]), 1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if days is None:
        raise ValueError("no period")
    return date.fromisoformat(days[1]), date.fromisoformat(days[2] or days[1])


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises:
        ApiValueError: there is none, or this machine has no time zones.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = f"there is no time zone {name!r}; names are such as Asia/Jakarta, Asia/Manila or UTC"
        raise ApiValueError(f"{problem} (on Windows they need the package tzdata)", ("zone",)) from None
