"""From the table of an earlier version: with rows in it, by create_table, Alembic and Django, and both versions at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import event

from xendit.webhook import SQLInbox, TransactionWorker
from xendit.webhook.sql import inbox_table

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent.parent
#: The last commit whose table had no index on the lease.
EARLIER = "faab777"
DATABASES = ["sqlite", "postgresql", "mariadb"]

ALEMBIC = """
import sqlalchemy as sa
from alembic import op
from xendit.webhook.sql import inbox_table

revision = "2"
down_revision = None

"""


def earlier_table(engine: sa.Engine) -> sa.Table:
    """The table as it was, with an event that waits, one whose worker has died, and one that is done."""
    table = inbox_table(sa.MetaData())
    [lease] = [index for index in table.indexes if str(index.name).endswith("_lease")]
    table.indexes.discard(lease)
    table.create(engine)
    assert "xendit_inbox_lease" not in indexes_of(engine)
    states: list[tuple[str, dict[str, Any]]] = [
        ("waiting", {"due_at": 1.0, "attempts": 0}),
        ("working", {"due_at": 1.0, "attempts": 1, "owner": "f" * 32, "lease_until": 61.0}),
        ("done", {"due_at": 1.0, "attempts": 1, "outcome": "handled", "done_at": 2.0}),
    ]
    with engine.begin() as connection:
        for state, values in states:
            found = event(id=state)
            row = {"key": found.dedupe_key, "subject": found.subject, "kind": "paid", "body": found.body}
            row |= {"source": "webhook", "state": state, "received_at": 1.0, "deliveries": 1}
            connection.execute(sa.insert(table).values(**row, **values))
    return table


def indexes_of(engine: sa.Engine) -> set[str]:
    """The names of the table's indexes."""
    return {str(each["name"]) for each in sa.inspect(engine).get_indexes("xendit_inbox")}


