"""Planted defects are found: each by the seed that is known for it, and by nothing that the healthy product does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from security.proof import PROOF

from world.defects import defects
from world.defects.__main__ import FOUND
from world.table import PAGE, page

ROOT = Path(__file__).resolve().parent.parent
KNOWN = json.loads(FOUND.read_text("utf-8"))


def test_each_defect_has_its_seed() -> None:
    """Every defect was found, none that there is not, and by a seed among those within which one must be found."""
    assert set(KNOWN) == set(defects())
    assert len(KNOWN) >= 40
    assert all(0 <= each["seed"] < 20_000 for each in KNOWN.values())


#: In their worlds somebody asks every second, for thirty hours, for what never comes: two minutes each, in `make proof`.
ENDLESS = {"a lease of an item is never taken over"}


@pytest.mark.parametrize("name", sorted(KNOWN if PROOF else set(KNOWN) - ENDLESS))
def test_a_defect_is_found(name: str) -> None:
    """The world of its seed shows what the defect breaks."""
    seed = KNOWN[name]["seed"]
    command = [sys.executable, "-m", "world.defects", name, "--first", str(seed), "--seeds", "1", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT.parent)])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["seed"], found["broken"]) == (seed, KNOWN[name]["broken"])


def test_the_page_shows_the_tables() -> None:
    """docs/Reliability.md shows what the ledger and the table of seeds hold."""
    assert PAGE.read_text("utf-8") == page(), "run `python -m world.table` in test/"
