"""The SQLite file in which what was listed is kept and joined, so that memory does not grow and a run can go on later.

Amounts are kept as the text that they are written with, so that none is ever a float.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from operator import itemgetter
from typing import NamedTuple

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike
    from typing import Any, TypeAlias

    Row: TypeAlias = tuple[Any, ...]

VERSION = 2
_SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE invoices (
    id TEXT PRIMARY KEY, external_id TEXT, paid_at TEXT NOT NULL, currency TEXT, channel TEXT, paid TEXT, status TEXT
) WITHOUT ROWID;
CREATE TABLE transactions (
    id TEXT PRIMARY KEY, type TEXT, status TEXT, cashflow TEXT, reference_id TEXT, currency TEXT, channel TEXT,
    amount TEXT, fee TEXT, tax TEXT, net TEXT, settlement TEXT, settles_at TEXT, created TEXT NOT NULL, link TEXT,
    request TEXT, owner TEXT
) WITHOUT ROWID
"""


_INDEXES = """
CREATE INDEX IF NOT EXISTS by_time ON invoices (paid_at, id);
CREATE INDEX IF NOT EXISTS by_owner ON transactions (owner);
CREATE INDEX IF NOT EXISTS by_reference ON transactions (reference_id) WHERE owner IS NULL;
CREATE INDEX IF NOT EXISTS by_creation ON transactions (created, id)
"""
"""Made when all is listed: keeping them up to date with each page would cost several times as much."""
_INSERTS = {
    "invoices": "INSERT OR IGNORE INTO invoices VALUES (?,?,?,?,?,?,?)",
    "transactions": "INSERT OR IGNORE INTO transactions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
}
OF_INVOICE = ("PAYMENT", "REFUND", "CHARGEBACK")
"""The types of transactions that belong to an invoice."""


class KeptInvoice(NamedTuple):
    """An invoice as it is kept."""

    id: str
    external_id: str | None
    paid_at: str
    currency: str | None
    channel: str | None
    paid: str | None
    status: str | None


class KeptTransaction(NamedTuple):
    """A transaction as it is kept. Times are ISO 8601 in UTC, in one form, so that they sort as text."""

    id: str
    type: str | None
    status: str | None
    cashflow: str | None
    reference_id: str | None
    currency: str | None
    channel: str | None
    amount: str | None
    fee: str | None
    tax: str | None
    net: str | None
    settlement: str | None
    settles_at: str | None
    created: str
    link: str | None
    request: str | None
    owner: str | None
    """The id of the invoice that it belongs to: `link`, or the one that it was joined with by its reference."""


