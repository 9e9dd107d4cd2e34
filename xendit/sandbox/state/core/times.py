"""Times and durations. ISO 8601 is read with a pattern, for `datetime.fromisoformat` of Python 3.10 reads no `Z`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from xendit.sandbox.state.core.given import must_be, shown

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:(Z|z)|([+-])(\d{2}):?(\d{2}))?)?",
    re.ASCII,
)


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,6})?(?:ms|s|m|h|d|w))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", re.ASCII)
#: The longest step of the clock: beyond it lies the end of `datetime`.
LONGEST = timedelta(days=36_500)


def read_duration(given: object) -> timedelta:
    """Read a duration: a timedelta, seconds as a number, or a text such as `25h`, `1d12h`, `90s`, `250ms`.

    Raises ValueError for anything else, and for one that is negative or longer than a hundred years.
    """
    read = given
    if isinstance(read, str) and _DURATION.fullmatch(read):
        read = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(read))
    if isinstance(read, (int, float)) and not isinstance(read, bool) and 0 <= read <= LONGEST.total_seconds():
        read = timedelta(seconds=read)
    if not isinstance(read, timedelta) or not timedelta(0) <= read <= LONGEST:
        wanted = "a text such as 25h, 1d12h, 90s or 250ms, a number of seconds or a timedelta, up to a hundred years"
        raise ValueError(must_be("a duration", wanted, given, number=True))
    return read


def parse_time(text: str) -> datetime | None:
    """Read a moment; None when the text is none. Without an offset it is UTC, without a time midnight."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _zulu, sign, off_hours, off_minutes = match.groups()
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "").ljust(6, "0")[:6]),
            tzinfo=timezone.utc,
        )
        offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
        return moment + offset if sign == "-" else moment - offset
    except (ValueError, OverflowError):
        return None


def recorded_time(text: str) -> datetime:
    """Read a moment that a record in a file holds. Raises ValueError."""
    moment = parse_time(text)
    if moment is None:
        raise ValueError(f"this is no moment: {shown(text)}")
    return moment


def format_time(moment: datetime) -> str:
    """Write a moment in UTC with milliseconds: `2024-11-28T06:40:26.508Z`."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def to_milliseconds(moment: datetime) -> datetime:
    """Cut a moment to milliseconds, which is what the API shows: so a time that a client read back compares equal."""
    moment = moment.astimezone(timezone.utc)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
