"""Workers: take events from an inbox and hand them to your function, each until it is done or dead.

`Worker` hands over the event; `TransactionWorker` also hands over the connection whose transaction commits your changes
and `done` together. What they do is written in `work.py`; this module does it, in the thread that calls. It waits only
in `run`, between two looks into the inbox.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from xendit.static_typing import hinted
from xendit.webhook.actions import CallHandler, CallJointly, Transact
from xendit.webhook.effects import Effects, bind
from xendit.webhook.functions import check_arguments, check_done, check_function
from xendit.webhook.work import Drained, EventWork, refuse_inbox

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xendit.product_types import HandledEvent
    from xendit.source import SYSTEM, Source
    from xendit.webhook.actions import Action, Actions
    from xendit.webhook.event import Event, OtherEvent
    from xendit.webhook.handlers import Handlers
    from xendit.webhook.inbox import Claim, Inbox
    from xendit.webhook.statements import Steps
    from xendit.webhook.work import Outcome

__all__ = ["Drained", "TransactionWorker", "Worker"]

C = TypeVar("C")
T = TypeVar("T")


class _SyncWork(EventWork["Inbox[C]"], Generic[C]):
    """A worker that works in the thread that calls it."""

    def process(self, key: str) -> Outcome | None:
        """Handle the one event of a key, even before its next attempt is due. A task queue calls this.

        It does not raise what your function raises: the inbox keeps the error, and `drain` tries the event again.

        Returns:
            How it ended; None when there is nothing to do: it is done, dead or in another worker's hands.
        """
        return self._drive(self._processing(key))

    def drain(self, limit: int | None = None) -> Drained:
        """Handle what is due now, at most `limit` events, and return: for cron, or a task queue's own clock.

        Any number of drains may run at once, on any number of machines.
        """
        return self._drive(self._draining(limit))

    def run(self, poll: float = 1.0) -> None:
        """Drain until `stop` is called, looking again about every `poll` seconds. An inbox that fails is asked again.

        The pauses differ by a fifth, by chance, so that workers that began together do not look at the same moments.
        """
        self._drive(self._running(poll))

    def _drive(self, actions: Actions[T]) -> T:
        try:
            action = next(actions)
            while True:
                try:
                    result = self._do(action)
                except BaseException as error:  # noqa: BLE001, PERF203 - the worker judges it
                    action = actions.throw(error)
                else:
                    action = actions.send(result)
        except StopIteration as end:
            value: T = end.value
            return value

    def _do(self, action: Action) -> object:
        if isinstance(action, Transact):
            return self.inbox.transact(action.procedure)
        if isinstance(action, CallHandler):
            check_done(action.what, action.function(*action.arguments))
            return None
        if isinstance(action, CallJointly):
            calls = action.calls

            def work(connection: C) -> None:
                for function, event in calls():
                    check_done("the handler", function(event, connection))

            claim, *others = action.claims
            return self.inbox.jointly(claim, work, action.ending, *((others,) if others else ()))
        return self._stopping.wait(action.seconds)

    def _claiming(self, limit: int, key: str | None = None) -> Callable[[], Steps[list[Claim]]]:
        if self.batch > 1:
            return self.inbox.claiming(self.lease, limit, key, together=True)
        return self.inbox.claiming(self.lease, limit, key)

    def _bind_steps(self, claim: Claim) -> None:
        bind(claim.event, Effects(self.inbox, claim, None if self._joins else self.lease))

    def _check_inbox(self, inbox: object) -> None:
        if not all(callable(getattr(inbox, name, None)) for name in ("transact", "jointly", "claiming")):
            refuse_inbox(inbox, "SQLInbox(...)")

    def _check_function(self, name: str, function: object) -> None:
        check_function(name, function)

    def _check_handler(self, name: str, function: object) -> None:
        check_function(name, function)
        check_arguments(name, function, self._arguments)

    def _check_handlers(self, handlers: Handlers) -> None:
        handlers.check(self._arguments)


@hinted
class Worker(_SyncWork[object]):
    """Calls your function with each paid or expired event, and marks the event done when it returns.

    No transaction is open while your function runs, so it may take its time and call other services. If a worker dies
    before the event is done, another worker takes the event. So your function can meet an event twice, and must then do
    nothing. Where the effect is in the inbox's own database, use a TransactionWorker, which needs no such care.

    Args:
        inbox: where the events are.
        handler: called with each event whose class says that it is for the handler: something was paid or has expired.
            Or Handlers, with a function for each kind.
        other: called with any other event: an OtherEvent, or one in a status not known yet. Without it such events are
            done as `ignored`, with a line in the log.
        lease: seconds that a handler may take before another worker takes over.
        attempts: how often an event is tried before it becomes a dead letter.
        first_wait, longest_wait: seconds until the second attempt; doubled for each further one, up to the longest.
        on_failure: called with the event and what your function raised, for an error tracker.
        batch: how many events are finished in one commit at most, up to 100. That is faster where many wait; a worker
            that is killed then repeats up to so many.
        source: where random numbers come from (`xendit.source`).

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
            batch: int = 1,
            source: Source = SYSTEM,
        ) -> None: ...


@hinted
class TransactionWorker(_SyncWork[C]):
    """Calls your function with each paid or expired event and a connection: effects exactly once.

    What your function writes over the connection commits together with the event's `done`, or not at all: a worker that
    is killed leaves neither. Your function must not commit or roll back itself; that is refused, and makes the event a
    dead letter at once. It should be quick, because while it runs the transaction holds the event's row (and, in
    SQLite, the whole database).

    Args:
        inbox: where the events are; its connection is what your function gets: a SQLAlchemy Connection of
            SQLInbox, Django's connection of DjangoInbox (models simply work), None of MemoryInbox.
        handler: called with the event and the connection, for each event whose class says that it is for the handler.
        other: called likewise with any other event.
        batch: how many events share one transaction at most, up to 100. That is faster where many wait, and effects
            still happen exactly once. If one of them fails, all are rolled back and handled again, each by itself.
        lease, attempts, first_wait, longest_wait, on_failure, source: as Worker takes them.

    Raises:
        ConfigurationException: an argument is not of these.
    """

    _arguments = 2
    _joins = True

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
            batch: int = 1,
            source: Source = SYSTEM,
        ) -> None: ...
