#!/usr/bin/env bash
# eventlet's monkey_patch() makes the SQLAlchemy pools that exist already unusable, after the first connection.
#
# eventlet 0.41.3, SQLAlchemy 2.1.9. A QueuePool keeps conditions over locks. Those that were made before `monkey_patch()` are
# swapped or left half-swapped ("RLock(s) were not greened", says eventlet's log): a connection that is given back raises
# RuntimeError "cannot notify on un-acquired lock" inside the pool. An engine made after the patch works.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check eventlet==0.41.3 SQLAlchemy==2.1.9
cat > "$place/look.py" <<'PYTHON'
import sys
from importlib.metadata import version

import eventlet
import sqlalchemy
from sqlalchemy.pool import QueuePool


def engine():
    return sqlalchemy.create_engine("sqlite:///" + sys.argv[1], poolclass=QueuePool)


def used(what):
    try:
        for _ in range(3):
            with what.connect() as connection:
                connection.execute(sqlalchemy.text("SELECT 1"))
    except RuntimeError as error:
        return str(error)
    return "works"


before = engine()
eventlet.monkey_patch()
found = used(before), used(engine())
print("eventlet", version("eventlet"), "with SQLAlchemy", version("SQLAlchemy"), found)
assert found == ("cannot notify on un-acquired lock", "works"), found
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/shop.db"
