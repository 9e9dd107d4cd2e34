"""aiohttp and json.loads: what everything over asyncio is a multiple of."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import aiohttp
import payloads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LABEL = "aiohttp + json"
VERSIONS = {"aiohttp": version("aiohttp")}


def async_client(url: str) -> Callable[[], Awaitable[Any]]:
    """One call of a warm client; made inside a running loop."""
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50))

    async def get() -> Any:
        async with session.get(f"{url}/v2/invoices/{payloads.ID}") as answer:
            return json.loads(await answer.read())

    get.close = session.close  # type: ignore[attr-defined]
    return get


IMPORT = "import aiohttp"
