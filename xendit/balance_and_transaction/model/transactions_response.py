"""The declaration of TransactionsResponse, one page of transactions."""

from __future__ import annotations

from xendit.model import Model, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.balance_and_transaction.model.link_item import LinkItem
    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse


class TransactionsResponse(Model, received=True):
    """One page of transactions. `iter_transactions` goes through all of them."""

    has_more: bool = absent
    """Whether there is another page."""
    data: list[TransactionResponse] = absent
    """The transactions, newest first."""
    links: list[LinkItem] | None = None
    """Where the next page is, as addresses; real answers mostly have an empty list."""
