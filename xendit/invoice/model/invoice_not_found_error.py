"""The declaration of InvoiceNotFoundError, the body of a 404 answer to a create."""

from __future__ import annotations

from xendit.model import Model


class InvoiceNotFoundError(Model, received=True):
    """The body of a 404 answer to `create_invoice`: something that the request names does not exist."""

    error_code: str
    """What is missing: `CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR`, `UNIQUE_ACCOUNT_NUMBER_UNAVAILABLE_ERROR`,
    `PAYMENT_CODE_NOT_AVAILABLE_ERROR` (`AVAILABLE_PAYMENT_CODE_NOT_FOUND_ERROR` in Xendit's documentation),
    or a code that Xendit added later."""
    message: str
    """The same in words, for developers."""
