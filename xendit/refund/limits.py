"""What the Refund API checks beyond the types of the models, for the OpenAPI document. The sources are in docs/Fidelity.md."""

from __future__ import annotations

TYPE_CHECKING: bool = False

LIMITS: dict[str, dict[str, object]] = {
    "CreateRefund.payment_request_id": {"minLength": 1},
    "CreateRefund.invoice_id": {"minLength": 1},
    "CreateRefund.currency": {"minLength": 3, "maxLength": 3},
    "CreateRefund.metadata": {
        "maxProperties": 50,
        "propertyNames": {"maxLength": 40},
        "additionalProperties": {"anyOf": [{"type": "string", "maxLength": 500}, {"not": {"type": "string"}}]},
    },
    "CreateRefund.reference_id": {"minLength": 1, "maxLength": 255},
    "CreateRefund.amount": {"exclusiveMinimum": 0},
    "get_all_refunds.limit": {"minimum": 1, "default": 10},
}
#: Enums of requests whose other values the API refuses; all others are open.
CLOSED = ("RefundReason",)
