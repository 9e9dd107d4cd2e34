"""What the status of a refund means, said once for Refund and RefundCallbackData. No fields may live here."""

from __future__ import annotations

TYPE_CHECKING: bool = False


class RefundLifeCycle:
    """Questions about `status`."""

    __slots__ = ()

    if TYPE_CHECKING:
        from typing import Any

        status: Any
        """Declared by each model."""

    @property
    def is_final(self) -> bool:
        """Whether it has ended, well or not: `status` is SUCCEEDED, FAILED or CANCELLED."""
        return self.status in ("SUCCEEDED", "FAILED", "CANCELLED")

    @property
    def is_standing(self) -> bool:
        """Whether the money was given back or still may be: `status` is neither FAILED nor CANCELLED."""
        return self.status not in ("FAILED", "CANCELLED")
