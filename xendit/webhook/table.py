"""The inbox's algorithm over rows, written once: stores differ only in how they read and change a row. No I/O."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import wraps
from typing import Generic, Protocol, TypeVar

from xendit.database import SETTINGS, UNDONE, is_undone, weaknesses_of
from xendit.exceptions import ApiTypeError, ApiValueError, WebhookBodyException
from xendit.source import SYSTEM, Source
from xendit.webhook.event import UnreadableEvent, read_event
from xendit.webhook.inbox import Added, Claim, LeaseLost, Stored, Tally
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, ParamSpec

    from xendit.webhook.event import Event, Source as EventSource
    from xendit.webhook.inbox import State

    P = ParamSpec("P")

__all__ = ["KEEP_AT_LEAST", "Rows", "TableInbox"]

logger = logging.getLogger("xendit.webhook")

C = TypeVar("C")
T = TypeVar("T")

KEEP_AT_LEAST = timedelta(days=31)
"""How long a done event must be remembered: Xendit sends again for a day and by hand for longer, and `reconcile`
looks back 30 days."""

#: How many due events a claim looks at at once: others may be claiming the first.
_LOOKED_AT = 50
#: How often it looks again when all of them came to nothing: they were superseded, or taken meanwhile.
_LOOKS = 20
_LONGEST_ERROR = 4000
#: Seconds that a time of the inbox may lie ahead of its clock; a greater one was written under a clock that was wrong.
_AHEAD = 60.0
#: Seconds between two looks for such times.
_LOOK_AHEAD_EVERY = 60.0


class Rows(Protocol):
    """One open transaction on the table. Leaving it commits; an exception rolls back."""

    def now(self) -> float:
        """Seconds since 1970 by the store's clock, which all workers share."""
        ...

    def insert(self, row: Stored) -> bool:
        """Insert a row unless its key is there; wait for whoever is inserting the same."""
        ...

    def get(self, key: str) -> Stored | None:
        """Read a row as it is committed, without a lock."""
        ...

    def count_delivery(self, key: str) -> None:
        """Add one to a row's deliveries, unless somebody holds the row: an answer must not wait for a handler."""
        ...

    def lock(self, subject: str) -> list[Stored] | None:
        """Lock every row of a subject and read them; None when somebody else holds one."""
        ...

    def change(self, key: str, values: Mapping[str, object], where: Mapping[str, object]) -> bool:
        """Change a row if it holds what `where` says (None: NULL); False when it does not."""
        ...

    def due(self, now: float, limit: int) -> list[tuple[str, str]]:
        """Key and subject of the events to work on, those due the longest first."""
        ...

    def make_due(self, now: float, latest: float) -> int:
        """Make due what was claimed, added or given back after `latest`, which lies ahead of now; say how many.

        Of a working row `due_at` says when it was claimed. Of a waiting one that was tried, `lease_until` says when it
        was given back; one that was never tried was due at once.
        """
        ...

    def delete_done(self, before: float) -> int:
        """Delete what was done before a time."""
        ...

    def counts(self, now: float) -> tuple[dict[str, int], float | None]:
        """How many rows have which state, and when the waiting one that is due the longest was due."""
        ...

    def latest(self, state: State, limit: int) -> list[Stored]:
        """The rows of a state, the latest received first."""
        ...


def repeated_when_undone(method: Callable[P, T]) -> Callable[P, T]:
    """A method of short transactions of the inbox's own, begun anew where the database undoes one in favour of another.

    That is how a database ends a deadlock, which no order of locks rules out: a worker that looks for clocks that were
    ahead changes rows that another one is claiming. What was undone has left no trace, so it may be done again.
    """

    @wraps(method)
    def repeated(*args: P.args, **named: P.kwargs) -> T:
        for _ in range(UNDONE):
            try:
                return method(*args, **named)
            except Exception as error:  # noqa: PERF203 - each attempt may fail
                if not is_undone(error):
                    raise
        return method(*args, **named)

    return repeated


