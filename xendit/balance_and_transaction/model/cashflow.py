"""The declaration of Cashflow, in which direction money moved."""

from __future__ import annotations

from xendit.model import OpenEnum


class Cashflow(OpenEnum):
    """In which direction money moved, seen from your balance. The official SDK has the values and no class for them."""

    MONEY_IN = "MONEY_IN"
    """Into your balance."""
    MONEY_OUT = "MONEY_OUT"
    """Out of it."""
