"""The journal of batches: one row an item, written before it is sent and after, so that a killed run can be gone on with.

A SQLite file needs nothing but Python; any other database is reached by SQLAlchemy (extra `inbox`). PostgreSQL and
MySQL give each of many processes rows that no other has (SKIP LOCKED). The database's clock is the one that counts.
"""

from __future__ import annotations

import os
from hashlib import sha256
from threading import Lock
from typing import NamedTuple

from xendit.bulk.result import Report, Result, report_of
from xendit.codec import type_name
from xendit.exceptions import ApiValueError, ConfigurationException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias, TypeVar

    Run: TypeAlias = Callable[..., list[tuple[Any, ...]]]
    Done = TypeVar("Done")

_TABLE = """
CREATE TABLE IF NOT EXISTS xendit_bulk (
    batch VARCHAR(100) NOT NULL,
    item CHAR(64) NOT NULL,
    position INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    digest CHAR(64) NOT NULL,
    body TEXT,
    state VARCHAR(10) NOT NULL,
    owner CHAR(32),
    lease DOUBLE PRECISION,
    begun DOUBLE PRECISION,
    settled DOUBLE PRECISION,
    invoice_id TEXT,
    invoice_url TEXT,
    message TEXT,
    PRIMARY KEY (batch, item)
)
"""
_KEY = "PRIMARY KEY (batch, item)"
_MYSQL_INDEX = "INDEX xendit_bulk_next (batch, state, position)"
_INDEX = "CREATE INDEX IF NOT EXISTS xendit_bulk_next ON xendit_bulk (batch, state, position)"
_INSERT = (
    "INSERT INTO xendit_bulk (batch, item, position, external_id, digest, body, state)"
    " VALUES (:batch, :item, :position, :external_id, :digest, :body, 'pending')"
)
_INSERTS = {  # an item that is there already stays as it is
    "sqlite": _INSERT + " ON CONFLICT DO NOTHING",
    "postgresql": _INSERT + " ON CONFLICT DO NOTHING",
    "mysql": _INSERT.replace("INSERT INTO", "INSERT IGNORE INTO"),
}
_INSERTS["mariadb"] = _INSERTS["mysql"]
_CLOCKS = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    "mysql": "SELECT unix_timestamp(sysdate(6))",
    "mariadb": "SELECT unix_timestamp(sysdate(6))",
}
_NEXT = "SELECT item, external_id, body, state, begun FROM xendit_bulk WHERE batch = :batch AND "
_UNSETTLED = "(settled IS NULL OR settled < :started)"  # what was given up since then is left for the next run
_WHICH = (  # what is to be done, first things first
    f"state = 'pending' AND {_UNSETTLED}",
    "state = 'sending' AND lease < :now",
    f"state = 'unknown' AND {_UNSETTLED}",
)
_LEFT = (
    "SELECT item FROM xendit_bulk WHERE batch = :batch AND"
    f" ((state IN ('pending', 'unknown') AND {_UNSETTLED}) OR (state = 'sending' AND owner <> :run)) LIMIT 1"
)


_UNDONE = 20
"""How often a transaction that the database has undone is done again."""


class Item(NamedTuple):
    """An item to be put into the journal."""

    external_id: str
    body: str
    digest: str


class Claim(NamedTuple):
    """An item that this run has taken. A fresh one was never sent, or was refused as too many."""

    key: str
    external_id: str
    body: str
    fresh: bool
    begun: float
    """When it was first sent, by the database's clock; now, for a fresh one."""
    now: float


