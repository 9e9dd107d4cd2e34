"""Batches whose processes are killed with SIGKILL, over a server that fails: judged by the server's ledger.

The suite runs a small cut; `make proof` runs 5,000 items and ten kills for each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clerk
import pytest
from faults import chaos
from faults.server import FaultServer

from xendit.bulk import Journal, Report, create_many

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
ITEMS, KILLS = (5000, 10) if WHOLE else (160, 2)
CLERK = Path(clerk.__file__)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """The server that fails."""
    with FaultServer() as server:
        yield server


def start(server: FaultServer, journal: str, on_unknown: str, world: str) -> subprocess.Popen[bytes]:
    """A process that works on the batch."""
    command = [sys.executable, "-W", "error", str(CLERK), server.url, journal, str(ITEMS), on_unknown, world]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def run_killed(
    server: FaultServer, journal: str, *, processes: int, on_unknown: str, seed: int, world: str = "sync"
) -> None:
    """Work on the batch, kill all processes every now and then, and go on until they end by themselves."""
    dice = random.Random(seed)
    for _ in range(KILLS):
        before = len(server.ledger)
        running = [start(server, journal, on_unknown, world) for _ in range(processes)]
        due = before + dice.randint(1, max(1, ITEMS // (KILLS + 1)))
        ends = time.monotonic() + 60
        while len(server.ledger) < due and any(each.poll() is None for each in running):
            assert time.monotonic() < ends
            time.sleep(0.002)
        for each in running:
            each.kill()
        for each in running:
            each.communicate()
    finish(server, journal, processes=processes, on_unknown=on_unknown, world=world)


def finish(server: FaultServer, journal: str, *, processes: int = 1, on_unknown: str, world: str = "sync") -> None:
    """Work on the batch until nothing is left to do."""
    running = [start(server, journal, on_unknown, world) for _ in range(processes)]
    said = [each.communicate(timeout=600)[1].decode() for each in running]
    assert [each.returncode for each in running] == [0] * processes, "\n".join(said)


def audit(server: FaultServer, journal: str) -> Report:
    """Compare what the journal says with the ledger: each at most once, each reported, no word that is false."""
    assert server.ledger.duplicates() == []
    kept = Journal(journal)
    results, report = kept.results(), kept.report()
    kept.close()
    assert [each.external_id for each in results] == [each["external_id"] for each in clerk.requests(ITEMS)]
    assert report.pending == ()
    assert report.sending == ()
    for each in results:
        made = server.ledger.of(each.external_id)
        if each.state == "created":
            assert [invoice["id"] for invoice in made] == [each.invoice_id]
        elif each.state == "failed":
            assert made == [], each
        else:
            assert each.state == "unknown"
            assert each.external_id in report.unknown
            assert each.message
    return report


def bad_weather(server: FaultServer, seed: int) -> None:
    """One request in ten meets a fault, some of them after the invoice was made."""
    server.weather(seed, chaos._weather(10, 0.3), chaos._weather(10), {"ok": 100.0, "rst_on_accept": 2.0})


def no_refusals(server: FaultServer, seed: int) -> None:
    """Answers are lost before and after the invoice is made, and nothing is refused or made late."""
    faults = {
        "ok": 90.0,
        "rst_after_request": 2.0,
        "rst_after_commit": 2.0,
        "status:code=503": 2.0,
        "status:code=503,commit=1": 2.0,
        "half_body": 1.0,
        "status:code=429,retry_after=0.05": 1.0,
    }
    server.weather(seed, faults, {"ok": 95.0, "rst_after_request": 5.0})


@pytest.mark.parametrize("world", ["sync", "async"])
def test_a_killed_batch_goes_on_from_its_file(server: FaultServer, tmp_path: Path, world: str) -> None:
    """SQLite, one process at a time: nothing twice, nothing lost, every unknown named, and found in good weather."""
    journal = str(tmp_path / "batch.db")
    bad_weather(server, 1)
    run_killed(server, journal, processes=1, on_unknown="lookup", seed=1, world=world)
    report = audit(server, journal)
    assert report.created > ITEMS * 0.8
    time.sleep(0.3)  # the last late commit
    server.script()
    finish(server, journal, on_unknown="lookup", world=world)
    report = audit(server, journal)
    assert all(server.ledger.of(each) == [] for each in report.unknown)  # those that exist were found


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_three_processes_share_a_batch_and_are_killed(server: FaultServer, database: str) -> None:
    """Three processes: each item is one's alone, whoever dies."""
    bad_weather(server, 2)
    run_killed(server, database, processes=3, on_unknown="lookup", seed=2)
    report = audit(server, database)
    assert report.created > ITEMS * 0.8


@pytest.mark.parametrize(
    ("database", "processes"), [("sqlite", 1), ("postgresql", 3), ("mariadb", 3)], indirect=["database"]
)
def test_with_resend_every_item_is_made_exactly_once(server: FaultServer, database: str, processes: int) -> None:
    """Where no commit comes late, what was looked for in vain is sent again, across kills."""
    no_refusals(server, 3)
    run_killed(server, database, processes=processes, on_unknown="resend", seed=3)
    report = audit(server, database)
    if report.unknown:  # looked up in bad weather
        server.script()
        finish(server, database, on_unknown="resend")
        report = audit(server, database)
    assert report.is_complete
    assert report.created == ITEMS == len(server.ledger)


def test_an_item_is_sent_once_unless_nothing_arrived(server: FaultServer, tmp_path: Path) -> None:
    """Every create in the server's books is the only one of its item, but for those it answered with 429."""
    journal = str(tmp_path / "batch.db")
    bad_weather(server, 4)
    api: Any = clerk.InvoiceApi(clerk.ApiClient(clerk.configuration(server.url)))
    given = clerk.requests(120)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            for _ in create_many(api, given, journal=journal, concurrency=4):
                pass
    sent = [entry.body for entry in server.journal if entry.operation == "create" and "429" not in entry.behaviour]
    assert len(sent) > 100
    assert len(set(sent)) == len(sent)
