"""Where a sandbox keeps what it knows: a SQLite file that survives a kill, or nothing at all.

A change is in the file before anyone is told of it, an invoice together with the webhook that must tell of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.records import read_invoice, write_invoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xendit.sandbox.state import Event, Invoice

_SCHEMA = """
CREATE TABLE IF NOT EXISTS invoices (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS webhooks (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_VERSION = 1


#: What a state may be called with `--name`: a part of a file's name on every system.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}", re.ASCII)


def default_path(name: str | None = None) -> Path:
    """Say where the server keeps its file: one for each directory that it is started in, or for each `name`.

    So two projects of one user do not see each other's invoices. Raises ValueError for a name that is none.
    """
    if name is not None:
        if _NAME.fullmatch(name) is None:
            raise ValueError("a name must be up to 60 letters, digits, dots, hyphens and underscores")
        return state_directory() / "names" / f"{name}.db"
    directory = Path.cwd().resolve()
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9_.-]", "_", directory.name)[:40]
    return state_directory() / "directories" / f"{readable or 'root'}-{digest}.db"


def former_path() -> Path:
    """Say where the one file of a user was, before each directory had its own."""
    return state_directory() / "sandbox.db"


def state_directory() -> Path:
    """Give the place for a user's application state by the platform's rule."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    return base / "xendit-sandbox"


class Storage:
    """A SQLite file, one process at a time. Every method may be called from any thread.

    Raises OSError when the file cannot be used, and says why in one line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._file = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as problem:
            raise OSError(f"the sandbox's file {path} cannot be opened: {problem}") from None
        try:
            # Exclusive: a second sandbox on the file would not see the first one's memory. NORMAL in WAL mode
            # survives the end of a process, however abrupt; only the machine's own end could lose the last moments.
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            found = self._file.execute("PRAGMA user_version").fetchone()[0]
            if found in (0, _VERSION):
                self._file.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
        except sqlite3.Error as problem:
            self._file.close()
            hint = (
                "another sandbox has it open; name another file, or keep it in memory"
                if "locked" in str(problem)
                else str(problem)
            )
            raise OSError(f"the sandbox's file {path} cannot be used: {hint}") from None
        if found not in (0, _VERSION):
            self._file.close()
            raise OSError(f"the sandbox's file {path} is of another version; remove it or name another")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    # -- what the state's journal is asked

    def save(self, invoice: Invoice, event: Event | None, forgotten: str | None) -> None:
        """Keep an invoice, and the webhook that tells of it, in one piece."""
        statements: list[tuple[str, tuple[Any, ...]]] = [
            (
                "INSERT INTO invoices (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record=excluded.record",
                (invoice.id, _text(write_invoice(invoice))),
            )
        ]
        if event is not None:
            # Not yet in the hands of the deliveries: they write it again, with what becomes of it.
            record = {
                "id": event.id,
                "invoice_id": invoice.id,
                "status": invoice.status,
                "external_id": invoice.external_id,
                "body": _text(event.body),
                "attempts": 0,
                "due": "new",
            }
            statements.append(_keep_webhook(event.id, record))
        if forgotten is not None:
            statements.append(("DELETE FROM invoices WHERE id=?", (forgotten,)))
        self._write(statements)

    def clear(self) -> None:
        """Drop everything but the settings."""
        self._write([("DELETE FROM invoices", ()), ("DELETE FROM webhooks", ()), ("DELETE FROM deliveries", ())])

    # -- what the deliveries ask

    def save_webhook(self, webhook_id: str, record: dict[str, Any], delivery: dict[str, Any] | None) -> None:
        """Keep how far a webhook has come, together with the attempt that brought it there."""
        statements = [_keep_webhook(webhook_id, record)]
        if delivery is not None:
            text = _text(delivery)
            statements.append(("INSERT INTO deliveries (number, record) VALUES (?, ?)", (delivery["number"], text)))
        self._write(statements)

    def forget(self, webhook_ids: Iterable[str], oldest_delivery: int) -> None:
        """Drop webhooks, and the attempts before a number."""
        drop: list[tuple[str, tuple[Any, ...]]] = [
            ("DELETE FROM webhooks WHERE id=?", (webhook_id,)) for webhook_id in webhook_ids
        ]
        self._write([*drop, ("DELETE FROM deliveries WHERE number<?", (oldest_delivery,))])

    # -- at the start

    def invoices(self) -> Iterator[Invoice]:
        """Give the invoices, oldest first."""
        for record in self._records("invoices"):
            yield read_invoice(record)

    def webhooks(self) -> Iterator[dict[str, Any]]:
        """Give the records of webhooks, oldest first."""
        return self._records("webhooks")

    def deliveries(self) -> Iterator[dict[str, Any]]:
        """Give the records of attempts, oldest first."""
        return self._records("deliveries")

    def setting(self, name: str) -> Any:
        """Give a setting; None when it was never kept."""
        with self._lock:
            row = self._file.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting."""
        self._write([("REPLACE INTO settings (name, value) VALUES (?, ?)", (name, json.dumps(value)))])

    def _records(self, table: str) -> Iterator[dict[str, Any]]:
        with self._lock:
            rows = self._file.execute(f"SELECT record FROM {table} ORDER BY number").fetchall()  # table: our own
        return (json.loads(row[0]) for row in rows)

    def _write(self, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in statements:
                    self._file.execute(statement, values)
                self._file.execute("COMMIT")
            except BaseException:
                self._file.execute("ROLLBACK")
                raise


def _keep_webhook(webhook_id: str, record: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    return (
        "INSERT INTO webhooks (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record=excluded.record",
        (webhook_id, _text(record)),
    )


def _text(value: Any) -> str:
    # ASCII: half of a surrogate pair, which JSON can spell, cannot be stored as UTF-8.
    return json.dumps(value, separators=(",", ":"))
