"""What may be given in place of the models of a request: dicts, typed for checkers.

Derived from the declarations in xendit/refund/model; nothing is written here by hand.
Run `make docs` after changing a model.
"""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any, SupportsIndex

    from typing_extensions import NotRequired

    from xendit.amounts import MoneyValue
    from xendit.refund.model.refund_reason import RefundReason

__all__ = [
    "CreateRefundDict",
]


@hinted
class CreateRefundDict(TypedDict):
    """`CreateRefund` as a dict."""

    payment_request_id: NotRequired[str | None]
    """Id of the payment request to refund, `pr-…`. Xendit's documentation of 2026 demands it."""
    invoice_id: NotRequired[str | None]
    """Id of the invoice to refund. The official SDK has it; the documentation of 2026 does not name it any more."""
    reference_id: NotRequired[str | None]
    """Your own id for the refund. Without one, a refund whose answer was lost cannot be looked up."""
    amount: NotRequired[float | Decimal | SupportsIndex | MoneyValue]
    """How much to give back, in major units of the payment's currency; without it, all that is left."""
    currency: NotRequired[str | None]
    """ISO 4217 code of the payment."""
    reason: NotRequired[RefundReason | str | None]
    """Why the money is given back. Xendit's documentation of 2026 demands it."""
    metadata: NotRequired[dict[str, Any] | None]
    """Your own data; the answer and the webhook repeat it."""
