"""The SQLite file in which a sandbox keeps its state. Whatever was acknowledged is still there after a kill.

A change is in the file before anyone is told about it, because a record and the webhook that tells of it are written in
one transaction. The file does not know the products; it keeps each record as JSON, by its kind and its id.
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

from xendit.sandbox.deliveries.pending import first_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

IN_DIRECTORY = "xendit-sandbox.db"
"""What the file is called in a directory that was given for it."""

_SCHEMA = """
CREATE TABLE records (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL);
CREATE UNIQUE INDEX records_by_id ON records (kind, id);
CREATE TABLE webhooks (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE deliveries (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_KEEP_RECORD = """
INSERT INTO records (kind, id, record) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET record=excluded.record
"""
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


def file_of(given: str | Path) -> Path:
    """Say which file is meant: the given one, or `xendit-sandbox.db` in it if it is a directory or ends like one."""
    path = Path(given).expanduser()
    ends = str(given).endswith(tuple(filter(None, (os.sep, os.altsep))))
    return path / IN_DIRECTORY if ends or path.is_dir() else path


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
    """The file. One process may have it open at a time; every method may be called from any thread.

    Raises OSError, with one sentence that says why, when the file cannot be used.
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
            # The lock is exclusive because a second sandbox on the same file would not see what the first one has in
            # memory. In WAL mode with synchronous=NORMAL, a commit survives the end of the process, however abrupt;
            # only a crash of the machine could lose the last commits.
            # Each cursor is closed: on PyPy a statement goes on until then, and SQLite refuses the next one.
            for setting in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
                self._file.execute(f"PRAGMA {setting}").close()
            found = bring_up(self._file)
        except (sqlite3.Error, ValueError) as problem:  # ValueError: a record of an older version that is no JSON
            self._file.close()
            hint = (
                "another sandbox has it open; name another file, or keep it in memory"
                if "locked" in str(problem)
                else str(problem)
            )
            raise OSError(f"the sandbox's file {path} cannot be used: {hint}") from None
        if found > VERSION:
            self._file.close()
            raise OSError(f"the sandbox's file {path} is of a later version; remove it or name another")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    # -- what the state asks, as `state.core.persistence` describes it

    def save(
        self,
        kind: str,
        record_id: str,
        record: JsonMapping,
        announcement: Announcement | None,
        forgotten: str | None,
    ) -> None:
        """Keep a record, and the webhook that tells of it, in one piece."""
        statements: list[tuple[str, tuple[object, ...]]] = [(_KEEP_RECORD, (kind, record_id, _text(record)))]
        if announcement is not None:
            # The deliveries do not have it yet. They write it again, with what becomes of it.
            statements.append(_keep_webhook(announcement.id, first_record(announcement)))
        if forgotten is not None:
            statements.append(("DELETE FROM records WHERE kind=? AND id=?", (kind, forgotten)))
        self._write(statements)

    def clear(self) -> None:
        """Drop everything but the settings."""
        self._write([("DELETE FROM records", ()), ("DELETE FROM webhooks", ()), ("DELETE FROM deliveries", ())])

    # -- what the deliveries ask

    def save_webhook(self, webhook_id: str, record: JsonObject, delivery: JsonObject | None) -> None:
        """Keep how far a webhook has come, together with the attempt that brought it there."""
        statements = [_keep_webhook(webhook_id, record)]
        if delivery is not None:
            text = _text(delivery)
            statements.append(("INSERT INTO deliveries (number, record) VALUES (?, ?)", (delivery["number"], text)))
        self._write(statements)

    def forget(self, webhook_ids: Iterable[str], oldest_delivery: int) -> None:
        """Drop webhooks, and the attempts before a number."""
        drop: list[tuple[str, tuple[object, ...]]] = [
            ("DELETE FROM webhooks WHERE id=?", (webhook_id,)) for webhook_id in webhook_ids
        ]
        self._write([*drop, ("DELETE FROM deliveries WHERE number<?", (oldest_delivery,))])

    # -- what is read at the start

    def records(self, kind: str) -> Iterator[JsonObject]:
        """Give the records of a kind, oldest first."""
        return self._rows("SELECT record FROM records WHERE kind=? ORDER BY number", (kind,))

    def webhooks(self) -> Iterator[JsonObject]:
        """Give the records of webhooks, oldest first."""
        return self._rows("SELECT record FROM webhooks ORDER BY number")

    def deliveries(self) -> Iterator[JsonObject]:
        """Give the records of attempts, oldest first."""
        return self._rows("SELECT record FROM deliveries ORDER BY number")

    def setting(self, name: str) -> Any:
        """Give a setting; None when it was never kept."""
        with self._lock:
            rows = self._file.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchall()
        return json.loads(rows[0][0]) if rows else None

    def set_setting(self, name: str, value: object) -> None:
        """Keep a setting."""
        self._write([("REPLACE INTO settings (name, value) VALUES (?, ?)", (name, json.dumps(value)))])

    def _rows(self, statement: str, values: tuple[object, ...] = ()) -> Iterator[JsonObject]:
        with self._lock:
            rows = self._file.execute(statement, values).fetchall()
        return (json.loads(row[0]) for row in rows)

    def _write(self, statements: list[tuple[str, tuple[object, ...]]]) -> None:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in statements:
                    self._file.execute(statement, values)
                self._file.execute("COMMIT")
            except BaseException:
                self._file.execute("ROLLBACK")
                raise


def bring_up(file: sqlite3.Connection) -> int:
    """Make the tables of a new file, or bring those of an older version up to this one, in one piece.

    Gives the version that the file has now; one that is later than ours is left as it is.
    """
    found: int
    file.execute("BEGIN IMMEDIATE")
    try:
        ((found,),) = file.execute("PRAGMA user_version").fetchall()
        if found == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                file.execute(statement)
        else:
            for version in range(found, VERSION):
                _STEPS[version](file)
        if found < VERSION:
            file.execute(f"PRAGMA user_version={VERSION}").close()
            found = VERSION
        file.execute("COMMIT")
    except BaseException:
        file.execute("ROLLBACK")
        raise
    return found


def _by_kind(file: sqlite3.Connection) -> None:
    """Bring a file of version 1 up: it knew invoices only, in a table of theirs, and webhooks spoke of invoices."""
    for statement in _SCHEMA.split(";")[:2]:
        file.execute(statement)
    file.execute(
        "INSERT INTO records (number, kind, id, record) SELECT number, 'invoice', id, record FROM invoices ORDER BY number"
    )
    file.execute("DROP TABLE invoices")
    for table, names in (
        ("webhooks", {"invoice_id": "subject", "external_id": "reference"}),
        ("deliveries", {"invoice_id": "subject", "invoice_status": "subject_status"}),
    ):
        for number, text in file.execute(f"SELECT number, record FROM {table}").fetchall():  # table: our own
            record = {names.get(name, name): value for name, value in json.loads(text).items()}
            record |= {"kind": "invoice", "reference": json.loads(record["body"]).get("external_id", "")}
            file.execute(f"UPDATE {table} SET record=? WHERE number=?", (_text(record), number))


#: Version → what brings a file of it to the next one.
_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _by_kind}
VERSION = max(_STEPS) + 1


def _keep_webhook(webhook_id: str, record: JsonObject) -> tuple[str, tuple[object, ...]]:
    return (
        "INSERT INTO webhooks (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record=excluded.record",
        (webhook_id, _text(record)),
    )


def _text(value: object) -> str:
    # In ASCII, because half of a surrogate pair, which JSON can write, cannot be stored as UTF-8.
    return json.dumps(value, separators=(",", ":"))
