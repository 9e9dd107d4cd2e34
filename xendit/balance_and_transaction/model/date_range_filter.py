"""The declaration of DateRangeFilter, a span of time in the query of a list."""

from __future__ import annotations

from xendit.model import Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime


class DateRangeFilter(Model):
    """A span of time, both ends included. A dict with one or both of its keys does as well."""

    gte: One[datetime, str] = absent
    """The earliest moment; goes out as `created[gte]` in whole milliseconds. Without one the span has no beginning."""
    lte: One[datetime, str] = absent
    """The latest moment; goes out as `created[lte]`. Without one the span has no end."""
