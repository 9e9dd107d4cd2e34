"""`python bench/inbox.py` measures the inbox of webhooks beside its floor, two task queues and an earlier build.

Each contender runs in a process of its own on a database of its own, on one server that waits for its disk, and those of a
part of the table in turn, round after round: what counts is a ratio within one round, for the machine may do other work
meanwhile. Without arguments it does all of this:

    python bench/inbox.py prepare [small]             fill the databases, once; they stay in `.bench/inbox`
    python bench/inbox.py run postgresql workers      measure one part, in a few minutes at most: see PARTS
    python bench/inbox.py render                      write the table into docs/Performance.md

`small` leaves out the million. A part may be measured when the machine is quiet, and the rest at another time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(1, str(ROOT / "tools"))

import inbox_report  # noqa: E402
import postgres  # noqa: E402
from peers import HOME, prepare, python_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: What a part measures: each figure, round by round, under `name size work`.
    Figures = dict[str, list[float]]

STORES = HOME / "inbox"
RESULTS = HOME / "inbox.json"
BEFORE = "1029956"
"""The commit of the earlier build: the last one whose claims sorted all that waits."""
ROUNDS = 7
COUNT = 200
"""Events a round."""
PEERS_COUNT = 500
"""The same beside the task queues, which work in batches."""
GAP = 50_000
"""Numbers that are left out where a run begins: one that was ended early did not note all that it had used."""
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

    def __init__(self, name: str, url: str, size: int, filled: int = 0) -> None:
        self.name, self.url, self.size = name, url, size
        self.filled = filled
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
            stderr=None if os.environ.get("BENCH_ERRORS") else subprocess.DEVNULL,
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

    def work(self, how: str, count: int = COUNT) -> float:
        """Work on the events of a round, and add as many; events a second."""
        done, seconds = self.do("work", how=how, count=count, most=MOST)
        if done:
            self.fill(done)
        return float(done / seconds) if done else 0.0

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


class Place:
    """Where the databases of one kind are, and how many events each was given."""

    def __init__(self, kind: str, server: str) -> None:
        self.kind, self.server = kind, server
        self._state = STORES / f"{kind}.json"
        self.filled: dict[str, int] = json.loads(self._state.read_text("utf-8")) if self._state.is_file() else {}
        self._opened: dict[str, Contender] = {}

    def address(self, name: str) -> str:
        """The address of a database."""
        return f"sqlite:///{self.server}/{name}.db" if self.kind == "sqlite" else f"postgresql://{self.server}/{name}"

    def make(self, name: str, size: int, done: int = 0) -> None:
        """A database with so many events waiting, and so many done, unless it is there."""
        store = f"{name}_{size}"
        if store in self.filled:
            return
        say(f"{self.kind}: {name}, {size} waiting")
        if self.kind == "sqlite":
            for each in Path(self.server).glob(f"{store}.db*"):
                each.unlink()
        else:
            import psycopg

            with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {store}".encode())
                connection.execute(f"CREATE DATABASE {store}".encode())
        contender = Contender(name, self.address(store), size)
        try:
            contender.do("make")
            contender.fill(size)
            if done:
                contender.fill(done, state="done")
            contender.do("settle")
        except Absent as reason:
            say(f"absent: {reason}")
            return
        finally:
            contender.close()
        self.filled[store] = contender.filled
        self.keep()

    def open(self, stack: ExitStack, name: str, size: int) -> Contender | None:
        """The contender on a database that was made; None where it is not there."""
        store = f"{name}_{size}"
        if store not in self.filled:
            return None
        self.filled[store] += GAP
        self.keep()
        contender = Contender(name, self.address(store), size, self.filled[store])
        stack.callback(contender.close)
        self._opened[store] = contender
        if name == "ours":
            contender.do("make")  # an index that is new since
        return contender

    def keep(self) -> None:
        """Note how many events each was given."""
        self.filled.update({store: each.filled for store, each in self._opened.items()})
        self._state.write_text(json.dumps(self.filled), encoding="utf-8")


@contextmanager
def place_of(kind: str) -> Iterator[Place]:
    """Where the databases of a kind are, with their server."""
    STORES.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = str(STORES)
        if kind == "postgresql":
            server = stack.enter_context(postgres.cluster(durable=True, keep=STORES / "postgresql")).rpartition("/")[0]
        place = Place(kind, server)
        try:
            yield place
        finally:
            place.keep()


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


def say(what: str) -> None:
    """Tell whoever waits."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def workers(stack: ExitStack, place: Place, size: int) -> Figures:
    """Ours beside the floor and the earlier build, both workers."""
    found: Figures = {}
    present = [place.open(stack, name, size) for name in ("floor", "ours", "before")]
    for number in range(ROUNDS + 1):
        for each in present:
            if each is None:
                continue
            for how in ("transaction", "queue") if each.name != "floor" else ("transaction",):
                note(found, number, each, how, each.work(how))
    return found


def flat(stack: ExitStack, place: Place, size: int) -> Figures:
    """Ours where few wait, beside ours where so many do."""
    found: Figures = {}
    present = [place.open(stack, "ours", each) for each in (FEW, size)]
    for number in range(ROUNDS + 1):
        for each in present:
            for how in ("transaction", "queue"):
                if each is not None:
                    note(found, number, each, how, each.work(how))
    for each in present:
        if each is not None:
            found[f"{each.name} {each.size} memory"] = [each.do("memory") / 1e6]
    return found


