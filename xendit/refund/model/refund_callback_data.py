"""The declaration of RefundCallbackData, the refund that a webhook tells of."""

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


class RefundCallbackData(RefundLifeCycle, Model, received=True):
    """The refund that a webhook tells of. The official model demands `country`, which Xendit's own example lacks."""

    id: str = field(strict=True)
    """Id of the refund, `rfd-…`."""
    payment_id: str = absent
    """Id of the payment that was refunded."""
    payment_method_type: str = absent
    """Kind of channel, such as `EWALLET`."""
    amount: Amount = field(default=absent, strict=True)
    """What was given back, in major units of `currency`. `data.decimal("amount")` gives it exactly."""
    channel_code: str = absent
    """The channel, such as `DANA`."""
    status: Given[RefundStatus, str] = field(default=absent, strict=True)
    """SUCCEEDED or FAILED."""
    reason: Given[RefundReason, str] = absent
    """Why it was made."""
    country: str = absent
    """ISO 3166 code of the country."""
    currency: str = absent
    """ISO 4217 code of the amounts."""
    created: Given[datetime, datetime | str] = absent
    """When the refund was made."""
    updated: Given[datetime, datetime | str] = absent
    """When it last changed."""
    invoice_id: str | None = None
    """Id of the invoice that was refunded."""
    reference_id: str | None = None
    """Your own id for the refund; `""` where none was given."""
    failure_code: One[RefundFailureCode, str] = absent
    """Why the refund failed."""
    refund_fee_amount: One[float, Decimal] = absent
    """The fee that Xendit keeps for the refund."""
    metadata: dict[str, Any] | None = field(default=None, personal=True)
    """Your own data, as given in the request."""
    payment_request_id: str | None = None
    """Id of the payment request that was refunded, `pr-…`. The official model lacks it."""
    refund_method: str | None = None
    """How the money went back, such as `DIRECT`. The official model lacks it."""
    created_text: str | None = field(default=None, init=False, text_of="created")
    """`created` as the text that came: it may have nine digits of a second, of which a datetime keeps six."""
    updated_text: str | None = field(default=None, init=False, text_of="updated")
    """`updated` as the text that came."""
