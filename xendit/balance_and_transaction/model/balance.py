"""The declaration of Balance, what `get_balance` answers."""

from __future__ import annotations

from xendit.model import Amount, Model, field


class Balance(Model, received=True):
    """What one account of the business holds."""

    balance: Amount = field(strict=True)
    """What the account holds, in major units of the currency that was asked for. `answer.decimal("balance")` gives it exactly."""
