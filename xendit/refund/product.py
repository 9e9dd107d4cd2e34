"""What the Refund API declares of itself, only in literals, because docs/build.py reads them as source."""

from __future__ import annotations

from xendit.products import Product

PRODUCT = Product(
    folder="refund",
    noun="refund",
    title="Refund API",
    apis={"RefundApi": "refund_api"},
    requests=("CreateRefund",),
    answers=("Refund", "RefundList"),
    callbacks=("RefundCallback",),
    events={"refund.succeeded": "RefundEvent", "refund.failed": "RefundEvent"},
    apart=("RefundEvent",),
    sandbox_actions="RefundActions",
    webhooks={
        "refund.succeeded": ("RefundCallback", "A refund succeeded"),
        "refund.failed": ("RefundCallback", "A refund failed"),
    },
)