class Store:
    """The file. If `path` is None, it is a temporary file, which is deleted with this object.

    Raises:
        OSError: the file cannot be used; each method raises it when the file cannot be read or written any more.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self._path = path
        with self._used():
            self._file = sqlite3.connect("" if path is None else path, isolation_level=None)
        try:
            with self._used():
                self._prepare()
        except OSError:
            self.close()
            raise

    @contextmanager
    def _used(self) -> Iterator[None]:
        """What SQLite raises inside becomes an OSError that names the file: a full disk, a lock, a broken file."""
        try:
            yield
        except sqlite3.Error as problem:
            path = "the temporary file" if self._path is None else self._path
            raise OSError(f"{path} cannot be used: {problem}") from None

    def _prepare(self) -> None:
        """Make the tables of a new file, or check that an existing one has them."""
        # A temporary file is of no use after a crash, so it needs neither a journal nor syncing.
        speed = ("synchronous=OFF", "journal_mode=OFF") if self._path is None else ("journal_mode=WAL",)
        for each in speed:
            self._file.execute(f"PRAGMA {each}").fetchall()
        ((found,),) = self._file.execute("PRAGMA user_version").fetchall()
        if found != VERSION:
            if found or self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise OSError(f"{self._path} is no file of a reconciliation of this version; name another one")
            self._file.executescript(f"BEGIN;{_SCHEMA};PRAGMA user_version={VERSION};COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def state(self, name: str) -> Any:
        """What is kept under a name; None where there is nothing."""
        with self._used():
            row = self._file.execute("SELECT value FROM state WHERE name=?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def begin_anew(self, **state: object) -> None:
        """Forget everything, and keep only these values under their names."""
        with self._used():
            self._file.execute("BEGIN")
            for table in ("state", "invoices", "transactions"):
                self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - one of three names
            self._keep(state)
            self._file.execute("COMMIT")

    def note(self, **state: object) -> None:
        """Keep this under its names."""
        with self._used():
            self._keep(state)

    def take(self, table: str, rows: Iterable[tuple[object, ...]], **state: object) -> int:
        """Keep a page of what was listed, together with how far the listing has come. Returns how many were new.

        Args:
            table: `invoices` or `transactions`.
            rows: what is kept of each: a KeptInvoice or a KeptTransaction, or a tuple of the same.
            state: under their names, how far it has come.
        """
        with self._used():
            self._file.execute("BEGIN")
            before = self._file.total_changes
            self._file.executemany(_INSERTS[table], rows)
            new = self._file.total_changes - before
            self._keep(state)
            self._file.execute("COMMIT")
        return new

    def _keep(self, state: dict[str, object]) -> None:
        rows = [(name, json.dumps(value)) for name, value in state.items()]
        self._file.executemany("REPLACE INTO state (name, value) VALUES (?, ?)", rows)

    def count(self, table: str) -> int:
        """How many there are of `invoices` or `transactions`."""
        with self._used():
            count: int = self._file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - one of two names
        return count

    # ---- what is asked of it

    def is_listed(self) -> None:
        """Called when all is listed: makes the indexes."""
        with self._used():
            self._file.executescript(_INDEXES)

    def invoices(self) -> Iterator[tuple[Row, list[Row]]]:
        """The invoices, in the order in which they were paid, each with what belongs to it, oldest first.

        Each as the fields of a KeptInvoice and of KeptTransactions. To an invoice belong its payments (those included
        that were joined with it by its reference), its refunds and its chargebacks. One query gives them all, a few at
        a time.
        """
        found = self._rows(
            f"SELECT i.*, t.* FROM invoices i LEFT JOIN transactions t ON t.owner=i.id AND t.type IN {OF_INVOICE}"  # noqa: S608
            " ORDER BY i.paid_at, i.id"
        )
        width = len(KeptInvoice._fields)
        invoice: Row | None = None
        several: list[Row] = []
        for row in found:
            if invoice is None or row[0] != invoice[0]:
                if invoice is not None:
                    yield invoice, by_creation(several)
                invoice, several = row[:width], []
            if row[width] is not None:
                several.append(row[width:])
        if invoice is not None:
            yield invoice, by_creation(several)

    def unpaid_invoices(self) -> list[KeptInvoice]:
        """The invoices that no payment names and that were joined with none. If all is well, these are few."""
        found = self._rows(
            "SELECT * FROM invoices i WHERE external_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.owner=i.id AND t.type='PAYMENT') ORDER BY paid_at, id"
        )
        return [KeptInvoice._make(row) for row in found]

    def unlinked_payments(self, external_id: str) -> list[KeptTransaction]:
        """The payments that name no invoice, bear this reference and were joined with none, oldest first."""
        found = self._rows(
            "SELECT * FROM transactions WHERE reference_id=? AND type='PAYMENT' AND owner IS NULL ORDER BY created, id",
            external_id,
        )
        return [KeptTransaction._make(row) for row in found]

    def others(self, begin: str, end: str) -> Iterator[KeptTransaction]:
        """The transactions of a span of time that belong to none of the invoices, oldest first."""
        found = self._rows(
            "SELECT * FROM transactions t WHERE created>=? AND created<?"
            " AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.id=t.owner) ORDER BY created, id",
            begin,
            end,
        )
        return map(KeptTransaction._make, found)

    def join(self, transaction_id: str, invoice_id: str) -> None:
        """Note that a payment was joined with an invoice by its reference."""
        with self._used():
            self._file.execute("UPDATE transactions SET owner=? WHERE id=?", (invoice_id, transaction_id))

    def _rows(self, question: str, *values: str) -> Iterator[tuple[Any, ...]]:
        """The rows that answer a question, a few at a time."""
        with self._used():
            for row in self._file.execute(question, values):  # noqa: UP028 - `yield from` would close a file's cursor late
                yield row


_ID, _CREATED = (KeptTransaction._fields.index(name) for name in ("id", "created"))
_BY_CREATION = itemgetter(_CREATED, _ID)


def by_creation(several: list[Row]) -> list[Row]:
    """Transactions, oldest first: of an invoice mostly one."""
    return several if len(several) < 2 else sorted(several, key=_BY_CREATION)
