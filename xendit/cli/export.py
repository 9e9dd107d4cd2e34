"""Export: writes many records to one file. The file is complete or absent, and an interrupted export is continued.

The records go from the pages straight to what writes the file (`formats`), into a nameless file that gets its name when
it is complete. Beside the file, the pages are kept as they came in `.NAME.part`, one a line, and `.NAME.part.json`
holds the cursor, and the account of these pages. They are read again when an interrupted export goes on, and by a
writer that has to go through all records twice.

Pages are always synced to the disk before the cursor is saved. That is done at most once a second, and when an export
ends, in whichever way. Xendit allows a page a second, so a killed process loses only the page that it was asking for.
Only with a faster server can it lose more.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from xendit.bulk.account import Bound
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.formats import Records
from xendit.cli.progress import progress_bar
from xendit.exceptions import add_note
from xendit.whole_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from xendit.bulk.account import ClientAccount
    from xendit.cli.formats import Writer
    from xendit.cli.output import Output
    from xendit.cli.records import Record

    #: Takes a query and the id after which to go on (None for the beginning), and gives page after page: as it came, and
    #: its records.
    Pages: TypeAlias = Callable[[dict[str, object], str | None], Iterable[tuple[bytes, list[Record]]]]


_SAVED_EVERY = 1.0
"""Seconds between two savings of the pages: syncing to the disk takes about as long as reading a page."""


class _Kept(NamedTuple):
    """How far an export has come."""

    cursor: str | None
    records: int
    size: int


_NOTHING = _Kept(None, 0, 0)


class _Journal:
    """The pages that are kept, open for more of them.

    Args:
        part: the file of the pages.
        path: where it is.
        reached: how far it goes.
        save: syncs the file, and saves how far it goes.
        read: reads the records of a page.
    """

    def __init__(
        self,
        part: BinaryIO,
        path: Path,
        reached: _Kept,
        save: Callable[[BinaryIO, _Kept], None],
        read: Callable[[bytes], list[Record]],
    ) -> None:
        self._part = part
        self._path = path
        self._save = save
        self._read = read
        self._saved, self._due = reached, time.monotonic() + _SAVED_EVERY
        self.reached = reached
        self.is_over = False
        """Whether there are no more pages."""

    def keep(self, data: bytes, new: list[Record]) -> None:
        """Keep a page, of which these records are new."""
        if new:
            self._part.write(data.replace(b"\n", b" ") + b"\n")  # between tokens: inside a JSON string there is none
            self.reached = _Kept(new[-1]["id"], self.reached.records + len(new), self._part.tell())
            if time.monotonic() >= self._due:
                self.save()

    def save(self) -> None:
        """Make sure that a crash loses nothing of what is kept."""
        if self.reached is not self._saved:
            self._part.flush()
            self._save(self._part, self.reached)
            self._saved, self._due = self.reached, time.monotonic() + _SAVED_EVERY

    def pages(self) -> Iterator[list[Record]]:
        """The pages that are kept."""
        self._part.flush()
        left = self.reached.size
        with self._path.open("rb") as lines:
            while left > 0:
                line = lines.readline()
                left -= len(line) or left
                yield self._read(line)


class Export:
    """One export.

    Args:
        file: the file to write.
        write: writes it.
        read: reads the records of a page that was kept.
        wanted: says which records to write; None for all.
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
        read: Callable[[bytes], list[Record]],
        wanted: Callable[[Record], bool] | None,
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
        self._read = read
        self._wanted = wanted
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
            with (
                self._journal(start, bounds) as journal,
                progress_bar(self._output, "exporting", self._noun, done=start.records, waits=self._waits) as advance,
                TemporaryFile(dir=self._file.parent) as written,
            ):
                records = Records(partial(self._all, journal, partial(pages, query), advance), self._wanted)
                self._write(records, written)
                written.seek(0)
                with whole_file(self._file) as target:
                    shutil.copyfileobj(written, target)
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
        self._state.unlink(missing_ok=True)
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
            size = state["size"] if "size" in state else state["bytes"]
            found, bounds = _Kept(state["cursor"], state["count"], size), state["bounds"]
            asked, kept = state["asked"], state.get("account")
            bound = None if kept is None else Bound(**kept)
            whole = self._part.stat().st_size >= size
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

    @contextmanager
    def _journal(self, reached: _Kept, bounds: dict[str, str]) -> Iterator[_Journal]:
        """The kept pages, for as long as the block lasts. Whatever ends it early, what was fetched stays."""
        with self._part.open("r+b" if reached.size else "wb") as part:
            part.truncate(reached.size)  # drops what was written after the cursor was last saved
            part.seek(reached.size)
            journal = _Journal(part, self._part, reached, partial(self._save, bounds), self._read)
            try:
                yield journal
            except BaseException:
                with suppress(OSError):  # what was saved before stays
                    journal.save()
                raise

    def _all(
        self,
        journal: _Journal,
        ask: Callable[[str | None], Iterable[tuple[bytes, list[Record]]]],
        advance: Callable[[int], None],
    ) -> Iterator[Record]:
        """All records, each once: those of the kept pages, and, the first time, of what comes after, which is kept too."""
        known: set[str] = set()

        def new(page: list[Record]) -> list[Record]:
            found = [each for each in page if each["id"] not in known]
            known.update([each["id"] for each in found])
            return found

        for page in journal.pages():
            yield from new(page)
        if journal.is_over:
            return
        for data, page in ask(journal.reached.cursor):
            found = new(page)
            journal.keep(data, found)
            advance(len(found))
            yield from found
        journal.is_over = True

    def _save(self, bounds: dict[str, str], part: BinaryIO, reached: _Kept) -> None:
        """Sync the fetched pages to the disk, and only then the file that says how far they go."""
        os.fsync(part.fileno())
        cursor, count, size = reached
        # Earlier versions, which kept records instead of pages, wrote `size`. They cannot read pages: without it, they
        # begin anew.
        self._keep({"cursor": cursor, "count": count, "bytes": size, "bounds": bounds})

    def _keep(self, state: dict[str, object]) -> None:
        with whole_file(self._state) as target:
            facts = {"asked": self._digest, "account": self._bound._asdict(), **state}
            target.write(json.dumps(facts).encode("ascii"))

    def _kept(self) -> int:
        try:
            return int(json.loads(self._state.read_text("utf-8"))["count"])
        except (OSError, ValueError, KeyError):
            return 0
