"""Behind a real pgbouncer in transaction mode, where each transaction may have another connection of the server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

import postgres
import pytest
import sqlalchemy as sa
from inbox_contract import event

from xendit.bulk import Journal
from xendit.webhook import SQLInbox, TransactionWorker, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def bouncer(postgresql: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database through a pgbouncer that has two connections to it."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer on this machine (Debian: apt install pgbouncer)")
    server, _, name = postgresql.partition("@")[2].partition("/")
    host, _, port = server.partition(":")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own = probe.getsockname()[1]
    tmp_path.chmod(0o755)
    users, settings = tmp_path / "users.txt", tmp_path / "pgbouncer.ini"
    users.write_text('"shop" ""\n')
    settings.write_text(
        f"[databases]\n{name} = host={host} port={port} dbname={name} user=shop\n"  # whom auth_type any stands for
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {own}\nauth_type = any\nauth_file = {users}\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =\nlogfile =\npidfile =\n"
    )
    for path in (users, settings):
        path.chmod(0o644)
    command = [program, "-q", *(() if postgres.account() is None else ("-u", str(postgres.account()))), str(settings)]
    process = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", own)) == 0:
                    break
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"postgresql+psycopg://shop@127.0.0.1:{own}/{name}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_inbox_and_journal_work_behind_it(bouncer: str, engine_of: Callable[..., sa.Engine]) -> None:
    """With psycopg 3 and prepare_threshold=None: six workers over two connections, each event once, the disk waited for."""
    engine = engine_of(bouncer, connect_args={"prepare_threshold": None})
    inbox = SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    for number in range(60):
        assert inbox.add(event(id=f"inv-{number}"), timeout=20).is_new
    insert = sa.text("INSERT INTO shipped VALUES (:id)")

    def ship(found: Any, connection: sa.Connection) -> None:
        connection.execute(insert, {"id": found.external_id})
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"

    sent: list[str] = []
    workers: list[Any] = [TransactionWorker(inbox, ship) for _ in range(6)]
    threads = [threading.Thread(target=worker.drain) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*), count(DISTINCT order_id) FROM shipped")).one() == (60, 60)
    inbox.add(event(id="another"))
    assert Worker(inbox, lambda found: found.once("mail", sent.append, "mail")).drain().handled == 1
    assert inbox.tally(done=True)[:4] == (0, 0, 61, 0)
    journal = Journal(engine, "march")
    assert journal.report().pending == ()
