"""Look for the seeds that find the planted defects: `python -m world.defects NAME`, `--all`, `--all --write`."""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from world.defects import defects
from world.defects.planting import plant

MOST = 20_000
"""Seeds within which a defect must be found."""
FOUND = Path(__file__).parent / "found.json"
"""The seeds that found them, with the promise that was broken."""


def hunt(name: str, seeds: range) -> dict[str, Any]:
    """Plant a defect in this process and run seeds until one finds it."""
    defect = defects()[name]
    plant(defect)
    from xendit.testing.world.scenario import PROFILES, run_seed

    logging.disable(logging.CRITICAL)
    begun = time.perf_counter()
    for seed in seeds:
        violations = run_seed(seed, profile=PROFILES[defect.profile]).violations
        if violations:
            first = violations[0]
            taken = time.perf_counter() - begun
            return {"seed": seed, "broken": first.promise, "text": first.text, "seconds": round(taken, 1)}
    return {"seed": None, "broken": None, "text": f"not found in {len(seeds)} seeds"}


def elsewhere(name: str, first: int, count: int) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "world.defects", name, "--first", str(first), "--seeds", str(count), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout.startswith("{"):
        return {"seed": None, "broken": None, "text": done.stderr[-600:]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> int:
    """Look, and say what was found. 1: something was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", help="a defect")
    parser.add_argument("--all", action="store_true", help="all of them, each in a process of its own")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=MOST)
    parser.add_argument("--missing", action="store_true", help="those alone that found.json lacks")
    parser.add_argument("--write", action="store_true", help="write found.json")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.all:
        found = hunt(given.name, range(given.first, given.first + given.seeds))
        print(json.dumps(found) if given.json else f"{given.name}: {found}")
        return 0 if found["seed"] is not None else 1
    kept: dict[str, Any] = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    names = [name for name in defects() if not given.missing or name not in kept]
    results: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(2) as pool:
        under_way = {pool.submit(elsewhere, name, given.first, given.seeds): name for name in names}
        for done in as_completed(under_way):
            name, result = under_way[done], done.result()
            results[name] = result
            print(f"{result['seed']!s:>6}  {name}: {result['broken']}: {result['text']}", flush=True)
            kept.pop(name, None)
            if result["seed"] is not None:
                kept[name] = {"seed": result["seed"], "broken": result["broken"]}
            if given.write:
                FOUND.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", "utf-8")
    return 0 if all(each["seed"] is not None for each in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
