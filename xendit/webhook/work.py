"""What a worker does, written once for sync and async: a generator of actions that a driver does one after the other.
No I/O.

A driver (`worker.py`, `async_worker.py`) takes each action (`actions.py`), does it, and sends the result, or throws the error, into
the generator. A worker has no state but the events that it has claimed: the one whose attempt has begun, and the
upcoming ones, whose attempts have not.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from xendit.database import attempts
from xendit.exceptions import ConfigurationException
from xendit.marks import mark
from xendit.source import SYSTEM, Source
from xendit.webhook import procedures
from xendit.webhook.actions import CallHandler, CallJointly, Pause, Transact
from xendit.webhook.batch import INTERRUPTED, EventBatch, interrupted_together, settle_together
from xendit.webhook.event import UnreadableEvent
from xendit.webhook.failure import place_of, short_text, whole_text
from xendit.webhook.handlers import Handlers
from xendit.webhook.inbox import Claims, LeaseLost, StepRefused, TransactionEnded
from xendit.words import setting_name, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, TypeAlias

    from xendit.webhook.actions import Actions
    from xendit.webhook.batch import SettledTogether
    from xendit.webhook.event import Event
    from xendit.webhook.inbox import Claim
    from xendit.webhook.procedures import Settled
    from xendit.webhook.statements import Steps

    #: What became of one event; see Drained.
    Outcome: TypeAlias = Literal["handled", "ignored", "failed", "dead", "lost"]

logger = logging.getLogger("xendit.webhook")

I = TypeVar("I")  # noqa: E741

#: How many events are claimed at once at most. A worker holds their bodies in memory.
_MOST_CLAIMED = 100
#: Seconds that the events of one claim should take. After a claim that took less, more events are claimed; else fewer.
_CLAIM_TAKES = 0.25
#: Seconds after which no further handler of a batch is called, and the same as a share of the lease: events in a batch
#: are kept from other workers, and the lease of each began with the first.
_BATCH_TAKES = 1.0
_BATCH_SHARE = 0.1
#: How often a worker that found only events which another one was claiming at that moment looks again before it pauses,
#: and the seconds that it waits for that at most. Both have let the events go; one of them comes first now, by chance.
_MEETINGS = 3
_MEETING_TAKES = 0.1
#: Half the seconds that an inbox which cannot be read is left alone at first, even by a worker that does not pause while
#: there is work.
_LEAST_WAIT = 0.1


class Drained(NamedTuple):
    """What a `drain` did, by number of events."""

    handled: int = 0
    """Your function returned."""
    ignored: int = 0
    """No function takes them: there is no `other`, or it was the dashboard's test."""
    failed: int = 0
    """Your function raised; they will be tried again."""
    dead: int = 0
    """They became dead letters."""
    lost: int = 0
    """The lease ran out meanwhile, and another worker took over."""


