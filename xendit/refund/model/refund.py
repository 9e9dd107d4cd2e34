"""The declaration of Refund, what every operation of `RefundApi` answers."""

from __future__ import annotations

from xendit.model import Amount, Given, Model, One, absent, field
from xendit.refund.model.refund_life_cycle import RefundLifeCycle

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    from xendit.refund.model.refund_failure_code import RefundFailureCode
    from xendit.refund.model.refund_reason import RefundReason
    from xendit.refund.model.refund_status import RefundStatus


class Refund(
    RefundLifeCycle,
    Model,
    received=True,
    shown=("id", "reference_id", "status", "amount", "currency", "channel_code", "created"),
):
    """A refund as Xendit knows it. Texts that are not set come as `""`, as null or not at all.

    The fields from `status` on are those that real answers hold and the official models lack: with the official SDK
    the state of a refund cannot be read.
    """

    id: str = field(default=absent, strict=True)
    """Id of the refund, `rfd-…`. Every answer holds it."""
    payment_request_id: str | None = None
    """Id of the payment request that is refunded, `pr-…`."""
    amount: Amount = field(default=absent, strict=True)
    """What is given back, in major units of `currency`. `refund.decimal("amount")` gives it exactly."""
    channel_code: str | None = None
    """The channel, such as `DANA`."""
    country: str | None = None
    """ISO 3166 code of the country."""
    currency: str | None = None
    """ISO 4217 code of the amounts."""
    reference_id: str | None = None
    """Your own id for the refund, as it was given."""
    failure_code: One[RefundFailureCode, str] = absent
    """Why the refund failed."""
    refund_fee_amount: One[float, Decimal] = absent
    """The fee that Xendit keeps for the refund."""
    created: Given[datetime, datetime | str] = absent
    """When it was made."""
    updated: Given[datetime, datetime | str] = absent
    """When it last changed."""
    metadata: dict[str, Any] | None = field(default=None, personal=True)
    """Your own data, as given in the request."""
    status: Given[RefundStatus, str] = field(default=absent, strict=True)
    """Where it is in its life: PENDING, then SUCCEEDED, FAILED or CANCELLED."""
    payment_id: str | None = None
    """Id of the payment that is refunded."""
    invoice_id: str | None = None
    """Id of the invoice that is refunded. Xendit's documentation says that the field will be removed."""
    payment_method_type: str | None = None
    """Kind of channel, such as `EWALLET`. Xendit's documentation says that the field will be removed."""
    reason: One[RefundReason, str] = absent
    """Why it was made."""
    refund_method: str | None = None
    """How the money goes back, such as `DIRECT`."""
    payout_link_properties: dict[str, Any] | None = field(default=None, personal=True)
    """Where the payer says which account the money goes to, for channels that cannot give money back."""
    actions: Any = None
    """What is to be done next, as it came."""
    created_text: str | None = field(default=None, init=False, text_of="created")
    """`created` as the text that came: it may have nine digits of a second, of which a datetime keeps six."""
    updated_text: str | None = field(default=None, init=False, text_of="updated")
    """`updated` as the text that came."""