class Journal:
    """Where the state of batches is kept. Safe over threads and processes.

        Journal("march.db")                                   # a SQLite file
        Journal("postgresql+psycopg://shop@db/shop", "march") # a database that many machines share

    A SQLite file is made readable for its owner alone: until an item is created, its row holds the request.

    Args:
        where: path of a SQLite file, `":memory:"`, or a SQLAlchemy URL.
        batch: the name of the batch, where a database holds several.

    Raises:
        ConfigurationException: it is neither, or its database is one that the journal does not know.
        ImportError: a URL needs SQLAlchemy, which is not installed.
    """

    def __init__(self, where: str | os.PathLike[str], batch: str = "default") -> None:
        given: object = where
        if not isinstance(given, (str, os.PathLike)):
            raise ConfigurationException(f"journal: {type_name(given)} was given, a path or a URL is needed")
        if not 0 < len(batch) <= 100:
            raise ConfigurationException("journal: the batch's name must have 1 to 100 characters")
        text = os.fspath(where)
        self.batch = batch
        self._store: _File | _Engine
        if "://" in text and not text.startswith("sqlite:///"):
            self._store = _Engine(text)
        else:
            self._store = _File(text.removeprefix("sqlite:///"))
        self._store.make()

    def add(self, items: Sequence[Item]) -> None:
        """Put the items in that are not there yet.

        Raises:
            ApiValueError: one is there with another request.
        """
        keys = {sha256(each.external_id.encode()).hexdigest(): each for each in items}

        def work(run: Run) -> None:
            rows = run("SELECT item, digest FROM xendit_bulk WHERE batch = :batch", batch=self.batch)
            known = {row[0]: row[1] for row in rows}
            for position, (key, item) in enumerate(keys.items(), len(known)):
                if key not in known:
                    run(
                        self._store.insert,
                        batch=self.batch,
                        item=key,
                        position=position,
                        external_id=item.external_id,
                        digest=item.digest,
                        body=item.body,
                    )
            rows = run("SELECT item, digest FROM xendit_bulk WHERE batch = :batch", batch=self.batch)
            for key, digest in rows:
                if key in keys and keys[key].digest != digest:
                    raise ApiValueError(
                        f"the journal holds {keys[key].external_id!r} with another request; give a changed request"
                        " another external_id, or this batch another name",
                        ("requests",),
                    )

        self._store.transact(work)

    def begin(self) -> float:
        """When a run begins, by the database's clock."""
        return self._store.transact(self._now)

    def claim(self, run_id: str, started: float, lease: float) -> Claim | float | None:
        """Take an item, which is this run's for `lease` seconds; or say in how many seconds one may be free that
        another run has; or None when nothing is left.
        """

        def work(run: Run) -> Claim | float | None:
            now = self._now(run)
            given: dict[str, Any]
            for which in _WHICH:
                given = (
                    {"batch": self.batch, "started": started}
                    if "started" in which
                    else {"batch": self.batch, "now": now}
                )
                rows = run(f"{_NEXT}{which} ORDER BY position LIMIT 1{self._store.lock}", **given)
                if rows:
                    key, external_id, body, state, begun = rows[0]
                    fresh = state == "pending"
                    begun = now if fresh or begun is None else float(begun)
                    run(
                        "UPDATE xendit_bulk SET state = 'sending', owner = :run, lease = :lease, begun = :begun"
                        " WHERE batch = :batch AND item = :item",
                        run=run_id,
                        lease=now + lease,
                        begun=begun,
                        batch=self.batch,
                        item=key,
                    )
                    return Claim(key, external_id, body, fresh, begun, now)
            rows = run(
                "SELECT MIN(lease) FROM xendit_bulk WHERE batch = :batch AND state = 'sending' AND owner <> :run",
                batch=self.batch,
                run=run_id,
            )
            return None if rows[0][0] is None else max(0.05, float(rows[0][0]) - now)

        return self._store.transact(work)

    def is_done(self, run_id: str, started: float) -> bool:
        """Whether nothing is left for this run: `claim` would give None."""
        given = {"batch": self.batch, "started": started, "run": run_id}
        return self._store.transact(lambda run: not run(_LEFT, **given))

    def renew(self, key: str, run_id: str, lease: float) -> bool:
        """Whether the item is still this run's; then it is for `lease` seconds more."""

        def work(run: Run) -> bool:
            given = {"batch": self.batch, "item": key, "run": run_id}
            mine = " WHERE batch = :batch AND item = :item AND owner = :run AND state = 'sending'"
            if not run(f"SELECT item FROM xendit_bulk{mine}", **given):
                return False
            run(f"UPDATE xendit_bulk SET lease = :lease{mine}", lease=self._now(run) + lease, **given)
            return True

        return self._store.transact(work)

    def release(self, key: str, run_id: str) -> None:
        """Give back an item that was not sent, for whoever comes first."""
        given = {"batch": self.batch, "item": key, "run": run_id}
        self._store.transact(
            lambda run: run(
                "UPDATE xendit_bulk SET state = 'pending' WHERE batch = :batch AND item = :item"
                " AND owner = :run AND state = 'sending'",
                **given,
            )
        )

    def settle(self, key: str, run_id: str, result: Result) -> None:
        """Write what became of an item. What another run found out meanwhile is overwritten by `created` alone."""
        created = result.state == "created"

        def work(run: Run) -> None:
            given = {} if created else {"run": run_id}
            run(
                "UPDATE xendit_bulk SET state = :state, invoice_id = :invoice_id, invoice_url = :invoice_url,"
                f" message = :message, settled = :now, body = {'NULL' if created else 'body'}"
                " WHERE batch = :batch AND item = :item AND state <> 'created'"
                f"{'' if created else ' AND owner = :run'}",
                state=result.state,
                invoice_id=result.invoice_id,
                invoice_url=result.invoice_url,
                message=None if result.message is None else result.message[:1000],
                now=self._now(run),
                batch=self.batch,
                item=key,
                **given,
            )

        self._store.transact(work)

    def results(self) -> list[Result]:
        """What became of every item of the batch, in the order in which they were given."""
        rows = self._store.transact(
            lambda run: run(
                "SELECT external_id, state, invoice_id, invoice_url, message FROM xendit_bulk"
                " WHERE batch = :batch ORDER BY position",
                batch=self.batch,
            )
        )
        return [Result(*row) for row in rows]

    def report(self) -> Report:
        """How the batch stands."""
        return report_of(self.results())

    def close(self) -> None:
        """Close the file, or the connections to the database."""
        self._store.close()

    def _now(self, run: Run) -> float:
        return float(run(self._store.clock)[0][0])

    def __repr__(self) -> str:
        return f"<Journal: {self._store}, batch {self.batch!r}>"


