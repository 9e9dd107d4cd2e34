"""The declaration of ServerError, the body of a 5xx answer."""

from __future__ import annotations

from xendit.model import Model, absent


class ServerError(Model, received=True):
    """The body of a 500 answer: the fault is at Xendit.

    After a create it is not known whether the invoice exists: look with `get_invoices(external_id=…)`.
    """

    message: str
    """What is wrong, in words, for developers."""
    error_code: str = absent
    """`SERVER_ERROR`, or a code that Xendit added later."""
