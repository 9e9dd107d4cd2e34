"""Book: keeps the records of one product and announces what happens to them. The product's rules are in a subclass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from xendit.sandbox.state.core.announcements import Announcement
from xendit.sandbox.state.core.changes import Change
from xendit.sandbox.state.core.errors import SandboxError, forbidden
from xendit.sandbox.state.core.ledger import Ledger, R

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account, Permission
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.shared import SharedState

B = TypeVar("B", bound="Book[Any]")
"""A book of one product."""


class Book(ABC, Generic[R]):
    """The records of one kind. A subclass adds the operations, and holds `shared.lock` in each of them.

    A record never changes: an operation makes another one and hands it to `keep`.
    """

    kind: ClassVar[str]
    """What the records are, such as `invoice`: their name in files, webhooks and the stream of changes."""

    def __init__(self, shared: SharedState) -> None:
        self.shared = shared
        self.ledger: Ledger[R] = Ledger(self.reference_of)
        shared.add(self)

    # -- what a product says of its records

    @abstractmethod
    def write(self, record: R) -> JsonObject:
        """Give all of a record as JSON values, for files."""

    @abstractmethod
    def read(self, values: JsonMapping) -> R:
        """Make the record of what `write` gave. Raises ValueError when it is none."""

    def due_times(self, record: R) -> Iterable[datetime]:  # noqa: ARG002  for those that have some
        """Give the moments at which something may happen to a record by itself, from its status on."""
        return ()

    def fall_due(self, record: R, at: datetime) -> None:
        """Do what is due for a record at one of its moments; do nothing if the record has changed its status since."""

    def reference_of(self, record: R) -> str:  # noqa: ARG002
        """Give the merchant's own id of a record, which never changes; empty where it has none."""
        return ""

    def recalled(self) -> None:
        """Make everything that follows from the records of all books, once all were loaded from the file."""

    def missing(self, record_id: str) -> SandboxError:
        """Say that the account has no such record."""
        return SandboxError(404, "DATA_NOT_FOUND", f"Could not find {self.kind} {record_id}")

    def forget_all(self) -> None:
        """Forget every record, and whatever a subclass remembers beside them."""
        self.ledger = Ledger(self.reference_of)

    # -- what holds for every product

    def counts(self) -> dict[str, int]:
        """Count the records by status."""
        with self.shared.lock:
            self.shared.sweep()
            return dict(Counter(record.status for record in self.ledger))

    # -- what the operations use, inside the lock

    def own(self, account: Account, record_id: str) -> R:
        """Give a record of an account. Raises SandboxError: 404."""
        record = self.ledger.get(record_id)
        if record is None or record.account.place != account.place:
            raise self.missing(record_id)
        return record

    def keep(self, record: R, tell: JsonMapping | None = None) -> None:
        """Take a record as it now is; `tell` is the body of the webhook that tells of it.

        It is handed to the persistence first. If that fails, nothing has happened.
        """
        shared = self.shared
        before = self.ledger.get(record.id)
        full = before is None and len(self.ledger) >= shared.capacity
        forgotten = self.ledger.oldest() if full else None
        announcement = None if tell is None else self._announcement(record, tell)
        if shared.persistence is not None:
            shared.persistence.save(self.kind, record.id, self.write(record), announcement, forgotten)
        if forgotten is not None:
            self.ledger.forget(forgotten)
        self.ledger.put(record)
        if before is None or before.status != record.status:
            shared.plan(self, record)
        shared.changes.note(Change(self.kind, record.id, record.status))
        if announcement is not None:
            shared.announcements.append(announcement)
        shared.tell_followers(self.kind, before, record)

    def recall(self, records: Iterable[JsonMapping]) -> None:
        """Take over records that the persistence kept, oldest first. They are not told of again."""
        for values in records:
            record = self.read(values)
            self.ledger.put(record)
            self.shared.plan(self, record)

    def _announcement(self, record: R, body: JsonMapping) -> Announcement:
        webhook_id = self.shared.source.uuid()
        return Announcement(webhook_id, self.kind, record.id, record.status, self.reference_of(record), body)


def permit(account: Account, needed: Permission) -> None:
    """Refuse a key that may not do what is needed. Raises SandboxError: 403."""
    if account.permission not in ("write", needed):
        raise forbidden()
