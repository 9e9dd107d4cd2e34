"""`python bench/inbox.py` measures the inbox of webhooks beside its floor, two task queues and an earlier build.

Each contender runs in a process of its own on a database of its own, on one server that waits for its disk, and all of them
in turn, round after round: what counts is a ratio within one round, for the machine may do other work meanwhile. The table
goes into docs/Performance.md; `--render` writes it again from `.bench/inbox.json`, and `--small` leaves out the million.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(1, str(ROOT / "tools"))

import inbox_report  # noqa: E402
import postgres  # noqa: E402
from peers import HOME, prepare, python_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = HOME / "inbox.json"
BEFORE = "1029956"
"""The commit of the earlier build: the last one whose claims sorted all that waits."""
ROUNDS = 3
COUNT = 100
"""Events a round."""
MOST = 5.0
"""Seconds that one contender may take in a round."""
WORKERS = 4

BODY = json.dumps(
    {
        "id": "inv000000000",
        "external_id": "order-000000000",
        "user_id": "5848fdf860053555135587e7",
        "payment_method": "BANK_TRANSFER",
        "status": "PAID",
        "merchant_name": "Shop",
        "amount": 50000,
        "paid_amount": 50000,
        "bank_code": "BCA",
        "paid_at": "2026-10-12T08:15:03.404Z",
        "payer_email": "ayu@example.com",
        "description": "Two shirts",
        "adjusted_received_amount": 47500,
        "fees_paid_amount": 0,
        "updated": "2026-10-10T08:15:03.404Z",
        "created": "2026-10-10T08:15:03.404Z",
        "currency": "IDR",
        "payment_channel": "BCA",
        "payment_destination": "888888888888",
    }
)


class Absent(Exception):
    """A contender that is not there, and why."""


class Contender:
    """A process with a contender."""

    def __init__(self, name: str, url: str, size: int) -> None:
        self.name, self.url, self.size = name, url, size
        self.filled = 0
        python, environment = sys.executable, dict(os.environ)
        if name in ("procrastinate", "pgqueuer"):
            python = str(python_of("queues"))
        if name == "before":
            environment["PYTHONPATH"] = str(earlier_build())
        module = "ours" if name == "before" else name
        script = str(ROOT / "bench" / "inbox_worker.py")
        self._process = subprocess.Popen(
            [python, script, module, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
            cwd=HOME,
        )

    def begin(self, what: str, **values: object) -> None:
        """Tell it what to do."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **values}) + "\n")
        self._process.stdin.flush()

    def end(self) -> Any:
        """What came of it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Absent(f"{self.name} ended")
        return json.loads(line)

    def do(self, what: str, **values: object) -> Any:
        """Have it do something, and give what came of it."""
        self.begin(what, **values)
        return self.end()

    def fill(self, more: int, **values: object) -> None:
        """Add so many events that are due."""
        self.do("fill", low=self.filled, high=self.filled + more, body=BODY, **values)
        self.filled += more

    def rate(self, what: str, **values: object) -> float:
        """Events a second of work that is given as number and seconds."""
        done, seconds = self.do(what, **values)
        return float(done / seconds) if done else 0.0

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


class Place(NamedTuple):
    """Where databases are made."""

    kind: str
    server: str

    def new(self, name: str) -> str:
        """The address of a new database."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.server}/{name}.db"
        import psycopg

        with psycopg.connect(f"postgresql://{self.server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://{self.server}/{name}"


def earlier_build() -> Path:
    """The package as it was at `BEFORE`, taken out of the repository once."""
    place = HOME / "inbox-before"
    if not (place / "xendit").is_dir():
        place.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", BEFORE, "xendit"], cwd=ROOT, capture_output=True, check=False)
        if archive.returncode:
            raise Absent(f"commit {BEFORE} is not in this copy of the repository")
        subprocess.run(["tar", "-x", "-C", str(place)], input=archive.stdout, check=True)
    return place


def made(stack: ExitStack, place: Place, name: str, size: int) -> Contender | None:
    """A contender with so many events waiting; None, and the reason said, where it cannot be had."""
    say(f"{place.kind}: {name}, {size} waiting")
    try:
        contender = Contender(name, place.new(f"{name}_{size}"), size)
        stack.callback(contender.close)
        contender.do("make")
        contender.fill(size)
        contender.do("settle")
    except Absent as reason:
        say(f"absent: {reason}")
        return None
    return contender


def say(what: str) -> None:
    """Tell whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def measure(place: Place, sizes: tuple[int, ...]) -> dict[str, list[float]]:
    """Every rate of each contender, round by round, under `name size work`."""
    found: dict[str, list[float]] = {}

    def note(contender: Contender, work: str, figure: float) -> None:
        found.setdefault(f"{contender.name} {contender.size} {work}", []).append(figure)

    with ExitStack() as stack:
        contenders = [made(stack, place, name, size) for name, size in wanted(place.kind, sizes)]
        present = [each for each in contenders if each is not None]
        for number in range(ROUNDS + 1):
            say(f"{place.kind}: round {number} of {ROUNDS}")
            for each in present:
                say(f"  {each.name} {each.size}")
                for work in ("transaction", "queue") if each.name in ("ours", "before") else ("transaction",):
                    rate = each.rate("work", how=work, count=COUNT, most=MOST)
                    each.fill(COUNT)
                    if number:  # the first round warms up
                        note(each, work, rate)
                if each.name in ("floor", "ours", "before") and each.size == sizes[0]:
                    note(each, "add", each.rate("add", count=COUNT // 2, body=BODY))
        for each in present:
            if each.name == "ours":
                note(each, "memory", each.do("memory") / 1e6)
                if each.size == sizes[-1]:
                    together(stack, each, found)
        tallied(stack, place, sizes[-1], found)
    return found


def wanted(kind: str, sizes: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Which contender runs with how many waiting."""
    for size in sizes:
        yield "floor", size
        yield "ours", size
        if size != 100_000:
            yield "before", size
        if kind == "postgresql" and size <= 100_000:
            yield "procrastinate", size
            yield "pgqueuer", size


def together(stack: ExitStack, one: Contender, found: dict[str, list[float]]) -> None:
    """Four workers on one table, beside one of them alone, in turn; and the least share that one of the four had."""
    say(f"{WORKERS} workers on one table")
    others = [Contender("ours", one.url, one.size) for _ in range(WORKERS - 1)]
    for each in others:
        stack.callback(each.close)
    for number in range(ROUNDS):
        alone = one.rate("work", how="transaction", count=COUNT, most=MOST)
        began = time.perf_counter()
        for each in (one, *others):
            each.begin("work", how="transaction", count=COUNT, most=MOST)
        shares = [each.end() for each in (one, *others)]
        seconds = time.perf_counter() - began
        if number:
            found.setdefault("four", []).append(sum(done for done, _ in shares) / seconds / alone)
            rates = [done / each for done, each in shares]
            found.setdefault("share", []).append(min(rates) / statistics.mean(rates))


def tallied(stack: ExitStack, place: Place, done: int, found: dict[str, list[float]]) -> None:
    """What a tally takes where so many are done and 1,000 wait, in milliseconds."""
    contender = made(stack, place, "ours", 1_001)
    if contender is None:
        return
    say(f"{place.kind}: a tally beside {done} that are done")
    contender.fill(done, state="done")
    contender.do("settle")
    contender.do("tally")
    found["tally"] = [contender.do("tally") * 1000 for _ in range(ROUNDS)]


def main(arguments: list[str]) -> int:
    """Measure, and write the table."""
    if "--render" not in arguments:
        HOME.mkdir(exist_ok=True)
        reason = prepare("queues")
        if reason is not None:
            say(f"absent: procrastinate and pgqueuer: {reason}")
        sizes = (1_000, 100_000) if "--small" in arguments else (1_000, 100_000, 1_000_000)
        found: dict[str, Any] = {"when": f"{datetime.now(timezone.utc):%d %B %Y}", "sizes": sizes}
        with postgres.cluster(durable=True) as address:
            found["postgresql"] = measure(Place("postgresql", address.rpartition("/")[0]), sizes)
        RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
        with tempfile.TemporaryDirectory() as directory:
            found["sqlite"] = measure(Place("sqlite", directory), sizes)
        RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return inbox_report.write(json.loads(RESULTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
