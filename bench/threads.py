"""What a second thread brings, above all on a free-threaded build of Python; on an ordinary one it says so.

`python bench/threads.py [--rounds N] [ANOTHER_CHECKOUT ...]`, with a Python that has this package installed; an older checkout of
it, named behind, is measured in the same rounds. It exits with 1 when this checkout misses a goal.

Decoding and constructing are timed by the clock, less what each thread waited for a CPU, which Linux counts: other
work on the machine disturbs that little, while waiting for another thread's lock counts in full. A GET is CPU time of
the process, with the server in another. Every ratio is taken within one round, one block right after the other. The
row "dicts alone" is work that shares nothing, so it says what two threads can gain on this machine at this hour.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import server
from measure import Spread

if TYPE_CHECKING:
    from collections.abc import Callable

FREE_THREADED = "free-threading" in sys.version
BENCH = Path(__file__).resolve().parent
ROUNDS = 15
BLOCK = 0.04
"""Seconds that a block of one thread takes: short, so that a busy machine leaves some of them alone."""
CALLS = 200
"""GETs of a block."""
GOALS = {"decode": 1.6, "construct": 1.6} if sys.version_info >= (3, 14) else {"decode": 1.3, "construct": 1.3}
"""Two threads' speed over one thread's, at least. Python 3.13's build is an experiment still, and its goal lower."""
GET_GOAL = 1.25
"""CPU of a GET with two threads over that with one, at most."""
LOCK_GOAL = 1.15 if sys.version_info >= (3, 14) else None
"""Time of one thread over the same with the global lock on, at most."""
WORK = {
    "dicts": "dicts alone, the measure",
    "loads": "json.loads of an invoice",
    "decode": "decode an invoice",
    "construct": "construct a request",
}


# ------------------------------------------------------------------------------------------- the process measured


def work_of_thread(task: str) -> Callable[[], object]:
    """One thread's work. Each has a body of its own, as threads that read answers have."""
    import ours
    import payloads

    from xendit.invoice.model import Invoice

    body = bytes(bytearray(payloads.INVOICE))
    text = body.decode()
    decoder = json.JSONDecoder()

    def dicts() -> None:
        for number in range(20):
            made = {"a": number, "b": [number]}
            made["c"] = made["a"]

    return {
        "dicts": dicts,
        "loads": lambda: decoder.decode(text),
        "decode": lambda: Invoice.from_json(body),
        "construct": ours.construct,
    }[task]


def waited_for_cpu() -> int:
    """Nanoseconds that this thread could have run and had no CPU; 0 where the system does not say."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1])
    except OSError:
        return 0


def in_threads(runs: list[Callable[[], object]], count: int) -> list[float]:
    """Seconds that each thread took for `count` runs of its own, less its waiting for a CPU."""
    together = threading.Barrier(len(runs))
    took = [0.0] * len(runs)

    def repeat(number: int) -> None:
        run = runs[number]
        run()
        together.wait()
        # The clock is read first and last: a wait for a CPU that was not within its reading must not be taken from it.
        started = time.perf_counter_ns()
        waited = waited_for_cpu()
        for _ in range(count):
            run()
        waited = waited_for_cpu() - waited
        took[number] = (time.perf_counter_ns() - started - waited) / 1e9

    threads = [threading.Thread(target=repeat, args=(number,)) for number in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


class Process:
    """The commands of a measured process, by name."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.get: Callable[[], object] | None = None

    def about(self) -> dict[str, Any]:
        """Which Python and which code this is."""
        import xendit

        return {
            "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
            "code": str(Path(xendit.__file__).parent.parent),
        }

    def pure(self, task: str) -> dict[str, float]:
        """Seconds a run in one thread, and runs a second with one and with two."""
        runs = [work_of_thread(task), work_of_thread(task)]
        if task not in self.counts:
            in_threads(runs, 30)  # whatever is compiled or specialized on the way is so now
            self.counts[task] = max(1, round(BLOCK * 100 / in_threads(runs[:1], 100)[0]))
        count = self.counts[task]
        (one,) = in_threads(runs[:1], count)
        return {"one": one / count, "gain": sum(one / each for each in in_threads(runs, count))}

    def calls(self, url: str) -> dict[str, float]:
        """CPU seconds of a GET of one client, with one thread and with two."""
        import ours

        if self.get is None:
            self.get = ours.client(url)["get"]
            in_threads([self.get, self.get], 30)
        spent = {}
        for name, threads in (("one", 1), ("two", 2)):
            started = time.process_time()
            in_threads([self.get] * threads, CALLS // threads)
            spent[name] = (time.process_time() - started) / CALLS
        return {"one": spent["one"], "more": spent["two"] / spent["one"]}


def serve() -> None:
    """Answer commands until the input ends."""
    process = Process()
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(getattr(process, command.pop("do"))(**command)), flush=True)


