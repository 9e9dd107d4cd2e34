from typing import Any

from xendit.elsewhere import CustomerApi as CustomerApi

def __getattr__(name: str) -> Any: ...
