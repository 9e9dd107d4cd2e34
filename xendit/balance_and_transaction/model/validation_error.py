"""The declaration of ValidationError, the body of a 400 of the Balance and Transaction APIs."""

from __future__ import annotations

from xendit.model import Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any


class ValidationError(Model, received=True):
    """The body of a 400. `error.errors` has the fields at fault, in whatever shape they came."""

    status_code: One[float, Decimal] = absent
    """The HTTP status."""
    error: str = absent
    """A code for programs; the same as `error_code`, where that is there."""
    message: str = absent
    """What went wrong, for people."""
    validation: dict[str, Any] | None = None
    """Under `errors`, a list of `{path, message}`."""
    error_code: str | None = None
    """A code for programs, such as `API_VALIDATION_ERROR`."""
