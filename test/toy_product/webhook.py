"""The webhook of a voucher: VoucherEvent, and how an envelope is read as one."""

from __future__ import annotations

from dataclasses import dataclass

from xendit.voucher.model.voucher import VoucherCallback
from xendit.webhook.event import Event

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.webhook.event import Delivered


@dataclass(frozen=True)
class VoucherEvent(Event):
    """A voucher was redeemed."""

    callback: VoucherCallback
    """The webhook's body as a model."""

    @property
    def kind(self) -> str:
        """`redeemed`."""
        return self.callback.event.rpartition(".")[2]

    @property
    def subject(self) -> str:
        """The voucher's id."""
        return self.callback.data.id

    @property
    def external_id(self) -> str | None:
        """Your own id of the voucher."""
        return self.callback.data.reference_id

    @property
    def is_for_handler(self) -> bool:
        """A redeemed voucher always is."""
        return True


def read(delivered: Delivered) -> VoucherEvent | None:
    """The event of an envelope."""
    callback = delivered.read_as(VoucherCallback)
    return VoucherEvent(
        delivered.envelope_key, delivered.body, callback, webhook_id=delivered.webhook_id, source=delivered.source
    )
