"""Spreadsheets, written row by row: ids and account numbers stay text, amounts are numbers with their currency's decimals.

A spreadsheet keeps only fifteen digits of a number: when a file is converted, a card or account number of sixteen
digits would lose the last one.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xendit.amounts import decimals_of
from xendit.cli.ending import CommandFailure
from xendit.cli.libraries import needed
from xendit.codec import number_text
from xendit.display import offset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo
    from typing import BinaryIO

#: Digits that a number of a spreadsheet holds exactly; one with more is written as text.
_DIGITS = 15
_ROWS, _TEXT = 1_048_576, 32_767
"""The rows of a sheet and the characters of a cell at most (Excel's specifications and limits)."""
_NARROWEST, _WIDEST = 9, 60
"""The widths of a column, in characters. A number that is wider than its column is shown as `####`."""
_ANOTHER = "write a .csv file, which has no such limit"


def xlsxwriter() -> Any:
    """The library that writes them. Raises CommandFailure where it is missing."""
    hint = 'pip install "xendit-sdk[xlsx]", or write a .csv file'
    with needed("xlsxwriter", "a .xlsx file needs XlsxWriter", hint):
        import xlsxwriter  # type: ignore[import-untyped, unused-ignore]
    return xlsxwriter


class Spreadsheet:
    """A spreadsheet that is being written, as a context manager.

    Args:
        target: the file.
        zone: of the times in it, which a spreadsheet holds without one; None for the local zone.
    """

    def __init__(self, target: BinaryIO, zone: tzinfo | None) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter().Workbook(target, options)
        self._zone = zone
        self._head = self._book.add_format({"bold": True})
        self._times: dict[str, Any] = {}
        self._amounts: dict[int, Any] = {}

    def __enter__(self) -> Spreadsheet:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()  # after an error too, because it holds a temporary file; its output is then thrown away

    def add(self, name: str, columns: Sequence[str], rows: Iterable[tuple[object, Sequence[object]]]) -> None:
        """Add a sheet. Each column is as wide as what stands in it, up to a limit.

        Args:
            name: of the sheet.
            columns: the headings.
            rows: for each row the currency of its amounts, or None, and its cells: texts, times, Decimals (which are
                amounts), and ints (which are other numbers).

        Raises:
            CommandFailure: a sheet does not hold that much.
        """
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        widths = [max(len(column), _NARROWEST) for column in columns]
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, self._head)
        for number, (code, row) in enumerate(rows, 1):
            if number >= _ROWS:
                raise CommandFailure(f"a sheet holds {_ROWS - 1:,} rows, and there are more", hint=_ANOTHER)
            for place, value in enumerate(row):
                if value is not None:
                    width = self._write(sheet, number, place, value, code)
                    widths[place] = max(widths[place], width)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, min(width, _WIDEST) + 1)

    def _write(self, sheet: Any, number: int, place: int, value: object, code: object) -> int:
        """Write a cell, and give the characters that it shows."""
        if isinstance(value, datetime):
            local = value.astimezone(self._zone)
            sheet.write_datetime(number, place, local.replace(tzinfo=None), self._time(local))
            return len("2026-01-31 16:00:00 +07:00")
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
            return len("FALSE")
        if isinstance(value, Decimal) and len(value.as_tuple().digits) <= _DIGITS:
            decimals = self._decimals(value, code)
            sheet.write_number(number, place, float(value), self._amount(decimals))
            return len(f"{value:,.{decimals}f}")
        if isinstance(value, int) and abs(value) < 10**_DIGITS:
            sheet.write_number(number, place, value)
            return len(str(value))
        text = number_text(value, ()) if isinstance(value, (int, Decimal)) else str(value)
        if len(text) > _TEXT:
            raise CommandFailure(
                f"row {number} has a text of {len(text):,} characters, a cell holds {_TEXT:,}", hint=_ANOTHER
            )
        sheet.write_string(number, place, text)
        return len(text)

    def _time(self, local: datetime) -> Any:
        """The format of a time, which shows the offset of its zone; what the cell holds is the time alone."""
        offset = offset_of(local)
        if offset not in self._times:
            self._times[offset] = self._book.add_format({"num_format": f'yyyy-mm-dd hh:mm:ss "{offset}"'})
        return self._times[offset]

    @staticmethod
    def _decimals(value: Decimal, code: object) -> int:
        """How many decimals an amount is shown with: those of its currency, and all that it has."""
        exponent = value.normalize().as_tuple().exponent
        return max(decimals_of(code) if code else 2, -exponent if isinstance(exponent, int) else 0)

    def _amount(self, decimals: int) -> Any:
        """The format of amounts of so many decimals."""
        if decimals not in self._amounts:
            form = "#,##0" + (f".{'0' * decimals}" if decimals else "")
            self._amounts[decimals] = self._book.add_format({"num_format": form})
        return self._amounts[decimals]
