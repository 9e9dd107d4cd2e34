"""The journal of batches: one row for each item, written before it is sent and after, so that a killed run can go on.

A SQLite file needs nothing but Python; any other database is reached by SQLAlchemy (extra `inbox`). PostgreSQL and
MySQL give each of many processes rows that no other process has (SKIP LOCKED). All times are by the database's clock.
A second table holds, for each batch, the account that it belongs to (`xendit.bulk.account`).
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from typing import NamedTuple, cast

from xendit.bulk.account import Bound
from xendit.bulk.result import Report, Result, report_of
from xendit.bulk.storage import Database, SqliteFile
from xendit.exceptions import ApiValueError, ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from xendit.bulk.account import ClientAccount
    from xendit.bulk.storage import Run

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
_ACCOUNTS = """
CREATE TABLE IF NOT EXISTS xendit_bulk_account (
    batch VARCHAR(100) NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    mode VARCHAR(20) NOT NULL,
    user_id TEXT,
    salt CHAR(32) NOT NULL,
    digest CHAR(64) NOT NULL
)
"""
_KEY = "PRIMARY KEY (batch, item)"
_MYSQL_INDEX = "INDEX xendit_bulk_next (batch, state, position)"
_INDEX = "CREATE INDEX IF NOT EXISTS xendit_bulk_next ON xendit_bulk (batch, state, position)"
# MySQL has no CREATE INDEX IF NOT EXISTS; without the index each claim would lock every row that is left
_MYSQL_MAKE = (_TABLE.replace(_KEY, f"{_KEY},\n    {_MYSQL_INDEX}"), _ACCOUNTS)
TABLES = {
    "sqlite": (_TABLE, _INDEX, _ACCOUNTS),
    "postgresql": (_TABLE, _INDEX, _ACCOUNTS),
    "mysql": _MYSQL_MAKE,
    "mariadb": _MYSQL_MAKE,
}
"""The statements that make the tables, by the name of the dialect."""
_INSERT = (
    "INSERT INTO xendit_bulk (batch, item, position, external_id, digest, body, state)"
    " VALUES (:batch, :item, :position, :external_id, :digest, :body, 'pending')"
)
_INSERT_ACCOUNT = (
    "INSERT INTO xendit_bulk_account (batch, host, mode, user_id, salt, digest)"
    " VALUES (:batch, :host, :mode, :user_id, :salt, :digest)"
)
_NEXT = "SELECT item, external_id, body, state, begun FROM xendit_bulk WHERE batch = :batch AND "
_UNSETTLED = "(settled IS NULL OR settled < :started)"  # an item that this run has given up waits for the next run
_WHICH = (  # the items that are to be done, the most urgent kind first
    f"state = 'pending' AND {_UNSETTLED}",
    "state = 'sending' AND lease < :now",
    f"state = 'unknown' AND {_UNSETTLED}",
)
_LEFT = (
    "SELECT item FROM xendit_bulk WHERE batch = :batch AND"
    f" ((state IN ('pending', 'unknown') AND {_UNSETTLED}) OR (state = 'sending' AND owner <> :run)) LIMIT 1"
)


class Item(NamedTuple):
    """An item to be put into the journal."""

    external_id: str
    body: str
    digest: str


class Turn(NamedTuple):
    """An item that this run has taken. A fresh one was never sent, or its last answer was a 429."""

    key: str
    external_id: str
    body: str
    fresh: bool
    begun: float
    """When it was first sent, by the database's clock; now, for a fresh one."""
    now: float


