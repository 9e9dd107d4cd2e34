"""What a database is asked in its own words: the time, that a commit holds, and what would let it be lost. No I/O.

The inbox of webhooks and the journal of batches acknowledge what they have stored. That is true only while the database
keeps what it has committed, so both ask for it in each transaction, and look at the settings that a transaction cannot
change.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["CLOCKS", "HOLDING", "SETTINGS", "UNDONE", "is_undone", "weaknesses_of"]

CLOCKS = {
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    "mysql": "SELECT unix_timestamp(sysdate(6))",
    "mariadb": "SELECT unix_timestamp(sysdate(6))",
}
"""Seconds since 1970 by the database's clock, which unlike `now()` goes on within a transaction."""

HOLDING = (
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)"
)
"""PostgreSQL: for this transaction, a commit is answered when it is on the disk (and, where there are synchronous
standbys, on theirs), whatever the server, the role or the session says. What asks for more is kept."""

UNDONE = 20
"""How often a transaction that the database has undone, in favour of another one, is done again."""

SETTINGS = {
    "postgresql": (
        "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
        " current_setting('synchronous_standby_names'), (SELECT count(*) FROM pg_stat_replication)"
    ),
    "mysql": "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit",
    "mariadb": "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit",
    "sqlite": "PRAGMA synchronous",
}
"""The settings that decide whether what was committed is still there after a crash, by the name of the dialect."""


def weaknesses_of(dialect: str, values: Sequence[Any]) -> list[str]:
    """What these settings would let be lost, one sentence each.

    Args:
        dialect: which database it is, as SQLAlchemy and Django name it.
        values: the row that the statement of `SETTINGS` gave.
    """
    if dialect == "postgresql":
        fsync, pages, names, standbys = values
        found = []
        if "off" in (fsync, pages):
            found.append("fsync or full_page_writes is off: what was acknowledged is lost when the machine fails")
        if standbys and not names:
            found.append(
                "its standbys are asynchronous (synchronous_standby_names is empty): a failover to one loses what was"
                " acknowledged last"
            )
        return found
    value = int(values[0])
    if dialect == "sqlite":
        return [] if value >= 2 else ["PRAGMA synchronous is below FULL: what was acknowledged last can be lost"]
    if value == 1:
        return []
    return [f"innodb_flush_log_at_trx_commit is {value}: what was acknowledged last can be lost; set it to 1"]


def is_undone(error: object) -> bool:
    """Whether it is a deadlock, or a transaction that could not be put in order: done again, it succeeds.

    Args:
        error: what the driver raised; or what SQLAlchemy or Django made of it.
    """
    origin = getattr(error, "orig", None) or getattr(error, "__cause__", None) or error
    for each in (error, origin):
        state = getattr(each, "sqlstate", None) or getattr(each, "pgcode", None)
        is_of_database = any(kind.__name__ == "OperationalError" for kind in type(each).__mro__)
        code = next(iter(getattr(each, "args", ())), None) if is_of_database else None  # MySQL's drivers
        if state in ("40001", "40P01") or code in (1205, 1213):
            return True
    return False
