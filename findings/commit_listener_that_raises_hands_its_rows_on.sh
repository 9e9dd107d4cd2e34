#!/usr/bin/env bash
# A "commit" listener that raises leaves the transaction open in the pool, and the next user commits its rows.
#
# SQLAlchemy 2.1.9 with a SQLite file and its QueuePool. A listener for the event "commit" of a Connection or Engine is
# a natural place to forbid a commit (in a handler whose effect must be committed by somebody else, say). When it
# raises, the error reaches the caller and the `with` block is left; but the driver's transaction was neither committed
# nor rolled back, leaving the block does not roll back, and neither does the reset on return to the pool. The next
# transaction that gets this connection commits the forbidden rows together with its own. Rolling back the driver's
# connection in the listener, before it raises, keeps them apart.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check sqlalchemy==2.1.9
cat > "$place/look.py" <<'PYTHON'
import sys

from sqlalchemy import create_engine, event, text


class Forbidden(Exception):
    pass


def rows_after(path, *, roll_back):
    """What is in the table when one commit was forbidden and the pool's next user has committed a row of its own."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("create table effects (name text)"))

    def forbid(connection):
        if roll_back:
            connection.connection.rollback()
        raise Forbidden

    event.listen(engine, "commit", forbid)
    try:
        with engine.connect() as connection:
            connection.execute(text("insert into effects values ('forbidden')"))
            connection.commit()
    except Forbidden:
        pass
    event.remove(engine, "commit", forbid)
    with engine.begin() as connection:
        connection.execute(text("insert into effects values ('of the next user')"))
    with engine.connect() as connection:
        return [name for (name,) in connection.execute(text("select name from effects"))]


plain = rows_after(sys.argv[1] + "/plain.db", roll_back=False)
mended = rows_after(sys.argv[1] + "/mended.db", roll_back=True)
print("a listener that raises:", plain)
print("a listener that rolls back, then raises:", mended)
same = plain == ["forbidden", "of the next user"] and mended == ["of the next user"]
sys.exit(0 if same else "this has changed")
PYTHON
"$place/venv/bin/python" "$place/look.py" "$place"
