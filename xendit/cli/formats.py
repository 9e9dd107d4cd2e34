"""How exported records are written: as CSV, JSON lines, Parquet, or a spreadsheet. The columns derive from a model's fields."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import timezone
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.cli.columns import Column, named_columns
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.libraries import needed
from xendit.cli.records import in_utc
from xendit.codec import Boolean, Number, Text, Time, number_text, parse_time, time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from xendit.cli.records import Record

    #: Takes the records and the file to write, and writes all of them.
    Writer: TypeAlias = Callable[["Records", BinaryIO], None]

SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx")
#: Characters with which a spreadsheet begins a formula (source: OWASP's page on CSV injection).
_FORMULA = frozenset(("=", "+", "-", "@", "\t", "\r"))
#: In Parquet: the decimals of a column of amounts, unless an amount has more; and the digits of the two decimal types.
_DECIMALS, _DIGITS, _MOST_DIGITS = 6, 38, 76


class Layout(NamedTuple):
    """What stands in a file."""

    columns: Sequence[Column]
    with_others: bool
    """Whether a last column, `other`, holds the fields that have no column of their own."""
    zone: tzinfo | None
    """The time zone in which times are written; None for the local zone."""
    delimiter: str | None = None
    """What stands between the cells of a CSV file; None for a comma."""
    bom: bool = False
    """Whether a CSV file begins with the mark by which Excel sees that it is UTF-8."""

    @property
    def names(self) -> list[str]:
        """The headings."""
        return [*(each.name for each in self.columns), *(["other"] if self.with_others else [])]

    @property
    def known(self) -> frozenset[str]:
        """The fields that have a column."""
        return frozenset(each.name for each in self.columns)

    def time(self, moment: datetime) -> str:
        """A time as files have it: `2026-01-31T09:00:00.000Z`, in another zone `2026-01-31T16:00:00.000+07:00`."""
        text = time_text(moment)
        local = moment.astimezone(self.zone)
        if not local.utcoffset():
            return text
        return local.isoformat(timespec="microseconds" if len(text) == _WITH_MICROSECONDS else "milliseconds")


_WITH_MICROSECONDS = len("2026-01-31T09:00:00.000000Z")


class Totals(NamedTuple):
    """The sums of the records of one currency and status."""

    currency: str
    status: str
    records: int
    amount: Decimal
    paid_amount: Decimal


class Records:
    """The records of an export, amounts exactly as they were sent.

    Args:
        source: gives them all. A writer may go through them more than once.
        wanted: says which of them to give; None for all.
    """

    def __init__(self, source: Callable[[], Iterable[Record]], wanted: Callable[[Record], bool] | None = None) -> None:
        self._source = source
        self._wanted = wanted
        self.count = 0
        """How many records there are, once all were read."""
        self._sums: dict[tuple[Any, Any], list[Any]] = {}

    def __iter__(self) -> Iterator[Record]:
        self.count, self._sums = 0, {}
        wanted = self._wanted
        for record in self._source():
            if wanted is None or wanted(record):
                self.count += 1
                self._add(record)
                yield record

    def _add(self, record: Record) -> None:
        get = record.get
        key = get("currency"), get("status")
        if not key[0].__class__ is key[1].__class__ is str:
            key = str(key[0] or ""), str(key[1] or "")
        total = self._sums.get(key)
        if total is None:
            total = self._sums[key] = [0, 0, 0]
        total[0] += 1
        for place, value in ((1, get("amount")), (2, get("paid_amount"))):
            if value.__class__ is int or value.__class__ is Decimal:
                total[place] += value

    def totals(self) -> list[Totals]:
        """The sums of the records, once all were read."""
        sums = sorted(self._sums.items())
        return [Totals(*key, count, Decimal(amount), Decimal(paid)) for key, (count, amount, paid) in sums]


def layout_of(model: Any, names: Sequence[str] | None, first: Sequence[str], **settings: Any) -> Layout:
    """What stands in a file of such records.

    Args:
        model: of the records.
        names: the columns; None for every field, with a last column for values without a declared field.
        first: the columns to put first in that case.
        settings: the others of `Layout`.

    Raises:
        ValueError: there is no such column, or it is there twice; the text names it and the nearest.
    """
    from xendit.model import fields

    chosen = names or list(dict.fromkeys((*first, *(each.name for each in fields(model)))))
    return Layout(named_columns(list(chosen), model), names is None, **settings)


def check_folder(file: Path) -> None:
    """Check that the folder of a file exists, before an hour is spent on the contents of the file.

    Raises:
        CommandFailure: it is missing or cannot be written to.
    """
    folder = file.absolute().parent
    if not folder.is_dir():
        raise CommandFailure(f"{file} cannot be written: there is no folder {folder}", USAGE)
    if not os.access(folder, os.W_OK):
        raise CommandFailure(f"{file} cannot be written: nothing can be written to the folder {folder}", USAGE)


def wrong_suffix(suffix: str, suffixes: Sequence[str]) -> click.UsageError:
    """The error for a file whose name ends with none of these, with the nearest."""
    from xendit.words import nearest

    guess = nearest(suffix, suffixes).replace("'", "") if suffix else ""
    return click.UsageError(f"the file's name must end with {', '.join(suffixes)}{guess}")


def writer_of(suffix: str, layout: Layout) -> Writer:
    """What writes a file of this kind.

    Args:
        suffix: one of SUFFIXES.
        layout: what stands in it.

    Raises:
        click.UsageError: it is no such name, or an option is not for such a file.
        CommandFailure: a library is missing that the file needs.
    """
    if suffix not in SUFFIXES:
        raise wrong_suffix(suffix, SUFFIXES)
    if suffix == ".csv":
        return partial(_write_csv, layout)
    if layout.delimiter is not None or layout.bom:
        raise click.UsageError("--delimiter and --bom are for .csv files")
    if suffix == ".jsonl":
        return partial(_write_jsonl, layout)
    if suffix == ".parquet":
        return partial(_write_parquet, pyarrow(), layout)
    from xendit.cli.spreadsheet import xlsxwriter

    xlsxwriter()  # before anything is listed
    return partial(_write_xlsx, layout)


def _value(record: Record, column: Column) -> object:
    """What a record has in a column; None for nothing."""
    value: object = record
    for name in column.path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _exact(value: object) -> object:
    assert isinstance(value, Decimal)
    return float(number_text(value, ()))


#: A value of any shape as JSON; amounts exactly. One encoder for all: json.dumps would make one for each.
_plain = json.JSONEncoder(ensure_ascii=False, default=_exact).encode


def _time(value: object) -> datetime | None:
    """A text as a time; None when it is none."""
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------ CSV and JSON lines


def cell(value: object) -> str:
    """A value as a cell of a CSV file, written so that a spreadsheet does not read it as a formula."""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in _FORMULA else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value, ())
    return _plain(value) if value != [] else "[]"  # as many fields of an invoice are


def _write_csv(layout: Layout, records: Records, target: BinaryIO) -> None:
    encoding = "utf-8-sig" if layout.bom else "utf-8"
    text = io.TextIOWrapper(target, encoding, newline="", errors="backslashreplace")
    writer = csv.writer(text, delimiter=layout.delimiter or ",")
    writer.writerow(layout.names)
    writer.writerows(map(_cells(layout), records))
    text.flush()
    text.detach()


def _cells(layout: Layout) -> Callable[[Record], list[str]]:
    """A function that makes a row from a record. It goes through the record's fields, because most columns are empty."""
    plain: dict[str, int] = {}
    times: dict[str, int] = {}
    inner: list[tuple[int, Column]] = []
    for place, column in enumerate(layout.columns):
        if len(column.path) > 1:
            inner.append((place, column))
        else:
            (times if isinstance(column.kind, Time) else plain)[column.name] = place
    known, empty = layout.known, [""] * len(layout.names)

    def row(record: Record) -> list[str]:
        cells = empty.copy()
        for name, value in record.items():
            if name in plain:
                cells[plain[name]] = cell(value)
            elif name in times:
                cells[times[name]] = cell(_timed(layout, value))
            elif layout.with_others and not cells[-1]:
                cells[-1] = cell(_others(known, record))
        for place, column in inner:
            cells[place] = cell(_written(layout, column, record))
        return cells

    return row


