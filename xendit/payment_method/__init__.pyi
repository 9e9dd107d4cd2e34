from typing import Any

from xendit.elsewhere import PaymentMethodApi as PaymentMethodApi

def __getattr__(name: str) -> Any: ...
