"""The models of vouchers: what is sent, what is answered, what the webhook brings."""

from __future__ import annotations

from xendit.model import Amount, Given, Model, OpenEnum, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime


class VoucherStatus(OpenEnum):
    """Where a voucher is in its life."""

    ACTIVE = "ACTIVE"
    """It can be redeemed."""
    REDEEMED = "REDEEMED"
    """It was redeemed, and cannot be again."""


class CreateVoucherRequest(Model):
    """The voucher to create."""

    reference_id: str = field(min_length=1)
    """Your own id for the voucher."""
    amount: Amount
    """What it is worth, in major units of `currency`."""
    currency: str | None = None
    """ISO 4217 code; IDR without one."""
    holder_name: str | None = field(default=None, personal=True)
    """Who may redeem it."""


class Voucher(Model, received=True):
    """A voucher as Xendit knows it."""

    id: str = field(strict=True)
    """Xendit's id of the voucher."""
    reference_id: str = field(strict=True)
    """Your own id, as it was given."""
    status: Given[VoucherStatus, str] = field(strict=True)
    """Whether it was redeemed."""
    amount: Amount
    """What it is worth."""
    currency: str
    """ISO 4217 code."""
    created: Given[datetime, datetime | str]
    """When it was made."""


class VoucherCallback(Model, received=True):
    """The envelope that tells of a voucher."""

    event: str
    """What happened, such as `voucher.redeemed`."""
    business_id: str | None = None
    """Id of the business that the voucher belongs to."""
    created: Given[datetime, datetime | str]
    """When it happened."""
    data: Voucher
    """The voucher as it was then."""
