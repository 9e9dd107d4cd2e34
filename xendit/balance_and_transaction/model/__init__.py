"""The models of the Balance and Transaction APIs by name, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.balance_and_transaction.dicts import DateRangeFilterDict as DateRangeFilterDict
    from xendit.balance_and_transaction.model.account_type import AccountType as AccountType
    from xendit.balance_and_transaction.model.balance import Balance as Balance
    from xendit.balance_and_transaction.model.cashflow import Cashflow as Cashflow
    from xendit.balance_and_transaction.model.channels_categories import ChannelsCategories as ChannelsCategories
    from xendit.balance_and_transaction.model.currency import Currency as Currency
    from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter as DateRangeFilter
    from xendit.balance_and_transaction.model.fee_response import FeeResponse as FeeResponse
    from xendit.balance_and_transaction.model.fee_status import FeeStatus as FeeStatus
    from xendit.balance_and_transaction.model.link_item import LinkItem as LinkItem
    from xendit.balance_and_transaction.model.product_data import ProductData as ProductData
    from xendit.balance_and_transaction.model.server_error import ServerError as ServerError
    from xendit.balance_and_transaction.model.settlement_status import SettlementStatus as SettlementStatus
    from xendit.balance_and_transaction.model.transaction_id import TransactionId as TransactionId
    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse as TransactionResponse
    from xendit.balance_and_transaction.model.transaction_response_type import (
        TransactionResponseType as TransactionResponseType,
    )
    from xendit.balance_and_transaction.model.transaction_statuses import TransactionStatuses as TransactionStatuses
    from xendit.balance_and_transaction.model.transaction_types import TransactionTypes as TransactionTypes
    from xendit.balance_and_transaction.model.transactions_response import TransactionsResponse as TransactionsResponse
    from xendit.balance_and_transaction.model.validation_error import ValidationError as ValidationError

MODULES: dict[str, str] = {
    "AccountType": "xendit.balance_and_transaction.model.account_type",
    "Balance": "xendit.balance_and_transaction.model.balance",
    "Cashflow": "xendit.balance_and_transaction.model.cashflow",
    "ChannelsCategories": "xendit.balance_and_transaction.model.channels_categories",
    "Currency": "xendit.balance_and_transaction.model.currency",
    "DateRangeFilter": "xendit.balance_and_transaction.model.date_range_filter",
    "DateRangeFilterDict": "xendit.balance_and_transaction.dicts",
    "FeeResponse": "xendit.balance_and_transaction.model.fee_response",
    "FeeStatus": "xendit.balance_and_transaction.model.fee_status",
    "LinkItem": "xendit.balance_and_transaction.model.link_item",
    "ProductData": "xendit.balance_and_transaction.model.product_data",
    "ServerError": "xendit.balance_and_transaction.model.server_error",
    "SettlementStatus": "xendit.balance_and_transaction.model.settlement_status",
    "TransactionId": "xendit.balance_and_transaction.model.transaction_id",
    "TransactionResponse": "xendit.balance_and_transaction.model.transaction_response",
    "TransactionResponseType": "xendit.balance_and_transaction.model.transaction_response_type",
    "TransactionStatuses": "xendit.balance_and_transaction.model.transaction_statuses",
    "TransactionTypes": "xendit.balance_and_transaction.model.transaction_types",
    "TransactionsResponse": "xendit.balance_and_transaction.model.transactions_response",
    "ValidationError": "xendit.balance_and_transaction.model.validation_error",
}
"""The module that each public name lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    __getattr__, __dir__ = face_of(__name__, MODULES.get, MODULES.keys)
