"""TableInbox: the inbox over a table of rows, whatever keeps them. Its algorithm is in `procedures.py`. No I/O."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Generic, TypeVar

from xendit.database import SETTINGS, weaknesses_of
from xendit.source import SYSTEM, Source
from xendit.webhook import procedures
from xendit.webhook.inbox import LeaseLost
from xendit.webhook.procedures import KEEP_AT_LEAST
from xendit.webhook.statements import run

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from xendit.webhook.event import Event
    from xendit.webhook.inbox import Added, Claim, KeptStep, State, Stored, Tally
    from xendit.webhook.statements import Perform, Steps

__all__ = ["KEEP_AT_LEAST", "PURGED_AT_ONCE", "Inboxes", "TableInbox"]

logger = logging.getLogger("xendit.webhook")

C = TypeVar("C")
T = TypeVar("T")

PURGED_AT_ONCE = 500
"""How many events a purge deletes in one transaction, so that nothing is locked for long."""


class Inboxes:
    """What every inbox has, sync or async: a source of ids, and warnings in the log about the database's settings."""

    source: Source = SYSTEM
    """Where ids come from."""
    _looked = False

    @property
    def has_one_writer(self) -> bool:
        """Whether a transaction that has written keeps every other one from writing, as in SQLite."""
        return False

    @property
    def _watch(self) -> procedures.Watch:
        watch = self.__dict__.get("_watching")
        if not isinstance(watch, procedures.Watch):
            watch = self.__dict__["_watching"] = procedures.Watch(self.source, self._tell_ahead)
        return watch

    def _tell_ahead(self, count: int) -> None:
        logger.warning("the clock of %r was ahead and was set back: %d events no longer wait for it", self, count)

    def claiming(
        self, lease: float, limit: int = 1, key: str | None = None, *, together: bool = False
    ) -> Callable[[], Steps[list[Claim]]]:
        """The procedure that claims due events, or the event of a key; see procedures.claim."""
        owner = self.source.hexadecimal(16)
        if key is not None:
            return partial(procedures.claim_key, self._watch, owner, lease, key)
        return partial(procedures.claim, self._watch, owner, lease, limit, together=together)

    def _look_once(self, dialect: str, ask: Callable[[str], Sequence[object] | None]) -> None:
        """Tell the log, once, which of the database's settings could let events be lost.

        Args:
            dialect: which database it is.
            ask: gives the row of a statement; None if the database cannot be asked.
        """
        if self._looked:
            return
        self._looked = True
        query = SETTINGS.get(dialect)
        values = None if query is None else ask(query)
        for weakness in [] if values is None else weaknesses_of(dialect, values):
            logger.warning("the inbox's database may lose what it has acknowledged: %s", weakness)


class TableInbox(Inboxes, ABC, Generic[C]):
    """An Inbox over a table of rows. A subclass opens transactions of its store and does the statements in them."""

    own_deadline = False

    @abstractmethod
    def transact(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a short transaction of the inbox's own, and give what it returns.

        If the database undoes the transaction in favour of another one, it is done again with a new generator.

        Args:
            procedure: makes the generator.
            timeout: seconds after which to give up and raise; where it is given, the transaction is tried only once.
        """

    def transact_apart(self, procedure: Callable[[], Steps[T]]) -> T:
        """The same, in a transaction apart from any that this thread has open; it is committed when this returns."""
        return self.transact(procedure)

    @abstractmethod
    def _joint(self) -> AbstractContextManager[tuple[Perform, C]]:
        """Open a transaction that a handler shares; give what does the inbox's statements in it, and its connection."""

    def _watched(self, connection: C) -> AbstractContextManager[None]:  # noqa: ARG002 - a store's own may need it
        """Watch a handler with that connection; raise TransactionEnded where it ends the transaction itself."""
        return nullcontext()

    def jointly(
        self,
        claim: Claim,
        work: Callable[[C], object],
        ending: Callable[[], Steps[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Hand a transaction that holds the event to `work`, and run the procedure `ending` in it too; then commit.

        Args:
            claim: the event.
            work: what is done in the transaction.
            ending: what finishes the event.
            others: more events of the same owner, which the transaction holds too.

        Raises:
            LeaseLost: on entry, before anything was written.
            TransactionEnded: `work` ended the transaction itself.
        """
        with self._held(claim, others) as (perform, connection):
            with self._watched(connection):
                work(connection)
            return run(ending(), perform)

    @contextmanager
    def _held(self, claim: Claim, others: Sequence[Claim] = ()) -> Iterator[tuple[Perform, C]]:
        with self._joint() as (perform, connection):
            if not run(procedures.hold(claim, others), perform):
                raise LeaseLost(f"{claim.key} was taken over by another worker")
            yield perform, connection

    def add(self, event: Event, timeout: float = 20.0) -> Added:
        """Store an event durably, once; see Inbox."""
        return self.transact(partial(procedures.add, event), timeout)

    def claim(self, key: str | None = None, lease: float = 60.0) -> Claim | None:
        """Take an event for `lease` seconds; see Inbox."""
        return next(iter(self.transact(self.claiming(lease, key=key))), None)

    @contextmanager
    def transaction(self, claim: Claim) -> Iterator[C]:
        """A transaction that a handler shares with the inbox; see Inbox."""
        with self._held(claim) as (perform, connection):
            with self._watched(connection):
                yield connection
            run(procedures.finish(claim), perform)

    def done(self, claim: Claim, outcome: str = "handled") -> bool:
        """Finish an event; see Inbox."""
        return self.transact(partial(procedures.finish, claim, outcome))

    def fail(self, claim: Claim, error: str, retry_in: float | None) -> bool:
        """Give an event back; see Inbox."""
        return self.transact(partial(procedures.fail, claim, error, retry_in))

    def replay(self, key: str) -> bool:
        """Let an event be handled again; see Inbox."""
        return self.transact(partial(procedures.replay, key))

    def purge(self, older_than: timedelta) -> int:
        """Delete what was done longer ago; see Inbox."""
        age = procedures.check_age(older_than)
        purged = 0
        while True:
            count = self.transact(partial(procedures.delete_done, age, PURGED_AT_ONCE))
            purged += count
            if count < PURGED_AT_ONCE:
                return purged

    def tally(self, *, done: bool = False) -> Tally:
        """Count the events by state; see Inbox."""
        return self.transact(partial(procedures.tally, self._watch, done=done))

    def steps(self, key: str) -> list[KeptStep]:
        """The steps of an event that `event.once` keeps, the first begun first."""
        return self.transact(partial(procedures.effects, key))

    def letters(self, state: State = "dead", limit: int = 100) -> list[Stored]:
        """The events of a state, the latest first; see Inbox."""
        return self.transact(partial(procedures.letters, state, limit))