@hinted
class Journal:
    """Where the state of batches is kept. Safe over threads and processes.

        Journal("march.db")                                   # a SQLite file
        Journal("postgresql+psycopg://shop@db/shop", "march") # a database that many machines share
        Journal(engine, "march")                              # the same, by your own Engine of SQLAlchemy

    A SQLite file is made readable for its owner alone: until an item is created, its row holds the request.

    Args:
        where: path of a SQLite file, `":memory:"`, a SQLAlchemy URL, or your own Engine, which is never closed. For an
            Engine of a SQLite file, the file is opened directly and not through the Engine.
        batch: the name of the batch, where a database holds several.
        source: where ids come from (`xendit.source`). The clock of a journal is its database's.

    Raises:
        ConfigurationException: it is none of these, or its database is one that the journal does not know.
        ImportError: a URL needs SQLAlchemy, which is not installed.
    """

    def __init__(
        self, where: str | os.PathLike[str] | Engine, batch: str = "default", *, source: Source = SYSTEM
    ) -> None:
        engine = _engine_of(where)
        given: object = where if engine is None else engine.url.database or ":memory:"
        if not isinstance(given, (str, os.PathLike)):
            raise ConfigurationException(f"journal: {type_name(given)} was given, a path, a URL or an Engine is needed")
        if not 0 < len(batch) <= 100:
            raise ConfigurationException("journal: the batch's name must have 1 to 100 characters")
        text = os.fspath(given)
        self.batch = batch
        self.source = source
        self._store: SqliteFile | Database
        if engine is not None and engine.dialect.name != "sqlite":
            self._store = Database(engine)
        elif engine is not None and text == ":memory:":
            raise ConfigurationException("journal: an engine in memory would be another database for each connection")
        elif "://" in text and not text.startswith("sqlite:///"):
            self._store = Database(text)
        else:
            self._store = SqliteFile(text.removeprefix("sqlite:///"))
        self._store.make(TABLES[self._store.dialect])

    def add(self, items: Sequence[Item], account: ClientAccount | None = None, *, key_rotated: bool = False) -> None:
        """Add the items that are not in the journal yet, and bind the batch to its account.

        A batch that has items but no account comes from a version that kept no account. It is bound to this account,
        and the logger `xendit` says so.

        Args:
            items: what is to be done.
            account: whose batch it is; None leaves that as it is.
            key_rotated: whether the key of that account was replaced since the batch was bound.

        Raises:
            ApiValueError: an item is in the journal already, with another request.
            ConfigurationException: the batch belongs to another account.
            JournalException: it cannot be written.
        """
        keys = {sha256(each.external_id.encode()).hexdigest(): each for each in items}

        def work(run: Run) -> bool:
            adopted = account is not None and self._bind(run, account, key_rotated=key_rotated)
            rows = run("SELECT item, digest FROM xendit_bulk WHERE batch = :batch", batch=self.batch)
            known = {row[0]: row[1] for row in rows}
            for position, (key, item) in enumerate(keys.items(), len(known)):
                if key not in known:
                    run(
                        self._unless_there(_INSERT),
                        batch=self.batch,
                        item=key,
                        position=position,
                        external_id=item.external_id,
                        digest=item.digest,
                        body=item.body,
                    )
            rows = run("SELECT item, digest FROM xendit_bulk WHERE batch = :batch", batch=self.batch)
            digests = {row[0]: row[1] for row in rows}
            for number, (key, item) in enumerate(keys.items()):
                if digests[key] != item.digest:
                    raise ApiValueError(
                        f"requests[{number}]: the journal holds {item.external_id!r} with another request; give a"
                        " changed request another external_id, or this batch another name",
                        ("requests", number),
                    )
            return adopted

        if self._store.transact(work):
            import logging

            logging.getLogger("xendit").warning(
                "%s: it was begun by a version that kept no account; from now on it belongs to %s", self._name, account
            )

    def _bind(self, run: Run, account: ClientAccount, *, key_rotated: bool) -> bool:
        """Bind the batch to an account, or check that it is bound to this one.

        Returns True when the batch was begun but not bound. A batch without items is bound to this account, whichever
        account it was bound to before.
        """
        was_bound = self._bound(run) is not None
        # Another process may bind it at the same moment, to another account. The first one wins, so read it again.
        run(
            self._unless_there(_INSERT_ACCOUNT),
            batch=self.batch,
            **account.bound(self.source.hexadecimal(16))._asdict(),
        )
        kept = self._bound(run)
        assert kept is not None
        # Read only now, because from here on the lock on the row keeps other accounts from adding items until this
        # transaction ends.
        begun = bool(run("SELECT item FROM xendit_bulk WHERE batch = :batch LIMIT 1", batch=self.batch))
        problem = kept.problem(account, key_rotated=key_rotated)
        if problem is not None and begun:
            raise ConfigurationException(
                f"{self._name} {problem}. Nothing was sent. Give another journal, or the batch another name"
            )
        if problem is not None or key_rotated:
            run(
                "UPDATE xendit_bulk_account SET host = :host, mode = :mode, user_id = :user_id, salt = :salt,"
                " digest = :digest WHERE batch = :batch",
                batch=self.batch,
                **account.bound(self.source.hexadecimal(16))._asdict(),
            )
        return begun and not was_bound

    def _bound(self, run: Run) -> Bound | None:
        rows = run(
            f"SELECT host, mode, user_id, salt, digest FROM xendit_bulk_account WHERE batch = :batch{self._store.held}",
            batch=self.batch,
        )
        return Bound(*rows[0]) if rows else None

    def _unless_there(self, insert: str) -> str:
        """The same INSERT, which does nothing when the row is already there."""
        if self._store.dialect in ("mysql", "mariadb"):
            return insert.replace("INSERT INTO", "INSERT IGNORE INTO")
        return f"{insert} ON CONFLICT DO NOTHING"

    def begin(self) -> float:
        """When a run begins, by the database's clock."""
        return self._store.read(self._now)

    def claim(self, run_id: str, started: float, lease: float) -> Turn | float | None:
        """Take an item for `lease` seconds.

        Returns the item; or, when other runs have all items that are left, the seconds after which one of these may be
        free; or None when nothing is left.
        """

        def work(run: Run) -> Turn | float | None:
            now = self._now(run)
            given: dict[str, object]
            for which in _WHICH:
                given = (
                    {"batch": self.batch, "started": started}
                    if "started" in which
                    else {"batch": self.batch, "now": now}
                )
                rows = run(f"{_NEXT}{which} ORDER BY position LIMIT 1{self._store.passing}", **given)
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
                    return Turn(key, external_id, body, fresh, begun, now)
            rows = run(
                "SELECT MIN(lease) FROM xendit_bulk WHERE batch = :batch AND state = 'sending' AND owner <> :run",
                batch=self.batch,
                run=run_id,
            )
            return None if rows[0][0] is None else max(0.05, float(rows[0][0]) - now)

        return self._store.transact(work)

    def is_done(self, run_id: str, started: float) -> bool:
        """Whether nothing is left for this run, so that `claim` would give None."""
        given = {"batch": self.batch, "started": started, "run": run_id}
        return self._store.read(lambda run: not run(_LEFT, **given))

    def renew(self, key: str, run_id: str, lease: float) -> bool:
        """Extend the lease of an item by `lease` seconds. Gives False when another run has taken it."""

        def work(run: Run) -> bool:
            given = {"batch": self.batch, "item": key, "run": run_id}
            mine = " WHERE batch = :batch AND item = :item AND owner = :run AND state = 'sending'"
            if not run(f"SELECT item FROM xendit_bulk{mine}", **given):
                return False
            run(f"UPDATE xendit_bulk SET lease = :lease{mine}", lease=self._now(run) + lease, **given)
            return True

        return self._store.transact(work)

    def release(self, key: str, run_id: str) -> None:
        """Give back an item that was not sent, so that any run can take it."""
        given = {"batch": self.batch, "item": key, "run": run_id}
        self._store.transact(
            lambda run: run(
                "UPDATE xendit_bulk SET state = 'pending' WHERE batch = :batch AND item = :item"
                " AND owner = :run AND state = 'sending'",
                **given,
            )
        )

    def settle(self, key: str, run_id: str, result: Result) -> None:
        """Write what became of an item. If another run has taken it meanwhile, only `created` overwrites its result."""
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
        rows = self._store.read(
            lambda run: run(
                "SELECT external_id, state, invoice_id, invoice_url, message FROM xendit_bulk"
                " WHERE batch = :batch ORDER BY position",
                batch=self.batch,
            )
        )
        return [Result(*row) for row in rows]

    def __len__(self) -> int:
        """How many items the batch has."""
        rows = self._store.read(
            lambda run: run("SELECT COUNT(*) FROM xendit_bulk WHERE batch = :batch", batch=self.batch)
        )
        return int(rows[0][0])

    def __bool__(self) -> bool:
        return True

    def report(self) -> Report:
        """How the batch stands."""
        return report_of(self.results())

    def close(self) -> None:
        """Close the file, or the connections to the database."""
        self._store.close()

    def _now(self, run: Run) -> float:
        return float(run(self._store.clock)[0][0])

    @property
    def _name(self) -> str:
        return f"the journal {self._store} (batch {self.batch!r})"

    def __repr__(self) -> str:
        return f"<Journal: {self._store}, batch {self.batch!r}>"


def digest_of(body: str, added: Mapping[str, str | None]) -> str:
    """A digest by which two requests are compared: of the body, and of the headers that say for whom it is."""
    parts = [body, *(f"{name}={value}" for name, value in sorted(added.items()) if value is not None)]
    return sha256("\n".join(parts).encode()).hexdigest()


def _engine_of(where: object) -> Engine | None:
    """The Engine, if it is one of SQLAlchemy's; else None. If SQLAlchemy is not loaded, it can be none."""
    module = sys.modules.get("sqlalchemy")
    return cast("Engine", where) if module is not None and isinstance(where, module.Engine) else None
