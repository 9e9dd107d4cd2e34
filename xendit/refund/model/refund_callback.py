"""The declaration of RefundCallback, the body of a refund webhook."""

from __future__ import annotations

from xendit.model import Given, Model, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime

    from xendit.refund.model.refund_callback_data import RefundCallbackData


class RefundCallback(Model, received=True):
    """The body of a refund webhook: an envelope around the refund."""

    event: str = field(strict=True)
    """What happened: `refund.succeeded` or `refund.failed`."""
    business_id: str = absent
    """Id of the business that the refund belongs to."""
    created: Given[datetime, datetime | str] = absent
    """When it happened."""
    data: RefundCallbackData = field(default=absent, strict=True)
    """The refund as it was then."""
    created_text: str | None = field(default=None, init=False, text_of="created")
    """`created` as the text that came."""
