"""The declaration of ForbiddenError, the body of a 403 answer."""

from __future__ import annotations

from xendit.model import Model, absent


class ForbiddenError(Model, received=True):
    """The body of a 403 answer: the API key is valid but may not do this."""

    message: str
    """What is wrong, in words, for developers."""
    error_code: str = absent
    """`REQUEST_FORBIDDEN_ERROR` when the key lacks the permission, `ACCESS_SUSPENDED` when the account is
    suspended, or a code that Xendit added later."""