def _written(layout: Layout, column: Column, record: Record) -> Any:
    """A value as a text file has it: times in the file's zone; a value that is no time stays as it came."""
    value = _value(record, column)
    return _timed(layout, value) if value is not None and isinstance(column.kind, Time) else value


def _timed(layout: Layout, value: Any) -> Any:
    """A time in the file's zone; a value that is no time stays as it came."""
    if layout.zone is timezone.utc and isinstance(value, str) and in_utc(value):
        return value
    moment = _time(value)
    return value if moment is None else layout.time(moment)


def _others(known: frozenset[str], record: Record) -> Record | None:
    """The fields of a record that have no column."""
    return None if known.issuperset(record) else {name: value for name, value in record.items() if name not in known}


def _write_jsonl(layout: Layout, records: Records, target: BinaryIO) -> None:
    for record in records:
        shown = {column.name: _written(layout, column, record) for column in layout.columns}
        if layout.with_others:  # the record itself, without the fields that it lacks
            shown = {name: shown.get(name, value) for name, value in record.items()}
        target.write(json.dumps(shown, default=_exact).encode("ascii") + b"\n")


# ------------------------------------------------------------------------------------------ spreadsheets


def _write_xlsx(layout: Layout, records: Records, target: BinaryIO) -> None:
    from xendit.cli.spreadsheet import Spreadsheet

    with Spreadsheet(target, layout.zone) as book:
        known = layout.known
        rows = ((record.get("currency"), _sheet_row(layout, known, record)) for record in records)
        book.add("records", layout.names, rows)
        book.add("totals", Totals._fields, ((each.currency, each) for each in records.totals()))


