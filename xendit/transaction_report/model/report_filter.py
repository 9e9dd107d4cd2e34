"""The declaration of ReportFilter, the span of time of a report."""

from __future__ import annotations

from xendit.model import Given, Model, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime


class ReportFilter(Model):
    """The span of time of a report: less than 92 days."""

    from_: Given[datetime, datetime | str] = field(wire="from")
    """The earliest moment; `from` in JSON."""
    to: Given[datetime, datetime | str]
    """The latest moment."""
