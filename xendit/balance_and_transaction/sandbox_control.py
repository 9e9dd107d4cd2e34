"""The part of the control plane that is about money: list and show transactions, make one, give the balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.control import read_object, recent_page, text_of
from xendit.sandbox.state.balance_and_transaction.bodies import transaction_body

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
    from xendit.sandbox.web import Request

#: Method, path, the method of `TransactionControl` that answers, and what it does.
TRANSACTION_CONTROL: list[tuple[str, str, str, str]] = [
    ("GET", "/_sandbox/transactions", "control_transactions", "Transactions of all accounts, newest first"),
    ("GET", "/_sandbox/transactions/<transaction_id>", "control_transaction", "One transaction"),
    ("POST", "/_sandbox/transactions", "control_move", "Move money that follows from nothing else"),
    ("GET", "/_sandbox/balances", "control_balances", "The balances of all accounts"),
]


class TransactionControl:
    """The handlers, in the manner of `xendit.sandbox.control.Control`."""

    routes = tuple(row[:3] for row in TRANSACTION_CONTROL)

    def __init__(self, transactions: TransactionBook, stage: Stage) -> None:
        self._transactions = transactions
        self._stage = stage

    def control_transactions(self, request: Request) -> object:
        """List transactions. `find` is a part of an id or reference, `before` the id of the transaction to go on after."""
        found, before = recent_page(request, self._transactions.recent)
        return {"transactions": [transaction_body(one) for one in found], "before": before}

    def control_transaction(self, _request: Request, transaction_id: str) -> object:
        """Give one transaction."""
        return transaction_body(self._transactions.find(transaction_id))

    def control_move(self, request: Request) -> object:
        """Make a transaction of a `type`, such as CHARGEBACK, with an `amount` and a `cashflow`.

        `invoice_id` names the paid invoice that it belongs to; else it is of the account of the sandbox's own key, with
        `currency` and `reference_id`.
        """
        body = read_object(request)
        for name in ("type", "cashflow", "invoice_id", "currency", "reference_id"):
            text_of(body, name)
        account = self._transactions.shared.account(self._stage.api_key)
        return transaction_body(self._transactions.move(account, body))

    def control_balances(self, _request: Request) -> object:
        """Give what every account holds, by currency and type."""
        held = self._transactions.all_balances()
        return {"balances": [{"business_id": account, "balances": balances} for account, balances in held.items()]}
