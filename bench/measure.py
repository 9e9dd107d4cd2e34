"""Measure the contenders in turn. Only ratios taken in one round are compared: the machine drifts, they do not.

Every process runs on one CPU, the server on another where there is one. What is read is CPU time, so that other work
disturbs it little; a round is one block of each contender, right after one another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from typing import TYPE_CHECKING, Any

import payloads
import server
from goals import FORBIDDEN
from peers import CONTENDERS, HOME, ROOT, Absent, Contender, prepare, python_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Rounds = list[dict[str, float]]

TASKS = ("decode", "page", "webhook", "construct", "encode")


class Spread:
    """A ratio over the rounds: its median, and the quarters around it."""

    def __init__(self, ratios: Iterable[float]) -> None:
        ordered = sorted(ratios)
        self.median = statistics.median(ordered)
        self.low, self.high = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]

    def as_json(self) -> list[float]:
        """Median, lower and upper quartile."""
        return [round(each, 4) for each in (self.median, self.low, self.high)]


def ratios(above: Rounds, below: Rounds, name: str = "own", other: str = "own") -> list[float]:
    """Median and quartiles of one over the other, round by round."""
    return Spread(one[name] / two[other] for one, two in zip(above, below, strict=True)).as_json()


def measure(names: Iterable[str], rounds: int, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything, as data: by row of the goals, for each contender its ratios."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[-1]})
    workers, absent = start(names, say)
    found: dict[str, Any] = {
        "absent": absent,
        "labels": {name: worker.about["label"] for name, worker in workers.items()},
        "versions": {},
        "ratios": {},
        "own": {},
    }
    for worker in workers.values():
        found["versions"].update(worker.about["versions"])
    with server.running() as (process, url):
        os.sched_setaffinity(process, {cpus[0]})
        say("measuring: decoding, constructing, encoding")
        pure(workers, found, rounds)
        say("measuring: memory")
        memory(workers, found)
        say("measuring: calls")
        calls(workers, found, url, rounds)
        loops(workers, found, url, rounds)
        say("measuring: start")
        starts(workers, found, url, rounds)
    for worker in workers.values():
        worker.close()
    found["modules"] = modules() if "ours" in workers else None
    return found


def start(names: Iterable[str], say: Callable[[str], None]) -> tuple[dict[str, Contender], dict[str, str]]:
    """The workers that start, and why the others do not."""
    workers, absent = {}, {}
    unprepared: dict[str, str | None] = {}
    for name in names:
        environment = CONTENDERS[name]
        if environment not in unprepared:
            say(f"environment: {environment}")
            unprepared[environment] = prepare(environment)
        problem = unprepared[environment]
        if problem is not None:
            absent[name] = problem
            continue
        try:
            workers[name] = Contender(name)
        except Absent as reason:
            absent[name] = str(reason)
    return workers, absent


def keep(found: dict[str, Any], row: str, taken: dict[str, Rounds], floor: Rounds | None, below: str = "own") -> None:
    """Add a row: each contender over the floor, the official over each, and the microseconds for orientation."""
    found["own"][row] = {name: statistics.median(each["own"] for each in rounds) for name, rounds in taken.items()}
    found["ratios"][row] = {
        name: {
            "floor": ratios(rounds, floor or rounds, other=below) if floor or below != "own" else None,
            "official": ratios(taken["official"], rounds) if "official" in taken else None,
        }
        for name, rounds in taken.items()
    }


def pure(workers: dict[str, Contender], found: dict[str, Any], rounds: int) -> None:
    """Work without a network; each contender's floor runs in its own process."""
    for task in TASKS:
        able = {name: worker for name, worker in workers.items() if task in worker.about["tasks"]}
        taken: dict[str, Rounds] = {name: [] for name in able}
        for _ in range(rounds):
            for name, worker in able.items():
                taken[name].append(worker.ask("task", task=task))
        keep(found, task, taken, None, below="floor")


