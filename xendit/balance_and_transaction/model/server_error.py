"""The declaration of ServerError, the body of an error of the Balance and Transaction APIs."""

from __future__ import annotations

from xendit.model import Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal


class ServerError(Model, received=True):
    """The body of an error. Answers differ: some have `error_code` and `message` alone."""

    status_code: One[float, Decimal] = absent
    """The HTTP status."""
    error: str = absent
    """A code for programs; the same as `error_code`, where that is there."""
    message: str = absent
    """What went wrong, for people."""
    error_code: str | None = None
    """A code for programs, such as `REQUEST_FORBIDDEN_ERROR`."""
