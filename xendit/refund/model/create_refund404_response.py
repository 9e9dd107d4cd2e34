"""The declaration of CreateRefund404Response, the body of a 404 of `create_refund`."""

from __future__ import annotations

from xendit.model import Model


class CreateRefund404Response(Model, received=True):
    """The body of a 404: what was to be refunded does not exist."""

    error_code: str | None = None
    """In the official SDK: DATA_NOT_FOUND. An open list."""
    message: str | None = None
    """What went wrong, for people."""