def memory(workers: dict[str, Contender], found: dict[str, Any]) -> None:
    """Bytes that one invoice holds."""
    taken = {name: [worker.ask("memory", count=400)] for name, worker in workers.items() if worker.about["hold"]}
    keep(found, "memory", taken, taken["plain_json"])


def calls(workers: dict[str, Contender], found: dict[str, Any], url: str, rounds: int) -> None:
    """CPU of a call on a warm client."""
    able = {name: worker for name, worker in workers.items() if worker.about["client"]}
    for task, threads in (("get", 1), ("get", 8), ("walk", 1)):
        taken: dict[str, Rounds] = {name: [] for name in able}
        for _ in range(rounds):
            for name, worker in able.items():
                taken[name].append(worker.ask("http", url=url, task=task, threads=threads))
        keep(found, f"{task} {threads}", taken, taken["urllib3_json"])


def loops(workers: dict[str, Contender], found: dict[str, Any], url: str, rounds: int) -> None:
    """CPU of a call, 50 tasks in one loop."""
    able = {name: worker for name, worker in workers.items() if worker.about["async"]}
    taken: dict[str, Rounds] = {name: [] for name in able}
    for _ in range(rounds):
        for name, worker in able.items():
            taken[name].append(worker.ask("tasks_of_a_loop", url=url, tasks=50, count=500))
    if "aiohttp_json" in taken:
        keep(found, "async", taken, taken["aiohttp_json"])


def spent(name: str, program: str) -> float:
    """CPU milliseconds of a whole process."""
    process = subprocess.Popen([str(python_of(CONTENDERS[name])), "-c", program], cwd=HOME)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name}: the program ended with {process.returncode}:\n{program}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def starts(workers: dict[str, Contender], found: dict[str, Any], url: str, rounds: int) -> None:
    """CPU of an import beyond a bare interpreter, and of a process that makes one call."""
    added: dict[str, Rounds] = {name: [] for name in workers if name != "plain_json"}
    whole: dict[str, Rounds] = {name: [] for name, worker in workers.items() if worker.about["first"]}
    for _ in range(rounds):
        for name, times in added.items():
            bare = spent(name, "pass")
            times.append({"own": spent(name, workers[name].about["import"]) - bare})
        for name, times in whole.items():
            program = f"URL, ID = {url!r}, {payloads.ID!r}\n{workers[name].about['first']}"
            times.append({"own": spent(name, program)})
    keep(found, "import", added, None)
    keep(found, "first", whole, whole["urllib3_json"])


def modules() -> dict[str, Any]:
    """How many modules our import loads beyond a bare interpreter's, and which of the forbidden ones."""
    program = (
        "import sys; before = set(sys.modules); from xendit.apis import InvoiceApi; import json; "
        "print(json.dumps(sorted(set(sys.modules) - before - {'json'})))"
    )
    # json itself is loaded to print; what it alone brings is not ours
    listed = subprocess.run([str(python_of("ours")), "-c", program], capture_output=True, text=True, check=True)
    loaded = [name for name in json.loads(listed.stdout) if name.partition(".")[0] != "json"]
    return {"count": len(loaded), "forbidden": [name for name in loaded if name in FORBIDDEN]}


def instructions(name: str, task: str, count: int) -> float | None:
    """Instructions of one run of a task, (3N - N) / 2N, or None where perf counts none."""

    def counted(times: int) -> float:
        command = ["perf", "stat", "-x,", "-e", "instructions:u", str(python_of(CONTENDERS[name]))]
        command += [str(ROOT / "bench" / "worker.py"), name, task, str(times)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(done.stderr.strip().splitlines()[-1].partition(",")[0])

    try:
        return (counted(3 * count) - counted(count)) / (2 * count)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def counts(found: dict[str, Any]) -> None:
    """Instructions of each task, as multiples of the floor's, where they can be counted."""
    table: dict[str, Any] = {}
    for task in TASKS:
        floor = instructions("plain_json", task, 40)
        for name in found["labels"] if floor else ():
            own = found["ratios"][task].get(name) and instructions(name, task, 40)
            if own and floor:
                table.setdefault(task, {})[name] = round(own / floor, 2)
    found["instructions"] = table
