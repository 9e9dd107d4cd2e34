"""The two worlds that the table is run in: an API class, and that for asyncio behind methods that wait."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import xendit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORLDS = ("sync", "async")


def api_in(world: str, configuration: xendit.Configuration, name: str = "InvoiceApi") -> Any:
    """An API of that class, or what has its methods and calls the one for asyncio."""
    if world == "sync":
        return getattr(xendit, name)(xendit.ApiClient(configuration))
    return _WaitingApi(configuration, name)


def inner(waiting: Any) -> Any:
    """The API or client itself, for a look inside."""
    return waiting._inner if isinstance(waiting, _Waiting) else waiting


@contextmanager
def apis_in(world: str) -> Iterator[Callable[[xendit.Configuration], Any]]:
    """A maker of such APIs, which are closed at the end."""
    made: list[Any] = []

    def make(configuration: xendit.Configuration) -> Any:
        made.append(api_in(world, configuration))
        return made[-1]

    yield make
    for api in made:
        api.api_client.close()


class _Waiting:
    """An object whose coroutines are run to their end, on an event loop that runs during a call alone."""

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = inner
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *given, **named: self._loop.run_until_complete(found(*given, **named))


class _WaitingApi(_Waiting):
    """An API for asyncio with a loop of its own."""

    def __init__(self, configuration: xendit.Configuration, name: str) -> None:
        api = getattr(xendit, f"Async{name}")(xendit.AsyncApiClient(configuration))
        super().__init__(api, asyncio.new_event_loop())
        self.api_client = _WaitingClient(self._inner.api_client, self._loop)


class _WaitingClient(_Waiting):
    """AsyncApiClient whose end is that of its loop."""

    def close(self) -> None:
        """End the client and its loop, as `asyncio.run` does."""
        if self._loop.is_closed():
            return
        self._loop.run_until_complete(self._inner.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
