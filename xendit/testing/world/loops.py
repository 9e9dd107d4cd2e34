"""WorldLoop: an asyncio event loop on the time of a world, in which the asynchronous client and workers run unchanged.

Each process has a loop of its own. Everything that the loop is to call is in the world's one heap, so a kill may come
between any two calls. A coroutine awaits steps of the world with `done`, and a task of the world runs a coroutine with
`awaited`.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

from xendit.client.asyncio import AsyncApiClient
from xendit.testing.world.scheduler import Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from contextvars import Context

    from xendit.configuration import Configuration
    from xendit.testing.world.network import WorldTransport
    from xendit.testing.world.scheduler import Steps, WorldProcess

_CALLER: ContextVar[str] = ContextVar("the task of the world for which a coroutine runs", default="")


class CallCancelled(Exception):
    """The coroutine of a call was cancelled while it awaited, as by a time limit around it.

    Args:
        notes: what the library has added to the cancellation.
    """

    def __init__(self, notes: tuple[str, ...]) -> None:
        super().__init__("cancelled")
        self.notes = notes


_AbstractLoop: Any = asyncio.AbstractEventLoop  # only a part of it is implemented


class WorldLoop(_AbstractLoop):  # type: ignore[misc]
    """The event loop of one life of a process.

    Args:
        process: whose loop it is. When it is killed nothing more is called.
    """

    def __init__(self, process: WorldProcess) -> None:
        self.process = process
        self._ended = False
        process.noticing[self._end] = None

    def _end(self) -> None:
        self._ended = True

    # -- what asyncio asks of a loop

    def time(self) -> float:
        """The time of the world, in seconds."""
        return self.process.world.now

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call a function at the next step."""
        return self.call_at(self.time(), callback, *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call a function after so many seconds."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call a function at a moment."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self.process.world.at(max(0.0, when - self.time()), self._call, handle)
        return handle

    call_soon_threadsafe = call_soon

    def create_future(self) -> asyncio.Future[object]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> Any:
        """A task of this loop. Its coroutine is closed when the world ends."""
        self.process.world.drop(coro)
        return asyncio.Task(coro, loop=self, **options)

    def get_debug(self) -> bool:
        """Whether it looks for mistakes: it does not."""
        return False

    def is_running(self) -> bool:
        """Whether it runs."""
        return not self._ended

    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._ended

    def call_exception_handler(self, context: Mapping[str, object]) -> None:
        """Called when a function raised and nobody waits for it. Complaints about tasks left by the end are ignored."""
        if "handle" in context:
            self.process.world.violate("no foreign errors", f"a callback ended with {context.get('exception')!r}")

    def _timer_handle_cancelled(
        self, handle: asyncio.TimerHandle
    ) -> None: ...  # a cancelled call is skipped when its time has come

    @staticmethod
    def caller() -> str:
        """The name of the task of the world for which a coroutine runs."""
        return _CALLER.get()

    def _call(self, handle: asyncio.Handle) -> None:
        process = self.process
        if self._ended or handle.cancelled():
            return
        # Every event loop needs these two functions. asyncio offers them only under these names, and documents them.
        before = asyncio._get_running_loop()  # noqa: SLF001
        asyncio._set_running_loop(self)  # noqa: SLF001
        try:
            handle._run()  # noqa: SLF001
        finally:
            asyncio._set_running_loop(before)  # noqa: SLF001
        world = process.world
        if process.frailty and process.alive and world.strikes(process.frailty, process.luck):
            process.kill()

    # -- between the loop and the world

    async def done(self, steps: Steps, name: str = "") -> Any:
        """Wait until steps of the world are done, and give what they return."""
        if self.process.world.over:
            raise Killed
        future = self.create_future()

        def guarded() -> Steps:
            try:
                result = yield from steps
            except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.process.start(name or _CALLER.get() or f"{self.process.name} loop", guarded())
        return await future

    def awaited(self, coroutine: Coroutine[object, object, object], patience: float | None = None) -> Steps:
        """Run a coroutine as a task of the loop, for a task of the world, which waits for it.

        Args:
            coroutine: what is run.
            patience: seconds after which it is cancelled.

        Raises:
            CallCancelled: it was cancelled.
        """
        world = self.process.world
        waiting = world.current
        assert waiting is not None  # these are its steps
        context = copy_context()
        context.run(_CALLER.set, waiting.name)
        if patience is not None:
            world.drop(coroutine)  # it may never be begun
            coroutine = _told(coroutine)
        task: asyncio.Task[object] = context.run(self.create_task, coroutine)
        if patience is not None:
            self.call_later(patience, task.cancel)
        task.add_done_callback(lambda _: world.wake(waiting))
        yield None
        return task.result()


async def _told(coroutine: Coroutine[object, object, object]) -> object:
    """Await a coroutine; a cancellation becomes an error that a task of the world can be told."""
    try:
        return await coroutine
    except asyncio.CancelledError as cancelled:
        raise CallCancelled(tuple(getattr(cancelled, "__notes__", ()))) from None


class LoopClient(AsyncApiClient):
    """The real client for event loops, in a world.

    Args:
        configuration: its settings, with the world's source.
        transport: what it sends through.
        loop: where its coroutines run.
    """

    def __init__(self, configuration: Configuration, transport: WorldTransport, loop: WorldLoop) -> None:
        self._transport = AwaitedTransport(transport, loop)
        super(AsyncApiClient, self).__init__(configuration)  # AsyncApiClient's own would load aiohttp

    def _transport_for(self, configuration: Configuration) -> AwaitedTransport:  # noqa: ARG002 - there is one
        return self._transport


class AwaitedTransport:
    """The connections of one process, for a client that awaits.

    Args:
        transport: what it sends through.
        loop: of the same process.
    """

    def __init__(self, transport: WorldTransport, loop: WorldLoop) -> None:
        self.budget = transport.budget
        self._transport = transport
        self._loop = loop

    async def send(self, request: Any, limits: Any) -> Any:
        """One attempt, in the time of the world."""
        return await self._loop.done(self._transport.send(request, limits))


class Awaited:
    """An asynchronous API whose methods give steps, so that a shop's program calls it as it calls the other one.

    Args:
        api: such as an AsyncInvoiceApi.
        loop: where its coroutines run.
        patience: seconds after which a call is cancelled.
    """

    def __init__(self, api: object, loop: WorldLoop, patience: float | None = None) -> None:
        self._api = api
        self._loop = loop
        self._patience = patience

    def __getattr__(self, name: str) -> Callable[..., Steps]:
        method = getattr(self._api, name)
        return lambda *given, **named: self._loop.awaited(method(*given, **named), self._patience)
