"""How exported records are written: as CSV, as JSON lines, as Parquet. The columns derive from a model's fields."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.codec import Boolean, Number, Text, Time, number_text, parse_time, time_text
from xendit.installation import is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    #: Takes the file of kept records (one JSON object a line) and the file to write, and writes all records.
    Writer: TypeAlias = Callable[[Path, BinaryIO], None]
    #: The columns of a file, each with the kind of what stands in it.
    Columns: TypeAlias = dict[str, Any]

SUFFIXES = (".csv", ".jsonl", ".parquet")
#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: In Parquet: decimals of a column of amounts unless an amount has more, and digits of the two decimal types.
_DECIMALS, _DIGITS, _MOST_DIGITS = 6, 38, 76


def writer_of(file: Path, columns: Columns, *, delimiter: str | None = None, bom: bool = False) -> Writer:
    """What writes a file of this name.

    Args:
        file: its name ends with one of SUFFIXES.
        columns: of the file, as of `columns_of`.
        delimiter: what stands between the cells of a CSV file; None for a comma.
        bom: whether a CSV file begins with the mark by which Excel sees that it is UTF-8.

    Raises:
        click.UsageError: it is no such name, or an option is not for such a file.
        CommandFailure: a library is missing that the file needs.
    """
    if file.suffix not in SUFFIXES:
        raise click.UsageError(f"the file's name must end with {', '.join(SUFFIXES)}")
    if file.suffix == ".csv":
        return partial(_write_csv, columns, delimiter=delimiter or ",", bom=bom)
    if delimiter is not None or bom:
        raise click.UsageError("--delimiter and --bom are for .csv files")
    if file.suffix == ".jsonl":
        return partial(_write_jsonl, columns)
    return partial(_write_parquet, _pyarrow(), columns)


def kept_records(path: Path) -> Iterator[dict[str, object]]:
    """The records that are kept, amounts exactly as they were sent."""
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


def columns_of(model: object, *first: str) -> Columns:
    """Name and kind of each column: the declared fields of a model, those that people look for `first`."""
    from xendit.model import fields

    kinds = {each.name: each.kind for each in fields(model)}
    return {**{name: kinds[name] for name in first}, **kinds}


def _plain(value: object) -> str:
    """A value of any shape as JSON; amounts exactly."""
    return json.dumps(value, ensure_ascii=False, default=_exact)


def _exact(value: object) -> object:
    assert isinstance(value, Decimal)
    return float(number_text(value, ()))


def _time(value: object) -> datetime | None:
    """A text as a time; None when it is none."""
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


def utc(value: object) -> object:
    """A time of an answer in UTC, as `2026-01-31T09:00:00.000Z`. A value that is no time is given back unchanged."""
    moment = _time(value)
    return value if moment is None else time_text(moment)


# ------------------------------------------------------------------------------------------ CSV and JSON lines


def cell(value: object) -> str:
    """A value as a cell of a CSV file. A spreadsheet takes no cell for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value, ())
    text = value if isinstance(value, str) else _plain(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_csv(columns: Columns, kept: Path, target: BinaryIO, *, delimiter: str, bom: bool) -> None:
    encoding = "utf-8-sig" if bom else "utf-8"
    text = io.TextIOWrapper(target, encoding, newline="", errors="backslashreplace")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([*columns, "other"])
    for record in kept_records(kept):
        row = [
            cell(utc(record.get(name)) if isinstance(kind, Time) else record.get(name))
            for name, kind in columns.items()
        ]
        others = {name: value for name, value in record.items() if name not in columns}
        writer.writerow([*row, cell(others) if others else ""])
    text.flush()
    text.detach()


def _write_jsonl(columns: Columns, kept: Path, target: BinaryIO) -> None:
    times = [name for name, kind in columns.items() if isinstance(kind, Time)]
    for record in kept_records(kept):
        changed = {name: utc(record[name]) for name in times if name in record}
        line = json.dumps({**record, **changed}, default=_exact)
        target.write(line.encode("ascii") + b"\n")


# ------------------------------------------------------------------------------------------ Parquet


def _pyarrow() -> object:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as problem:
        if not is_missing(problem, "pyarrow"):
            raise CommandFailure(f"pyarrow is installed and cannot be imported: {problem}") from problem
        raise CommandFailure(
            "a .parquet file needs pyarrow", USAGE, hint='pip install "xendit-sdk[parquet]", or write a .csv file'
        ) from None
    return pa


def _write_parquet(arrow: Any, columns: Columns, kept: Path, target: BinaryIO) -> None:
    types = {name: _arrow_type(arrow, kind) for name, kind in columns.items()}
    types |= _number_types(arrow, [name for name, kind in columns.items() if isinstance(kind, Number)], kept)
    schema = arrow.schema([*types.items(), ("other", arrow.string())])
    with arrow.parquet.ParquetWriter(target, schema) as writer:
        batch: list[dict[str, object]] = []
        for record in kept_records(kept):
            shown = {
                name: _arrow_value(record.get(name), kind, as_text=types[name] == arrow.string())
                for name, kind in columns.items()
            }
            # A column holds one type. A value of another type, from an odd answer, goes into the column `other`.
            odd = {name for name, value in shown.items() if value is None and record.get(name) is not None}
            others = {name: value for name, value in record.items() if name not in columns or name in odd}
            batch.append({**shown, "other": _plain(others) if others else None})
            if len(batch) == 10_000:
                writer.write_table(arrow.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(arrow.Table.from_pylist(batch, schema))


def _number_types(arrow: Any, names: list[str], kept: Path) -> dict[str, Any]:
    """The types of the columns of amounts, chosen so that every amount of the file fits exactly.

    It is decimal(38, 6) as long as no amount has more than six decimals; one with float noise, such as
    0.30000000000000004, makes its column's scale greater, and its precision where it must. Amounts that no decimal
    type holds make it a column of text.
    """
    whole, decimals = dict.fromkeys(names, 1), dict.fromkeys(names, _DECIMALS)
    for record in kept_records(kept):
        for name in names:
            number = _number(record.get(name))
            if number is not None:
                before, _, after = number_text(number, ()).lstrip("-").partition(".")
                whole[name] = max(whole[name], len(before))
                decimals[name] = max(decimals[name], len(after))
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