def handles_what_was_there(inbox: SQLInbox) -> None:
    """What waited, and what a worker has left, is handled; the attempts go on."""
    attempts = {row.key: row.attempts for state in ("waiting", "working") for row in inbox.letters(state)}  # type: ignore[arg-type]
    seen: list[str] = []
    assert TransactionWorker(inbox, lambda found, _: seen.append(found.invoice_id)).drain().handled == 2
    assert sorted(seen) == ["waiting", "working"]
    done = {row.key: row.attempts for row in inbox.letters("done")}
    assert {key: done[key] - before for key, before in attempts.items()} == dict.fromkeys(attempts, 1)
    assert not inbox.add(event(id="done")).is_new


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_create_table_adds_what_is_missing(database: str, engine_of: Callable[..., sa.Engine]) -> None:
    """To a table with rows, once; a second time there is nothing to do."""
    engine = engine_of(database)
    earlier_table(engine)
    inbox = SQLInbox(engine).create_table().create_table()
    assert "xendit_inbox_lease" in indexes_of(engine)
    handles_what_was_there(inbox)


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_alembic_finds_and_adds_what_is_missing(
    database: str, engine_of: Callable[..., sa.Engine], tmp_path: Path
) -> None:
    """Autogenerate sees what is new and nothing else; the migration of docs/Webhooks.md, as it is printed, adds it, and takes it away."""
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext

    engine = engine_of(database)
    earlier_table(engine)
    metadata = sa.MetaData()
    inbox_table(metadata)

    def missing() -> list[str]:
        with engine.connect() as connection:
            # MariaDB's own name for a type is taken for another type, with any table.
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            return sorted(f"{what[0]} {what[1].name}" for what in compare_metadata(context, metadata))

    lacks = ["add_index xendit_inbox_lease", "add_index xendit_inbox_step_key", "add_table xendit_inbox_step"]

    assert missing() == lacks
    printed = (ROOT / "docs" / "Webhooks.md").read_text("utf-8").partition("def upgrade() -> None:")
    migration = printed[1] + printed[2].partition("```")[0]
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "2.py").write_text(ALEMBIC + migration, "utf-8")
    (tmp_path / "env.py").write_text(
        "from alembic import context\n"
        "with context.config.attributes['engine'].begin() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    context.run_migrations()\n",
        "utf-8",
    )
    config = Config(attributes={"engine": engine})
    config.set_main_option("script_location", str(tmp_path).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
    assert missing() == []
    handles_what_was_there(SQLInbox(engine))
    command.downgrade(config, "base")
    assert missing() == lacks


DJANGO = """
import sys
import django
from django.conf import settings
sys.path[0] = {tests!r}
from shop import DjangoShop
shop = DjangoShop({{"url": {url!r}, "seed": 0, "place": "."}})
from django.core.management import call_command
call_command("migrate", "xendit_webhook", "0001", verbosity=0)
from inbox_contract import event
from xendit.webhook.django import DjangoInbox
from xendit.webhook import TransactionWorker
inbox = DjangoInbox()
inbox.add(event(id="waiting"))
inbox.add(event(id="left"))
assert inbox.claim("usr/left/paid", lease=0.001) is not None
call_command("migrate", "xendit_webhook", verbosity=0)
from django.db import connection
with connection.cursor() as cursor:
    names = set(connection.introspection.get_constraints(cursor, "xendit_inbox"))
assert "xendit_inbox_lease" in names, names
seen = []
assert TransactionWorker(inbox, lambda found, _: seen.append(found.invoice_id)).drain().handled == 2
call_command("migrate", "xendit_webhook", "0001", verbosity=0)
print(sorted(seen), inbox.tally(done=True)[:4])
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_django_migrates_a_table_with_rows(database: str) -> None:
    """0002 there and back; what waited and what a worker has left is handled in between."""
    program = DJANGO.format(tests=str(Path(__file__).parent), url=database)
    command = [sys.executable, "-W", "error", "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout == "['left', 'waiting'] (0, 0, 2, 0)\n"


WORKING = """
import json, sys
import sqlalchemy as sa
from xendit.webhook import SQLInbox, TransactionWorker, read_event
url, name = sys.argv[1:]
patience = {"timeout": 120} if url.startswith("sqlite") else {}
inbox = SQLInbox(sa.create_engine(url, connect_args=patience))
insert = sa.text("INSERT INTO effects VALUES (:key)")
def handle(found, connection):
    connection.execute(insert, {"key": found.dedupe_key})
    inbox_of_it = connection.scalar(sa.text("SELECT count(*) FROM xendit_inbox WHERE state = 'working'"))
    assert inbox_of_it
worker = TransactionWorker(inbox, handle, lease=60)
handled = 0
for number in range(30):
    body = {"id": f"{name}-{number}", "user_id": "usr", "external_id": "x", "status": "PAID", "amount": 1}
    for status in ("EXPIRED", "PAID", "PAID"):
        inbox.add(read_event(json.dumps({**body, "status": status}).encode()))
    handled += worker.drain(limit=3).handled
empty = 0
while empty < 20:
    drained = worker.drain(limit=7)
    handled += drained.handled
    empty = 0 if any(drained) else empty + 1
    assert not drained.failed and not drained.dead, drained
print(handled)
"""


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_both_versions_work_beside_each_other(
    database: str, engine_of: Callable[..., sa.Engine], tmp_path: Path
) -> None:
    """As in a rolling deploy: two processes of either version add to one table and work on it; every effect is there once."""
    archive = subprocess.run(["git", "archive", EARLIER, "xendit"], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip(f"commit {EARLIER} is not in this copy of the repository")
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=archive.stdout, check=True)
    engine = engine_of(database)
    SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE effects (effect varchar(200))"))
    engine.dispose()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKING, database, name],
            cwd=tmp_path if name.startswith("earlier") else ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("earlier-1", "now-1", "earlier-2", "now-2")
    ]
    handled = 0
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        handled += json.loads(out)
    with engine.connect() as connection:
        effects = list(connection.scalars(sa.text("SELECT effect FROM effects")))
    tally = SQLInbox(engine).tally(done=True)
    assert tally[:4] == (0, 0, 240, 0)
    assert len(effects) == len(set(effects)) == handled
    paid = {
        f"usr/{name}-{number}/paid" for name in ("earlier-1", "now-1", "earlier-2", "now-2") for number in range(30)
    }
    assert paid <= set(effects)
