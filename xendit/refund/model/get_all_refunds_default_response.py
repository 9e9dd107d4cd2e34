"""The declaration of GetAllRefundsDefaultResponse, the body of any other error of the Refund API."""

from __future__ import annotations

from xendit.model import Model


class GetAllRefundsDefaultResponse(Model, received=True):
    """The body of an error of the Refund API."""

    error_code: str | None = None
    """A code for programs, such as `DATA_NOT_FOUND`. An open list."""
    message: str | None = None
    """What went wrong, for people."""
