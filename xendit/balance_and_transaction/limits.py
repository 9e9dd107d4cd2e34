"""What the Balance and Transaction APIs check beyond the types of the models, for the OpenAPI document.

The client leaves these to the API. The sources are in docs/Fidelity.md.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False

_ID = "^txn_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
LIMITS: dict[str, dict[str, object]] = {
    "get_balance.currency": {"minLength": 1},
    "get_all_transactions.reference_id": {"minLength": 1},
    "get_all_transactions.product_id": {"minLength": 1},
    "get_all_transactions.account_identifier": {"minLength": 1},
    "get_all_transactions.currency": {"pattern": "^[A-Z]{3}$"},
    "get_transaction_by_id.id": {"pattern": _ID},
    "get_all_transactions.limit": {"minimum": 1, "maximum": 50, "default": 10},
    "get_all_transactions.after_id": {"pattern": _ID},
    "get_all_transactions.before_id": {"pattern": _ID},
}
#: Enums of requests whose other values the API refuses; all others are open.
CLOSED = ("AccountType", "TransactionTypes", "TransactionStatuses", "ChannelsCategories")
