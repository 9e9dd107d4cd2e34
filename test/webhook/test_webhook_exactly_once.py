"""Exactly once, with real processes on real databases: killed, too slow, out of order, three times delivered.

The suite runs a seeded cut with fewer events and more trouble; `make proof` runs the whole: 10,000 events, 3 times
delivered, 1 % of the events kill their worker and 0.1 % take longer than the lease. PROOF_EVENTS, PROOF_KILL (a part of
one) and PROOF_SEED take other numbers.
"""

from __future__ import annotations

import collections
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import postgres
import psycopg
import pytest
from shop import bodies

SHOP = Path(__file__).with_name("shop.py")
PROOF = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
EVENTS = int(os.environ.get("PROOF_EVENTS", "10000")) if PROOF else 60
SEED = int(os.environ.get("PROOF_SEED", "7"))
KILL = float(os.environ.get("PROOF_KILL", "0.01"))
TROUBLE = {"kill": KILL, "overrun": 0.001} if PROOF else {"kill": 0.08, "overrun": 0.1}
#: Seconds of a lease: long enough for a handler on a busy machine, short enough to be waited for.
LEASE = 3.0 if PROOF else 0.7


class Process(subprocess.Popen[str]):
    """One of the shop's. What it logs goes to a file: a pipe that nobody reads until the end is full after a while."""

    def __init__(self, command: list[str]) -> None:
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when its end is known
        super().__init__(command, stdout=subprocess.PIPE, stderr=self.said, text=True)

    def log(self) -> str:
        """The end of what it logged."""
        with self.said as said:
            said.seek(0)
            return said.read()[-20_000:]


def start(role: str, settings: dict[str, Any]) -> Process:
    """Start the shop in a role."""
    command = [sys.executable, "-W", "error", str(SHOP), role, json.dumps(settings)]
    return Process(command)


def ended(process: Process) -> Any:
    """What a process printed as JSON, or None; it must have ended well."""
    out, _ = process.communicate(timeout=3_600 if PROOF else 280)
    log = process.log()
    assert process.returncode == 0, log
    return json.loads(out) if out else None


def swarm(settings: dict[str, Any], processes: int) -> int:
    """Run workers until all is done; one that is killed is followed by another. Gives how many were killed."""
    number = 0
    killed = 0
    running: list[Process] = []
    try:
        while True:
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                process.communicate()
                log = process.log()
                assert process.returncode in (0, -9), log
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
            process.log()


def judged(state: dict[str, Any], events: list[tuple[str, str, bytes]]) -> collections.Counter[str]:
    """The effects, none of which came twice, was lost, or is not that of the order's last state."""
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
        "waiting": 0, "working": 0, "done": len(events), "dead": 0, "oldest_waiting": 0
    }  # fmt: skip
    return effects


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
        ("async", "sqlite", "transaction"),
        ("async", "postgresql", "transaction"),
        ("async", "mariadb", "transaction"),
        ("django", "postgresql", "transaction"),
        ("sqlalchemy", "sqlite", "transaction together"),
        ("sqlalchemy", "postgresql", "transaction together"),
        ("sqlalchemy", "postgresql", "queue together"),
        ("sqlalchemy", "mariadb", "transaction together"),
        ("async", "postgresql", "transaction together"),
    ],
    indirect=["database"],
)
def test_every_effect_happens_once(
    kind: str, database: str, mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four workers, some killed while working, some slower than their lease: no effect twice, none lost."""
    settings = {"kind": kind, "url": database, "mode": mode, "place": str(tmp_path), "events": EVENTS, "seed": SEED}
    ended(start("make", settings))
    began = time.monotonic()
    delivering = start("deliver", settings)
    killed = swarm({**settings, **TROUBLE, "lease": LEASE}, processes=4)
    delivered = ended(delivering)
    seconds = time.monotonic() - began
    state = ended(start("state", settings))
    notes = (tmp_path / "notes").read_text()

    events = bodies(EVENTS)
    effects = judged(state, events)
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


class Server:
    """A PostgreSQL of its own whose commits wait for the disk, to be crashed and begun again."""

    def __init__(self, place: Path) -> None:
        directory = postgres.binaries()
        assert directory is not None
        self._place, self._user = place, postgres.account()
        if self._user is not None:
            shutil.chown(place, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"shop@127.0.0.1:{port}/postgres"
        self._run(
            [str(directory / "initdb"), "-D", f"{place}/data", "-U", "shop", "--auth=trust", "-E", "UTF8", "--locale=C"]
        )
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={place}",
            "log_min_messages=fatal",
        ]
        with (place / "data/postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, _, value in (each.partition("=") for each in settings))
        self._control = [str(directory / "pg_ctl"), "-D", f"{place}/data", "-s", "-l", f"{place}/data/log"]

    def _run(self, command: list[str]) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(command, user=self._user, cwd=self._place, check=True, stdout=quiet, stderr=quiet)

    def start(self) -> None:
        """Begin, with what is on the disk."""
        self._run([*self._control, "start", "-w", "-t", "120"])

    def crash(self) -> None:
        """End without writing anything that is not on the disk, as when the power fails."""
        self._run([*self._control, "stop", "-m", "immediate"])

    def kill_backends(self) -> int:
        """End every connection of others in the midst of what it does."""
        with psycopg.connect(f"postgresql://{self.address}", autocommit=True) as connection:
            query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'shop'"
            row = connection.execute(query).fetchone()
            return 0 if row is None else int(row[0])


@pytest.mark.slow
def test_a_database_that_crashes_loses_and_repeats_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It is crashed again and again (`stop -m immediate`), and its backends are killed between, under three workers."""
    problem = postgres.install()
    if problem is not None:
        pytest.skip(problem)
    with tempfile.TemporaryDirectory(prefix="xendit-crashing-") as directory:
        place = Path(directory)
        place.chmod(0o755)
        notes = place / "notes-of-the-shop"
        notes.mkdir()
        (place / "database").mkdir(mode=0o700)
        server = Server(place / "database")
        server.start()
        crashes = killed = 0
        events = EVENTS if PROOF else 300
        settings = {"kind": "sqlalchemy", "url": f"postgresql+psycopg://{server.address}", "mode": "transaction"}
        settings |= {"place": str(notes), "events": events, "seed": 11, "patient": True, "lease": LEASE}
        try:
            ended(start("make", settings))
            running = [start("deliver", settings), *(start("work", {**settings, "number": n}) for n in range(3))]
            while running[0].poll() is None:
                time.sleep(0.5)
                if killed < (
                    1000 if PROOF else 60
                ):  # then it is left alone, so that a slow machine comes to an end too
                    killed += server.kill_backends()
                if crashes < (30 if PROOF else 3):
                    time.sleep(0.5)
                    server.crash()
                    crashes += 1
                    server.start()
            delivered, *worked = [ended(process) for process in running]
            state = ended(start("state", settings))
        finally:
            server.crash()
    effects = judged(state, bodies(events))
    assert crashes >= 3
    assert killed > 0
    with capsys.disabled():
        print(
            f"\nPostgreSQL crashed {crashes} times, {killed} backends killed: {events} events x 3 deliveries, {len(effects)}"
            f" effects, 0 twice, 0 lost; answered 503: {delivered['answered_503']};"
            f" {sum(each['failed'] for each in worked)} attempts failed and were repeated"
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
    dying.log()
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
