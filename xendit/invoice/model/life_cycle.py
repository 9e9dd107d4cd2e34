"""What the status of an invoice means, said once for Invoice and InvoiceCallback. No fields may live here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class HasStatus(Protocol):
        """A value with the status of an invoice."""

        @property
        def status(self) -> str: ...


class LifeCycle:
    """Questions about `status`. A status that is absent or unknown answers False to all of them."""

    __slots__ = ()

    @property
    def is_paid(self: HasStatus) -> bool:
        """Whether the payer has paid: `status` is PAID or SETTLED."""
        return self.status in ("PAID", "SETTLED")

    @property
    def is_expired(self: HasStatus) -> bool:
        """Whether it was not paid in time, or was expired by hand: `status` is EXPIRED."""
        return self.status == "EXPIRED"

    @property
    def is_final(self: HasStatus) -> bool:
        """Whether nothing more is awaited: it is paid or expired. A late payment may still follow EXPIRED."""
        return self.status in ("PAID", "SETTLED", "EXPIRED")
