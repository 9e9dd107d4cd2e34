"""The declaration of FeeResponse, what Xendit keeps of a transaction."""

from __future__ import annotations

from xendit.model import Amount, Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal

    from xendit.balance_and_transaction.model.fee_status import FeeStatus


class FeeResponse(Model, received=True):
    """What Xendit keeps of a transaction, in the transaction's currency. What is left is `net_amount`."""

    xendit_fee: Amount = absent
    """Xendit's fee, without tax."""
    value_added_tax: Amount = absent
    """Value added tax on the fee."""
    xendit_withholding_tax: One[float, Decimal] = absent
    """Tax that Xendit withholds and pays for you."""
    third_party_withholding_tax: One[float, Decimal] = absent
    """Tax that a third party withholds."""
    status: One[FeeStatus, str] = absent
    """Whether the fee was taken."""
