"""What the status of an invoice means, said once for Invoice and InvoiceCallback. No fields may live here."""

from __future__ import annotations

TYPE_CHECKING: bool = False


class LifeCycle:
    """Questions about `status`. A status that is absent or unknown answers False to all of them."""

    __slots__ = ()

    if TYPE_CHECKING:
        from typing import Any

        status: Any
        """Declared by each model."""

    @property
    def is_paid(self) -> bool:
        """Whether the payer has paid: `status` is PAID or SETTLED."""
        return self.status in ("PAID", "SETTLED")

    @property
    def is_expired(self) -> bool:
        """Whether it was not paid in time, or was expired by hand: `status` is EXPIRED."""
        return bool(self.status == "EXPIRED")

    @property
    def is_final(self) -> bool:
        """Whether nothing more is awaited: it is paid or expired. A late payment may still follow EXPIRED."""
        return self.is_paid or self.is_expired