class EventWork(Generic[I]):
    """What all workers share: which function an event goes to, and what is done when the function returns or raises."""

    _arguments = 1
    """How many arguments a handler is called with."""
    _joins = False
    """Whether a handler shares the inbox's transaction."""

    def __init__(
        self,
        inbox: I,
        handler: Callable[..., object],
        *,
        other: Callable[..., object] | None = None,
        lease: float = 60.0,
        attempts: int = 10,
        first_wait: float = 10.0,
        longest_wait: float = 3600.0,
        on_failure: Callable[[Event, Exception], object] | None = None,
        batch: int = 1,
        source: Source = SYSTEM,
    ) -> None:
        self._check_inbox(inbox)
        if isinstance(handler, Handlers):
            if other is not None:
                raise ConfigurationException("give other=..., or Handlers with @handle.otherwise, and not both")
        else:
            self._check_handler("handler", handler)
        if other is not None:
            self._check_handler("other", other)
        if on_failure is not None:
            self._check_function("on_failure", on_failure)
        for name, number in (("lease", lease), ("first_wait", first_wait), ("longest_wait", longest_wait)):
            if type(number) not in (int, float) or not 0 < number < float("inf"):
                raise ConfigurationException(
                    f"{name} must be a number of seconds above zero, {setting_name(number)} was given"
                )
        if type(attempts) is not int or attempts < 1:
            raise ConfigurationException(
                f"attempts must be a whole number above zero, {setting_name(attempts)} was given"
            )
        if type(batch) is not int or not 1 <= batch <= _MOST_CLAIMED:
            raise ConfigurationException(
                f"batch must be a whole number from 1 to {_MOST_CLAIMED}, {setting_name(batch)} was given"
            )
        self.inbox = inbox
        self.handler = handler
        self.other = other
        self.lease = float(lease)
        self.attempts = attempts
        self.first_wait = float(first_wait)
        self.longest_wait = float(longest_wait)
        self.on_failure = on_failure
        self.batch = batch
        self.source = source
        self._stopping = threading.Event()
        self._started = False
        self._drains = False
        self._claimed_at_once = 1

    def stop(self) -> None:
        """End `run` and `drain` after the event under way. May be called from a signal handler or any thread."""
        self._stopping.set()

    # -- what differs between sync and async

    def _check_inbox(self, inbox: object) -> None:
        raise NotImplementedError

    def _bind_steps(self, claim: Claim) -> None:
        raise NotImplementedError

    def _check_function(self, name: str, function: object) -> None:
        raise NotImplementedError

    def _check_handler(self, name: str, function: object) -> None:
        raise NotImplementedError

    def _check_handlers(self, handlers: Handlers) -> None:
        raise NotImplementedError

    # -- actions

    def _processing(self, key: str) -> Actions[Outcome | None]:
        self._start()
        claims: list[Claim] = yield Transact(self._claiming(1, key))
        if not claims:
            return None
        outcome, _ = yield from self._work(claims[0], deque())
        return outcome

    def _draining(self, limit: int | None) -> Actions[Drained]:
        self._start()
        self._drains = True
        counts: dict[str, int] = {}
        upcoming: deque[Claim] = deque()
        current: Claim | None = None
        left = float("inf") if limit is None else limit
        began, claimed, meetings = 0.0, 0, 0
        claims: list[Claim] | None = None  # None: nobody has looked yet
        while left > 0 and (claims or not self._stopping.is_set()):
            if current is None:
                if claims is None:
                    self._adapt(claimed, self.source.monotonic() - began)
                    began = self.source.monotonic()
                    claims = yield Transact(self._claiming(int(min(left, self._claimed_at_once))))
                if not claims:
                    if not (isinstance(claims, Claims) and claims.met) or meetings == _MEETINGS:
                        break
                    mark("worker: it met another one over a subject, and looks again")
                    meetings += 1
                    claims = None
                    yield Pause(self.source.between(0.0, _MEETING_TAKES))
                    continue
                meetings = 0
                begun = procedures.begun_by(claims, together=self.batch > 1)
                if len(begun) > 1:
                    keys = {each.key for each in begun}
                    upcoming.extend(each for each in claims if each.key not in keys)
                    outcomes, current, claims = yield from self._work_together(begun, upcoming, left)
                    claimed = 0  # how many are claimed at once is adapted already
                    for each in outcomes:
                        counts[each] = counts.get(each, 0) + 1
                    left -= len(outcomes)
                    continue
                claimed = len(claims)
                current, *rest = claims
                claims = None
                upcoming.extend(rest)
            outcome, current = yield from self._work(current, upcoming)
            counts[outcome] = counts.get(outcome, 0) + 1
            left -= 1
            if current is None and not self._stopping.is_set():
                if upcoming:
                    mark("worker: all that it held was lost")
                upcoming.clear()  # all their leases were lost
        if current is not None or upcoming:
            yield Transact(partial(procedures.give_back, current, tuple(upcoming)))
        return Drained(**counts)

    def _running(self, poll: float) -> Actions[None]:
        self._start()
        wait = poll
        while not self._stopping.is_set():
            try:
                drained = yield from self._draining(None)
            except Exception as error:  # noqa: BLE001 - a database that restarts must not end the worker
                mark("worker: the inbox cannot be read")
                logger.error("the inbox cannot be read: %s", short_text(error))  # noqa: TRY400
                wait = min(max(wait, poll, _LEAST_WAIT) * 2, 60.0)
            else:
                wait = 0.0 if drained.handled else poll
            # A little sooner or later each time, by chance. Two workers that look at the same moment, with two events of
            # one subject waiting, each lock one of the two, find the other one locked, and let both go. If they looked
            # again at the same moment, they would do so for ever.
            yield Pause(wait * self.source.between(0.8, 1.2))

    def _claiming(self, limit: int, key: str | None = None) -> Callable[[], Steps[list[Claim]]]:
        raise NotImplementedError

    def _adapt(self, claimed: int, seconds: float) -> None:
        """Claim more events at once when handlers are quick, and fewer when others could handle what we would hold."""
        if claimed < self._claimed_at_once:
            return
        if seconds < _CLAIM_TAKES:
            most = self.batch if self.batch > 1 else _MOST_CLAIMED
            self._claimed_at_once = min(most, self._claimed_at_once * 2)
        elif seconds > 4 * _CLAIM_TAKES:
            self._claimed_at_once = max(1, self._claimed_at_once // 2)

    def _start(self) -> None:
        """Check and list the functions of Handlers, once: by now all modules that decorate them are imported."""
        if self._started or not isinstance(self.handler, Handlers):
            return
        self._check_handlers(self.handler)
        self._started = True
        logger.info("webhooks are handled by %r", self.handler)

    # -- one event

    def _work(self, claim: Claim, upcoming: deque[Claim]) -> Actions[tuple[Outcome, Claim | None]]:
        """Work on an event whose attempt has begun. → how it ended, and the upcoming event that was begun with that."""
        event = claim.event
        if isinstance(event, UnreadableEvent):
            return (yield from self._fail(claim, upcoming, event.problem, dead=True))
        if claim.attempt > self.attempts:
            mark("worker: no attempt is left")
            problem = f"no worker came to an end with it in {self.attempts} attempts"
            return (yield from self._fail(claim, upcoming, problem, dead=True))
        function = None
        if event.is_dashboard_test:
            logger.info("the dashboard's test webhook arrived: the endpoint works")
        else:
            function = self._function_for(event)
            if function is None:
                logger.warning("webhook %s of kind %s has no handler", event.dedupe_key, event.stored_kind)
            if function is None and event.must_be_handled:
                problem = f"no function of Handlers takes an event of kind {event.stored_kind}"
                return (yield from self._fail(claim, upcoming, problem, dead=True))
        if function is None:
            settled = yield Transact(self._settling(upcoming, partial(procedures.finish, claim, "ignored")))
            return "ignored" if settled.is_kept else "lost", _begun(settled.started, upcoming)
        try:
            settled = yield from self._handle(claim, function, upcoming)
        except LeaseLost:
            mark("worker: the lease was lost before the handler")
            settled = yield Transact(self._settling(upcoming, None))  # the event is no longer ours
        except Exception as error:  # noqa: BLE001 - the handler is the user's, and may raise anything
            return (yield from self._failed(claim, upcoming, error))
        except BaseException:
            yield Transact(partial(_interrupted, claim, tuple(upcoming)))
            raise
        if not settled.is_kept:
            mark("worker: the lease was lost")
            logger.warning(
                "webhook %s took longer than its lease of %g s; another worker has it now: give the worker a longer"
                " lease, or the handler less to do",
                claim.key,
                self.lease,
            )
        return "handled" if settled.is_kept else "lost", _begun(settled.started, upcoming)

    def _handle(self, claim: Claim, function: Callable[..., object], upcoming: deque[Claim]) -> Actions[Settled]:
        """Call a handler, and finish the event."""
        settled: Settled
        self._bind_steps(claim)
        settling = self._settling(upcoming, partial(procedures.finish, claim))
        if not self._joins:
            yield CallHandler("the handler", function, (claim.event,))
            settled = yield Transact(settling)
            return settled
        # If the database undoes the transaction in favour of another one, it is done again at once, as the same
        # attempt.
        for attempt in attempts():
            with attempt:
                settled = yield CallJointly((claim,), lambda: iter(((function, claim.event),)), settling)
                return settled
        raise AssertionError

    # -- several events in one commit

    def _work_together(
        self, begun: Sequence[Claim], upcoming: deque[Claim], left: float
    ) -> Actions[tuple[list[Outcome], Claim | None, list[Claim] | None]]:
        """Work on events whose attempts have begun together. → how they ended, the upcoming event that was begun, and
        what was claimed in the same commit (None: it was not looked for).

        Those that were not called become upcoming events again, which are worked on one by one. If the handlers share a
        transaction and it fails, that is all of them.

        Args:
            begun, upcoming: what was claimed.
            left: how many events may be worked on, these included.
        """
        began = self.source.monotonic()
        batch = EventBatch(begun, self._functions_of(begun), self._may_go_on())
        settling = partial(self._settling_together, batch, upcoming, left)
        settled: SettledTogether | None = None
        failed: Exception | None = None
        try:
            if self._joins and batch.fit:
                for attempt in attempts():
                    with attempt:
                        settled = yield CallJointly(batch.fit, batch.calls, settling)
            else:
                for function, event in batch.calls():
                    yield CallHandler("the handler", function, (event,))
        except Exception as error:  # noqa: BLE001 - a handler is the user's, and may raise anything
            failed = error
        except BaseException:
            batch.fail(is_undone=self._joins)
            yield Transact(partial(interrupted_together, batch, tuple(upcoming), self.lease))
            raise
        if failed is not None:
            batch.fail(is_undone=self._joins)
            if self._joins:
                batch.alone = None
                logger.info("webhooks that shared a transaction are handled one by one now: %s", short_text(failed))
        self._adapt(len(begun), self.source.monotonic() - began)
        ended: SettledTogether = (yield Transact(settling)) if settled is None else settled
        upcoming.extendleft(reversed(batch.rest))
        lost = len(batch.called) - ended.kept
        if lost:
            logger.warning(
                "%d of %d webhooks in a batch took longer than their lease of %g s; other workers have them now: give the"
                " worker a longer lease, or the handler less to do",
                lost,
                len(batch.called),
                self.lease,
            )
        outcomes: list[Outcome] = [*["handled"] * ended.kept, *["lost"] * lost]  # type: ignore[list-item]
        if failed is None or batch.alone is None:
            return outcomes, _begun(ended.started, upcoming), ended.claims
        if isinstance(failed, LeaseLost):
            following: Settled = yield Transact(self._settling(upcoming, None))
            return [*outcomes, "lost"], _begun(following.started, upcoming), None
        outcome, current = yield from self._failed(batch.alone, upcoming, failed)
        return [*outcomes, outcome], current, None

    def _functions_of(self, claims: Sequence[Claim]) -> dict[str, Callable[..., object]]:
        """The function for each event, by its key. An event for which there is none is worked on by itself."""
        functions: dict[str, Callable[..., object]] = {}
        for claim in claims:
            event = claim.event
            if not isinstance(event, UnreadableEvent) and not event.is_dashboard_test:
                function = self._function_for(event)
                if function is not None:
                    self._bind_steps(claim)
                    functions[claim.key] = function
        return functions

    def _may_go_on(self) -> Callable[[], bool]:
        """Whether a further handler of the batch that begins now may be called."""
        until = self.source.monotonic() + min(_BATCH_TAKES, _BATCH_SHARE * self.lease)
        return lambda: not self._stopping.is_set() and self.source.monotonic() < until

    def _settling_together(self, batch: EventBatch, upcoming: deque[Claim], left: float) -> Steps[SettledTogether]:
        """The procedure that ends what was called and, unless the worker was stopped by then, begins the next event.

        If it has no further event, it claims new ones in the same transaction. A transaction that the handlers share is
        of the user's engine, under whose level a claim could fail where it meets another one; there they are claimed
        afterwards.
        """
        begins = batch.alone is None and not self._stopping.is_set()
        following = (*batch.rest, *upcoming) if begins else ()
        limit = min(left - len(batch.called), self._claimed_at_once)
        claims = begins and not following and not self._joins and limit >= 1
        claiming = self._claiming(int(limit)) if claims else None
        return settle_together(tuple(batch.called), batch.rest, following, self.lease, claiming, must_keep=self._joins)

    def _settling(
        self, upcoming: deque[Claim], ending: Callable[[], Steps[bool]] | None
    ) -> Callable[[], Steps[Settled]]:
        """A procedure that ends an event and, unless the worker was stopped by then, begins the next."""

        def settle() -> Steps[Settled]:
            following = () if self._stopping.is_set() else tuple(upcoming)
            return procedures.settle(None if ending is None else ending(), following, self.lease)

        return settle

    def _function_for(self, event: Event) -> Callable[..., object] | None:
        function: Callable[..., object] | None
        if isinstance(self.handler, Handlers):
            function = self.handler.function_for(event)
        else:
            function = self.handler if event.is_for_handler else self.other
        return function

    def _failed(self, claim: Claim, upcoming: deque[Claim], error: Exception) -> Actions[tuple[Outcome, Claim | None]]:
        if self.on_failure is not None:
            try:
                yield CallHandler("on_failure", self.on_failure, (claim.event, error))
            except Exception as another:  # noqa: BLE001 - a report that fails must not hide what it reports
                logger.error("on_failure failed: %s", short_text(another))  # noqa: TRY400
        # A handler that ends the transaction would do so in every attempt, and each time could leave an effect behind.
        dead = claim.attempt >= self.attempts or isinstance(error, (StepRefused, TransactionEnded))
        if dead:
            mark("worker: an event becomes a dead letter")
        place = place_of(error)
        short = short_text(error) + ("" if place is None else f" (in {place})")
        return (yield from self._fail(claim, upcoming, whole_text(error), dead=dead, short=short))

    def _fail(
        self, claim: Claim, upcoming: deque[Claim], error: str, *, dead: bool, short: str | None = None
    ) -> Actions[tuple[Outcome, Claim | None]]:
        wait = min(self.longest_wait, self.first_wait * 2 ** min(claim.attempt - 1, 60))
        wait *= self.source.between(0.8, 1.2)  # so that events that failed together are not tried together
        ending = partial(procedures.fail, claim, error, None if dead else wait)
        settled: Settled = yield Transact(self._settling(upcoming, ending))
        following = _begun(settled.started, upcoming)
        if not settled.is_kept:
            return "lost", following
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
        return "dead" if dead else "failed", following


def _begun(started: int | None, upcoming: deque[Claim]) -> Claim | None:
    """The upcoming event whose attempt begins now. Those before it are dropped, because their leases were lost."""
    if started is None:
        return None
    for _ in range(started):
        upcoming.popleft()
    return upcoming.popleft()


def _interrupted(claim: Claim, upcoming: Sequence[Claim]) -> Steps[None]:
    """What is done when a worker is ended in the middle of a handler: all the events that it held are due at once."""
    yield from procedures.fail(claim, INTERRUPTED, 0.0)
    yield from procedures.give_back(None, upcoming)


def refuse_inbox(inbox: object, names: str) -> None:
    """Raise the error that says which kinds of inbox a worker takes."""
    raise ConfigurationException(f"a worker takes an inbox such as {names}, {type_name(inbox)} was given")
