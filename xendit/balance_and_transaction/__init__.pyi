from typing import Any

from xendit.elsewhere import BalanceApi as BalanceApi, TransactionApi as TransactionApi

def __getattr__(name: str) -> Any: ...
