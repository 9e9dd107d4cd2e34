"""The declaration of CreateRefund400Response, the body of a 400 of `create_refund`."""

from __future__ import annotations

from xendit.model import Model


class CreateRefund400Response(Model, received=True):
    """The body of a 400: the refund was refused."""

    error_code: str | None = None
    """In the official SDK: API_VALIDATION_ERROR, INELIGIBLE_TRANSACTION, INSUFFICIENT_BALANCE,
    MAXIMUM_REFUND_AMOUNT_REACHED, PARTIAL_REFUND_NOT_SUPPORTED, REFUND_NOT_SUPPORTED, TRANSACTION_NOT_FOUND,
    REFUND_IN_PROGRESS. In Xendit's documentation of 2026 also: INVALID_VALUE_ERROR, REFUND_AMOUNT_EXCEEDED,
    TEMPORARILY_UNAVAILABLE, INELIGIBLE_TRANSACTION_STATUS, PARTIAL_REFUND_COUNTS_EXCEEDED. An open list."""
    message: str | None = None
    """What went wrong, for people."""
