"""Stand-in for another Xendit product: it imports beside the Invoice API, and using it says what to do."""

from xendit.elsewhere import product_module

__getattr__ = product_module("payment_request")