def _sheet_row(layout: Layout, known: frozenset[str], record: Record) -> list[object]:
    """A record as the cells of a sheet. Only numeric fields become numbers, because an id of digits must stay a text."""
    row: list[object] = []
    for column in layout.columns:
        value = _value(record, column)
        if isinstance(column.kind, Time):
            row.append(_time(value) or value)
        elif isinstance(column.kind, Number):
            row.append(value if (number := _number(value)) is None else number)
        else:
            row.append(value if isinstance(value, (bool, str)) or value is None else _plain(value))
    others = _others(known, record) if layout.with_others else None
    return [*row, *([_plain(others) if others else None] if layout.with_others else [])]


# ------------------------------------------------------------------------------------------ Parquet


def pyarrow() -> Any:
    """The library that writes Parquet. Raises CommandFailure where it is missing."""
    hint = 'pip install "xendit-sdk[parquet]", or write a .csv file'
    with needed("pyarrow", "a .parquet file needs pyarrow", hint):
        import pyarrow as pa
        import pyarrow.parquet
    return pa


def _write_parquet(arrow: Any, layout: Layout, records: Records, target: BinaryIO) -> None:
    columns = {column.name: column for column in layout.columns}
    types = {name: _arrow_type(arrow, column.kind) for name, column in columns.items()}
    types |= _number_types(arrow, [each for each in layout.columns if isinstance(each.kind, Number)], records)
    schema = arrow.schema([*types.items(), *([("other", arrow.string())] if layout.with_others else [])])
    with arrow.parquet.ParquetWriter(target, schema) as writer:
        batch: list[dict[str, object]] = []
        for record in records:
            shown = {
                name: _arrow_value(_value(record, column), column.kind, as_text=types[name] == arrow.string())
                for name, column in columns.items()
            }
            if layout.with_others:
                # A column holds one type. A value of another type, from an odd answer, goes into the column `other`.
                odd = {name for name, value in shown.items() if value is None and record.get(name) is not None}
                others = {name: value for name, value in record.items() if name not in columns or name in odd}
                shown["other"] = _plain(others) if others else None
            batch.append(shown)
            if len(batch) == 10_000:
                writer.write_table(arrow.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(arrow.Table.from_pylist(batch, schema))


def _number_types(arrow: Any, columns: list[Column], records: Records) -> dict[str, Any]:
    """The types of the columns of amounts, chosen so that every amount of the file fits exactly.

    The type is decimal(38, 6) as long as no amount has more than six decimals. An amount with float noise, such as
    0.30000000000000004, makes the scale of its column greater, and the precision too if it must. If no decimal type can
    hold the amounts, the column becomes one of text.
    """
    names = [each.name for each in columns]
    whole, decimals = dict.fromkeys(names, 1), dict.fromkeys(names, _DECIMALS)
    for record in records:
        for column in columns:
            number = _number(_value(record, column))
            if number is not None:
                before, _, after = number_text(number, ()).lstrip("-").partition(".")
                whole[column.name] = max(whole[column.name], len(before))
                decimals[column.name] = max(decimals[column.name], len(after))
    found = {}
    for name in names:
        digits = whole[name] + decimals[name]
        if digits <= _DIGITS:
            found[name] = arrow.decimal128(_DIGITS, decimals[name])
        elif digits <= _MOST_DIGITS:
            found[name] = arrow.decimal256(_MOST_DIGITS, decimals[name])
        else:
            found[name] = arrow.string()
    return found


def _arrow_type(arrow: Any, kind: object) -> object:
    if isinstance(kind, Time):
        return arrow.timestamp("ms", tz="UTC")
    return arrow.bool_() if isinstance(kind, Boolean) else arrow.string()


def _number(value: Any) -> Decimal | None:
    """A number of an answer, exactly; None for what is none."""
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return Decimal(value) if is_number else None


def _arrow_value(value: object, kind: object, *, as_text: bool) -> object:
    """A value as its column holds it; None for one of another type."""
    if value is None:
        return None
    if isinstance(kind, Time):
        return _time(value)
    if isinstance(kind, Boolean):
        return value if isinstance(value, bool) else None
    if isinstance(kind, Number):
        number = _number(value)
        return number_text(number, ()) if as_text and number is not None else number
    if isinstance(kind, Text):
        return value if isinstance(value, str) else None
    return _plain(value)
