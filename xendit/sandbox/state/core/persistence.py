"""What keeps records for a state that is to survive its process. The state itself does no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.jsontext import JsonMapping


class Persistence(Protocol):
    """Where changes are kept before they count: when `save` returns, they survive the end of the process."""

    def save(
        self,
        kind: str,
        record_id: str,
        record: JsonMapping,
        announcement: Announcement | None,
        forgotten: str | None,
    ) -> None:
        """Keep a record as it now is, with what must be told of it, and drop the record that makes room for it."""

    def clear(self) -> None:
        """Drop everything."""
