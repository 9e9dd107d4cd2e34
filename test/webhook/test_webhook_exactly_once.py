"""Exactly once, with real processes on real databases: killed, too slow, out of order, three times delivered.

The suite runs a seeded cut with fewer events and more trouble; `make proof` runs the whole: 1,000 events, 3 times
delivered, 5 % of the workers killed while working and 2 % slower than their lease.
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from shop import bodies

SHOP = Path(__file__).with_name("shop.py")
PROOF = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
EVENTS = 1_000 if PROOF else 60
TROUBLE = {"kill": 0.05, "overrun": 0.02} if PROOF else {"kill": 0.15, "overrun": 0.1}
#: Seconds of a lease: long enough for a handler on a busy machine, short enough to be waited for.
LEASE = 3.0 if PROOF else 0.7


def start(role: str, settings: dict[str, Any]) -> subprocess.Popen[str]:
    """Start the shop in a role."""
    command = [sys.executable, "-W", "error", str(SHOP), role, json.dumps(settings)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> Any:
    """What a process printed as JSON, or None; it must have ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out) if out else None


def swarm(settings: dict[str, Any], processes: int) -> int:
    """Run workers until all is done; one that is killed is followed by another. Gives how many were killed."""
    number = 0
    killed = 0
    running: list[subprocess.Popen[str]] = []
    try:
        while True:
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                _, err = process.communicate()
                assert process.returncode in (0, -9), err
                if process.returncode == 0:
                    processes -= 1
                else:
                    killed += 1
            if processes == 0:
                return killed
            while len(running) < processes:
                number += 1
                running.append(start("work", {**settings, "number": number}))
            time.sleep(0.01)
    finally:
        for process in running:
            process.kill()
            process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "database", "mode"),
    [
        ("sqlalchemy", "sqlite", "transaction"),
        ("sqlalchemy", "sqlite", "queue"),
        ("sqlalchemy", "postgresql", "transaction"),
        ("sqlalchemy", "postgresql", "queue"),
        ("sqlalchemy", "mariadb", "transaction"),
        ("sqlalchemy", "mariadb", "queue"),
        ("django", "postgresql", "transaction"),
    ],
    indirect=["database"],
)
def test_every_effect_happens_once(
    kind: str, database: str, mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four workers, some killed while working, some slower than their lease: no effect twice, none lost."""
    settings = {"kind": kind, "url": database, "mode": mode, "place": str(tmp_path), "events": EVENTS, "seed": 7}
    ended(start("make", settings))
    began = time.monotonic()
    delivering = start("deliver", settings)
    killed = swarm({**settings, **TROUBLE, "lease": LEASE}, processes=4)
    delivered = ended(delivering)
    seconds = time.monotonic() - began
    state = ended(start("state", settings))
    notes = (tmp_path / "notes").read_text()

    events = bodies(EVENTS)
    paid = {id for id, status, _ in events if status == "PAID"}
    user = "5848fdf860053555135587e7"
    effects = collections.Counter(state["effects"])
    assert [key for key, count in effects.items() if count > 1] == []
    assert {f"{user}/{id}/paid" for id in paid} <= set(effects)
    for id, status, _ in events:
        if status == "EXPIRED" and id not in paid:
            assert f"{user}/{id}/expired" in effects
    for id, _, body in events:
        expected = "PAID" if id in paid else "EXPIRED"
        assert state["orders"][json.loads(body)["external_id"]] == expected
    assert state["tally"] | {"oldest_waiting": 0} == {
        "waiting": 0, "working": 0, "done": EVENTS, "dead": 0, "oldest_waiting": 0
    }  # fmt: skip
    assert killed > 0
    calls = [line for line in notes.splitlines() if line.startswith("called ")]
    with capsys.disabled():
        print(
            f"\n{kind} on {database.partition(':')[0]}, {mode}: {EVENTS} events x 3 deliveries in {seconds:.1f} s;"
            f" {killed} workers killed, {notes.count('overran')} leases overrun, {notes.count('lost ')} stale"
            f" completions refused; {len(effects)} effects, {sum(effects.values()) - len(effects)} twice, 0 lost;"
            f" {len(events) - len(effects)} superseded; answered 503: {delivered['answered_503']}"
            + (f"; handler called {len(calls)} times" if calls else "")
        )


@pytest.mark.parametrize(
    ("kind", "database"),
    [("sqlalchemy", "sqlite"), ("sqlalchemy", "postgresql"), ("django", "sqlite"), ("django", "postgresql")],
    indirect=["database"],
)
def test_order_and_inbox_commit_or_roll_back_together(kind: str, database: str, tmp_path: Path) -> None:
    """A worker killed after it changed the order, before it finished the event, leaves neither; the next does both."""
    settings = {"kind": kind, "url": database, "mode": "transaction", "place": str(tmp_path), "events": 1, "seed": 1}
    key = f"5848fdf860053555135587e7/{bodies(1)[0][0]}/paid"
    ended(start("make", settings))
    ended(start("deliver", settings))
    dying = start("work", {**settings, "lease": 0.5, "die_at": key})
    dying.communicate(timeout=60)
    assert dying.returncode == -9
    between = ended(start("state", settings))
    assert between["orders"] == {}
    assert between["effects"] == []
    assert between["tally"]["working"] == 1
    assert ended(start("work", {**settings, "lease": 0.5}))["handled"] == 1
    after = ended(start("state", settings))
    assert after["orders"] == {"order-1": "PAID"}
    assert after["effects"] == [key]
    assert after["tally"]["done"] == 1
