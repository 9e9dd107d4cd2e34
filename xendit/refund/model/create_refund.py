"""The declaration of CreateRefund, the body of `create_refund`."""

from __future__ import annotations

from xendit.model import Model, MoneyAmount, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.refund.model.refund_reason import RefundReason


class CreateRefund(Model):
    """The refund to create. It needs `payment_request_id` or `invoice_id`; `refund_invoice` finds out which."""

    payment_request_id: str | None = None
    """Id of the payment request to refund, `pr-…`. Xendit's documentation of 2026 demands it."""
    invoice_id: str | None = None
    """Id of the invoice to refund. The official SDK has it; the documentation of 2026 does not name it any more."""
    reference_id: str | None = field(default=None, min_length=1)
    """Your own id for the refund. Without one, a refund whose answer was lost cannot be looked up."""
    amount: MoneyAmount = absent
    """How much to give back, in major units of the payment's currency; without it, all that is left."""
    currency: str | None = None
    """ISO 4217 code of the payment."""
    reason: One[RefundReason, str] = absent
    """Why the money is given back. Xendit's documentation of 2026 demands it."""
    metadata: dict[str, Any] | None = field(default=None, personal=True)
    """Your own data; the answer and the webhook repeat it."""