class _File:
    """A SQLite file, one connection to it, one transaction at a time."""

    insert = _INSERTS["sqlite"]
    clock = _CLOCKS["sqlite"]
    lock = ""

    def __init__(self, path: str) -> None:
        import sqlite3

        self._path = path
        self._mutex = Lock()
        try:
            if path != ":memory:":
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationException(f"journal: {path!r} cannot be used: {error}") from error

    def make(self) -> None:
        self._connection.execute(_TABLE)
        self._connection.execute(_INDEX)

    def transact(self, work: Callable[[Run], Done]) -> Done:
        """Do the work in a transaction."""
        with self._mutex:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(lambda sql, **given: self._connection.execute(sql, given).fetchall())
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
            return done

    def close(self) -> None:
        with self._mutex:
            self._connection.close()

    def __str__(self) -> str:
        return self._path


class _Engine:
    """A database behind SQLAlchemy."""

    lock = " FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        try:
            import sqlalchemy
            from sqlalchemy.exc import ArgumentError
        except ImportError:
            raise ImportError(
                'a journal in a database needs SQLAlchemy: pip install "xendit-sdk[inbox]"', name="sqlalchemy"
            ) from None
        try:
            self._engine = sqlalchemy.create_engine(
                url, isolation_level="READ COMMITTED", pool_pre_ping=True, hide_parameters=True
            )
        except ArgumentError:  # its text shows the URL, and with it the password
            raise ConfigurationException("journal: that is no URL that SQLAlchemy can use") from None
        dialect = self._engine.dialect.name
        if dialect not in _INSERTS:
            raise ConfigurationException(
                f"journal: {dialect} is not known to it; SQLite, PostgreSQL, MySQL and MariaDB are"
            )
        self.insert, self.clock = _INSERTS[dialect], _CLOCKS[dialect]
        # MySQL has no CREATE INDEX IF NOT EXISTS; without the index each claim would lock every row that is left
        self._table = _TABLE if dialect == "postgresql" else _TABLE.replace(_KEY, f"{_KEY},\n    {_MYSQL_INDEX}")
        self._text = sqlalchemy.text

    def make(self) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        def work(run: Run) -> None:
            run(self._table)
            if self._engine.dialect.name == "postgresql":
                run(_INDEX)

        try:
            self.transact(work)
        except SQLAlchemyError:  # another process made it at the same moment, which PostgreSQL trips over
            self.transact(work)

    def transact(self, work: Callable[[Run], Done]) -> Done:
        """Do the work in a transaction, and again where the database has undone it for the sake of another one."""
        from sqlalchemy.exc import DBAPIError

        for _ in range(_UNDONE):
            try:
                return self._once(work)
            except DBAPIError as error:
                if not _is_undone(error.orig):
                    raise
        return self._once(work)

    def _once(self, work: Callable[[Run], Done]) -> Done:
        with self._engine.begin() as connection:

            def run(sql: str, **given: Any) -> list[tuple[Any, ...]]:
                done = connection.execute(self._text(sql), given)
                return [tuple(row) for row in done] if done.returns_rows else []

            return work(run)

    def close(self) -> None:
        self._engine.dispose()

    def __str__(self) -> str:
        return self._engine.url.render_as_string(hide_password=True)


def _is_undone(error: object) -> bool:
    """Whether it is a deadlock, or a transaction that could not be put in order: done again, it succeeds."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    code = next(iter(getattr(error, "args", ())), None)
    return state in ("40001", "40P01") or code in (1205, 1213)


def digest_of(body: str, added: Mapping[str, str | None]) -> str:
    """What shows that a request is the same: its body, and the headers that say for whom it is."""
    parts = [body, *(f"{name}={value}" for name, value in sorted(added.items()) if value is not None)]
    return sha256("\n".join(parts).encode()).hexdigest()
