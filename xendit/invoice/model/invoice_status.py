"""The declaration of InvoiceStatus, where an invoice is in its life."""

from __future__ import annotations

from xendit.model import OpenEnum


class InvoiceStatus(OpenEnum):
    """Where an invoice is in its life: PENDING, then PAID and SETTLED, or EXPIRED.

    There is no status for a failed attempt (the invoice stays PENDING) and none for a refund. Treat PAID and
    SETTLED alike, as `Invoice.is_paid` does: which of the two is read depends on when one looks.
    """

    PENDING = "PENDING"
    """Waiting for the payer."""
    PAID = "PAID"
    """Paid. The webhook tells this status."""
    SETTLED = "SETTLED"
    """Paid, and the money is settled. Not every payment gets here, and no webhook announces it."""
    EXPIRED = "EXPIRED"
    """Not paid in time, or expired by `expire_invoice`. It cannot be revived, yet a payment made in the last
    moment may still arrive."""
