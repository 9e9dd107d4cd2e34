"""Error answers that no rule gives, because the rule behind them is not known: a fault gives them on demand."""

from __future__ import annotations

#: Error code → HTTP status and message; the messages are ours (docs/Fidelity.md).
ERROR_ANSWERS: dict[str, tuple[int, str]] = {
    "TEMPORARILY_UNAVAILABLE": (400, "The channel cannot refund at the moment. Try again."),
    "INVALID_VALUE_ERROR": (400, "A value of the request is not valid."),
    "REFUND_IN_PROGRESS": (400, "Another refund of this payment is in progress."),
    "INSUFFICIENT_BALANCE": (400, "The balance does not cover the refund."),
    "PARTIAL_REFUND_COUNTS_EXCEEDED": (400, "The payment has as many refunds as it may have."),
    "REFUND_NOT_SUPPORTED": (403, "Payments over this channel cannot be refunded."),
    "PARTIAL_REFUND_NOT_SUPPORTED": (403, "Payments over this channel cannot be refunded in part."),
    "SKIP_3DS_FORBIDDEN": (403, "The account may not skip 3-D Secure."),
    "INVALID_MERCHANT_SETTINGS": (403, "The account is not set up for refunds."),
    "DATA_NOT_FOUND": (404, "Could not find the payment."),
    "DUPLICATE_ERROR": (409, "There is such a refund already."),
    "IDEMPOTENCY_ERROR": (409, "The idempotency key was used with another request."),
    "CHANNEL_UNAVAILABLE": (503, "The channel is not available."),
    "OTP_DELIVERY_ERROR": (503, "The one-time password could not be delivered."),
}
