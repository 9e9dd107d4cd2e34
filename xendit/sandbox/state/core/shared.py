"""SharedState: one lock, one clock, one set of accounts and one queue of announcements for the books of all products."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.core.accounts import identify
from xendit.sandbox.state.core.changes import Change, Changes
from xendit.sandbox.state.core.quota import RateWindows
from xendit.sandbox.state.core.schedule import Schedule
from xendit.sandbox.state.core.times import to_milliseconds
from xendit.source import SYSTEM, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.accounts import Account, Permission
    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.book import B, Book
    from xendit.sandbox.state.core.ledger import R
    from xendit.sandbox.state.core.persistence import Persistence
    from xendit.sandbox.state.core.quota import Quota

#: How many records of a kind are kept; the oldest make room. Also bounds what is remembered beside them.
CAPACITY = 100_000


class SharedState:
    """What the books of all products share. Every method may be called from any thread.

    Args:
        now: gives the time as an aware datetime.
        assumptions: the choices where nothing certain is known of the real API.
        api_keys: the only keys that count, and what each may do (`none`, `read`, `write`); without it every
            `xnd_development_…` key is an account of its own.
        merchant_name: whose records these are.
        capacity: how many records of a kind are kept.
        persistence: what keeps the records; None: they end with the process.
        source: where ids come from.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        assumptions: Assumptions,
        *,
        api_keys: Mapping[str, Permission] | None = None,
        merchant_name: str = "Sandbox Merchant",
        capacity: int = CAPACITY,
        persistence: Persistence | None = None,
        source: Source = SYSTEM,
    ) -> None:
        self.assumptions = assumptions
        self.merchant_name = merchant_name
        self.capacity = capacity
        self.persistence = persistence
        self.source = source
        self.lock = threading.RLock()
        self.changes = Changes()
        self.announcements: deque[Announcement] = deque()
        self._clock = now
        self._api_keys = None if api_keys is None else dict(api_keys)
        self._books: dict[str, Book[Any]] = {}
        self._followers: dict[str, list[Callable[[Any, Any], None]]] = {}
        self._schedule = Schedule()
        self._windows = RateWindows(capacity)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(book.ledger)} {kind}" for kind, book in self._books.items())
        return f"<SharedState: {counts or 'no books'}>"

    # -- books

    def add(self, book: Book[Any]) -> None:
        """Take in the book of a product. Called by the book itself."""
        if book.kind in self._books:
            raise ValueError(f"there is a book of kind {book.kind!r} already")
        self._books[book.kind] = book

    def __iter__(self) -> Iterator[Book[Any]]:
        """Go through the books."""
        return iter(self._books.values())

    def book(self, kind: str) -> Book[Any]:
        """Give the book of a kind. Raises ValueError, with the kinds that there are."""
        try:
            return self._books[kind]
        except KeyError:
            raise ValueError(f"there are no records of kind {kind!r}; there are {', '.join(self._books)}") from None

    def follow(self, kind: str, told: Callable[[Any, Any], None]) -> None:
        """Call a function with every change of the records of a kind, for a book that depends on the records of
        another.

        The function is given the old record (None if there was none) and the new one, inside the lock, after the new
        one was kept.
        """
        self._followers.setdefault(kind, []).append(told)

    def tell_followers(self, kind: str, before: object, record: object) -> None:
        """Tell them. Called by the book itself."""
        for told in self._followers.get(kind, ()):
            told(before, record)

    def book_of(self, book: type[B]) -> B:
        """Give the book of a class, with its type. Raises ValueError, as `book`."""
        found = self.book(book.kind)
        if not isinstance(found, book):
            raise ValueError(f"the records of kind {book.kind!r} are in a {type(found).__name__}")  # noqa: TRY004
        return found

    # -- who calls, and when

    def now(self) -> datetime:
        """Give the time, in UTC and whole milliseconds. Raises ValueError when the clock gives a naive one."""
        moment = self._clock()
        if moment.tzinfo is None:
            raise ValueError("now() must give an aware datetime, such as datetime.now(timezone.utc)")
        return to_milliseconds(moment)

    def account(self, key: str | None, for_user_id: str | None = None) -> Account:
        """Find the account of a key, and of the sub-account it acts for. Raises SandboxError: 401 or 403."""
        return identify(key, for_user_id, self._api_keys, self.assumptions)

    def count(self, account: Account, endpoint: str, limit: int | None = None) -> Quota:
        """Count a request in the sliding minute of an account and an endpoint.

        If `limit` is given, it is enforced. Otherwise the assumptions say what the limit is, and whether it is
        enforced.
        """
        enforced = self.assumptions.rate_limit_enforced or limit is not None
        most = self.assumptions.rate_limit if limit is None else limit
        with self.lock:
            return self._windows.count(account.place, endpoint, self.now().timestamp(), most, enforced=enforced)

    # -- time passes

    def plan(self, book: Book[R], record: R) -> None:
        """Note when something may happen to a record by itself."""
        for at in book.due_times(record):
            self._schedule.add(at, book.kind, record.id)
        if len(self._schedule) > 4 * self.capacity:  # most entries are outdated
            self._schedule.clear()
            for each in self._books.values():
                for one in each.ledger:
                    for at in each.due_times(one):
                        self._schedule.add(at, each.kind, one.id)

    def sweep(self) -> None:
        """Do everything that is due by the clock, in order. Every operation that reads does this first."""
        with self.lock:
            now = self.now()
            while (due := self._schedule.first()) is not None and due.at <= now:
                book = self._books[due.kind]
                record = book.ledger.get(due.id)
                if record is not None:  # the record may have made room for others
                    book.fall_due(record, due.at)
                self._schedule.remove(due)  # only now, so that what could not be kept is tried again

    def next_due(self) -> datetime | None:
        """Say when the next thing happens by itself; None when nothing will."""
        with self.lock:
            due = self._schedule.first()
            return None if due is None else due.at

    # -- what others take

    def drain(self) -> tuple[Announcement, ...]:
        """Take the announcements that nobody took yet, oldest first."""
        with self.lock:
            taken = tuple(self.announcements)
            self.announcements.clear()
            return taken

    def changes_since(self, version: int) -> tuple[int, tuple[Change, ...]]:
        """Give the version now, and what changed since one."""
        with self.lock:
            return self.changes.version, self.changes.since(version)

    def reset(self) -> None:
        """Forget every record, announcement and count."""
        with self.lock:
            if self.persistence is not None:
                self.persistence.clear()
            for book in self._books.values():
                book.forget_all()
            self._schedule.clear()
            self._windows.clear()
            self.announcements.clear()
            self.changes.note(Change(None))
