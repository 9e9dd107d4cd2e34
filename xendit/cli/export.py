"""Export: many invoices into one file that is whole or not there, and that an interruption does not begin anew.

Pages are kept beside the file, in `.NAME.part`, one JSON object a line, with the cursor and the account that they are
of in `.NAME.part.json`. When all are there, the file is written in one go (`formats`).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from xendit.bulk.account import Bound
from xendit.cli.ending import USAGE, Failure
from xendit.cli.files import whole_file
<<<<<<< HEAD
from xendit.codec import Boolean, Number, Text, Time
=======
from xendit.cli.formats import kept_records
from xendit.cli.progress import progress_bar
>>>>>>> main
from xendit.exceptions import add_note

if TYPE_CHECKING:
    from pathlib import Path

    from xendit.bulk.account import Account
    from xendit.cli.formats import Writer
    from xendit.cli.output import Output
    from xendit.invoice.invoice_api import InvoiceApi


class Export:
    """One export.

    Args:
        file: what to write.
        write: what writes it.
        account: whose invoices they are; what is kept of another account's is refused.
        same: what was asked; what is kept of another question is begun anew.
        output: where to say how it goes.
        key_rotated: whether the account's key was replaced since its pages were kept.
    """

    def __init__(
        self, file: Path, write: Writer, account: Account, same: list[str], output: Output, *, key_rotated: bool
    ) -> None:
        self._file = file
        self._write = write
        self._account = account
        self._output = output
        self._key_rotated = key_rotated
        self._bound = account.bound(uuid4().hex)
        self._part = file.with_name(f".{file.name}.part")
        self._state = file.with_name(f".{file.name}.part.json")
        self._digest = hashlib.sha256(json.dumps(same).encode()).hexdigest()

    def run(self, api: InvoiceApi, query: dict[str, Any]) -> int:
        """Fetch, write, tidy up. Raises KeyboardInterrupt with a note that says how to go on."""
        cursor, count, size, frozen = self._resume()
        if frozen is not None:
            query = {**query, **{name: datetime.fromisoformat(text) for name, text in frozen.items()}}
        bounds = {name: value.isoformat() for name, value in query.items() if isinstance(value, datetime)}
        try:
            count = self._fetch(api, query, (cursor, count, size), bounds)
            with whole_file(self._file) as target:
                self._write(self._part, target)
        except KeyboardInterrupt as interrupt:
            add_note(interrupt, self._standing())
            raise
        except OSError as problem:
            raise Failure(
                f"{problem.filename or self._file}: {problem.strerror or problem}", hint=self._standing()
            ) from problem
        except Exception:
            if self._kept():
                self._output.say(self._standing())
            raise
        self._part.unlink()
        self._state.unlink()
        self._output.done(f"{count} invoices are in {self._file}")
        return 0

    def _standing(self) -> str:
        """What is kept, and how to go on."""
        return f"{self._kept()} invoices are kept; the same command goes on from there"

    def _resume(self) -> tuple[str | None, int, int, dict[str, str] | None]:
        """Where to go on: cursor, invoices so far, bytes of them, and the bounds of time that were filled in.

        Raises Failure for what is kept of another account.
        """
        try:
            state = json.loads(self._state.read_text("utf-8"))
            found = state["cursor"], state["count"], state["size"], state["bounds"]
            asked, kept = state["asked"], state.get("account")
            bound = None if kept is None else Bound(**kept)
            whole = self._part.stat().st_size >= state["size"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None, 0, 0, None
        problem = None if bound is None else bound.problem(self._account, key_rotated=self._key_rotated)
        if problem is not None:
            raise Failure(
                f"what is kept of an earlier export in {self._part} {problem}",
                USAGE,
                hint=f"give another file, or remove {self._part} and {self._state.name} to begin anew",
            )
        if asked != self._digest or not whole:
            return None, 0, 0, None
        if bound is None:
            self._output.say(
                f"what is kept in {self._part} is of a version that kept no account; from now on it belongs to"
                f" {self._account}"
            )
        elif not self._key_rotated:
            self._bound = bound
        self._output.say(f"going on after {found[1]} invoices")
        return found

    def _fetch(
        self, api: InvoiceApi, query: dict[str, Any], start: tuple[str | None, int, int], bounds: dict[str, str]
    ) -> int:
        from xendit.cli.invoices import pages

        cursor, count, size = start
        known = self._ids() if size else set()
        with (
            self._part.open("r+b" if size else "wb") as part,
            progress_bar(self._output, "exporting", done=count) as advance,
        ):
            part.truncate(size)  # what was written after the last cursor was kept
            part.seek(size)
            for page in pages(api, query, cursor):
                fresh = [invoice for invoice in page if invoice.id not in known]
                known.update(invoice.id for invoice in fresh)
                part.write(b"".join(invoice.to_json().encode("ascii") + b"\n" for invoice in fresh))
                part.flush()
                os.fsync(part.fileno())
                count += len(fresh)
                self._keep({"cursor": page[-1].id, "count": count, "size": part.tell(), "bounds": bounds})
                advance(len(fresh))
        if count == 0:
            self._keep({"cursor": None, "count": 0, "size": 0, "bounds": bounds})
        return count

    def _keep(self, state: dict[str, Any]) -> None:
        with whole_file(self._state) as target:
            facts = {"asked": self._digest, "account": self._bound._asdict(), **state}
            target.write(json.dumps(facts).encode("ascii"))

    def _kept(self) -> int:
        try:
            return int(json.loads(self._state.read_text("utf-8"))["count"])
        except (OSError, ValueError, KeyError):
            return 0

    def _ids(self) -> set[str]:
<<<<<<< HEAD
        return {str(record["id"]) for record in _records(self._part)}

    def _progress(self, count: int) -> Any:
        """A bar that counts, on a terminal; the API does not say how many there are."""
        if not self._output.lively:
            return nullcontext(lambda _count: None)
        return _Bar(count)


class _Bar:
    """A line that counts invoices as they come, with how fast."""

    def __init__(self, count: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("exporting"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:,.0f} invoices"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, completed=count)

    def __enter__(self) -> Callable[[int], None]:
        self._progress.start()
        return lambda count: self._progress.advance(self._task, count)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """The invoices that are kept, amounts exactly as they were sent."""
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


# ------------------------------------------------------------------------------------------ formats


def _columns() -> dict[str, Any]:
    """Name and kind of each column: the declared fields of an invoice, those that people look for first."""
    from xendit.invoice.model import Invoice
    from xendit.model import fields

    kinds = {each.name: each.kind for each in fields(Invoice)}
    return {**{name: kinds[name] for name in _FIRST}, **kinds}


def _plain(value: Any) -> str:
    """A value of any shape as JSON; amounts exactly."""
    return json.dumps(value, ensure_ascii=False, default=_exact)


def _exact(value: Any) -> Any:
    from xendit.codec import number_text

    assert isinstance(value, Decimal)
    return float(number_text(value, ()))


def cell(value: Any) -> str:
    """A value as a cell of a CSV file: nothing in it is taken for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        from xendit.codec import number_text

        return number_text(value, ())
    text = value if isinstance(value, str) else _plain(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def utc(value: Any) -> Any:
    """A time of an answer in UTC, as `2026-01-31T09:00:00.000Z`; what is no time as it came."""
    from xendit.codec import time_text

    moment = _time(value)
    return value if moment is None else time_text(moment)


def _time(value: Any) -> datetime | None:
    """A text as a time; None when it is none."""
    from xendit.codec import parse_time

    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _write_csv(records: Iterator[dict[str, Any]], target: BinaryIO) -> None:
    columns = _columns()
    text = io.TextIOWrapper(target, "utf-8", newline="", errors="backslashreplace")
    writer = csv.writer(text)
    writer.writerow([*columns, "other"])
    for record in records:
        row = [
            cell(utc(record.get(name)) if isinstance(kind, Time) else record.get(name))
            for name, kind in columns.items()
        ]
        others = {name: value for name, value in record.items() if name not in columns}
        writer.writerow([*row, cell(others) if others else ""])
    text.flush()
    text.detach()


def _write_jsonl(records: Iterator[dict[str, Any]], target: BinaryIO) -> None:
    times = [name for name, kind in _columns().items() if isinstance(kind, Time)]
    for record in records:
        changed = {name: utc(record[name]) for name in times if name in record}
        line = json.dumps({**record, **changed}, default=_exact)
        target.write(line.encode("ascii") + b"\n")


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise Failure(
            "a .parquet file needs pyarrow", USAGE, hint='pip install "xendit-sdk[parquet]", or write a .csv file'
        ) from None
    return pa


def _write_parquet(records: Iterator[dict[str, Any]], target: BinaryIO) -> None:
    arrow = _pyarrow()
    columns = _columns()
    types = {name: _arrow_type(arrow, kind) for name, kind in columns.items()}
    schema = arrow.schema([*types.items(), ("other", arrow.string())])
    with arrow.parquet.ParquetWriter(target, schema) as writer:
        batch: list[dict[str, Any]] = []
        for record in records:
            shown = {name: _arrow_value(record.get(name), kind) for name, kind in columns.items()}
            # A column holds one type: what an odd answer has in its place stands among the others.
            odd = {name for name, value in shown.items() if value is None and record.get(name) is not None}
            others = {name: value for name, value in record.items() if name not in columns or name in odd}
            batch.append({**shown, "other": _plain(others) if others else None})
            if len(batch) == 10_000:
                writer.write_table(arrow.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(arrow.Table.from_pylist(batch, schema))


def _arrow_type(arrow: Any, kind: Any) -> Any:
    if isinstance(kind, Time):
        return arrow.timestamp("ms", tz="UTC")
    if isinstance(kind, Boolean):
        return arrow.bool_()
    if isinstance(kind, Number):
        return arrow.decimal128(_PRECISION, _SCALE)
    return arrow.string()


def _arrow_value(value: Any, kind: Any) -> Any:
    """A value as its column holds it; None for one of another type."""
    if isinstance(kind, Time):
        return _time(value)
    if isinstance(kind, Boolean):
        return value if isinstance(value, bool) else None
    if isinstance(kind, Number):
        return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
    if isinstance(kind, Text):
        return value if isinstance(value, str) else None
    return None if value is None else _plain(value)


FORMATS: dict[str, Callable[[Iterator[dict[str, Any]], BinaryIO], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
"""How each kind of file is written."""
=======
        return {str(record["id"]) for record in kept_records(self._part)}
>>>>>>> main
