"""The declaration of FeeStatus, whether a fee was taken."""

from __future__ import annotations

from xendit.model import OpenEnum


class FeeStatus(OpenEnum):
    """Whether a fee was taken. The official SDK has the values and no class for them."""

    PENDING = "PENDING"
    """Not yet."""
    COMPLETED = "COMPLETED"
    """It was taken."""
    CANCELED = "CANCELED"
    """It will not be taken."""
    REVERSED = "REVERSED"
    """It was taken, and given back."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """There is none."""
