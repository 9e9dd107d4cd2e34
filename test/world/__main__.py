"""Live through many worlds: `make world SEEDS=0..2000`. Ranges of seeds add up in a ledger.

What a range came to is one line of ledger.json: how many worlds and events, their digest, what was violated, and how often each mark
was reached. The digest is of the digests of the worlds in the order of their seeds, so two machines, two Pythons or two hash
seeds can be compared by it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import logging
import multiprocessing
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from xendit import marks
from xendit.testing.world.scenario import FULL, PROFILES, Profile, run_seed

ROOT = Path(__file__).resolve().parent.parent.parent
LEDGER = Path(__file__).parent / "ledger.json"
REACHED = Path(__file__).parent / "reached.json"
"""For each mark a seed whose world reaches it."""
REACHED_MONEY = Path(__file__).parent / "reached_money.json"
"""The same for the marks that only worlds of the profile `money` reach."""
MARKS_NEED = {"money": 2_000}
"""So many worlds of a profile reach all its marks; of the others 4,000."""
_MARK = re.compile(r"\bmark\(\s*([^()]*?)\s*\)", re.DOTALL)
_TABLE = re.compile(r"\b_MARKS = \{(.*?)\}", re.DOTALL)
_LITERAL = re.compile(r'"([a-z ]+: [^"]+)"')
_CHUNK = 500


class Chunk(NamedTuple):
    """What some seeds in a row came to."""

    worlds: int
    events: int
    faults: int
    digest: str
    violations: list[tuple[int, str, str]]
    marks: Counter[str]
    first: dict[str, int]
    """The first seed that reached each mark."""


def all_marks() -> set[str]:
    """Every mark that stands in the source of the product."""
    found: set[str] = set()
    for path in (ROOT / "xendit").rglob("*.py"):
        if path.name != "marks.py":
            text = path.read_text("utf-8")
            for call in (*_MARK.findall(text), *_TABLE.findall(text)):
                found.update(_LITERAL.findall(call))
    return found


def marks_of(profile: Profile) -> set[str]:
    """The marks that a long run of a profile must reach: those of refunds where money goes back, and elsewhere the others."""
    return {mark for mark in all_marks() if mark.startswith(("refunding: ", "cancelling: ")) == bool(profile.returns)}


def commit() -> str:
    """The commit that was run, or nothing where git does not know it."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def live(first: int, count: int, profile: Profile = FULL) -> Chunk:
    """Live through the worlds of some seeds."""
    logging.disable(logging.CRITICAL)
    reached: Counter[str] = Counter()
    together = hashlib.blake2b(digest_size=16)
    events = faults = 0
    violations: list[tuple[int, str, str]] = []

    firsts: dict[str, int] = {}
    seed = first

    def note(name: str) -> None:
        reached[name] += 1
        firsts.setdefault(name, seed)

    before = marks.listen(note)
    try:
        for seed in range(first, first + count):
            outcome = run_seed(seed, profile=profile)
            together.update(bytes.fromhex(outcome.digest))
            events += outcome.events
            faults += outcome.faults
            violations += [(seed, each.promise, each.text) for each in outcome.violations]
    finally:
        marks.listen(before)
        logging.disable(logging.NOTSET)
    return Chunk(count, events, faults, together.hexdigest(), violations, reached, firsts)


def add_up(chunks: list[Chunk]) -> dict[str, Any]:
    """Several chunks, in the order of their seeds, as one line of the ledger."""
    together = hashlib.blake2b("".join(each.digest for each in chunks).encode(), digest_size=16)
    reached: Counter[str] = Counter()
    for each in chunks:
        reached.update(each.marks)
    return {
        "worlds": sum(each.worlds for each in chunks),
        "events": sum(each.events for each in chunks),
        "faults": sum(each.faults for each in chunks),
        "digest": together.hexdigest(),
        "violations": [violation for each in chunks for violation in each.violations],
        "marks": dict(sorted(reached.items())),
    }


def main() -> int:
    """Run a range of seeds. 1: a promise was broken, or with --marks a mark was never reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", help="FIRST..LAST, the last one not included")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="full", help="how much happens in each")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--ledger", action="store_true", help="add the range to ledger.json")
    parser.add_argument("--marks", action="store_true", help="fail when a mark was never reached")
    parser.add_argument("--seconds", type=float, help="begin no more worlds after so many seconds")
    parser.add_argument("--reached", action="store_true", help="write for each mark the first seed to reached.json")
    given = parser.parse_args()
    profile = PROFILES[given.profile]
    first, last = (int(part) for part in given.seeds.split(".."))
    starts = list(range(first, last, _CHUNK))
    counts = [min(_CHUNK, last - start) for start in starts]
    begun = time.perf_counter()
    if given.processes > 1:
        # By the name of the module: a process that was not forked, which is the rule from Python 3.14 on, has another `__main__`.
        work = importlib.import_module("world.__main__").live
        with ProcessPoolExecutor(given.processes, multiprocessing.get_context("spawn")) as pool:
            chunks = list(pool.map(work, starts, counts, [profile] * len(starts)))
    else:
        chunks = []
        for start, count in zip(starts, counts, strict=True):
            if given.seconds is not None and time.perf_counter() - begun > given.seconds:
                break
            chunks.append(live(start, count, profile))
    taken = time.perf_counter() - begun
    line = add_up(chunks)
    for seed, promise, text in line["violations"][:50]:
        print(f"seed {seed}: {promise}: {text}")
    for seed in dict.fromkeys(seed for seed, _, _ in line["violations"][:50]):
        print(f"to see it: xendit sandbox replay {seed} --profile {profile.name}")
    missing = sorted(marks_of(profile) - set(line["marks"]))
    print(f"{line['worlds']} worlds, {len(line['violations'])} violations, digest {line['digest']}")
    print(
        f"profile {profile.name}, seeds from {first}, {line['events']} events, {line['faults']} faults, {taken:.0f} s;"
        f" {len(line['marks'])} marks reached, {len(missing)} not: {missing}"
    )
    if given.ledger:
        ran = f"{first}..{first + line['worlds']}"
        kept = json.loads(LEDGER.read_text("utf-8")) if LEDGER.exists() else {}
        kept[ran if profile is FULL else f"{ran} {profile.name}"] = {**line, "commit": commit()}
        LEDGER.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    if given.reached:
        own, path = marks_of(profile), REACHED_MONEY if profile.returns else REACHED
        firsts = {mark: seed for each in reversed(chunks) for mark, seed in each.first.items() if mark in own}
        path.write_text(json.dumps(dict(sorted(firsts.items())), indent=1) + "\n", "utf-8")
    need = MARKS_NEED.get(profile.name, 4_000)
    if missing and given.marks and line["worlds"] < need:
        print(f"marks are judged from {need} worlds on")
        missing = []
    return 1 if line["violations"] or (given.marks and missing) else 0


if __name__ == "__main__":
    sys.exit(main())
