"""The declaration of CreateRefund503Response, the body of a 503 of `create_refund`."""

from __future__ import annotations

from xendit.model import Model


class CreateRefund503Response(Model, received=True):
    """The body of a 503: the channel is not available."""

    error_code: str | None = None
    """In the official SDK: CHANNEL_UNAVAILABLE, OTP_DELIVERY_ERROR. An open list."""
    message: str | None = None
    """What went wrong, for people."""
