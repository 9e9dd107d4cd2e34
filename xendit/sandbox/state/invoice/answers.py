"""Error answers that no rule gives, because the rule behind them is not known: a fault gives them on demand."""

from __future__ import annotations

#: Error code → HTTP status and message; a message of ours where none was recorded (docs/Fidelity.md).
ERROR_ANSWERS: dict[str, tuple[int, str]] = {
    "MISMATCH_CURRENCY_ERROR": (400, "The currency does not match the one of the account."),
    "INSTALLMENT_NOT_ENABLED": (400, "Instalments are not enabled for this account."),
    "INSTALLMENT_CONFIGURATION_NOT_AVAILABLE": (400, "The instalment configuration is not available."),
    "AMOUNT_BELOW_MINIMUM_LIMIT": (400, "Requested amount is lower than installment minimum limit"),
    "NO_COLLECTION_METHODS_ERROR": (400, "The account has no payment method to collect this invoice with."),
    "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR": (404, "Could not find the callback virtual account"),
    "UNIQUE_ACCOUNT_NUMBER_UNAVAILABLE_ERROR": (404, "There is no unique account number available."),
    "AVAILABLE_PAYMENT_CODE_NOT_FOUND_ERROR": (404, "There is no payment code available."),
    "PAYMENT_CODE_NOT_AVAILABLE_ERROR": (404, "There is no payment code available."),
}
