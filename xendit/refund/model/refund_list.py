"""The declaration of RefundList, one page of refunds."""

from __future__ import annotations

from xendit.model import Model, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.refund.model.refund import Refund


class RefundList(Model, received=True):
    """One page of refunds. `iter_refunds` goes through all of them."""

    data: list[Refund] = absent
    """The refunds."""
    has_more: bool | None = None
    """Whether there is another page."""