class TableInbox(ABC, Generic[C]):
    """An Inbox over a table of rows."""

    own_deadline = False
    source: Source = SYSTEM
    """Where ids come from."""
    _look_ahead_at = 0.0
    _latest = 0.0
    _looked = False

    @abstractmethod
    def _rows(self, timeout: float | None = None) -> AbstractContextManager[Rows]:
        """Open a short transaction of the inbox's own, that may write."""

    @abstractmethod
    def _joint(self) -> AbstractContextManager[tuple[Rows, C]]:
        """Open a transaction that a handler shares, and the connection to hand to it."""

    def _watched(self, connection: C) -> AbstractContextManager[None]:  # noqa: ARG002 - a store's own may need it
        """Watch a handler with that connection; raise TransactionEnded where it ends the transaction itself."""
        return nullcontext()

    def add(self, event: Event, timeout: float = 20.0) -> Added:
        """Store an event durably, once; see Inbox."""
        with self._rows(timeout) as rows:
            return self._store(rows, event)

    @repeated_when_undone
    def claim(self, key: str | None = None, lease: float = 60.0) -> Claim | None:
        """Take an event for `lease` seconds; see Inbox."""
        for _ in range(_LOOKS):
            with self._rows() as rows:
                now = rows.now()
                self._look_ahead(rows, now)
                candidates = self._candidates(rows, key, now)
                for each, subject in candidates:
                    claim = self._try_claim(rows, each, subject, now, lease, asked_for=key is not None)
                    if claim is not None:
                        return claim
            if len(candidates) < _LOOKED_AT:
                break
        return None

    @contextmanager
    def transaction(self, claim: Claim) -> Iterator[C]:
        """A transaction that a handler shares with the inbox; see Inbox."""
        with self._joint() as (rows, connection):
            # Changing the row holds it: from here on nobody takes the event over.
            if not rows.change(claim.key, {"owner": claim.owner}, _held_by(claim.owner)):
                raise LeaseLost(f"{claim.key} was taken over by another worker")
            with self._watched(connection):
                yield connection
            self._finish(rows, claim.key, claim.owner, "handled")

    @repeated_when_undone
    def done(self, claim: Claim, outcome: str = "handled") -> bool:
        """Finish an event; see Inbox."""
        with self._rows() as rows:
            return self._finish(rows, claim.key, claim.owner, outcome)

    @repeated_when_undone
    def fail(self, claim: Claim, error: str, retry_in: float | None) -> bool:
        """Give an event back; see Inbox."""
        with self._rows() as rows:
            now = rows.now()
            values = {
                "owner": None,
                "lease_until": now,  # when it was given back
                "error": _clean(error, _LONGEST_ERROR),
                "state": "dead" if retry_in is None else "waiting",
                "due_at": now + (retry_in or 0.0),
            }
            return rows.change(claim.key, values, _held_by(claim.owner))

    @repeated_when_undone
    def replay(self, key: str) -> bool:
        """Let an event be handled again; see Inbox."""
        with self._rows() as rows:
            values: dict[str, object] = {"state": "waiting", "due_at": rows.now(), "attempts": 0}
            values |= {"lease_until": None, "outcome": None, "done_at": None}
            return any(rows.change(key, values, {"state": state}) for state in ("dead", "done", "waiting"))

    @repeated_when_undone
    def purge(self, older_than: timedelta) -> int:
        """Delete what was done longer ago; see Inbox."""
        if not isinstance(older_than, timedelta):
            raise ApiTypeError(f"older_than: {type_name(older_than)} was given, a timedelta is needed")
        if older_than < KEEP_AT_LEAST:
            raise ApiValueError(
                f"older_than must be at least {KEEP_AT_LEAST.days} days: an event that is forgotten would be"
                " handled again when it is sent again"
            )
        with self._rows() as rows:
            return rows.delete_done(rows.now() - older_than.total_seconds())

    @repeated_when_undone
    def tally(self) -> Tally:
        """Count the events by state; see Inbox."""
        with self._rows() as rows:
            now = rows.now()
            self._look_ahead(rows, now)
            counts, due_at = rows.counts(now)
        waiting, working, done, dead = (counts.get(state, 0) for state in ("waiting", "working", "done", "dead"))
        return Tally(waiting, working, done, dead, 0.0 if due_at is None else max(0.0, now - due_at))

    def letters(self, state: State = "dead", limit: int = 100) -> list[Stored]:
        """The events of a state, the latest first; see Inbox."""
        with self._rows() as rows:
            return rows.latest(state, limit)

    # -- steps

    def _look_once(self, dialect: str, ask: Callable[[str], Sequence[Any] | None]) -> None:
        """Tell the log, once, what the database's own settings would let be lost.

        Args:
            dialect: which database it is.
            ask: gives the row of a statement; None where it cannot be asked.
        """
        if self._looked:
            return
        self._looked = True
        query = SETTINGS.get(dialect)
        values = None if query is None else ask(query)
        for weakness in [] if values is None else weaknesses_of(dialect, values):
            logger.warning("the inbox's database may lose what it has acknowledged: %s", weakness)

    def _look_ahead(self, rows: Rows, now: float) -> None:
        """Notice that the store's clock was ahead and was set back: what was written by it would wait for that time.

        Looked for as soon as the clock is seen to have gone back, and else every minute, for another process may have
        written it.
        """
        went_back = now < self._latest - _AHEAD
        self._latest = now
        if not went_back and self.source.monotonic() < self._look_ahead_at:
            return
        self._look_ahead_at = self.source.monotonic() + _LOOK_AHEAD_EVERY
        count = rows.make_due(now, now + _AHEAD)
        if count:
            logger.warning("the clock of %r was ahead and was set back: %d events no longer wait for it", self, count)

    def _try_claim(
        self, rows: Rows, key: str, subject: str, now: float, lease: float, *, asked_for: bool
    ) -> Claim | None:
        """Take one event, unless another worker has it or one of its subject, or nothing is to be done for it."""
        siblings = rows.lock(subject) or []
        row = next((row for row in siblings if row.key == key), None)
        if row is None or not _is_claimable(row, now, asked_for=asked_for):
            return None
        others = [sibling for sibling in siblings if sibling.key != key]
        if any(_is_held(other, now) for other in others):
            return None
        event, known = _event_of(row), [_event_of(other) for other in others]
        if any(other.rank > event.rank for other in known):
            self._finish(rows, row.key, row.owner, "superseded")
            return None
        if row.kind == "unreadable" and not isinstance(event, UnreadableEvent):
            # A later version reads it: under its true key it is handled once, whoever else brought it.
            self._store(rows, event)
            self._finish(rows, row.key, row.owner, "superseded")
            return None
        event = event.as_stored(row.key, row.kind, known)
        owner = self.source.hexadecimal(16)
        values = {"state": "working", "owner": owner, "lease_until": now + lease, "attempts": row.attempts + 1}
        values["due_at"] = now  # when it was claimed
        rows.change(row.key, values, {"state": row.state})
        return Claim(row.key, event, row.attempts + 1, owner)

    def _store(self, rows: Rows, event: Event) -> Added:
        added = self._add(rows, event)
        if added.is_new or not event.is_payment:
            return added
        if self._is_same_payment(rows, added.key, _clean(event.payment_id)):
            return added
        return self._add(rows, event.as_second_payment())

    def _add(self, rows: Rows, event: Event) -> Added:
        row = _row_of(event, rows.now())
        for _ in range(3):
            # Asked first: an insert would wait for the handler that holds the row.
            there = rows.get(row.key)
            if there is not None:
                rows.count_delivery(row.key)
                return Added(row.key, is_new=False, state=there.state)
            if rows.insert(row):
                return Added(row.key, is_new=True, state=row.state)
        raise RuntimeError("the inbox neither takes an event nor has it: does its table have its primary key?")

    def _is_same_payment(self, rows: Rows, key: str, payment_id: str | None) -> bool:
        """Whether a paid event is the one stored; one that was stored without a payment id learns it."""
        there = rows.get(key)
        if there is None or there.payment_id == payment_id:
            return True
        if there.payment_id is None and rows.change(key, {"payment_id": payment_id}, {"payment_id": None}):
            return True
        there = rows.get(key)
        return there is None or there.payment_id == payment_id

    def _candidates(self, rows: Rows, key: str | None, now: float) -> list[tuple[str, str]]:
        if key is None:
            return rows.due(now, _LOOKED_AT)
        row = rows.get(key)
        return [] if row is None else [(row.key, row.subject)]

    def _finish(self, rows: Rows, key: str, owner: str | None, outcome: str) -> bool:
        values = {"state": "done", "outcome": outcome, "done_at": rows.now(), "owner": None, "lease_until": None}
        return rows.change(key, values, {"owner": owner})


