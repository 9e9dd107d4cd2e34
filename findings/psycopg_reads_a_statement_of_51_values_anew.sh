#!/usr/bin/env bash
# The fifty-first value of a statement makes psycopg 3 read its text anew at every execution.
#
# psycopg 3.3.9. A statement's text is looked through for %s in Python, and what was found is kept, so that a statement
# that is run often costs this once. But not where it has more than 50 values, or more than 4,096 bytes: then it is done
# again each time, and no setting changes it. With 50 values an execution costs the client some 9 µs before anything is
# sent, with 51 more than 100 µs, and with 100 over 200 µs, which is longer than many a statement takes in the server.
# A list of a hundred keys in `key IN (%s, %s, …)` runs into it. The same list as one array, in `key = ANY(%s)`, is not
# read anew; but to write a hundred texts as an array takes the client as long, so that only the server gains by it.
# What is judged here is how often the text is split in 200 executions; the times are printed.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check "psycopg[binary]==3.3.9"
cat > "$place/look.py" <<'PYTHON'
import sys
import time

from psycopg import _queries
from psycopg.adapt import Transformer

split = _queries._split_query
count = 0


def counted(*given, **named):
    global count
    count += 1
    return split(*given, **named)


_queries._split_query = counted


def converted(text, values):
    """How often the text is split in 200 executions after the first, and the microseconds of one."""
    global count
    _queries.PostgresQuery(Transformer()).convert(text, values)
    count = 0
    began = time.process_time()
    for _ in range(200):
        _queries.PostgresQuery(Transformer()).convert(text, values)
    return count, round((time.process_time() - began) / 200 * 1e6)


found = []
for number in (50, 51, 100):
    keys = tuple(f"key {each}" for each in range(number))
    marks = ", ".join(["%s"] * number)
    splits, microseconds = converted(f"SELECT 1 FROM t WHERE key IN ({marks})", keys)
    print(f"{number} values: split {splits} times in 200 executions, {microseconds} µs each")
    found.append(splits)
splits, microseconds = converted("SELECT 1 FROM t WHERE key = ANY(%s)", ([f"key {each}" for each in range(100)],))
print(f"an array of 100: split {splits} times in 200 executions, {microseconds} µs each")
sys.exit(0 if [*found, splits] == [0, 200, 200, 0] else "this has changed")
PYTHON
"$place/venv/bin/python" "$place/look.py"
