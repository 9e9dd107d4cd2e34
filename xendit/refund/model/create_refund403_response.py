"""The declaration of CreateRefund403Response, the body of a 403 of `create_refund`."""

from __future__ import annotations

from xendit.model import Model


class CreateRefund403Response(Model, received=True):
    """The body of a 403: the key or the account may not do this."""

    error_code: str | None = None
    """In the official SDK: UNAUTHORIZED. In Xendit's documentation of 2026 also: SKIP_3DS_FORBIDDEN,
    INVALID_MERCHANT_SETTINGS, REFUND_NOT_SUPPORTED, PARTIAL_REFUND_NOT_SUPPORTED. An open list."""
    message: str | None = None
    """What went wrong, for people."""
