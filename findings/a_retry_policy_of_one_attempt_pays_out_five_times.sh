#!/usr/bin/env bash
# A queue of webhooks that is told "one attempt" runs a handler that fails five times, and one that is told twenty gives up after five.
#
# hookrelay 0.4.0 with SQLAlchemy 2.1.9, aiosqlite 0.22.1, fastapi 0.165.0, starlette 1.10.0 and httpx 0.28.1; its backends for memory and
# for SQLite, which share the deciding function with those for PostgreSQL and Redis. A backend is given RetryPolicy(max_attempts=5), as in
# the first example of its documentation, where the number is the default as well. RetryPolicy checks the number (0 is refused), and
# nothing reads it: what counts is a max_attempts of the event, 5 unless it is told to the router or to WebhookEvent itself. So a
# handler that pays out and then fails in its bookkeeping, for which one attempt was asked, pays out five times; and an event for which
# twenty attempts were to bridge a night is a dead letter after four waits, 15 seconds by default. Delays of the same policy are heeded,
# which makes it look as if it were in force. Give the number to create_webhook_router().
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check hookrelay==0.4.0 "sqlalchemy[asyncio]==2.1.9" \
    aiosqlite==0.22.1 fastapi==0.165.0 starlette==1.10.0 httpx==0.28.1
cat > "$place/look.py" <<'PYTHON'
import asyncio
import logging
import sys

import fastapi
import httpx
from hookrelay import RetryPolicy, Worker
from hookrelay.backends.memory import MemoryBackend
from hookrelay.backends.sqlite import SQLiteBackend
from hookrelay.fastapi import create_webhook_router
from sqlalchemy.ext.asyncio import create_async_engine

logging.disable(logging.WARNING)
place = sys.argv[1]


async def runs(kind, asked, **told):
    """How often the handler runs for one webhook."""
    policy = RetryPolicy(max_attempts=asked, base_delay=0.01, max_delay=0.02)
    engine = create_async_engine(f"sqlite+aiosqlite:///{place}/{asked}-{len(told)}.db")
    backend = MemoryBackend(policy) if kind == "memory" else SQLiteBackend(engine, policy)
    if kind == "SQLite":
        await backend.init_schema()
    app = fastapi.FastAPI()
    app.include_router(create_webhook_router(backend=backend, source="shop", **told))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as sender:
        assert (await sender.post("/", json={"id": "refund-1"})).json()["accepted"]
    paid = []

    async def pay_out(event):
        paid.append(event.payload["id"])
        raise RuntimeError("the ledger is locked")

    worker = Worker(backend, pay_out)
    while not await backend.list_dead_letters():
        await worker.run_once()
        await asyncio.sleep(0.005)
    await engine.dispose()
    return len(paid)


async def look():
    return {
        (kind, asked, told): await runs(kind, asked, **dict(told))
        for kind in ("memory", "SQLite")
        for asked, told in ((1, ()), (20, ()), (1, (("max_attempts", 1),)))
    }


found = asyncio.run(look())
changed = []
for (kind, asked, told), paid in found.items():
    print(f"{kind}: RetryPolicy(max_attempts={asked}), router told {dict(told)}: {paid} runs")
    if paid != (1 if told else 5):
        changed.append(f"{kind}, {asked}")
try:
    RetryPolicy(max_attempts=0)
    changed.append("0 is taken")
except ValueError as error:
    print(f"RetryPolicy(max_attempts=0): {error}")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place"