def peers(stack: ExitStack, place: Place, size: int) -> Figures:
    """Ours beside the task queues, one process each."""
    found: Figures = {}
    present = [place.open(stack, name, size) for name in ("ours", "procrastinate", "pgqueuer")]
    for number in range(ROUNDS + 1):
        for each in present:
            if each is None:
                continue
            for how in inbox_report.WAYS if each.name == "ours" else ("transaction",):
                note(found, number, each, how, each.work(how, PEERS_COUNT))
    return found


def endpoint(stack: ExitStack, place: Place, _: int) -> Figures:
    """The endpoint beside one insert and its commit."""
    found: Figures = {}
    present = [place.open(stack, name, FEW) for name in ("floor", "ours", "before")]
    for number in range(ROUNDS + 1):
        for each in present:
            if each is not None:
                note(found, number, each, "add", each.rate("add", count=COUNT, body=BODY))
    return found


def tally(stack: ExitStack, place: Place, _: int) -> Figures:
    """What a tally takes where so many are done and 1,000 wait, in milliseconds."""
    contender = place.open(stack, "ours", TALLIED)
    if contender is None:
        return {}
    return {"tally": [contender.do("tally") * 1000 for _ in range(ROUNDS + 1)][1:]}


def four(stack: ExitStack, place: Place, size: int) -> Figures:
    """Four workers on one table, beside one of them alone, in turn; and the least share that one of the four had."""
    found: Figures = {}
    one = place.open(stack, "ours", size)
    if one is None:
        return {}
    others = [Contender("ours", one.url, one.size) for _ in range(WORKERS - 1)]
    for each in others:
        stack.callback(each.close)
    for number in range(ROUNDS + 1):
        alone = one.work("transaction")
        began = time.perf_counter()
        for each in (one, *others):
            each.begin("work", how="transaction", count=COUNT, most=MOST)
        shares = [each.end() for each in (one, *others)]
        seconds = time.perf_counter() - began
        one.fill(sum(done for done, _ in shares))
        if number:
            found.setdefault("four", []).append(sum(done for done, _ in shares) / seconds / alone)
            rates = [done / each for done, each in shares]
            found.setdefault("share", []).append(min(rates) / statistics.mean(rates))
    return found


FEW, MANY, MOST_WAITING = 1_000, 100_000, 1_000_000
#: The store of which nearly all is done, by how much waits in it.
TALLIED = FEW + 1
#: The parts of the table, each with what measures it and how much waits.
PARTS: dict[str, tuple[Callable[[ExitStack, Place, int], Figures], int]] = {
    "workers": (workers, FEW),
    "workers-most": (workers, MOST_WAITING),
    "flat": (flat, MOST_WAITING),
    "peers": (peers, FEW),
    "peers-many": (peers, MANY),
    "endpoint": (endpoint, FEW),
    "tally": (tally, TALLIED),
    "four": (four, MOST_WAITING),
}


def note(found: Figures, number: int, contender: Contender, work: str, figure: float) -> None:
    """Keep a figure; the first round warms up."""
    if number:
        found.setdefault(f"{contender.name} {contender.size} {work}", []).append(figure)


def fill(place: Place, most: int) -> None:
    """Make every database."""
    for size in (FEW, MANY, MOST_WAITING):
        if size > most:
            continue
        for name in ("floor", "ours", "before"):
            if size != MANY or name == "ours":
                place.make(name, size)
        if place.kind == "postgresql" and size <= MANY:
            for name in ("procrastinate", "pgqueuer"):
                place.make(name, size)
    place.make("ours", TALLIED, done=most)


def prepared(most: int) -> None:
    """Make everything that is measured."""
    HOME.mkdir(exist_ok=True)
    reason = prepare("queues")
    if reason is not None:
        say(f"absent: procrastinate and pgqueuer: {reason}")
    for kind in ("postgresql", "sqlite"):
        with place_of(kind) as place:
            fill(place, most)


def measured(kind: str, parts: list[str], most: int) -> None:
    """Measure parts, and keep their figures beside those that are there."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    found.update(when=f"{datetime.now(timezone.utc):%d %B %Y}", few=FEW, many=MANY, most=most)
    with place_of(kind) as place:
        for part in parts:
            measure, size = PARTS[part]
            say(f"{kind}: {part}")
            with ExitStack() as stack:
                figures = measure(stack, place, min(size, most))
            found.setdefault(kind, {})[part] = figures
            RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
            for line in inbox_report.lines_of(found, kind, part)[0]:
                print(line)


def main(arguments: list[str]) -> int:
    """Do what is asked for, or everything."""
    most = MANY if "small" in arguments else MOST_WAITING
    what = [each for each in arguments if each != "small"]
    if what[:1] == ["run"]:
        unknown = [each for each in what[2:] if each not in PARTS]
        if len(what) < 3 or what[1] not in ("postgresql", "sqlite") or unknown:
            print(f"run postgresql|sqlite, and of {', '.join(PARTS)}", file=sys.stderr)
            return 2
        measured(what[1], what[2:], most)
        return 0
    if not what or what == ["prepare"]:
        prepared(most)
    if not what:
        for kind in ("postgresql", "sqlite"):
            measured(kind, [*PARTS], most)
    if not what or what == ["render"]:
        return inbox_report.write(json.loads(RESULTS.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
