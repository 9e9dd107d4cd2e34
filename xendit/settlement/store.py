"""The file in which what was listed is kept and joined: SQLite, so that memory does not grow and a run can go on later.

Amounts are kept as the text that they are written with, so that none is ever a float.
"""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike
    from typing import Any

VERSION = 1
_SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE invoices (
    id TEXT PRIMARY KEY, external_id TEXT, paid_at TEXT NOT NULL, currency TEXT, channel TEXT, paid TEXT, status TEXT
) WITHOUT ROWID;
CREATE TABLE transactions (
    id TEXT PRIMARY KEY, type TEXT, status TEXT, cashflow TEXT, reference_id TEXT, currency TEXT, channel TEXT,
    amount TEXT, fee TEXT, tax TEXT, net TEXT, settlement TEXT, settles_at TEXT, created TEXT NOT NULL, link TEXT,
    request TEXT, used_for TEXT
) WITHOUT ROWID;
CREATE INDEX by_time ON invoices (paid_at, id);
CREATE INDEX by_link ON transactions (link, type);
CREATE INDEX by_use ON transactions (used_for);
CREATE INDEX by_reference ON transactions (reference_id, type);
CREATE INDEX by_request ON transactions (request, type);
CREATE INDEX by_creation ON transactions (created, id)
"""


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
    used_for: str | None = None
    """The id of the invoice that it was joined with by its reference."""


class Store:
    """The file. `path` None keeps it in a temporary one, which goes with it.

    Raises:
        OSError: the file cannot be used.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self._path = path
        try:
            self._file = sqlite3.connect("" if path is None else path, isolation_level=None)
        except sqlite3.Error as problem:
            raise OSError(f"{path} cannot be used: {problem}") from None
        try:
            self._prepare()
        except sqlite3.Error as problem:
            self.close()
            raise OSError(f"{path} cannot be used: {problem}") from None
        except OSError:
            self.close()
            raise

    def _prepare(self) -> None:
        """Make the tables of a new file; see that another one has them."""
        speed = "PRAGMA synchronous=OFF" if self._path is None else "PRAGMA journal_mode=WAL"
        self._file.execute(speed).fetchall()
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
        row = self._file.execute("SELECT value FROM state WHERE name=?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def begin_anew(self, **state: Any) -> None:
        """Forget everything, and keep this."""
        self._file.execute("BEGIN")
        for table in ("state", "invoices", "transactions"):
            self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - one of three names
        self._keep(state)
        self._file.execute("COMMIT")

    def take(self, several: Iterable[KeptInvoice | KeptTransaction], **state: Any) -> int:
        """Keep a page of what was listed together with how far the listing has come; gives how many were new."""
        rows = list(several)
        self._file.execute("BEGIN")
        before = self._file.total_changes
        for kind, table in ((KeptInvoice, "invoices"), (KeptTransaction, "transactions")):
            some = [tuple(row) for row in rows if isinstance(row, kind)]
            if some:
                marks = ",".join("?" * len(kind._fields))
                self._file.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", some)  # noqa: S608
        new = self._file.total_changes - before
        self._keep(state)
        self._file.execute("COMMIT")
        return new

    def _keep(self, state: dict[str, Any]) -> None:
        rows = [(name, json.dumps(value)) for name, value in state.items()]
        self._file.executemany("REPLACE INTO state (name, value) VALUES (?, ?)", rows)

    def count(self, table: str) -> int:
        """How many there are of `invoices` or `transactions`."""
        count: int = self._file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - one of two names
        return count

    # ---- what is asked of it

    def invoices(self) -> Iterator[KeptInvoice]:
        """The invoices, in the order in which they were paid."""
        return map(KeptInvoice._make, self._file.execute("SELECT * FROM invoices ORDER BY paid_at, id"))

    def unpaid_invoices(self) -> list[KeptInvoice]:
        """The invoices that no payment names and that were joined with none; a few, where all is well."""
        found = self._file.execute(
            "SELECT * FROM invoices i WHERE external_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.link=i.id AND t.type='PAYMENT')"
            " AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.used_for=i.id) ORDER BY paid_at, id"
        )
        return [KeptInvoice._make(row) for row in found]

    def payments_of(self, invoice_id: str) -> list[KeptTransaction]:
        """The payments that name an invoice, and those that were joined with it by its reference, oldest first."""
        return self._transactions("(link=? OR used_for=?) AND type='PAYMENT'", invoice_id, invoice_id)

    def unlinked_payments(self, external_id: str) -> list[KeptTransaction]:
        """The payments that name no invoice, bear this reference and were joined with none, oldest first."""
        return self._transactions(
            "reference_id=? AND type='PAYMENT' AND link IS NULL AND used_for IS NULL", external_id
        )

    def given_back(self, invoice_id: str) -> list[KeptTransaction]:
        """The refunds and chargebacks that name an invoice."""
        return self._transactions("link=? AND type IN ('REFUND', 'CHARGEBACK')", invoice_id)

    def others(self, begin: str, end: str) -> Iterator[KeptTransaction]:
        """All that was made in a span of time and belongs to none of the invoices, oldest first."""
        found = self._file.execute(
            "SELECT * FROM transactions t WHERE created>=? AND created<? AND used_for IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.id=t.link) ORDER BY created, id",
            (begin, end),
        )
        return map(KeptTransaction._make, found)

    def join(self, transaction_id: str, invoice_id: str) -> None:
        """Note that a payment was joined with an invoice by its reference."""
        self._file.execute("UPDATE transactions SET used_for=? WHERE id=?", (invoice_id, transaction_id))

    def _transactions(self, where: str, *values: str) -> list[KeptTransaction]:
        found = self._file.execute(f"SELECT * FROM transactions WHERE {where} ORDER BY created, id", values)  # noqa: S608
        return [KeptTransaction._make(row) for row in found]
