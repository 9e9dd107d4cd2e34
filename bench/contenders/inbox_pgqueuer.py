"""pgqueuer: a job queue in PostgreSQL, by asyncpg. Its worker on jobs that do nothing, with its defaults."""

from __future__ import annotations

import asyncio
import contextlib
import time

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import AsyncpgDriver


class Contender:
    """A worker with one entrypoint."""

    def __init__(self, url: str) -> None:
        self.url = url

    def make(self) -> None:
        """Make its tables."""

        async def install() -> None:
            connection = await asyncpg.connect(self.url)
            await Queries(AsyncpgDriver(connection)).install()
            await connection.close()

        asyncio.run(install())

    def fill(self, low: int, high: int, _: bytes) -> None:
        """Put jobs into the queue by its own means, ten thousand at once."""

        async def enqueue() -> None:
            connection = await asyncpg.connect(self.url)
            queries = Queries(AsyncpgDriver(connection))
            for start in range(low, high, 10_000):
                numbers = range(start, min(high, start + 10_000))
                names, bodies = ["handle"] * len(numbers), [str(number).encode() for number in numbers]
                await queries.enqueue(names, bodies, [0] * len(numbers))
            await connection.close()

        asyncio.run(enqueue())

    def settle(self) -> None:
        """Have the planner know what is there."""

        async def analyze() -> None:
            connection = await asyncpg.connect(self.url)
            await connection.execute("ANALYZE")
            await connection.close()

        asyncio.run(analyze())

    def work(self, _: str, count: int, most: float) -> tuple[int, float]:
        """Work on so many jobs, or for so many seconds; the start of the worker does not count."""
        return asyncio.run(self._work(count, most))

    async def _work(self, count: int, most: float) -> tuple[int, float]:
        moments: list[float] = []
        connection = await asyncpg.connect(self.url)
        queuer = PgQueuer(AsyncpgDriver(connection))

        @queuer.entrypoint("handle")
        async def handle(_: object) -> None:
            moments.append(time.perf_counter())

        working = asyncio.create_task(queuer.run())
        until = time.perf_counter() + most
        while len(moments) < count and time.perf_counter() < until and not working.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        queuer.shutdown.set()
        with contextlib.suppress(asyncio.TimeoutError, Exception):
            await asyncio.wait_for(working, 15)
        await connection.close()
        seen = moments[:count]
        return len(seen) - 1, seen[-1] - seen[0]
