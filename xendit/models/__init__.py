"""The models of all products by name, each loaded on first use. A name that two products have says where to import it.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.balance_and_transaction.model import (
        AccountType as AccountType,
        Balance as Balance,
        Cashflow as Cashflow,
        ChannelsCategories as ChannelsCategories,
        Currency as Currency,
        DateRangeFilter as DateRangeFilter,
        DateRangeFilterDict as DateRangeFilterDict,
        FeeResponse as FeeResponse,
        FeeStatus as FeeStatus,
        LinkItem as LinkItem,
        ProductData as ProductData,
        SettlementStatus as SettlementStatus,
        TransactionId as TransactionId,
        TransactionResponse as TransactionResponse,
        TransactionResponseType as TransactionResponseType,
        TransactionsResponse as TransactionsResponse,
        TransactionStatuses as TransactionStatuses,
        TransactionTypes as TransactionTypes,
        ValidationError as ValidationError,
    )
    from xendit.invoice.model import *  # noqa: F403
    from xendit.refund.model import *  # noqa: F403
    from xendit.transaction_report.model import *  # noqa: F403
else:
    from xendit.face import models_face

    __getattr__, __dir__ = models_face(__name__)
