"""The two worlds that the table is run in: InvoiceApi, and AsyncInvoiceApi behind methods that wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import xendit
from xendit.apis import AsyncInvoiceApi, InvoiceApi

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

WORLDS = ("sync", "async")


def api_in(world: str, configuration: xendit.Configuration) -> Any:
    """An InvoiceApi, or what has its methods and calls an AsyncInvoiceApi."""
    if world == "sync":
        return InvoiceApi(xendit.ApiClient(configuration))
    return _Waiting(configuration)


class _Waiting:
    """AsyncInvoiceApi on an event loop of its own, which runs during a call alone."""

    def __init__(self, configuration: xendit.Configuration) -> None:
        self._loop = asyncio.new_event_loop()
        self._api = AsyncInvoiceApi(xendit.AsyncApiClient(configuration))
        self.api_client = self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Coroutine[Any, Any, Any]] = getattr(self._api, name)
        return lambda *given, **named: self._loop.run_until_complete(method(*given, **named))

    def close(self) -> None:
        """End the client and its loop, as `asyncio.run` does."""
        self._loop.run_until_complete(self._api.api_client.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
