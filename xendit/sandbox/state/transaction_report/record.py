"""The record of a report: all that the sandbox knows of it. A record never changes: another one replaces it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.times import format_time, recorded_time

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

_TIMES = ("created", "updated", "begin", "end")


@dataclass(frozen=True, kw_only=True)
class ReportRecord:
    """A report at one moment."""

    id: str
    account: Account
    created: datetime
    updated: datetime
    status: str
    type: str
    begin: datetime
    """The first moment of its span of time."""
    end: datetime
    """The last one."""
    format: str = "CSV"
    currency: str | None = None
    report_version: str | None = None
    secret: str = field(default="", repr=False)
    """A secret in its link: whoever has the link may read the file."""
    base_url: str = ""
    """Where the sandbox was when the report was asked for, for the link in its webhook."""
    content: str | None = field(default=None, repr=False)
    """The file, once it is written."""


def write_report(record: ReportRecord) -> JsonObject:
    """Give all of a report as JSON values."""
    return {**asdict(record), **{name: format_time(getattr(record, name)) for name in _TIMES}}


def read_report(values: JsonMapping) -> ReportRecord:
    """Make the report of what `write_report` gave. Raises ValueError when it is none."""
    try:
        known = {one.name: values[one.name] for one in fields(ReportRecord) if one.name in values}
        times = {name: recorded_time(known[name]) for name in _TIMES}
        return ReportRecord(**{**known, "account": Account(**known["account"]), **times})
    except (KeyError, TypeError) as problem:
        raise ValueError(f"this is no record of a report: {type(problem).__name__} at {problem}") from None
