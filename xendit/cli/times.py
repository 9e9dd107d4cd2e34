"""The time zone of a command: times are shown in it, and a time that is typed without an offset is read in it.

It is the local zone unless `--tz` names another. Times are written in the same way on every screen: in a sentence by
`display.moment`; in a column of a table without the offset, which is in the heading. In JSON, times stay as Xendit sent
them.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from xendit.cli.extra import click

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import Any

LOCAL = "local"
_PLACE = "xendit.zone"
#: What people call the zones of Xendit's countries, for which the database of zones has no name.
_SHORT = {
    "WIB": "Asia/Jakarta",
    "WITA": "Asia/Makassar",
    "WIT": "Asia/Jayapura",
    "PHT": "Asia/Manila",
    "MYT": "Asia/Kuala_Lumpur",
    "ICT": "Asia/Bangkok",
}
#: Formats of times in a column: to the minute, and to the second.
MINUTES, SECONDS = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"


def take_zone(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    """The callback of an option that names the zone of its command."""
    if given is not None:
        ctx.meta[_PLACE] = given, zone_named(given, ctx, param)
    return given


def zone_named(name: str, ctx: click.Context | None = None, param: click.Parameter | None = None) -> tzinfo | None:
    """The zone of a name; None for the local zone, whose name not every system can tell.

    Raises:
        click.BadParameter: there is no such zone; the text names the nearest.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    from xendit.words import nearest

    if name.lower() == LOCAL:
        return None
    if name.upper() in {"UTC", "Z"}:
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # on Windows the names come with the package tzdata
        short = _SHORT.get(name.upper())
        guess = nearest(short or name.replace(" ", "_"), [LOCAL, *available_timezones()])
        guess = guess or "; names are such as Asia/Jakarta, Asia/Manila or UTC"
        raise click.BadParameter(f"there is no time zone {name!r}{guess}", ctx, param) from None


def zone() -> tzinfo | None:
    """The zone of the command that runs; None for the local one."""
    return _kept()[1]


def zone_name() -> str | None:
    """The name that `--tz` gave; None where it was not given."""
    return _kept()[0]


def _kept() -> tuple[str | None, tzinfo | None]:
    context = click.get_current_context(silent=True)
    kept: tuple[str | None, tzinfo | None] = (None, None) if context is None else context.meta.get(_PLACE, (None, None))
    return kept


def read_moment(text: str) -> datetime | None:
    """A moment that was typed or sent, as an aware datetime; None when the text is no moment.

    A text without an offset, such as `2026-01-31`, means a moment in the command's zone.
    """
    from xendit.sandbox.state.core.times import parse_time

    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        return parse_time(text)
    if naive.tzinfo is not None:
        return parse_time(text) or naive
    place = zone()
    try:
        return naive.astimezone() if place is None else naive.replace(tzinfo=place)
    except (ValueError, OverflowError, OSError):
        return None


def sent_moment(value: Any) -> datetime | None:
    """A time of an answer, which is a datetime or ISO 8601 text with its offset; None for what is no time."""
    from xendit.sandbox.state.core.times import parse_time

    if isinstance(value, str):
        return parse_time(value)
    return value if isinstance(value, datetime) else None


def month_bounds(text: str) -> tuple[datetime, datetime] | None:
    """When a month such as `2026-10` begins in the command's zone, and when the next one does; None for no month."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    begin = read_moment(f"{year:04}-{month:02}-01")
    end = read_moment(f"{year + month // 12:04}-{month % 12 + 1:02}-01")
    return None if begin is None or end is None else (begin, end)
