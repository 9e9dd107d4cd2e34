from typing import Any

from xendit.elsewhere import PaymentRequestApi as PaymentRequestApi

def __getattr__(name: str) -> Any: ...
