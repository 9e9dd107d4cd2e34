"""The declaration of RefundFailureCode, why a refund failed."""

from __future__ import annotations

from xendit.model import OpenEnum


class RefundFailureCode(OpenEnum):
    """Why a refund failed, as Xendit's documentation lists it."""

    ACCOUNT_ACCESS_BLOCKED = "ACCOUNT_ACCESS_BLOCKED"
    """The payer's account is blocked."""
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    """The payer's account does not exist any more."""
    DUPLICATE_ERROR = "DUPLICATE_ERROR"
    """It was refunded before."""
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    """Your balance does not cover it."""
    REFUND_FAILED = "REFUND_FAILED"
    """The channel refused it."""
