"""The declaration of UnauthorizedError, the body of a 401 answer."""

from __future__ import annotations

from xendit.model import Model, absent


class UnauthorizedError(Model, received=True):
    """The body of a 401 answer: the API key is missing, wrong, revoked or a public one."""

    message: str
    """What is wrong, in words, for developers."""
    error_code: str = absent
    """`INVALID_API_KEY`, or a code that Xendit added later."""
