"""The Balance and Transaction APIs: its classes and its models, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.balance_and_transaction import model as model
    from xendit.balance_and_transaction.async_balance_api import AsyncBalanceApi as AsyncBalanceApi
    from xendit.balance_and_transaction.async_transaction_api import AsyncTransactionApi as AsyncTransactionApi
    from xendit.balance_and_transaction.balance_api import BalanceApi as BalanceApi
    from xendit.balance_and_transaction.model import *  # noqa: F403
    from xendit.balance_and_transaction.transaction_api import TransactionApi as TransactionApi
else:
    from xendit.face import product_face

    __getattr__, __dir__ = product_face(__name__)
