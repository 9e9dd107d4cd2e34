"""Balances and transactions in the sandbox: the routes of the API, each over the rules of `xendit.sandbox.state`.

This module does not use our models. Its rules are those of the API, so if the two disagree, a test can see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.balance_and_transaction.bodies import transaction_body
from xendit.sandbox.state.balance_and_transaction.book import TransactionBook, page_of
from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonObject


def balance(transactions: TransactionBook, call: OperationCall) -> JsonObject:
    """Give a balance."""
    return {"balance": transactions.balance(call.account, call.query)}


def get(transactions: TransactionBook, call: OperationCall) -> JsonObject:
    """Give one transaction."""
    return transaction_body(transactions.get(call.account, call.values["transaction_id"]))


def list_some(transactions: TransactionBook, call: OperationCall) -> JsonObject:
    """List the transactions that the query selects."""
    found, more = transactions.list(call.account, call.query)
    return page_of(tuple(map(transaction_body, found)), more=more)


def narrow(document: JsonObject, assumptions: Assumptions) -> None:  # noqa: ARG001 - the same for every account
    """Narrow the OpenAPI document of the API to what is accepted: a range has only its two keys."""
    document["components"]["schemas"]["DateRangeFilter"]["additionalProperties"] = False


RULES = ProductRules(
    kind=TransactionBook.kind,
    book=TransactionBook,
    routes=(
        Route("balance", "GET", "/balance", balance),
        Route("get", "GET", "/transactions/<transaction_id>", get),
        Route("list", "GET", "/transactions", list_some),
    ),
    describe=narrow,
)
