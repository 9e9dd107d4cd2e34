"""The books of a shop as finance reads them through the client: its transactions and its balances."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from xendit.balance_and_transaction.balance_api import BalanceApi
from xendit.balance_and_transaction.transaction_api import TransactionApi
from xendit.exceptions import XenditSdkException

if TYPE_CHECKING:
    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse
    from xendit.testing.world.shop import ShopProcess

_PAGE = 3
"""Transactions a page: so few that most lists have several."""


class Closing(NamedTuple):
    """What was read at one time."""

    read: tuple[TransactionResponse, ...]
    cash: Decimal
    holding: Decimal


def close_books(server: ShopProcess, currency: str) -> Closing | None:
    """Read the transactions and the balances; None where they cannot be read."""
    client = server.blocking()
    try:
        read = tuple(TransactionApi(client).iter_transactions(limit=_PAGE))
        cash, holding = (
            BalanceApi(client).get_balance(account_type=name, currency=currency).balance for name in ("CASH", "HOLDING")
        )
    except XenditSdkException as error:
        server.world.note(server.name, "cannot read the books", type(error).__name__)
        return None
    server.world.note(server.name, "reads the books", f"{len(read)} transactions, {cash} and {holding}")
    return Closing(read, exact(cash), exact(holding))


def exact(amount: object) -> Decimal:
    """An amount as its text has it."""
    return amount if isinstance(amount, Decimal) else Decimal(repr(amount))
