"""The declaration of SettlementStatus, whether the money of a transaction can be used."""

from __future__ import annotations

from xendit.model import OpenEnum


class SettlementStatus(OpenEnum):
    """Whether the money of a transaction can be used. The official SDK knows the first two values, and has no class for them."""

    PENDING = "PENDING"
    """It is part of the HOLDING balance until `estimated_settlement_time`."""
    SETTLED = "SETTLED"
    """It is part of the CASH balance."""
    EARLY_SETTLED = "EARLY_SETTLED"
    """It is part of the CASH balance already, earlier than usual."""
