"""The inbox and the workers of a shop in a world: the product's own procedures and its own work, over a simulated database.

This is a third driver, beside the one of threads and the one of event loops. Each statement or action that our code
yields is a step of a task here. So a kill, another worker or a jump of the clock may come between any two of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from xendit.database import attempts
from xendit.testing.world.database import WorldTransaction
from xendit.testing.world.scheduler import bury
from xendit.webhook import procedures
from xendit.webhook.actions import CallHandler, CallJointly, Transact
from xendit.webhook.effects import Effects, StepAttempt, bind, kept_result, text_of_result
from xendit.webhook.inbox import LeaseLost
from xendit.webhook.table import Inboxes
from xendit.webhook.work import EventWork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.source import Source
    from xendit.testing.world.database import WorldDatabase
    from xendit.testing.world.scheduler import Steps, Task, WorldProcess
    from xendit.veil import Veiled
    from xendit.webhook.actions import Action, Actions
    from xendit.webhook.event import Event
    from xendit.webhook.handlers import Handlers
    from xendit.webhook.inbox import Added, Claim, Inbox, State, Stored
    from xendit.webhook.statements import Steps as Procedure


class WorldInbox(Inboxes):
    """An inbox over a simulated database, for the tasks of one process.

    Args:
        database: where the rows are.
        process: whose connections are used.
        source: where ids come from.
    """

    own_deadline = True

    def __init__(self, database: WorldDatabase, process: WorldProcess, source: Source) -> None:
        self.database = database
        self.process = process
        self.source = source

    @property
    def has_one_writer(self) -> bool:
        """Whether there is one transaction at a time."""
        return self.database.single_writer

    def transact(self, procedure: Callable[[], Procedure[Any]]) -> Steps:
        """Run a procedure in a transaction of its own; if the database undoes it, it is done again."""
        for attempt in attempts():
            with attempt:
                transaction = WorldTransaction(self.database, self.process)
                yield from transaction.begin()
                try:
                    result = yield from transaction.run(procedure())
                except Exception:
                    transaction.roll_back()
                    raise
                yield from transaction.commit()
                return result
        raise AssertionError  # the last attempt raises

    def jointly(
        self,
        claim: Claim,
        work: Callable[[WorldTransaction], Steps],
        ending: Callable[[], Procedure[Any]],
        others: Sequence[Claim] = (),
    ) -> Steps:
        """Hand a transaction that holds the events to `work`, and run the procedure `ending` in it too; then commit."""
        transaction = WorldTransaction(self.database, self.process)
        yield from transaction.begin()
        try:
            if not (yield from transaction.run(procedures.hold(claim, others))):
                raise LeaseLost(f"{claim.key} was taken over by another worker")  # noqa: TRY301 - it rolls back
            yield from work(transaction)
            result = yield from transaction.run(ending())
        except Exception:
            transaction.roll_back()
            raise
        yield from transaction.commit()
        return result

    def storing(self, event: Event) -> Steps:
        """Store an event."""
        return self.transact(partial(procedures.add, event))

    def transact_apart(self, procedure: Callable[[], Procedure[Any]]) -> Any:
        """Run a procedure in a transaction of its own, for code that blocks, such as a user's handler."""
        return self.database.world.complete(self.transact(procedure))

    def add(self, event: Event, timeout: float = 20.0) -> Added:  # noqa: ARG002 - an inbox has it
        """Store an event, for code that blocks, such as `reconcile`."""
        added: Added = self.database.world.complete(self.storing(event))
        return added

    def stored(self, state: State) -> list[Stored]:
        """The rows of a state, as they are committed."""
        return [row for row in self.database.rows.values() if row.state == state]


