"""The webhooks of a refund: RefundEvent, and how an envelope is read as one. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from xendit.refund.model.refund_callback import RefundCallback
from xendit.static_typing import hinted
from xendit.webhook.event import OtherEvent, bounded_key, key_part

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.refund.model.refund_callback_data import RefundCallbackData
    from xendit.webhook.event import Delivered

__all__ = ["RefundEvent", "read"]

#: The order of a refund's states: a lower one never overwrites a higher one. FAILED and SUCCEEDED are both an end.
_RANKS = {"PENDING": 0, "CANCELLED": 1, "FAILED": 2, "SUCCEEDED": 2}


@hinted
@dataclass(frozen=True)
class RefundEvent(OtherEvent):
    """A refund succeeded or failed.

    `dedupe_key` is business id / refund id / `succeeded` or `failed`, so it is handled once, however often Xendit tells
    it. The class derives from OtherEvent and has the envelope's `name` and `data`, as programs for earlier versions
    expect.
    """

    callback: RefundCallback
    """The webhook's body as a model."""

    @property
    def kind(self) -> str:
        """`refund_succeeded` or `refund_failed`."""
        return key_part(self.name.replace(".", "_"))[:40]

    @property
    def subject(self) -> str:
        """Business id / refund id."""
        return _subject(self.callback)

    @property
    def refund(self) -> RefundCallbackData:
        """The refund as the webhook tells of it."""
        return self.callback.data

    @property
    def refund_id(self) -> str:
        """Id of the refund at Xendit, `rfd-…`."""
        return self.callback.data.id

    @property
    def user_id(self) -> str | None:
        """Id of the business, yours or a sub-account's, that the refund belongs to."""
        business: str | None = self.callback.business_id
        return business

    @property
    def invoice_id(self) -> str | None:
        """Id of the invoice that was refunded, where the webhook names it."""
        return self.callback.data.invoice_id or None

    @property
    def payment_id(self) -> str | None:
        """Id of the payment that was refunded."""
        return self.callback.data.payment_id or None

    @property
    def external_id(self) -> str | None:
        """Your own id of the refund: its `reference_id`."""
        return self.callback.data.reference_id or None

    @property
    def is_succeeded(self) -> bool:
        """Whether the payer has the money."""
        return self._status == "SUCCEEDED"

    @property
    def rank(self) -> int:
        """PENDING < CANCELLED < FAILED = SUCCEEDED, so that neither end hides the other; -1 for a status that is not known."""
        return _RANKS.get(self._status, -1)

    @property
    def _status(self) -> str:
        """The refund's status; if the body leaves it out, the one that the envelope's name says."""
        status: object = self.callback.data.status
        return str(status or self.name.rpartition(".")[2].upper())

    @property
    def is_for_handler(self) -> bool:
        """False: a worker calls `other` with it, or `handle.refund_succeeded` and `handle.refund_failed`."""
        return False


def read(delivered: Delivered) -> RefundEvent | None:
    """The event of an envelope; None for one that names no refund.

    Raises:
        ApiTypeError, ApiValueError: this version cannot read the envelope; the text shows no value.
    """
    name = delivered.event_name
    if name is None:
        return None
    data = delivered.data["data"]
    if isinstance(data, dict) and isinstance(data.get("data"), dict):  # one of Xendit's examples has the envelope twice
        data = data["data"]
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        return None  # without an id it is an OtherEvent, like an unknown envelope
    callback = delivered.read_as(RefundCallback, {**delivered.data, "data": data})
    key = delivered.stored_key or bounded_key(f"{_subject(callback)}/{key_part(name.rpartition('.')[2])}")
    return RefundEvent(
        key, delivered.body, name, data, callback, webhook_id=delivered.webhook_id, source=delivered.source
    )


def _subject(callback: RefundCallback) -> str:
    business: str | None = callback.business_id
    return bounded_key(f"{key_part(business)}/{key_part(callback.data.id)}")
