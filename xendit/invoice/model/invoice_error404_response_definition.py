"""The declaration of InvoiceError404ResponseDefinition, the body of a 404 answer to an invoice id."""

from __future__ import annotations

from xendit.model import Model, absent


class InvoiceError404ResponseDefinition(Model, received=True):
    """The body of a 404 answer to `get_invoice_by_id` or `expire_invoice`: no such invoice.

    Expiring an invoice that is no longer PENDING is, as far as is known, answered likewise: read the
    invoice to tell which it was.
    """

    message: str
    """What is wrong, in words, for developers; it names the id."""
    error_code: str = absent
    """`INVOICE_NOT_FOUND_ERROR`, or a code that Xendit added later."""
