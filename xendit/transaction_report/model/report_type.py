"""The declaration of ReportType, what a report lists."""

from __future__ import annotations

from xendit.model import OpenEnum


class ReportType(OpenEnum):
    """What a report lists. The official SDK has no reports."""

    BALANCE_HISTORY = "BALANCE_HISTORY"
    """Every change of the balance."""
    TRANSACTIONS = "TRANSACTIONS"
    """The transactions."""
    UPCOMING_TRANSACTIONS = "UPCOMING_TRANSACTIONS"
    """The transactions that are not settled yet."""
    DETAILED_TRANSACTIONS = "DETAILED_TRANSACTIONS"
    """The transactions with more columns."""