# ------------------------------------------------------------------------------------------------ about rows


def _held_by(owner: str) -> dict[str, object]:
    return {"owner": owner, "state": "working"}


def _is_held(row: Stored, now: float) -> bool:
    """Whether a worker has it. A lease that began further ahead than can be is over."""
    is_running = row.lease_until is not None and row.lease_until > now and row.due_at <= now + _AHEAD
    return row.state == "working" and is_running


def _is_claimable(row: Stored, now: float, *, asked_for: bool) -> bool:
    if row.state == "waiting":
        return asked_for or row.due_at <= now
    return row.state == "working" and not _is_held(row, now)


def _row_of(event: Event, now: float) -> Stored:
    unreadable = event.problem if isinstance(event, UnreadableEvent) else None
    return Stored(
        key=event.dedupe_key,
        subject=event.subject,
        kind=event.stored_kind,
        body=event.body,
        webhook_id=_clean(event.webhook_id),
        payment_id=_clean(event.payment_id),
        external_id=_clean(event.external_id),
        source=event.source,
        state="waiting" if unreadable is None else "dead",
        received_at=now,
        due_at=now,
        error=_clean(unreadable, _LONGEST_ERROR),
    )


def _event_of(row: Stored) -> Event:
    """The event of a row's body, as this version reads it; what it knows of others is not in it yet."""
    source: EventSource = "reconcile" if row.source == "reconcile" else "webhook"
    try:
        return read_event(row.body, webhook_id=row.webhook_id, source=source)
    except WebhookBodyException as error:  # what an earlier version took
        return UnreadableEvent(row.key, row.body, str(error), webhook_id=row.webhook_id, source=source)


def _clean(text: str | None, longest: int = 255) -> str | None:
    """Text as every database takes it: no NUL, no lone surrogate, not too long."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")[:longest]
