"""What the asynchronous client costs beside bare aiohttp and json.loads: CPU a request, 50 tasks at once.

    python bench/async_client.py [rounds]

The server is another process. Rounds of both alternate in one process, so that what disturbs one disturbs the other;
the figure is the median of their ratios.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from xendit import AsyncApiClient, AsyncInvoiceApi, Configuration

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TASKS = 50
REQUESTS = 40
KEY = "xnd_development_bench"
BODY = Path(__file__).parent.parent / "test" / "payloads" / "invoice__docs-xendit-create-2024.json"
GOAL = 1.6


async def serve() -> None:
    """Answer every request with the invoice."""
    body = json.dumps(json.loads(BODY.read_text("utf-8")), separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Wed, 25 Nov 2026 21:00:00 GMT\r\n"
        f"Request-Id: 5f0d1c0a8d1f9b00\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = head.encode() + body

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def costs(ask: Callable[[], Awaitable[Any]]) -> float:
    """Seconds of CPU a request."""

    async def work() -> None:
        for _ in range(REQUESTS):
            await ask()

    begun = time.process_time()
    await asyncio.gather(*(work() for _ in range(TASKS)))
    return (time.process_time() - begun) / (TASKS * REQUESTS)


async def compare(url: str, rounds: int) -> None:
    """Print what both cost, and the ratio."""
    invoice_id = json.loads(BODY.read_text("utf-8"))["id"]
    headers = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode(), "Accept": "application/json"}
    async with (
        AsyncApiClient(Configuration(host=url, api_key=KEY)) as client,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session,
    ):
        api = AsyncInvoiceApi(client)

        async def bare() -> Any:
            async with session.get(f"{url}/v2/invoices/{invoice_id}") as answer:
                return json.loads(await answer.read())

        async def ours() -> Any:
            return await api.get_invoice_by_id(invoice_id)

        for ask in (bare, ours):
            await costs(ask)
        pairs = [(await costs(bare), await costs(ours)) for _ in range(rounds)]
    ratios = sorted(mine / floor for floor, mine in pairs)
    floor, mine = (statistics.median(each) * 1e6 for each in zip(*pairs, strict=True))
    print(
        f"aiohttp + json.loads {floor:.0f} µs, AsyncInvoiceApi {mine:.0f} µs of CPU a request, {TASKS} tasks:"
        f" {statistics.median(ratios):.2f}x [{ratios[0]:.2f}-{ratios[-1]:.2f}], the goal is {GOAL}x"
    )


def main() -> None:
    """Start the server, compare, end the server."""
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
        return
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        asyncio.run(compare(f"http://127.0.0.1:{server.stdout.readline().strip()}", int((*sys.argv[1:], "9")[0])))
    finally:
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main()