class Bell:
    """Wakes idle workers when an event waits. A real worker looks each second; here it sleeps until there is something."""

    def __init__(self, database: WorldDatabase) -> None:
        self.database = database
        database.noticing = self._ring
        self._parked: dict[Task, None] = {}

    def _ring(self) -> None:
        """Wake the idle workers, each within a second, because there is an event."""
        world = self.database.world
        parked, self._parked = self._parked, {}
        for task in parked:
            world.wake(task, None, self.database.luck.chance())

    def rest(self, seconds: float) -> Steps:
        """Sleep at least so long, and until something is due."""
        world = self.database.world
        task = world.current
        assert task is not None  # these are its steps
        yield seconds
        due = self.database.next_due()
        if due is not None:
            # A second at least, because an event that is due may be held by another worker.
            world.wake(task, None, max(1.0, due) + 0.5 * self.database.luck.chance())
        self._parked[task] = None
        yield None
        self._parked.pop(task, None)


class WorldEffects:
    """The steps of one attempt, `event.once`, of a handler that gives steps; as `xendit.webhook.effects.Effects`."""

    def __init__(self, inbox: WorldInbox, claim: Claim, lease: float | None) -> None:
        self._inbox = inbox
        self._attempt = StepAttempt(claim.key, claim.owner, lease)

    def once(self, step: str, call: Veiled) -> Steps:
        """See Event.once."""
        function, arguments, named = call.held
        found = yield from self._inbox.transact(self._attempt.beginning(step))
        if found is not None and found.done_at is not None:
            return kept_result(found.result)
        self._attempt.doubt(step, found)
        result = yield from function(*arguments, **named)
        text, problem = text_of_result(step, result)
        kept = yield from self._inbox.transact(self._attempt.ending(step, text))
        if kept is not None:
            return kept_result(kept.result)
        if problem is not None:
            raise problem
        return result


class WorldWork(EventWork[WorldInbox]):
    """A worker in a world. Its handler is a function that gives steps.

    Args:
        inbox: where the events are.
        handler: called with the event, and where it `joins` with the transaction.
        bell: what it waits for.
        joins: whether the handler shares the inbox's transaction.
        blocks: whether the handler calls a function that blocks, so that its steps (`event.once`) block, too.
        settings: as of the workers of `xendit.webhook`.
    """

    def __init__(
        self,
        inbox: WorldInbox,
        handler: Callable[..., Steps],
        bell: Bell,
        *,
        joins: bool,
        blocks: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(inbox, handler, **settings)
        self._joins = joins
        self._blocks = blocks
        self._bell = bell

    def working(self) -> Steps:
        """Work until the process ends."""
        return self._driven(self._running(1.0))

    def _driven(self, actions: Actions[Any]) -> Steps:
        try:
            action = next(actions)
            while True:
                try:
                    result = yield from self._done(action)
                except Exception as error:  # noqa: BLE001, PERF203 - the worker judges it
                    action = actions.throw(error)
                else:
                    action = actions.send(result)
        except StopIteration as end:
            return end.value
        finally:
            bury(actions)  # when the world ends, an interrupted worker would still give back its events

    def _done(self, action: Action) -> Steps:
        if isinstance(action, Transact):
            return (yield from self.inbox.transact(action.procedure))
        function: Any  # which gives steps
        if isinstance(action, CallHandler):
            function = action.function
            return (yield from function(*action.arguments))
        if isinstance(action, CallJointly):
            calls = action.calls

            def work(transaction: WorldTransaction) -> Steps:
                handler: Any  # which gives steps
                for handler, event in calls():
                    yield from handler(event, transaction)

            claim, *others = action.claims
            return (yield from self.inbox.jointly(claim, work, action.ending, others))
        return (yield from self._bell.rest(action.seconds))

    def _claiming(self, limit: int, key: str | None = None) -> Callable[[], Procedure[list[Claim]]]:
        return self.inbox.claiming(self.lease, limit, key, together=self.batch > 1)

    def _bind_steps(self, claim: Claim) -> None:
        lease = None if self._joins else self.lease
        effects: Any = WorldEffects(self.inbox, claim, lease)
        if self._blocks:
            effects = Effects(cast("Inbox[object]", self.inbox), claim, lease)  # it lacks what only people call
        bind(claim.event, effects)

    def _check_inbox(self, inbox: object) -> None: ...

    def _check_function(self, name: str, function: object) -> None: ...

    def _check_handler(self, name: str, function: object) -> None: ...

    def _check_handlers(self, handlers: Handlers) -> None: ...
