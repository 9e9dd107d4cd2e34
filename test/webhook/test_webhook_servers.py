"""Real servers that fork after the import, and greenlets that are patched early or late: nothing is lost or mixed up.

The servers live in an environment of their own, made in `.interop/` from the usual registries; where they cannot be had
these tests are skipped, and say why.
"""

from __future__ import annotations

import collections
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from interop.environments import with_packages

from xendit.sandbox import Sandbox
from xendit.testing import paid
from xendit.webhook import SQLInbox

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROOF = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
EVENTS = int(os.environ.get("PROOF_EVENTS", "10000")) if PROOF else 150
KILLS = EVENTS // 200 if PROOF else 2
"""How many processes of a server are killed while it is asked."""
CREATES = 400 if PROOF else 60
UNFIT = "eventlet late"
LOST = 40 if PROOF else 10
"""Creates whose answer is lost: where the attempt of another greenlet is looked at, they are taken for not sent."""
TOKEN = "a-token-of-the-test"
GUNICORN = ["-m", "gunicorn", "--workers", "4", "--bind", "127.0.0.1:{port}", "--log-level", "error", "served_shop:app"]
GUNICORN += ["--timeout", "120"]
UWSGI = ["--http-socket", "127.0.0.1:{port}", "--master", "--processes", "4", "--enable-threads", "--threads", "2"]
UWSGI += ["--disable-logging", "--need-app", "--die-on-term", "--module", "served_shop:app"]

#: How each server is started: its environment, the command behind the interpreter, what is patched early.
SERVERS: dict[str, tuple[str, list[str], str]] = {
    "gunicorn --preload": ("servers", [*GUNICORN, "--preload"], ""),
    "gunicorn --preload, threads": ("servers", [*GUNICORN, "--preload", "--threads", "4"], ""),
    "gunicorn, gevent": ("servers", [*GUNICORN, "--worker-class", "gevent"], ""),
    "gunicorn --preload, gevent early": ("servers", [*GUNICORN, "--preload", "--worker-class", "gevent"], "gevent"),
    "gunicorn --preload, gevent late": ("servers", [*GUNICORN, "--preload", "--worker-class", "gevent"], ""),
    "uWSGI": ("servers-pyuwsgi", UWSGI, ""),
    "eventlet early": ("servers-eventlet", ["served_shop.py", "{port}"], "eventlet"),
    "eventlet late": ("servers-eventlet", ["served_shop.py", "{port}"], ""),
}


