"""Workers: take events from an inbox and hand them to your function, each until it is done or dead.

`Worker` hands over the event; `TransactionWorker` also hands over the connection whose transaction commits your
changes and `done` together. What `run` waits for between two looks is the only wait in here.
"""

from __future__ import annotations

import logging
import threading
from typing import Generic, NamedTuple, TypeVar

from xendit.database import UNDONE, is_undone
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.webhook.event import UnreadableEvent
from xendit.webhook.failure import short_text, whole_text
from xendit.webhook.functions import check_arguments, check_done, check_function
from xendit.webhook.handlers import Handlers
from xendit.webhook.inbox import LeaseLost, TransactionEnded
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, TypeAlias

    from xendit.product_types import HandledEvent
    from xendit.webhook.event import Event, OtherEvent
    from xendit.webhook.inbox import Claim, Inbox

    #: What became of one event; see Drained.
    Outcome: TypeAlias = Literal["handled", "ignored", "failed", "dead", "lost"]

__all__ = ["Drained", "TransactionWorker", "Worker"]

logger = logging.getLogger("xendit.webhook")

C = TypeVar("C")


class Drained(NamedTuple):
    """What a `drain` did, by number of events."""

    handled: int = 0
    """Your function returned."""
    ignored: int = 0
    """Nobody is there for them: no `other`, or the dashboard's test."""
    failed: int = 0
    """Your function raised; they will be tried again."""
    dead: int = 0
    """They became dead letters."""
    lost: int = 0
    """The lease ran out meanwhile, and another worker took over."""


