"""The declaration of TransactionStatuses, where a transaction is in its life."""

from __future__ import annotations

from xendit.model import OpenEnum


class TransactionStatuses(OpenEnum):
    """Where a transaction is in its life. Whether its money can be used is its `settlement_status`."""

    SUCCESS = "SUCCESS"
    """The money moved."""
    PENDING = "PENDING"
    """It is on its way."""
    FAILED = "FAILED"
    """It did not move."""
    REVERSED = "REVERSED"
    """It moved, and was given back."""
    VOIDED = "VOIDED"
    """It was cancelled before it was settled."""
