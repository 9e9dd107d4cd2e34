"""The declaration of AccountType, which part of a balance is asked for."""

from __future__ import annotations

from xendit.model import OpenEnum


class AccountType(OpenEnum):
    """Which part of a balance is asked for. The official SDK has the values and no class for them."""

    CASH = "CASH"
    """What can be withdrawn, paid out and refunded from."""
    HOLDING = "HOLDING"
    """What payers have paid and Xendit has not settled yet."""
    TAX = "TAX"
    """What is kept for taxes. Xendit's page of November 2025 does not list it any more."""