class _Base(Generic[C]):
    """What both workers share: which events go to whom, and what follows from how it ended."""

    _arguments = 1
    """How many arguments a handler is called with."""

    def __init__(
        self,
        inbox: Inbox[C],
        handler: Callable[..., object],
        *,
        other: Callable[..., object] | None = None,
        lease: float = 60.0,
        attempts: int = 10,
        first_wait: float = 10.0,
        longest_wait: float = 3600.0,
        on_failure: Callable[[Event, Exception], object] | None = None,
        source: Source = SYSTEM,
    ) -> None:
        if not callable(getattr(inbox, "claim", None)):
            raise ConfigurationException(f"a worker takes an inbox such as SQLInbox(...), {type_name(inbox)} was given")
        if isinstance(handler, Handlers):
            if other is not None:
                raise ConfigurationException("give other=..., or Handlers with @handle.otherwise, and not both")
        else:
            check_function("handler", handler)
            check_arguments("handler", handler, self._arguments)
        if other is not None:
            check_function("other", other)
            check_arguments("other", other, self._arguments)
        if on_failure is not None:
            check_function("on_failure", on_failure)
        for name, number in (("lease", lease), ("first_wait", first_wait), ("longest_wait", longest_wait)):
            if type(number) not in (int, float) or not 0 < number < float("inf"):
                raise ConfigurationException(f"{name} must be a number of seconds above zero")
        if type(attempts) is not int or attempts < 1:
            raise ConfigurationException("attempts must be a whole number above zero")
        self.inbox = inbox
        self.handler = handler
        self.other = other
        self.lease = float(lease)
        self.attempts = attempts
        self.first_wait = float(first_wait)
        self.longest_wait = float(longest_wait)
        self.on_failure = on_failure
        self.source = source
        self._stopping = threading.Event()
        self._started = False
        self._drains = False

    def process(self, key: str) -> Outcome | None:
        """Handle the one event of a key, also before its next attempt is due: what a task queue calls.

        Never raises for what your function raises: the inbox keeps it, and `drain` tries again.

        Returns:
            How it ended; None when there is nothing to do: it is done, dead or in another worker's hands.
        """
        self._start()
        claim = self.inbox.claim(key, lease=self.lease)
        return None if claim is None else self._work(claim)

    def drain(self, limit: int | None = None) -> Drained:
        """Handle what is due now, at most `limit` events, and return: for cron, or a task queue's own clock.

        Any number of drains may run at once, on any number of machines.
        """
        self._start()
        self._drains = True
        counts: dict[str, int] = {}
        while (limit is None or sum(counts.values()) < limit) and not self._stopping.is_set():
            claim = self.inbox.claim(lease=self.lease)
            if claim is None:
                break
            outcome = self._work(claim)
            counts[outcome] = counts.get(outcome, 0) + 1
        return Drained(**counts)

    def run(self, poll: float = 1.0) -> None:
        """Drain until `stop` is called, looking again every `poll` seconds. An inbox that fails is asked again."""
        self._start()
        wait = poll
        while not self._stopping.is_set():
            try:
                drained = self.drain()
            except Exception as error:  # noqa: BLE001 - a database that restarts must not end the worker
                logger.error("the inbox cannot be read: %s", short_text(error))  # noqa: TRY400
                wait = min(wait * 2, 60.0)
            else:
                wait = 0.0 if drained.handled else poll
            self._stopping.wait(wait)

    def stop(self) -> None:
        """End `run` and `drain` after the event under way. May be called from a signal handler or any thread."""
        self._stopping.set()

    def _start(self) -> None:
        """Check and list the functions of Handlers, once: all modules that decorate them are imported by then."""
        if self._started or not isinstance(self.handler, Handlers):
            return
        self.handler.check(self._arguments)
        self._started = True
        logger.info("webhooks are handled by %r", self.handler)

    # -- one event

    def _handle(self, claim: Claim, function: Callable[..., object]) -> bool:
        """Call a function and finish the event; False when the lease was lost."""
        raise NotImplementedError

    def _work(self, claim: Claim) -> Outcome:
        event = claim.event
        if isinstance(event, UnreadableEvent):
            return self._fail(claim, event.problem, dead=True)
        if claim.attempt > self.attempts:
            return self._fail(claim, f"no worker came to an end with it in {self.attempts} attempts", dead=True)
        if event.is_dashboard_test:
            logger.info("the dashboard's test webhook arrived: the endpoint works")
            return "ignored" if self.inbox.done(claim, "ignored") else "lost"
        function = self._function_for(event)
        if function is None and event.must_be_handled:
            return self._fail(claim, f"no function of Handlers takes an event of kind {event.stored_kind}", dead=True)
        if function is None:
            return "ignored" if self.inbox.done(claim, "ignored") else "lost"
        try:
            kept = self._handle(claim, function)
        except LeaseLost:
            kept = False
        except Exception as error:  # noqa: BLE001 - the handler is the user's, and may raise anything
            return self._failed(claim, error)
        except BaseException:
            self.inbox.fail(claim, "the worker was interrupted", 0.0)
            raise
        if not kept:
            logger.warning(
                "webhook %s took longer than its lease of %g s; another worker has it now: give the worker a longer"
                " lease, or the handler less to do",
                claim.key,
                self.lease,
            )
        return "handled" if kept else "lost"

    def _function_for(self, event: Event) -> Callable[..., object] | None:
        function: Callable[..., object] | None
        if isinstance(self.handler, Handlers):
            function = self.handler.function_for(event)
        else:
            function = self.handler if event.is_for_handler else self.other
        if function is None:
            logger.warning("webhook %s of kind %s has no handler", event.dedupe_key, event.stored_kind)
        return function

    def _failed(self, claim: Claim, error: Exception) -> Outcome:
        if self.on_failure is not None:
            try:
                check_done("on_failure", self.on_failure(claim.event, error))
            except Exception as another:  # noqa: BLE001 - a report that fails must not hide what it reports
                logger.error("on_failure failed: %s", short_text(another))  # noqa: TRY400
        # What ends the transaction will end it at each attempt, and may have left its effect behind: once is enough.
        dead = claim.attempt >= self.attempts or isinstance(error, TransactionEnded)
        return self._fail(claim, whole_text(error), dead=dead, short=short_text(error))

    def _fail(self, claim: Claim, error: str, *, dead: bool, short: str | None = None) -> Outcome:
        wait = min(self.longest_wait, self.first_wait * 2 ** min(claim.attempt - 1, 60))
        wait *= self.source.between(0.8, 1.2)  # so that what failed together is not tried together
        if not self.inbox.fail(claim, error, None if dead else wait):
            return "lost"
        if dead:
            what = "is a dead letter now"
        else:
            drains = (
                ""
                if self._drains
                else ", of which this process has run none: let cron or a task queue drain each minute"
            )
            what = f"will be tried again by the first drain in {wait:.0f} s{drains}"
        where = "" if short is None else f"\n{error}"
        logger.error(
            "webhook %s failed (attempt %d of %d) and %s: %s%s",
            claim.key,
            claim.attempt,
            self.attempts,
            what,
            short or error,
            where,
        )
        return "dead" if dead else "failed"


