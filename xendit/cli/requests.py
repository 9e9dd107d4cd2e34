"""Files of requests for `create-many`: CSV and JSON lines. Every error message names the line of the file.

All rows are read before anything is sent; a file of some hundred thousand rows fits in memory.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.cli.columns import named_columns
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import check_amounts, typed_json
from xendit.cli.output import counted
from xendit.exceptions import ApiTypeError, ApiValueError, OpenApiException, XenditWarning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xendit.cli.columns import Column

#: What can separate the cells of a CSV file. A spreadsheet writes `;` where numbers have a decimal comma.
DELIMITERS = (",", ";", "\t")
#: How many wrong rows are told at once.
_MOST_TOLD = 20


class Row(NamedTuple):
    """A request of a file, and the line that it begins at."""

    line: int
    request: dict[str, object]


class RequestFile:
    """A file of requests.

    Args:
        file: its path, which ends with `.csv` or `.jsonl`.
        model: of the requests.
        delimiter: what separates the cells of a CSV file; None for the one that its first line has most of.

    Raises:
        CommandFailure: it cannot be read; the text names the line. Of several rows that are wrong, each is told.
        click.UsageError: it is no such file.
    """

    def __init__(self, file: Path, model: object, delimiter: str | None = None) -> None:
        readers = {".csv": self._read_csv, ".jsonl": self._read_jsonl}
        if file.suffix not in readers:
            raise click.UsageError(f"the file's name must end with {' or '.join(readers)}")
        if delimiter is not None and file.suffix != ".csv":
            raise click.UsageError("--delimiter is for .csv files")
        self._file = file
        self._model = model
        self._delimiter = delimiter
        self._wrong_rows: list[str] = []
        self._untold = 0
        self.rows = self._right_rows(readers[file.suffix](self._text()))
        self._lines = {str(row.request.get("external_id")): row.line for row in self.rows}
        self._at: int | None = None

    def requests(self) -> Iterator[dict[str, object]]:
        """The requests, in the file's order. While one is looked at, warnings are about its line."""
        for row in self.rows:
            self._at = row.line
            yield row.request
        self._at = None

    @contextmanager
    def named_lines(self) -> Iterator[None]:
        """Make every error and warning about a request within the block name its line in the file.

        Raises:
            CommandFailure: in place of an error about a request.
        """
        as_before = warnings.showwarning

        def show(message: Warning | str, *where: Any, **more: Any) -> None:
            about = "" if self._at is None else f"{self._file} line {self._at}: "
            as_before(f"{about}{message}", *where, **more)

        warnings.showwarning = show
        try:
            yield
        except (ApiTypeError, ApiValueError) as problem:
            raise self._failure_of(problem) from None
        except XenditWarning as problem:  # PYTHONWARNINGS may turn warnings into errors
            if self._at is None:
                raise
            raise self._wrong(self._at, str(problem)) from None
        finally:
            warnings.showwarning = as_before

    def line_of(self, external_id: str) -> int | None:
        """The line of the request with this external_id."""
        return self._lines.get(external_id)

    def _failure_of(self, problem: OpenApiException) -> CommandFailure:
        """What is wrong with one of the requests, with the file's line in place of its number."""

        def line(found: re.Match[str]) -> str:
            number = int(found[1])
            return f"line {self.rows[number].line}" if number < len(self.rows) else found[0]

        text = re.sub(r"requests\[(\d+)\]", line, str(problem))
        return CommandFailure(f"{self._file} {text}" if text.startswith("line ") else text, USAGE)

    def _text(self) -> str:
        data = self._file.read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise self._wrong(data.count(b"\n", 0, problem.start) + 1, "it is not UTF-8") from None

    def _right_rows(self, rows: Iterator[Row]) -> list[Row]:
        """The rows. Raises CommandFailure that tells of every row that is wrong, where any is."""
        right = []
        try:
            for row in rows:
                try:
                    check_amounts(row.request, self._model)  # they can be read in one way only
                except click.BadParameter as problem:  # noqa: PERF203
                    self._put_off(self._wrong(row.line, problem.message, str(problem.param_hint)))
                else:
                    right.append(row)
        except CommandFailure as last:  # the file cannot be read any further, which is told whatever else is wrong
            self._wrong_rows.append(last.message)
        if not self._wrong_rows:
            return right
        first, *others = self._wrong_rows
        hint = f"{counted(self._untold, 'more row is', 'more rows are')} wrong" if self._untold else None
        raise CommandFailure(first, USAGE, others=others, hint=hint)

    def _put_off(self, wrong: CommandFailure) -> None:
        """Keep what is wrong with a row until the others are read; beyond those that are told, count it."""
        if len(self._wrong_rows) < _MOST_TOLD:
            self._wrong_rows.append(wrong.message)
        else:
            self._untold += 1

    def _wrong(self, line: int, what: str, field: str | None = None) -> CommandFailure:
        return CommandFailure(f"{self._file} line {line}{f', {field}' if field else ''}: {what}", USAGE)

    def _read_jsonl(self, text: str) -> Iterator[Row]:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                value = typed_json(line)
            except OpenApiException as problem:
                self._put_off(self._wrong(number, str(problem)))
                continue
            if isinstance(value, dict):
                yield Row(number, value)
            else:
                self._put_off(self._wrong(number, "it is no JSON object"))

    def _read_csv(self, text: str) -> Iterator[Row]:
        columns: list[Column] = []
        for line, cells in self._csv_rows(text):
            if not columns:
                try:
                    columns = named_columns([cell.strip() for cell in cells], self._model)
                except ValueError as problem:
                    raise self._wrong(line, str(problem)) from None
                continue
            try:
                row = Row(line, self._request_of(line, columns, cells))
            except CommandFailure as wrong:
                self._put_off(wrong)
            else:
                yield row

    def _request_of(self, line: int, columns: list[Column], cells: list[str]) -> dict[str, object]:
        """The request of a row. Raises CommandFailure."""
        if len(cells) > len(columns):
            raise self._wrong(line, "it has more cells than the first line")
        request: dict[str, object] = {}
        for column, cell in zip(columns, map(str.strip, cells), strict=False):
            if cell:
                try:
                    column.put(request, column.read(cell))
                except click.BadParameter as problem:
                    raise self._wrong(line, problem.message, column.name) from None
        return request

    def _csv_rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank, with the line at which it begins."""
        first = text.lstrip().partition("\n")[0]
        delimiter = self._delimiter or max(DELIMITERS, key=first.count)
        # Strict, so that a quote that is never closed is an error; otherwise it would swallow the rows after it.
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        while True:
            begins = rows.line_num + 1
            try:
                cells = next(rows, None)
            except csv.Error as problem:
                raise self._wrong(begins, f"it is no CSV: {problem}") from None
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield begins, cells
