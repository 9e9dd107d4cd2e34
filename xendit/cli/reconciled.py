"""How the rows of a reconciliation are written: CSV, Parquet, XLSX, JSON. The file is complete or absent.

Ids and references are text in each of them, so that no spreadsheet cuts an account number of sixteen digits.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from xendit.cli.ending import CommandFailure
from xendit.cli.formats import cell
from xendit.cli.spreadsheet import Spreadsheet, xlsxwriter
from xendit.codec import number_text
from xendit.settlement.period import zone_of
from xendit.settlement.row import AMOUNTS, COLUMNS, TIMES
from xendit.whole_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import BinaryIO

    from xendit.settlement import Period, SettlementRow, Total

SUFFIXES = (".csv", ".jsonl", ".json", ".parquet", ".xlsx")
_PARQUET_ROWS = 10_000


def check_library(file: Path) -> None:
    """Check that the library that a file of this kind needs is installed. Raises CommandFailure."""
    if file.suffix.lower() == ".parquet":
        from xendit.cli.formats import pyarrow

        pyarrow()
    elif file.suffix.lower() == ".xlsx":
        xlsxwriter()


def write_rows(file: Path, rows: Iterable[SettlementRow], totals: Callable[[], list[Total]], period: Period) -> None:
    """Write all rows to a file, by the end of its name; where there is room for them, the totals too.

    Args:
        file: its name ends with one of SUFFIXES.
        rows: gone through once.
        totals: asked after all rows.
        period: named in the file, where it has a place for it.

    Raises:
        CommandFailure: a library is missing that the file needs, or the file cannot be written.
    """
    write = {".csv": _csv, ".jsonl": _jsonl, ".json": _json, ".parquet": _parquet, ".xlsx": _xlsx}[file.suffix.lower()]
    try:
        with whole_file(file) as target:
            write(target, rows, totals, period)
    except OSError as problem:
        raise CommandFailure(f"{problem.filename or file}: {problem.strerror or problem}") from problem


def plain_value(value: object) -> object:
    """A value as JSON has it: an amount as its exact text, a time as ISO 8601."""
    if isinstance(value, Decimal):
        return number_text(value, ())
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _csv(target: BinaryIO, rows: Iterable[SettlementRow], _totals: object, _period: object) -> None:
    text = io.TextIOWrapper(target, "utf-8", newline="", errors="backslashreplace")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_csv_cell(getattr(row, name)) for name in COLUMNS])
    text.flush()
    text.detach()


def _csv_cell(value: object) -> str:
    return cell(value if isinstance(value, Decimal) else plain_value(value))


def _line(row: SettlementRow) -> str:
    return json.dumps({name: plain_value(getattr(row, name)) for name in COLUMNS})


def _jsonl(target: BinaryIO, rows: Iterable[SettlementRow], _totals: object, _period: object) -> None:
    target.writelines(_line(row).encode("ascii") + b"\n" for row in rows)


def _json(target: BinaryIO, rows: Iterable[SettlementRow], totals: Callable[[], list[Total]], period: Period) -> None:
    head = json.dumps({"period": period.name, "zone": period.zone})
    target.write(f'{head[:-1]}, "rows": ['.encode("ascii"))
    target.writelines(
        (",\n" if number else "\n").encode("ascii") + _line(row).encode("ascii") for number, row in enumerate(rows)
    )
    sums = [{name: plain_value(value) for name, value in each.to_dict().items()} for each in totals()]
    target.write(f'\n], "totals": {json.dumps(sums)}}}\n'.encode("ascii"))


def _parquet(target: BinaryIO, rows: Iterable[SettlementRow], _totals: object, period: Period) -> None:
    from xendit.cli.formats import pyarrow

    arrow = pyarrow()
    types = {name: arrow.string() for name in COLUMNS}
    types |= {name: arrow.decimal128(38, 6) for name in AMOUNTS}
    types |= {name: arrow.timestamp("ms", tz=period.zone) for name in TIMES}
    schema = arrow.schema([*types.items()])
    batch: list[dict[str, object]] = []
    with arrow.parquet.ParquetWriter(target, schema) as writer:
        for row in rows:
            values = row.to_dict()
            values["problem"] = None if row.problem is None else row.problem.value
            batch.append(values)
            if len(batch) == _PARQUET_ROWS:
                writer.write_table(arrow.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(arrow.Table.from_pylist(batch, schema))


def _xlsx(target: BinaryIO, rows: Iterable[SettlementRow], totals: Callable[[], list[Total]], period: Period) -> None:
    with Spreadsheet(target, zone_of(period.zone)) as book:
        book.add(
            "payments",
            COLUMNS,
            ((row.currency, [_sheet_value(getattr(row, name)) for name in COLUMNS]) for row in rows),
        )
        sums = [each.to_dict() for each in totals()]
        names = [*sums[0]] if sums else ["currency", "channel"]
        book.add("totals", names, ((each["currency"], [_sheet_value(each[name]) for name in names]) for each in sums))
        book.add("about", ("name", "value"), [(None, ("period", period.name)), (None, ("time zone", period.zone))])


def _sheet_value(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