class Worker(_Base[object]):
    """Calls your function with each paid or expired event, and marks the event done when it returns.

    No transaction is open meanwhile, so it may take its time and call other services. A worker that dies in
    between leaves the event to another: your function can meet an event twice, and must then do nothing. Where
    the effect is in the inbox's own database, take a TransactionWorker: it needs no such care.

    Args:
        inbox: where the events are.
        handler: called with each event that its class says is for it: what was paid or has expired. Or Handlers, with
            a function for each kind.
        other: called with any other event: an OtherEvent, or one in a status not known yet. Without it they are
            done as `ignored`, with a line in the log.
        lease: seconds that a handler may take before another worker takes over.
        attempts: how often an event is tried before it is a dead letter.
        first_wait, longest_wait: seconds until the second attempt; doubled each time, up to the longest.
        on_failure: called with the event and what your function raised: for an error tracker.
        source: where chance comes from (`xendit.source`).

    Raises:
        ConfigurationException: an argument is not of these.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            inbox: Inbox[Any],
            handler: Callable[[HandledEvent], object],
            *,
            other: Callable[[OtherEvent | HandledEvent], object] | None = None,
            lease: float = 60.0,
            attempts: int = 10,
            first_wait: float = 10.0,
            longest_wait: float = 3600.0,
            on_failure: Callable[[Event, Exception], object] | None = None,
            source: Source = SYSTEM,
        ) -> None: ...

    def _handle(self, claim: Claim, function: Callable[..., object]) -> bool:
        check_done("the handler", function(claim.event))
        return self.inbox.done(claim)


class TransactionWorker(_Base[C]):
    """Calls your function with each paid or expired event and a connection: effects exactly once.

    What your function writes over the connection commits together with the event's `done`, or not at all: a
    worker that is killed leaves neither. It must not commit or roll back itself: that is refused, and makes the event
    a dead letter at once. It should be quick, for the transaction holds the event's row (and, in SQLite, the whole
    database) while it runs.

    Args:
        inbox: where the events are; its connection is what your function gets: a SQLAlchemy Connection of
            SQLInbox, Django's connection of DjangoInbox (models simply work), None of MemoryInbox.
        handler: called with each event that its class says is for it, and the connection.
        other: called likewise with any other event.
        lease, attempts, first_wait, longest_wait, on_failure, source: as Worker takes them.

    Raises:
        ConfigurationException: an argument is not of these.
    """

    _arguments = 2

    if TYPE_CHECKING:

        def __init__(
            self,
            inbox: Inbox[C],
            handler: Callable[[HandledEvent, C], object],
            *,
            other: Callable[[OtherEvent | HandledEvent, C], object] | None = None,
            lease: float = 60.0,
            attempts: int = 10,
            first_wait: float = 10.0,
            longest_wait: float = 3600.0,
            on_failure: Callable[[Event, Exception], object] | None = None,
            source: Source = SYSTEM,
        ) -> None: ...

    def _handle(self, claim: Claim, function: Callable[..., object]) -> bool:
        undone = 0
        while not self._is_committed(claim, function, last=undone == UNDONE):
            undone += 1
        return True

    def _is_committed(self, claim: Claim, function: Callable[..., object], *, last: bool) -> bool:
        """One transaction. False: the database has undone it in favour of another one, as it often does under SERIALIZABLE.

        Nothing of it is left then, so it is done again at once, and costs the event no attempt.
        """
        try:
            with self.inbox.transaction(claim) as connection:
                check_done("the handler", function(claim.event, connection))
        except Exception as error:
            if last or not is_undone(error):
                raise
            return False
        return True
