"""Export: writes many records to one file. The file is complete or absent, and an interrupted export is continued.

Pages are kept beside the file in `.NAME.part`, one JSON object a line. `.NAME.part.json` holds the cursor, and the
account of these pages. When all pages are there, the file is written in one go (`formats`).

Pages are always synced to the disk before the cursor is saved. That is done at most once a second, and when an export
ends, in whichever way. Xendit allows a page a second, so a killed process loses only the page that it was asking for.
Only with a faster server can it lose more.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from xendit.bulk.account import Bound
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.formats import kept_records
from xendit.cli.progress import progress_bar
from xendit.exceptions import add_note
from xendit.whole_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from xendit.bulk.account import ClientAccount
    from xendit.cli.formats import Records, Writer
    from xendit.cli.output import Output

    #: Takes a query and the id after which to go on (None for the beginning), and gives page after page of records.
    Pages: TypeAlias = Callable[[dict[str, object], str | None], Iterable[list[Any]]]


_SAVED_EVERY = 1.0
"""Seconds between two savings of the pages: syncing to the disk takes about as long as reading a page."""


class _Kept(NamedTuple):
    """How far an export has come."""

    cursor: str | None
    records: int
    size: int


_NOTHING = _Kept(None, 0, 0)


class Export:
    """One export.

    Args:
        file: the file to write.
        write: writes it.
        records: gives the records to write, from the file of those that were listed.
        account: the account of the records; kept pages of another account are refused.
        same: what was asked; kept pages of another question are thrown away.
        noun: what many of the records are called.
        output: where to say how it goes.
        key_rotated: whether the account's key was replaced since its pages were kept.
        waits: what is waited for at a moment, in words.
    """

    def __init__(
        self,
        file: Path,
        write: Writer,
        records: Callable[[Path], Records],
        account: ClientAccount,
        same: list[str],
        noun: str,
        output: Output,
        *,
        key_rotated: bool,
        waits: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._file = file
        self._write = write
        self._records = records
        self._waits = waits
        self._account = account
        self._noun = noun
        self._output = output
        self._key_rotated = key_rotated
        self._bound = account.bound(uuid4().hex)
        self._part = file.with_name(f".{file.name}.part")
        self._state = file.with_name(f".{file.name}.part.json")
        self._digest = hashlib.sha256(json.dumps(same).encode()).hexdigest()

    def run(self, pages: Pages, query: dict[str, object]) -> Records:
        """Fetch, write, tidy up, and return the records. Raises KeyboardInterrupt with a note that says how to go on.

        Args:
            pages: given a query and the id after which to go on, or None, it gives page after page.
            query: what is asked.
        """
        start, frozen = self._resume()
        if frozen is not None:
            query = {**query, **{name: datetime.fromisoformat(text) for name, text in frozen.items()}}
        bounds = {name: value.isoformat() for name, value in query.items() if isinstance(value, datetime)}
        try:
            self._fetch(pages, query, start, bounds)
            records = self._records(self._part)
            with whole_file(self._file) as target:
                self._write(records, target)
        except KeyboardInterrupt as interrupt:
            add_note(interrupt, self._standing())
            raise
        except OSError as problem:
            raise CommandFailure(
                f"{problem.filename or self._file}: {problem.strerror or problem}", hint=self._standing()
            ) from problem
        except Exception:
            if self._kept():
                self._output.say(self._standing())
            raise
        self._part.unlink()
        self._state.unlink()
        return records

    def _standing(self) -> str:
        """What is kept, and how to go on."""
        return f"{self._kept()} {self._noun} are kept; the same command goes on from there"

    def _resume(self) -> tuple[_Kept, dict[str, str] | None]:
        """Where to go on, and the bounds of time that were filled in.

        Raises CommandFailure if the kept pages are of another account.
        """
        try:
            state = json.loads(self._state.read_text("utf-8"))
            found, bounds = _Kept(state["cursor"], state["count"], state["size"]), state["bounds"]
            asked, kept = state["asked"], state.get("account")
            bound = None if kept is None else Bound(**kept)
            whole = self._part.stat().st_size >= state["size"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return _NOTHING, None
        problem = None if bound is None else bound.problem(self._account, key_rotated=self._key_rotated)
        if problem is not None:
            raise CommandFailure(
                f"what is kept of an earlier export in {self._part} {problem}",
                USAGE,
                hint=f"give another file, or remove {self._part} and {self._state.name} to begin anew",
            )
        if asked != self._digest or not whole:
            return _NOTHING, None
        if bound is None:
            self._output.say(
                f"what is kept in {self._part} is of a version that kept no account; from now on it belongs to"
                f" {self._account}"
            )
        elif not self._key_rotated:
            self._bound = bound
        self._output.say(f"going on after {found.records} {self._noun}")
        return found, bounds

    def _fetch(self, pages: Pages, query: dict[str, object], reached: _Kept, bounds: dict[str, str]) -> None:
        """List what comes after the kept pages, and keep it."""
        known = self._ids() if reached.size else set()
        with (
            self._part.open("r+b" if reached.size else "wb") as part,
            progress_bar(self._output, "exporting", self._noun, done=reached.records, waits=self._waits) as advance,
        ):
            part.truncate(reached.size)  # drops what was written after the cursor was last saved
            part.seek(reached.size)
            saved, due = reached, time.monotonic() + _SAVED_EVERY
            try:
                for page in pages(query, reached.cursor):
                    fresh = [each for each in page if each.id not in known]
                    known.update(each.id for each in fresh)
                    part.write(b"".join(each.to_json().encode("ascii") + b"\n" for each in fresh))
                    part.flush()
                    reached = _Kept(page[-1].id, reached.records + len(fresh), part.tell())
                    advance(len(fresh))
                    if time.monotonic() >= due:
                        self._save(part, reached, bounds)
                        saved, due = reached, time.monotonic() + _SAVED_EVERY
            except BaseException:
                if reached is not saved:
                    with suppress(OSError):  # what was saved before stays
                        self._save(part, reached, bounds)
                raise
            if reached is not saved or reached is _NOTHING:
                self._save(part, reached, bounds)

    def _save(self, part: BinaryIO, reached: _Kept, bounds: dict[str, str]) -> None:
        """Sync the fetched pages to the disk, and only then the file that says how far they go."""
        os.fsync(part.fileno())
        cursor, count, size = reached
        self._keep({"cursor": cursor, "count": count, "size": size, "bounds": bounds})

    def _keep(self, state: dict[str, object]) -> None:
        with whole_file(self._state) as target:
            facts = {"asked": self._digest, "account": self._bound._asdict(), **state}
            target.write(json.dumps(facts).encode("ascii"))

    def _kept(self) -> int:
        try:
            return int(json.loads(self._state.read_text("utf-8"))["count"])
        except (OSError, ValueError, KeyError):
            return 0

    def _ids(self) -> set[str]:
        return {str(record["id"]) for record in kept_records(self._part)}