# ----------------------------------------------------------------------------------------------- the one that asks


class Measured:
    """A checkout in a process of its own, with the global lock or without."""

    def __init__(self, checkout: Path, *, lock: bool) -> None:
        paths = [str(BENCH), str(BENCH / "contenders"), str(checkout)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHON_GIL": "1" if lock else "0"}
        if not FREE_THREADED:
            del environment["PYTHON_GIL"]  # an ordinary build refuses to start with 0
        self.process = subprocess.Popen(
            [sys.executable, str(BENCH / "threads.py"), "--measured"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        about = self.ask("about")
        if about["gil"] != lock or about["code"] != str(checkout):
            raise SystemExit(f"{checkout} was to run with {'a' if lock else 'no'} global lock, and did not: {about}")

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have a command done, and give its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"do": do, **arguments}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a measured process ended; what it said stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def build() -> str:
    """Which Python this is, and with what it runs."""
    kind = "a free-threaded build" if FREE_THREADED else "an ordinary build, with a global lock"
    needed = ", ".join(f"{name} {version(name)}" for name in ("urllib3", "python-dateutil", "typing-extensions"))
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"Python {platform.python_version()}, {kind}; {cpus} CPUs; {needed}"


def measure(checkout: dict[str, Path], url: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """By checkout and row, the ratios of all rounds. Every process is measured once in each round."""
    free = {name: Measured(path, lock=not FREE_THREADED) for name, path in checkout.items()}
    locked = {name: Measured(path, lock=True) for name, path in checkout.items() if FREE_THREADED}
    found: dict[str, dict[str, list[float]]] = {name: {} for name in checkout}
    for _ in range(rounds):
        for name, process in free.items():
            rows = found[name]
            for task in WORK:
                seen = process.ask("pure", task=task)
                rows.setdefault(f"gain {task}", []).append(seen["gain"])
                if name in locked and task in GOALS:
                    other = locked[name].ask("pure", task=task)
                    rows.setdefault(f"lock {task}", []).append(seen["one"] / other["one"])
            seen = process.ask("calls", url=url)
            rows.setdefault("more get", []).append(seen["more"])
            if name in locked:
                other = locked[name].ask("calls", url=url)
                rows.setdefault("lock get", []).append(seen["one"] / other["one"])
    for process in (*free.values(), *locked.values()):
        process.close()
    return found


def rows_of() -> list[tuple[str, str, float | None, float | None]]:
    """Key, what it says, the least and the most that it may be."""
    rows: list[tuple[str, str, float | None, float | None]] = [
        (f"gain {task}", f"{said}: speed of 2 threads over 1", GOALS.get(task), None) for task, said in WORK.items()
    ]
    rows.append(("more get", "a GET: CPU with 2 threads over 1", None, GET_GOAL))
    if FREE_THREADED:
        rows += [
            (f"lock {task}", f"{said}: 1 thread, time over that with the lock", None, LOCK_GOAL)
            for task, said in (*((task, WORK[task]) for task in GOALS), ("get", "a GET"))
        ]
    return rows


def main(arguments: list[str]) -> int:
    """Measure, print a table, and give 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description="What a second thread brings.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("others", nargs="*", metavar="ANOTHER_CHECKOUT")
    options = parser.parse_args(arguments)
    checkout = {path: Path(path).resolve() for path in options.others}
    checkout["this"] = BENCH.parent
    print(build())
    with server.running() as (_, url):
        found = measure(checkout, url, options.rounds)
    print("| | " + " | ".join((*checkout, "goal")) + " |\n|---|" + "---:|" * (len(checkout) + 1))
    missed = 0
    for key, said, least, most in rows_of():
        spread = {name: Spread(rows[key]) for name, rows in found.items()}
        own = spread["this"].median
        if FREE_THREADED and ((least and own < least) or (most and own > most)):
            missed += 1
        goal = f"≥ {least}" if least else f"≤ {most}" if most else "–"
        cells = [f"{each.median:.2f} [{each.low:.2f}–{each.high:.2f}]" for each in spread.values()]
        print(f"| {said} | " + " | ".join((*cells, goal if FREE_THREADED else "–")) + " |")
    if not FREE_THREADED:
        print("A build with a global lock runs one thread at a time: nothing here has a goal.")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--measured"]:
        serve()
    else:
        sys.exit(main(sys.argv[1:]))
