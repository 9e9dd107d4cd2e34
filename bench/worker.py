"""One contender in a process of its own environment: `python worker.py CONTENDER`, then one JSON command a line.

All times are CPU time of this process, in nanoseconds an operation: other work on the machine disturbs them least.
A block of the contender and a block of the standard json are measured in turn, so that both see the same moment.
`python worker.py CONTENDER TASK COUNT` does a task COUNT times and ends, for counting instructions from outside.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[0] = str(Path(__file__).resolve().parent)
sys.path.insert(1, str(Path(__file__).resolve().parent / "contenders"))

import payloads  # noqa: E402
import plain_json  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 30_000_000
"""Nanoseconds that a block should take."""
LONG = 120_000_000
"""The same for pages: long enough that each block has its share of full garbage collections."""


def timed(run: Callable[[], Any], count: int) -> float:
    """CPU nanoseconds of one run, over a block of `count`."""
    started = time.process_time_ns()
    for _ in range(count):
        run()
    return (time.process_time_ns() - started) / count


def fitting(run: Callable[[], Any], *, block: int = BLOCK) -> int:
    """How many runs make a block; warms up on the way."""
    for _ in range(12):
        run()
    return max(1, round(block / max(1.0, timed(run, 3))))


class Worker:
    """The commands, by name."""

    def __init__(self, name: str) -> None:
        self.module: Any = importlib.import_module(name)
        self.tasks: dict[str, Callable[[], Any]] = self.module.tasks() if hasattr(self.module, "tasks") else {}
        self.floors = plain_json.tasks()
        self.counts: dict[str, int] = {}
        self.clients: dict[str, dict[str, Callable[[], Any]]] = {}

    def about(self) -> dict[str, Any]:
        """Who this is, and what it can do."""
        return {
            "label": self.module.LABEL,
            "versions": self.module.VERSIONS,
            "tasks": [*self.tasks],
            "client": hasattr(self.module, "client"),
            "async": hasattr(self.module, "async_client"),
            "hold": hasattr(self.module, "hold"),
            "first": getattr(self.module, "FIRST", None),
            "import": self.module.IMPORT,
        }

    def task(self, task: str) -> dict[str, float]:
        """A block of a task, and a block of its floor."""
        own, floor = self.tasks[task], self.floors[task]
        for run, key in ((own, task), (floor, "floor " + task)):
            if key not in self.counts:
                self.counts[key] = fitting(run, block=LONG if task == "page" else BLOCK)
        return {
            "own": timed(own, self.counts[task]),
            "floor": timed(floor, self.counts["floor " + task]),
        }

    def http(self, url: str, task: str, threads: int) -> dict[str, float]:
        """A block of calls, in this many threads."""
        if url not in self.clients:
            self.clients[url] = self.module.client(url)
        run = self.clients[url][task]
        key = f"{task} {threads}"
        if key not in self.counts:
            self.counts[key] = max(threads, fitting(run, block=LONG))
        count = self.counts[key]
        if threads == 1:
            return {"own": timed(run, count)}
        each = -(-count // threads)

        def work() -> None:
            for _ in range(each):
                run()

        workers = [threading.Thread(target=work) for _ in range(threads)]
        started = time.process_time_ns()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return {"own": (time.process_time_ns() - started) / (each * threads)}

    def tasks_of_a_loop(self, url: str, tasks: int, count: int) -> dict[str, float]:
        """CPU of a call, many tasks at a time, on a warm client."""

        async def run() -> float:
            get = self.module.async_client(url)

            async def burst(each: int) -> None:
                for _ in range(each):
                    await get()

            await asyncio.gather(*(burst(3) for _ in range(tasks)))
            started = time.process_time_ns()
            await asyncio.gather(*(burst(count // tasks) for _ in range(tasks)))
            spent = (time.process_time_ns() - started) / (count // tasks * tasks)
            await get.close()
            return spent

        return {"own": asyncio.run(run())}

    def memory(self, count: int) -> dict[str, float]:
        """Bytes that one invoice holds, of `count` different ones."""
        bodies = [payloads.text(payloads.invoice(number)) for number in range(count)]
        self.module.hold(bodies[:20])
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        held = self.module.hold(bodies)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return {"own": (after - before) / len(held)}


def serve(worker: Worker) -> None:
    """Answer commands until the input ends."""
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(worker, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        serve(Worker(sys.argv[1]))
    else:
        repeated = Worker(sys.argv[1]).tasks[sys.argv[2]]
        for _ in range(int(sys.argv[3])):
            repeated()
