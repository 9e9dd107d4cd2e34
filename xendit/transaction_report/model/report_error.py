"""The declaration of ReportError, the body of an error of the Report API."""

from __future__ import annotations

from xendit.model import Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any


class ReportError(Model, received=True):
    """The body of an error. `error.errors` has the fields at fault, in whatever shape they came."""

    error_code: str | None = None
    """A code for programs, such as `API_VALIDATION_ERROR`."""
    message: str | None = None
    """What went wrong, for people."""
    error: str | None = None
    """The same as `error_code`, in some answers."""
    status_code: One[float, Decimal] = absent
    """The HTTP status, in some answers."""
    validation: dict[str, Any] | None = None
    """Under `errors`, a list of `{path, message}`, in some answers."""
