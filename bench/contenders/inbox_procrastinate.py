"""procrastinate: a task queue in PostgreSQL. Its worker with its four tasks at once, on tasks that do nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import procrastinate
import psycopg


class Contender:
    """An app with one task."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
        self.moments: list[float] = []

        @self.app.task(name="handle")
        async def handle(number: int) -> None:  # noqa: ARG001 - a task's arguments have names
            self.moments.append(time.perf_counter())

    def make(self) -> None:
        """Make its tables."""

        async def apply() -> None:
            async with self.app.open_async():
                await self.app.schema_manager.apply_schema_async()

        asyncio.run(apply())

    def fill(self, low: int, high: int, _: bytes) -> None:
        """Insert tasks as `defer` would have; its triggers are off meanwhile."""
        with psycopg.connect(self.url) as connection:
            connection.execute("ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER")
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
                " SELECT 'default', 'handle', jsonb_build_object('number', i), 'todo'"
                " FROM generate_series(%s::int, %s::int) AS n(i)",
                (low, high - 1),
            )
            connection.execute("ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER")

    def settle(self) -> None:
        """Have the planner know what is there."""
        with psycopg.connect(self.url) as connection:
            connection.execute("ANALYZE")

    def work(self, _: str, count: int, most: float) -> tuple[int, float]:
        """Work on so many tasks, or for so many seconds; the start of the worker does not count."""
        return asyncio.run(self._work(count, most))

    async def _work(self, count: int, most: float) -> tuple[int, float]:
        self.moments.clear()
        async with self.app.open_async():
            working: Any = asyncio.create_task(
                self.app.run_worker_async(concurrency=4, wait=False, delete_jobs="never", install_signal_handlers=False)
            )
            until = time.perf_counter() + most
            while len(self.moments) < count and time.perf_counter() < until and not working.done():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await working
        seen = self.moments[:count]
        return len(seen) - 1, seen[-1] - seen[0]
