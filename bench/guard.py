"""Fail when a goal of speed is lost: `python bench/guard.py`, a check of every change. Needs no peer and no network.

Ratios of CPU time, the least of many blocks taken in turn, so that other work on the machine hardly shows. A limit
lies well above what is measured on a busy machine, and only what is over it three times running has failed; what is
counted rather than timed (modules, calls, bytes) has a narrow one. The goals proper are judged by `make bench`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

BENCH = Path(__file__).resolve().parent
sys.modules["msgspec"] = None  # type: ignore[assignment] # what is guarded is the standard way, wherever this runs
sys.path[0] = str(BENCH)
sys.path.insert(1, str(BENCH / "contenders"))
sys.path.insert(2, str(BENCH.parent))

import aiohttp_json  # noqa: E402
import inbox_ours  # noqa: E402
import ours  # noqa: E402
import payloads  # noqa: E402
import plain_json  # noqa: E402
import server  # noqa: E402
import urllib3_json  # noqa: E402
from goals import FORBIDDEN, MODULES  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = {"decode": 2.6, "page": 2.7, "webhook": 2.3, "construct": 9.0, "encode": 1.7}
"""Multiples of the standard json: some 1.35 of what was measured. The walk that a strict reader took cost 1.5."""
OLD_PYTHON = 1.45 if sys.version_info < (3, 11) else 1.0
"""Python 3.10 does not specialize bytecode, which our lines gain more from than the floor, written in C, does."""
CALLS = 1.1
"""Function calls of a GET over those of urllib3 and json, which no other work on the machine changes."""
ASYNC_CALLS = 2.0
"""The same over those of aiohttp and json; what aiohttp has compiled is not counted."""
MEMORY = 0.52
"""Bytes of an invoice over those of json's dicts."""
INBOX = 1.5
"""CPU time of working on an event where 10,000 wait, over that where 1,000 do: what is sorted at each claim shows."""
BLOCKS = 25
ATTEMPTS = 3


def least_ratio(own: Callable[[], Any], floor: Callable[[], Any], seconds: float = 0.008) -> float:
    """The least CPU time of a block of one over that of the other, taken in turn."""

    def count_of(run: Callable[[], Any]) -> int:
        for _ in range(12):
            run()
        started = time.process_time()
        run()
        return max(1, round(seconds / max(1e-7, time.process_time() - started)))

    def block(run: Callable[[], Any], count: int) -> float:
        started = time.process_time_ns()
        for _ in range(count):
            run()
        return (time.process_time_ns() - started) / count

    counts = count_of(own), count_of(floor)
    pairs = [(block(own, counts[0]), block(floor, counts[1])) for _ in range(BLOCKS)]
    return min(one for one, _ in pairs) / min(other for _, other in pairs)


def check_time() -> list[str]:
    """Find tasks that take too long, three times running."""
    tasks, floors = ours.tasks(), plain_json.tasks()
    lost = []
    for name, usual in LIMITS.items():
        limit = usual * OLD_PYTHON
        seen: list[float] = []
        while len(seen) < ATTEMPTS and (not seen or seen[-1] > limit):
            seen.append(least_ratio(tasks[name], floors[name]))
        print(f"{name:10} {seen[-1]:5.2f} times the floor, limit {limit:.2f}")
        if seen[-1] > limit:
            lost.append(
                f"{name} takes {', '.join(f'{each:.2f}' for each in seen)} times its floor; the limit is {limit:.2f}"
            )
    return lost


def check_memory() -> list[str]:
    """Find invoices that weigh too much."""
    bodies = [payloads.text(payloads.invoice(number)) for number in range(200)]

    def weight(hold: Callable[[list[bytes]], list[Any]]) -> int:
        hold(bodies[:20])
        gc.collect()
        tracemalloc.start()
        held = hold(bodies)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(held) == len(bodies)
        return size

    ratio = weight(ours.hold) / weight(plain_json.hold)
    print(f"memory     {ratio:5.2f} of json's dicts, limit {MEMORY}")
    return [f"an invoice holds {ratio:.2f} of what json's dicts hold; the limit is {MEMORY}"] if ratio > MEMORY else []


