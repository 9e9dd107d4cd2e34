"""Workers for an event loop: AsyncWorker and AsyncTransactionWorker, which await coroutine handlers.

What they do stands in `work.py`; here it is awaited.
"""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from typing import Generic, TypeVar

from xendit.exceptions import ConfigurationException
from xendit.static_typing import hinted
from xendit.webhook.actions import CallHandler, CallJointly, Transact
from xendit.webhook.effects import AsyncEffects, bind
from xendit.webhook.functions import check_arguments, check_async_function, check_done
from xendit.webhook.work import Drained, EventWork, refuse_inbox
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from xendit.product_types import HandledEvent
    from xendit.source import SYSTEM, Source
    from xendit.webhook.actions import Action, Actions
    from xendit.webhook.event import Event, OtherEvent
    from xendit.webhook.handlers import Handlers
    from xendit.webhook.inbox import AsyncInbox, Claim
    from xendit.webhook.statements import Steps
    from xendit.webhook.work import Outcome

__all__ = ["AsyncTransactionWorker", "AsyncWorker", "Drained"]

C = TypeVar("C")
T = TypeVar("T")

#: Seconds within which a transaction must end after the worker's task was cancelled.
_ENDS_WITHIN = 5.0


class _AsyncWork(EventWork["AsyncInbox[C]"], Generic[C]):
    """A worker whose methods are awaited."""

    _loop: asyncio.AbstractEventLoop | None = None
    _stopped: asyncio.Event | None = None

    async def process(self, key: str) -> Outcome | None:
        """Handle the one event of a key, also before its next attempt is due; see Worker.process."""
        return await self._drive(self._processing(key))

    async def drain(self, limit: int | None = None) -> Drained:
        """Handle what is due now, at most `limit` events, and return; see Worker.drain."""
        return await self._drive(self._draining(limit))

    async def run(self, poll: float = 1.0) -> None:
        """Drain until `stop` is called, looking again about every `poll` seconds; see Worker.run.

        Where the task is cancelled, all that the worker holds is given back, and the cancellation raised. A transaction of
        the inbox's own that is under way then comes to its end first, if it does so within five seconds.
        """
        await self._drive(self._running(poll))

    def stop(self) -> None:
        """End `run` and `drain` after the event under way. May be called from a signal handler or any thread."""
        super().stop()
        loop, stopped = self._loop, self._stopped
        if loop is not None and stopped is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stopped.set)

    async def _drive(self, actions: Actions[T]) -> T:
        """Do what a worker asks for. A cancellation in the midst of a transaction of the inbox's own is raised after it."""
        cancelled: list[asyncio.CancelledError] = []
        try:
            action = next(actions)
            while True:
                try:
                    result = await self._do(action, cancelled)
                except BaseException as error:  # noqa: BLE001, PERF203 - the worker judges it
                    action = actions.throw(error)
                else:
                    action = actions.send(result)
        except StopIteration as end:
            if cancelled:
                raise cancelled[0] from None
            value: T = end.value
            return value
        except Exception as error:
            if cancelled:
                raise cancelled[0] from error
            raise

    async def _do(self, action: Action, cancelled: list[asyncio.CancelledError]) -> object:
        if isinstance(action, Transact):
            return await _undisturbed(self.inbox.transact_async, action.procedure, cancelled)
        if cancelled:
            raise cancelled[0]
        if isinstance(action, CallHandler):
            await _called(action.what, action.function, *action.arguments)
            return None
        if isinstance(action, CallJointly):
            calls = action.calls

            async def work(connection: C) -> None:
                for function, event in calls():
                    await _called("the handler", function, event, connection)

            claim, *others = action.claims
            return await self.inbox.jointly_async(claim, work, action.ending, *((others,) if others else ()))
        await self._pause(action.seconds)
        return None

    async def _pause(self, seconds: float) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        if self._stopping.is_set():
            return
        waits = [
            asyncio.ensure_future(self.source.pause(seconds)),
            asyncio.ensure_future(self._stopped.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _claiming(self, limit: int, key: str | None = None) -> Callable[[], Steps[list[Claim]]]:
        if self.batch > 1:
            return self.inbox.claiming(self.lease, limit, key, together=True)
        return self.inbox.claiming(self.lease, limit, key)

    def _bind_steps(self, claim: Claim) -> None:
        bind(claim.event, AsyncEffects(self.inbox, claim, None if self._joins else self.lease))

    def _check_inbox(self, inbox: object) -> None:
        if all(callable(getattr(inbox, name, None)) for name in ("transact_async", "jointly_async", "claiming")):
            return
        if callable(getattr(inbox, "claiming", None)):
            raise ConfigurationException(
                f"{type_name(inbox)} was given, which would hold up the event loop: an asynchronous worker takes"
                " SQLInbox(create_async_engine(...)); with this inbox, run a Worker in a process or thread of its own"
            )
        refuse_inbox(inbox, "SQLInbox(create_async_engine(...))")

    def _check_function(self, name: str, function: object) -> None:
        check_async_function(name, function)

    def _check_handler(self, name: str, function: object) -> None:
        check_async_function(name, function)
        check_arguments(name, function, self._arguments)

    def _check_handlers(self, handlers: Handlers) -> None:
        handlers.check(self._arguments, check_async_function)


async def _undisturbed(
    transact: Callable[[Callable[[], Steps[T]]], Coroutine[Any, Any, T]],
    procedure: Callable[[], Steps[T]],
    cancelled: list[asyncio.CancelledError],
) -> T:
    """Await a transaction to its end, also where the task is cancelled meanwhile; that is noted in `cancelled`.

    If it were cut off at its commit, nobody would know which events it has claimed, and they would wait for their leases
    to run out. One that does not end within a while is cut off all the same.
    """
    loop = asyncio.get_running_loop()  # first: where there is none any more, no coroutine is made that nobody awaits
    doing = loop.create_task(transact(procedure))
    try:
        await asyncio.wait((doing,))  # asyncio.shield takes more steps in Python 3.14, and worlds count steps
        return doing.result()
    except asyncio.CancelledError as error:
        if doing.cancelled():
            raise
        cancelled.append(error)
    until = loop.time() + _ENDS_WITHIN
    while not doing.done() and (left := until - loop.time()) > 0:
        with suppress(asyncio.CancelledError):  # it may be asked for more than once
            await asyncio.wait((doing,), timeout=left)
    if not doing.done():
        doing.cancel()
        raise cancelled[0]
    return doing.result()


async def _called(what: str, function: Callable[..., object], *arguments: object) -> None:
    """Call a function, and await its result if that is awaitable."""
    result = function(*arguments)
    if inspect.isawaitable(result):
        result = await result
    check_done(what, result)


@hinted
class AsyncWorker(_AsyncWork[object]):
    """Awaits your coroutine function with each paid or expired event, and marks the event done when it returns.

    Everything else is as for Worker: no transaction is open while your function runs, and it can meet an event twice. A
    worker handles one event at a time; to handle several at once, run several workers, each in a task of its own.

    Args:
        inbox: `SQLInbox(create_async_engine(...))`, or a MemoryInbox in tests.
        handler: a coroutine function, called with each event whose class says that it is for the handler; or Handlers.
            A plain function works too, but blocks the event loop while it runs.
        other, lease, attempts, first_wait, longest_wait, on_failure, batch, source: as Worker takes them; `other` and
            `on_failure` may be coroutine functions.

    Raises:
        ConfigurationException: an argument is not of these.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            inbox: AsyncInbox[Any],
            handler: Callable[[HandledEvent], Awaitable[object] | object],
            *,
            other: Callable[[OtherEvent | HandledEvent], Awaitable[object] | object] | None = None,
            lease: float = 60.0,
            attempts: int = 10,
            first_wait: float = 10.0,
            longest_wait: float = 3600.0,
            on_failure: Callable[[Event, Exception], object] | None = None,
            batch: int = 1,
            source: Source = SYSTEM,
        ) -> None: ...


@hinted
class AsyncTransactionWorker(_AsyncWork[C]):
    """Awaits your coroutine function with each paid or expired event and an AsyncConnection: effects exactly once.

    Everything else is as for TransactionWorker: what your function writes over the connection commits together with the
    event's `done`, or not at all. An `AsyncSession(bind=connection)` joins the transaction; `flush` it, and do not
    commit it.

    Args:
        inbox: `SQLInbox(create_async_engine(...))`, whose AsyncConnection your function gets; None of a MemoryInbox.
        handler: a coroutine function, called with the connection and each event whose class says that it is for the
        handler.
        other: called likewise with any other event.
        lease, attempts, first_wait, longest_wait, on_failure, source: as AsyncWorker takes them.
        batch: as TransactionWorker takes it.

    Raises:
        ConfigurationException: an argument is not of these.
    """

    _arguments = 2
    _joins = True

    if TYPE_CHECKING:

        def __init__(
            self,
            inbox: AsyncInbox[C],
            handler: Callable[[HandledEvent, C], Awaitable[object] | object],
            *,
            other: Callable[[OtherEvent | HandledEvent, C], Awaitable[object] | object] | None = None,
            lease: float = 60.0,
            attempts: int = 10,
            first_wait: float = 10.0,
            longest_wait: float = 3600.0,
            on_failure: Callable[[Event, Exception], object] | None = None,
            batch: int = 1,
            source: Source = SYSTEM,
        ) -> None: ...
