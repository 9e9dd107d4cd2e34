"""The declaration of RefundReason, why money is given back."""

from __future__ import annotations

from xendit.model import OpenEnum


class RefundReason(OpenEnum):
    """Why money is given back. The official SDK has the values and no class for them."""

    FRAUDULENT = "FRAUDULENT"
    """The payment was not the payer's own."""
    DUPLICATE = "DUPLICATE"
    """It was paid twice."""
    REQUESTED_BY_CUSTOMER = "REQUESTED_BY_CUSTOMER"
    """The payer asked for it."""
    CANCELLATION = "CANCELLATION"
    """The order was cancelled."""
    OTHERS = "OTHERS"
    """Another reason."""
