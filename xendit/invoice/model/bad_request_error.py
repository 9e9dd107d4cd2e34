"""The declaration of BadRequestError, the body of a 400 answer."""

from __future__ import annotations

from xendit.model import Model, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any


class BadRequestError(Model, received=True):
    """The body of a 400 answer: the API refused the request, usually for a field of it."""

    error_code: str
    """What is wrong: `API_VALIDATION_ERROR` for most; `INVALID_JSON_FORMAT`, `MINIMAL_TRANSFER_AMOUNT_ERROR`,
    `MAXIMUM_TRANSFER_AMOUNT_ERROR`, `NO_COLLECTION_METHODS_ERROR`, `UNAVAILABLE_PAYMENT_METHOD_ERROR`,
    `EMAIL_FORMAT_ERROR`, `UNSUPPORTED_CURRENCY`, `MISMATCH_CURRENCY_ERROR`, `INVALID_REMINDER_TIME`, or a
    code that Xendit added later."""
    message: str
    """The same in words, for developers."""
    errors: Any = field(default=None, personal=True)
    """One entry for each field at fault, in one of several shapes. The official models lack it."""
