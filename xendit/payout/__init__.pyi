from typing import Any

from xendit.elsewhere import PayoutApi as PayoutApi

def __getattr__(name: str) -> Any: ...
