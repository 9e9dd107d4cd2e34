"""The declaration of CreateRefund409Response, the body of a 409 of `create_refund`."""

from __future__ import annotations

from xendit.model import Model


class CreateRefund409Response(Model, received=True):
    """The body of a 409: there is such a refund already."""

    error_code: str | None = None
    """In the official SDK: DUPLICATE_ERROR, IDEMPOTENCY_ERROR. An open list."""
    message: str | None = None
    """What went wrong, for people."""
