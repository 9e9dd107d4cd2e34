"""The declaration of AlternativeDisplayItem, another way to show where to transfer to."""

from __future__ import annotations

from xendit.model import Model, field


class AlternativeDisplayItem(Model, received=True):
    """Another way to show the payer where to transfer to, one of `Bank.alternative_displays`."""

    type: str | None = None
    """Kind of the display."""
    value: str | None = field(default=None, personal=True)
    """What to show."""
