"""Records by id, and in order of creation: all of them, those of an account, and those with a reference. The number of
records is limited: the oldest makes room for the newest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account


class Record(Protocol):
    """What the core needs to know of a record, whatever its product. A record never changes: another replaces it."""

    @property
    def id(self) -> str:
        """What identifies it among all records of its kind."""
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
        """Its status."""
        ...


R = TypeVar("R", bound=Record)
K = TypeVar("K")
Entry: TypeAlias = "tuple[datetime, int, str]"


class Ledger(Generic[R]):
    """The records of one kind. Not safe over threads by itself: the lock of the state is held around every call.

    `reference_of` gives the merchant's own id of a record, which never changes; an empty one is not looked for.

    For each way of listing records a sorted order is kept, so a list takes as long among 100,000 records as among
    1,000. An order is a list of entries: when a record was created, its number, and its id.
    """

    def __init__(self, reference_of: Callable[[R], str]) -> None:
        self._reference_of = reference_of
        self._records: dict[str, R] = {}
        self._entries: dict[str, Entry] = {}
        self._arrivals: list[Entry] = []
        self._accounts: dict[tuple[str, str], list[Entry]] = {}
        self._references: dict[str, list[Entry]] = {}
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
            self._arrivals.append(entry)
            insort(self._accounts.setdefault(record.account.place, []), entry)
            if reference := self._reference_of(record):
                insort(self._references.setdefault(reference, []), entry)
        self._records[record.id] = record

    def forget(self, record_id: str) -> None:
        """Drop a record."""
        record, entry = self._records.pop(record_id), self._entries.pop(record_id)
        del self._arrivals[bisect_left(self._arrivals, entry[1], key=_number_of)]
        _remove(self._accounts, record.account.place, entry)
        if reference := self._reference_of(record):
            _remove(self._references, reference, entry)

    def newest(self, before: str | None = None) -> Iterator[R]:
        """Go through all, the last that came first; after the record `before` where that is there."""
        first = self._entries.get(before or "")
        end = len(self._arrivals) if first is None else bisect_left(self._arrivals, first[1], key=_number_of)
        return self._at(self._arrivals, range(end - 1, -1, -1))

    def bearing(self, reference: str) -> Iterator[R]:
        """Go through the records of all accounts that bear a reference, newest first."""
        order = self._references.get(reference, [])
        return self._at(order, range(len(order) - 1, -1, -1))

    def of_account(
        self,
        account: Account,
        *,
        reference: str | None = None,
        cursor: str | None = None,
        inclusive: bool = False,
        newer: bool = False,
    ) -> Iterator[R]:
        """Go through the records of an account, newest first; with a `reference`, through those that bear it.

        `cursor` is the id of a record of the account to begin after, or with where that is `inclusive`; with `newer`
        the walk goes from the cursor to the newest instead.
        """
        order = self._accounts.get(account.place, []) if reference is None else self._references.get(reference, [])
        positions = range(len(order) - 1, -1, -1)
        if cursor is not None:
            entry = self._entries[cursor]
            before, behind = bisect_left(order, entry), bisect_right(order, entry)
            if newer:
                positions = range(before if inclusive else behind, len(order))
            else:
                positions = range((behind if inclusive else before) - 1, -1, -1)
        found = self._at(order, positions)
        return found if reference is None else (one for one in found if one.account.place == account.place)

    def _at(self, order: list[Entry], positions: Iterable[int]) -> Iterator[R]:
        return (self._records[order[position][2]] for position in positions)


def _number_of(entry: Entry) -> int:
    return entry[1]


def _remove(orders: dict[K, list[Entry]], key: K, entry: Entry) -> None:
    """Take an entry out of one of the orders; an order without entries is removed."""
    order = orders[key]
    del order[bisect_left(order, entry)]
    if not order:
        del orders[key]