@contextmanager
def served(server: str, place: str, sandbox: Sandbox, directory: Path) -> Iterator[tuple[int, int]]:
    """The shop behind a server; gives its port, and the id of its first process."""
    environment_name, command, early = SERVERS[server]
    python = with_packages(environment_name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = python.with_name("uwsgi") if command is UWSGI else python
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XENDIT_", "COVERAGE_"))},
        "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}",
        "VIRTUAL_ENV": str(python.parent.parent),
        "INBOX": place,
        "EARLY": early,
        "XENDIT_BASE_URL": sandbox.url,
        "XENDIT_API_KEY": sandbox.api_key,
        "XENDIT_WEBHOOK_TOKEN": TOKEN,
    }
    log = directory / "server.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [str(first), *(part.format(port=port) for part in command)],
            env=environment,
            cwd=HERE,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
        try:
            until = time.monotonic() + 60
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.05)
            yield port, process.pid
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def asked(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """One request on a connection of its own; status 0 when there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {} if body is None else {"x-callback-token": TOKEN, "content-type": "application/json"}
        connection.request(method, path, body, headers)
        with connection.getresponse() as response:
            return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()


def children_of(parent: int) -> list[int]:
    """The processes that one has started."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            if place.name.isdigit() and int((place / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(place.name))
        except OSError:  # it has ended
            continue
    return found


def delivered_again(port: int, first: int, bodies: list[bytes], pool: ThreadPoolExecutor, *, kills: int) -> int:
    """Deliver all of it twice more, out of order, and have it worked on, while processes are killed. → how many were.

    What is not acknowledged is delivered again, until it is.
    """
    dice = random.Random(os.environ.get("PROOF_SEED", "7"))
    waiting = bodies * 2
    dice.shuffle(waiting)
    killed, rest = 0, len(waiting)
    until = time.monotonic() + (3_600 if PROOF else 120)
    while waiting and time.monotonic() < until:
        part, waiting = waiting[:100], waiting[100:]
        answers = [(body, pool.submit(asked, port, "POST", "/hook", body)) for body in part]
        work = pool.submit(asked, port, "POST", "/work")
        if killed < kills and len(waiting) < rest * (1 - killed / kills):
            children = children_of(first)
            if children:
                os.kill(dice.choice(children), signal.SIGKILL)
                killed += 1
        waiting += [body for body, answer in answers if answer.result()[0] != 200]
        work.result()
    assert not waiting
    return killed


def is_worked_on(engine: sa.Engine) -> bool:
    """Whether nothing waits any more, nor is held by a process that was killed."""
    with engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM xendit_inbox WHERE state IN ('waiting', 'working')")
        return connection.scalar(query) == 0


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("server", SERVERS)
def test_what_is_acknowledged_is_held_and_every_answer_is_ones_own(
    server: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Webhooks, creates whose answers are lost, and lists, sixteen at a time: 0 lost, 0 twice, no answer of another.

    Then the same webhooks twice more, while processes of the server are killed.
    """
    place = database.removeprefix("sqlite:///")
    engine = sa.create_engine(database)
    SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE effects (key varchar(200))"))
    engine.dispose()
    with Sandbox() as sandbox:
        with served(server, place, sandbox, tmp_path) as (port, first), ThreadPoolExecutor(16) as pool:
            sandbox.faults.arm("commit_then_reset", match="create", times=LOST, probability=0.5, seed=7)
            sandbox.faults.arm("latency", match="create", seconds=0.02)
            bodies = [json.dumps(paid(external_id=f"e-{n}", id=f"{n:024x}")).encode() for n in range(EVENTS)]
            hooks = [pool.submit(asked, port, "POST", "/hook", body) for body in bodies]
            creates = [pool.submit(asked, port, "POST", f"/create/order-{n}") for n in range(CREATES)]
            answers = [hook.result()[0] for hook in hooks]
            made = [create.result() for create in creates]
            lists = list(pool.map(lambda n: asked(port, "GET", f"/list/order-{n}"), range(CREATES)))
            worked = list(pool.map(lambda _: asked(port, "POST", "/work"), range(8)))
            killed = 0
            if server != UNFIT:
                has_master = "eventlet" not in server
                killed = delivered_again(port, first, bodies, pool, kills=KILLS if has_master else 0)
                until = time.monotonic() + 300
                while not is_worked_on(engine) and time.monotonic() < until:
                    asked(port, "POST", "/work")
        orders = collections.Counter(one.external_id for one in sandbox.book("invoice").ledger)
    with engine.connect() as connection:
        stored = {str(key) for (key,) in connection.execute(sa.text("SELECT external_id FROM xendit_inbox"))}
        effects = collections.Counter(key for (key,) in connection.execute(sa.text("SELECT * FROM effects")))
    engine.dispose()
    acknowledged = {f"e-{n}" for n, status in enumerate(answers) if status == 200}
    # Locks that were made before a late patch of eventlet's do not work after it: all is answered 503, and nothing is lost.
    assert server == UNFIT or len(acknowledged) > EVENTS * 0.9, (answers, (tmp_path / "server.log").read_text())
    assert acknowledged - stored == set()
    assert [name for name, count in orders.items() if count > 1] == []
    for n, (status, answer) in enumerate(made):
        if status == 200:
            assert answer == [f"order-{n}"]
            assert orders[f"order-{n}"] == 1
        else:
            assert "OutcomeUnknown" in answer or not orders[f"order-{n}"], answer
    for n, (status, answer) in enumerate(lists):
        assert (status, set(answer or ())) == (200, {f"order-{n}"} & set(orders)), answer
    assert sum(status == 200 for status, _ in made) > CREATES * 0.9, made
    assert set(effects.values()) <= {1}
    if server != UNFIT:
        assert all(status == 200 for status, _ in worked), worked
        assert len(effects) == len(stored)
    with capsys.disabled():
        print(
            f"\n{server} on {database.partition(':')[0]}: {EVENTS} events x 3 deliveries, {killed} processes killed, 0 lost,"
            f" {len(effects)} effects, 0 twice; {sum(status == 200 for status, _ in made)} of {CREATES} creates told, {LOST}"
            f" answers lost, 0 doubled; {CREATES} lists, 0 of another caller"
        )
