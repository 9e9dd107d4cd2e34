"""Why a request for a report is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.core.checks import Path, nullable, one_of, record, text
from xendit.sandbox.state.core.errors import ValidationRefusal
from xendit.sandbox.state.core.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox.state.core.errors import Problem
    from xendit.sandbox.state.core.jsontext import JsonMapping

TYPES = ("BALANCE_HISTORY", "TRANSACTIONS", "UPCOMING_TRANSACTIONS", "DETAILED_TRANSACTIONS")
VERSIONS = ("VERSION_0", "VERSION_1", "VERSION_2")
LONGEST = timedelta(days=92)


def _moment(path: Path, value: object) -> Iterator[Problem]:
    """Take a time with its date."""
    if not isinstance(value, str) or parse_time(value) is None:
        yield path, 'should match format "date-time"', "date.base"


_check = record(
    ("type", "filter", "format"),
    type=one_of(*TYPES),
    filter=record(("from", "to"), **{"from": _moment, "to": _moment}),
    format=one_of("CSV"),
    currency=nullable(text(least=3, most=3)),
    report_version=nullable(one_of(*VERSIONS)),
)


def read_request(body: Any) -> tuple[JsonMapping, datetime, datetime]:
    """Take a decoded JSON body without its nulls, and the ends of its span of time. Raises ValidationRefusal."""
    problems = [(".".join(map(str, path)), said) for path, said, _ in _check((), body)]
    if problems:
        raise ValidationRefusal(problems, "body")
    given = {name: value for name, value in body.items() if value is not None}
    begin, end = parse_time(given["filter"]["from"]), parse_time(given["filter"]["to"])
    assert begin is not None  # as was checked
    assert end is not None
    if end <= begin:
        raise ValidationRefusal([("filter.to", "should be after filter.from")], "body")
    if end - begin >= LONGEST:
        raise ValidationRefusal([("filter.to", f"should be less than {LONGEST.days} days after filter.from")], "body")
    return given, begin, end