def check_import() -> list[str]:
    """Find an import that loads too much; in a process of its own, away from what this one has loaded."""
    program = (
        "import sys; before = set(sys.modules); from xendit.apis import InvoiceApi; "
        "print(*sorted(set(sys.modules) - before))"
    )
    environment = {**os.environ, "PYTHONPATH": str(BENCH.parent)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    print(f"import     {len(loaded)} modules, limit {MODULES}")
    lost = [f"the import loads {name}" for name in loaded if name in FORBIDDEN]
    return lost + ([f"the import loads {len(loaded)} modules; the limit is {MODULES}"] if len(loaded) > MODULES else [])


def calls_of(run: Callable[[], Any]) -> int:
    """How many functions one run calls in this thread, those written in C included."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    for _ in range(20):
        run()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def check_calls() -> list[str]:
    """Find a GET that does too much, in either world."""
    with server.running() as (_, url):
        counted = [
            ("a GET", "urllib3", CALLS, calls_of(ours.client(url)["get"]), calls_of(urllib3_json.client(url)["get"])),
            ("async GET", "aiohttp", ASYNC_CALLS, async_calls_of(ours, url), async_calls_of(aiohttp_json, url)),
        ]
    lost = []
    for what, floor, limit, own, least in counted:
        print(f"{what:10} {own} calls, {own / least:.2f} of {floor}'s {least}, limit {limit}")
        if own > limit * least:
            lost.append(f"{what}: {own / least:.2f} times the calls of {floor}'s; the limit is {limit}")
    return lost


def async_calls_of(contender: Any, url: str) -> int:
    """The calls of one GET in an event loop, those of the loop included."""
    loop = asyncio.new_event_loop()
    try:
        get = loop.run_until_complete(_begun(contender, url))
        counted = calls_of(lambda: loop.run_until_complete(get()))
        loop.run_until_complete(get.close())
        loop.run_until_complete(loop.shutdown_asyncgens())
        return counted
    finally:
        loop.close()


async def _begun(contender: Any, url: str) -> Any:
    return contender.async_client(url)


def check_inbox() -> list[str]:
    """Find an inbox whose speed depends on how much waits; on a SQLite file, whose work is this process' own."""
    body = payloads.text({**payloads.webhook(), "id": "inv000000000", "user_id": "u"})
    with tempfile.TemporaryDirectory() as place:
        contenders = {}
        for waiting in (1_000, 10_000):
            contender = contenders[waiting] = inbox_ours.Contender(f"sqlite:///{place}/{waiting}.db")
            contender.make()
            contender.fill(0, waiting, body)
            contender.settle()

        def least(waiting: int, blocks: int = 6, count: int = 40) -> float:
            taken = []
            for _ in range(blocks):
                started = time.process_time()
                assert contenders[waiting].work("transaction", count, 60.0)[0] == count
                taken.append(time.process_time() - started)
            return min(taken)

        seen: list[float] = []
        while len(seen) < ATTEMPTS and (not seen or seen[-1] > INBOX):
            few = least(1_000)
            seen.append(least(10_000) / few)
        for contender in contenders.values():
            contender.inbox.engine.dispose()
    print(f"inbox      {seen[-1]:5.2f} of the time at 1,000 waiting, where 10,000 wait, limit {INBOX}")
    return [f"an event of the inbox takes {seen[-1]:.2f} times as long where more waits"] if seen[-1] > INBOX else []


def main() -> int:
    """Run the checks and give the exit code."""
    lost = [*check_import(), *check_memory(), *check_calls(), *check_time(), *check_inbox()]
    for each in lost:
        print(f"LOST: {each}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
