"""The operations of the Balance and Transaction APIs as data (contract: the official SDK 7.0.0)."""

from __future__ import annotations

from xendit.operation import Listing, Operation, Parameter

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.messages import Arguments

_MODELS = "xendit.balance_and_transaction.model"
_ERRORS = {400: "ValidationError", 401: "ServerError", 403: "ServerError", 500: "ServerError"}
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")


def _echo_id(arguments: Arguments, transaction: Any) -> str | None:
    found = transaction.get("id") if hasattr(transaction, "get") else None
    if found == arguments["id"]:
        return None
    return "it is not the transaction that was asked for: its id is another one"


GET_BALANCE = Operation(
    "get_balance",
    "GET",
    "/balance",
    (
        Parameter("account_type", "query", "AccountType"),
        Parameter("currency", "query", "Currency"),
        Parameter("at_timestamp", "query", "datetime"),
        _FOR_USER_ID,
    ),
    returns="Balance",
    errors=_ERRORS,
    models=_MODELS,
    noun="balance",
    repeatable=True,
)

GET_TRANSACTION_BY_ID = Operation(
    "get_transaction_by_id",
    "GET",
    "/transactions/{id}",
    (Parameter("id", "path", "str", required=True), _FOR_USER_ID),
    returns="TransactionResponse",
    errors={**_ERRORS, 404: "ServerError"},
    models=_MODELS,
    noun="transaction",
    repeatable=True,
    echo=_echo_id,
)

GET_ALL_TRANSACTIONS = Operation(
    "get_all_transactions",
    "GET",
    "/transactions",
    (
        _FOR_USER_ID,
        Parameter("types", "query", "list[TransactionTypes]"),
        Parameter("statuses", "query", "list[TransactionStatuses]"),
        Parameter("channel_categories", "query", "list[ChannelsCategories]"),
        Parameter("reference_id", "query", "str"),
        Parameter("product_id", "query", "str"),
        Parameter("account_identifier", "query", "str"),
        Parameter("amount", "query", "Amount"),
        Parameter("currency", "query", "Currency"),
        Parameter("created", "query", "DateRangeFilter"),
        Parameter("updated", "query", "DateRangeFilter"),
        Parameter("limit", "query", "int", least=1),
        # This API refuses parameters that it does not know, so each cursor is sent under one name only.
        Parameter("after_id", "query", "str"),
        Parameter("before_id", "query", "str"),
    ),
    returns="TransactionsResponse",
    errors=_ERRORS,
    models=_MODELS,
    noun="transaction",
    repeatable=True,
    listing=Listing(largest=50),
)

OPERATIONS = (GET_BALANCE, GET_TRANSACTION_BY_ID, GET_ALL_TRANSACTIONS)
