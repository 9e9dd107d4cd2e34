from typing import Any

from xendit.elsewhere import RefundApi as RefundApi

def __getattr__(name: str) -> Any: ...
