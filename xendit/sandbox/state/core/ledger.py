"""Records by id, and in the order of their account. Bounded: the oldest makes room for the newest."""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account


class Record(Protocol):
    """What the core needs to know of a record, whatever its product. A record never changes: another replaces it."""

    @property
    def id(self) -> str:
        """What tells it from all others of its kind."""
        ...

    @property
    def account(self) -> Account:
        """Whose it is."""
        ...

    @property
    def created(self) -> datetime:
        """When it was made: what lists are ordered by."""
        ...

    @property
    def status(self) -> str:
        """Where it stands."""
        ...


R = TypeVar("R", bound=Record)


class Ledger(Generic[R]):
    """The records of one kind. Not safe over threads by itself: the lock of the state is held around every call."""

    def __init__(self) -> None:
        self._records: dict[str, R] = {}
        self._order: dict[tuple[str, str], list[tuple[datetime, int, str]]] = {}
        self._entries: dict[str, tuple[datetime, int, str]] = {}
        self._sequence = 0

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        """Go through all, oldest first."""
        return iter(self._records.values())

    def get(self, record_id: str) -> R | None:
        """Give a record; None when there is none of this id."""
        return self._records.get(record_id)

    def oldest(self) -> str | None:
        """Give the id of the record that came first; None when there is none."""
        return next(iter(self._records), None)

    def put(self, record: R) -> None:
        """Add a record, or replace the one of its id in its place."""
        if record.id not in self._records:
            self._sequence += 1
            entry = (record.created, self._sequence, record.id)
            self._entries[record.id] = entry
            insort(self._order.setdefault(record.account.place, []), entry)
        self._records[record.id] = record

    def forget(self, record_id: str) -> None:
        """Drop a record."""
        place = self._records.pop(record_id).account.place
        order = self._order[place]
        del order[bisect_left(order, self._entries.pop(record_id))]
        if not order:
            del self._order[place]

    def newest(self, before: str | None = None) -> Iterator[R]:
        """Go through all, newest first; after the record `before` where that is there."""
        found: Iterator[R] = reversed(self._records.values())
        if before in self._records:
            found = islice(dropwhile(lambda record: record.id != before, found), 1, None)
        return found

    def of_account(
        self, account: Account, *, cursor: str | None = None, inclusive: bool = False, newer: bool = False
    ) -> Iterator[R]:
        """Go through the records of an account, newest first.

        `cursor` is the id of a record of the account to begin after, or with where that is `inclusive`; with `newer`
        the walk goes from the cursor to the newest instead.
        """
        order = self._order.get(account.place, [])
        positions: Iterable[int] = range(len(order) - 1, -1, -1)
        if cursor is not None:
            at = bisect_left(order, self._entries[cursor])
            skip = 0 if inclusive else 1
            positions = range(at + skip, len(order)) if newer else range(at - skip, -1, -1)
        return (self._records[order[position][2]] for position in positions)
