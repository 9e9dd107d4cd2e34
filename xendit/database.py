"""SQL that differs between databases: for their time, for durable commits, and for settings that endanger them. No I/O.

The inbox of webhooks and the journal of batches acknowledge what they have stored. They may do so only if the database
really keeps what it has committed. So both ask for durable commits in each transaction, and look at the settings that a
transaction cannot change.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Any

__all__ = ["CLOCKS", "HOLDING", "SETTINGS", "UNDONE", "TransactionAttempt", "attempts", "is_undone", "weaknesses_of"]

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
"""PostgreSQL: a commit of this transaction is answered only when it is on the disk (and on those of synchronous
standbys, if there are any), whatever the server, the role or the session says. A stricter setting is kept."""

UNDONE = 20
"""How often a transaction is done again that the database has undone in favour of another one."""

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
    """What could be lost with these settings, one sentence each.

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
    """Whether an error is a deadlock or a serialization failure, so that the transaction succeeds when it is done
    again.

    Args:
        error: the error that the driver raised, or that SQLAlchemy or Django made of it.
    """
    origin = getattr(error, "orig", None) or getattr(error, "__cause__", None) or error
    for each in (error, origin):
        state = getattr(each, "sqlstate", None) or getattr(each, "pgcode", None)
        is_of_database = any(kind.__name__ == "OperationalError" for kind in type(each).__mro__)
        code = next(iter(getattr(each, "args", ())), None) if is_of_database else None  # MySQL's drivers
        if state in ("40001", "40P01") or code in (1205, 1213):
            return True
    return False


class TransactionAttempt:
    """One of several attempts at a transaction: a context manager that swallows the error by which a database undid it."""

    __slots__ = ("_is_last", "is_undone")

    def __init__(self, *, is_last: bool) -> None:
        self._is_last = is_last
        self.is_undone = False
        """Whether the database has undone it, so that it is to be done again."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self.is_undone = isinstance(error, Exception) and not self._is_last and is_undone(error)
        return self.is_undone


def attempts(most: int | None = None) -> Iterator[TransactionAttempt]:
    """Attempts at a transaction, until one is not undone by the database in favour of another transaction.

        for attempt in attempts():
            with attempt:
                work()

    A database undoes a transaction to end a deadlock, which no order of locks can rule out, or to put transactions in
    order under SERIALIZABLE. What was undone has left no trace, so it may be done again at once. The error of the last
    attempt, and any other error, is raised. The loop works in the same way in plain functions, coroutines and
    generators.

    Args:
        most: how many attempts to make; None for one more than `UNDONE`.
    """
    count = UNDONE + 1 if most is None else most
    for number in range(count):
        attempt = TransactionAttempt(is_last=number == count - 1)
        yield attempt
        if not attempt.is_undone:
            return
