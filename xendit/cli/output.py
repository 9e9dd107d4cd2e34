"""How commands print: data goes to stdout and messages to stderr; people get tables, programs get JSON.

rich is imported when something is laid out for a terminal, and never for a pipe.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timezone
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING

from xendit.cli import times
from xendit.cli.ending import PLAIN
from xendit.cli.extra import click
from xendit.display import moment_in, offset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Literal

#: The colour of each state, the same on every screen.
COLOURS = {
    "PENDING": "yellow",
    "PAID": "green",
    "SETTLED": "green",
    "SUCCESS": "green",
    "SUCCEEDED": "green",
    "EXPIRED": "bright_black",
    "COMPLETED": "green",
    "FAILED": "red",
    "TIMEOUT": "red",
    "DROPPED": "red",
    "URL_NOT_SET": "yellow",
}

#: What may stand before the name of a column.
_MARKS = ">~@"


class Output:
    """Where a command prints. `as_json` asks for JSON even on a terminal."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.for_people = sys.stdout.isatty() and not as_json
        """Whether stdout is read by a person."""
        self.lively = sys.stderr.isatty() and not os.environ.get("CI")
        """Whether a progress bar may move on stderr."""
        self._colour_out = sys.stdout.isatty() and _may_colour()
        self._colour_talk = sys.stderr.isatty() and _may_colour()
        self._zone = times.zone()
        self._headed: dict[str, str] = {}
        """The offset from UTC that a column's heading says, by the column."""

    # -- data

    def json(self, value: object) -> None:
        """Print a value as JSON, laid out."""
        self._write(value, indent=2)

    def line(self, value: object) -> None:
        """Print a value as one line of JSON, at once."""
        self._write(value, indent=None)
        sys.stdout.flush()

    def _write(self, value: object, indent: int | None) -> None:
        text = json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)
        try:
            text.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair, or a terminal that cannot show it
            text = json.dumps(value, indent=indent, default=_plain)
        sys.stdout.write(text + "\n")

    def text(self, text: str) -> None:
        """Print a line of text for people."""
        click.echo(text, color=self._colour_out)

    def record(self, pairs: Iterable[tuple[str, object]], whole: object = None, *, narrow: bool = False) -> None:
        """Print one thing: its parts as a list for people, `whole` (else the parts) as JSON for programs.

        In a `narrow` terminal a value that would go beyond its edge begins earlier, beside its own name.
        """
        pairs = list(pairs)
        if not self.for_people:
            self.json(dict(pairs) if whole is None else whole)
            return
        pairs = [(name, self.moment(value) if isinstance(value, datetime) else value) for name, value in pairs]
        width = max(len(name) for name, _ in pairs)
        edge = get_terminal_size().columns - len("     ")
        for name, value in pairs:
            text = printable(value)
            lines = wrap(text, max(edge - width, 20), break_on_hyphens=False) if ", " in text else [text]
            named = name.ljust(min(width, edge - len(_writable(lines[0]))) if narrow else width)
            click.echo(f"  {self._dim(named)}   {self.styled(lines[0])}", color=self._colour_out)
            for line in lines[1:]:
                click.echo(f"  {' ' * width}   {line}", color=self._colour_out)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str, *, header: bool = True
    ) -> None:
        """Print rows as a table for people.

        A mark before a column's name says how it is shown: `>` aligns it to the right, `~` lets it break lines, `@`
        means that it holds times, which are shown to the minute, and `@:` to the second. If the terminal is too narrow,
        texts are shortened; if that is not enough, each row is shown as several lines, one for each column.
        """
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        from xendit.cli.tables import ELLIPSIS, GAP, fitting, shortened

        given = [list(row) for row in rows]
        if not given:
            self.say(empty)
            return
        columns = self._in_zone(columns, given)
        shown = [[_writable(printable(value)) for value in row] for row in given]
        console = Console(no_color=not self._colour_out, highlight=False, soft_wrap=False)
        widths = fitting(columns, shown, console.width)
        if widths is None:
            for row in shown:
                self.record(
                    ((name.lstrip(_MARKS), value) for name, value in zip(columns, row, strict=True)), narrow=True
                )
                click.echo()
            return
        # The gaps are columns: releases of rich before 13 leave the padding of the last column, too.
        table = Table(box=None, pad_edge=False, padding=0, header_style="bright_black", show_header=header)
        for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
            right, breaks = column.startswith(">"), column.startswith("~")
            justify: Literal["left", "right"] = "right" if right else "left"
            overflow: Literal["fold", "ellipsis"] = "fold" if breaks else "ellipsis"
            if place:
                table.add_column(width=GAP)
            table.add_column(column.lstrip(_MARKS), justify=justify, no_wrap=not breaks, overflow=overflow, width=width)
        if _writable(ELLIPSIS) != ELLIPSIS:  # rich would cut for one character, and three would be written
            shown = [shortened(columns, row, widths, _writable(ELLIPSIS)) for row in shown]
        for row in shown:
            cells = [Text(text, style=COLOURS.get(text, "")) for text in row]
            table.add_row(*[part for cell in cells for part in ("", cell)][1:])
        console.print(table)

    def moment(self, value: object) -> str:
        """A time in the zone of the command, as it stands in a sentence. What is no time is shown as it came."""
        return moment_in(self._zone, times.sent_moment(value) or value)

    def now(self) -> str:
        """What time it is."""
        return self.moment(datetime.now(timezone.utc))

    def _in_zone(self, columns: Sequence[str], rows: list[list[object]]) -> list[str]:
        """The columns with the offset of their times in the heading, and the times of the rows without it.

        A time with another offset, because the clocks were changed in between, keeps its offset in the cell.
        """
        headings = list(columns)
        for place, column in enumerate(columns):
            if not column.startswith("@"):
                continue
            form = times.SECONDS if column.startswith("@:") else times.MINUTES
            for row in rows:
                moment = times.sent_moment(row[place])
                if moment is None:
                    continue
                local = moment.astimezone(self._zone)
                offset = offset_of(local)
                own = "" if self._headed.setdefault(column, offset) == offset else f" {offset}"
                row[place] = f"{local.strftime(form)}{own}"
            headings[place] = f"@{column.lstrip('@:')} ({self._headed.get(column, 'UTC')})"
        return headings

    # -- messages

    def say(self, text: str, *, fresh: bool = False) -> None:
        """Say something on stderr; `fresh` begins a new line where a terminal has just echoed ^C."""
        if fresh and sys.stderr.isatty():
            text = f"\n{text}"
        click.echo(text, err=True, color=self._colour_talk)

    def done(self, text: str) -> None:
        """Say on stderr that something worked."""
        self.say(f"{self._paint('✓', 'green')} {text}")

    def fail(self, text: str) -> None:
        """Say on stderr what went wrong."""
        self.say(f"{self._paint('error:', 'red', bold=True)} {printable(text)}")

    def warn(self, text: str) -> None:
        """Say on stderr what may not be as it was meant."""
        self.say(f"{self._paint('warning:', 'yellow')} {printable(text)}")

    def hint(self, text: str) -> None:
        """Say on stderr what to do."""
        self.say(f"{self._paint('hint:', 'cyan')}  {text}")

    def told(self, text: str, state: str) -> str:
        """A text in the colour of a state, as stderr takes it."""
        return self._paint(text, COLOURS.get(state))

    def styled(self, value: object) -> str:
        """A value as text for stdout, a state in its colour."""
        text = printable(value)
        name = COLOURS.get(text.strip())
        return click.style(text, fg=name) if self._colour_out and name else text

    def _paint(self, text: str, colour: str | None, *, bold: bool = False) -> str:
        return click.style(text, fg=colour, bold=bold) if self._colour_talk and colour else text

    def _dim(self, text: str) -> str:
        return click.style(text, fg="bright_black") if self._colour_out else text


def counted(count: int, one: str, many: str) -> str:
    """So many of something, in the words for one and for many: `1 record is`, `2 records are`."""
    return f"{count} {one if count == 1 else many}"


def printable(value: object) -> str:
    """A value as text without control characters, so that what a payer or a merchant wrote cannot control a terminal."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _writable(text: str) -> str:
    """A text as stdout writes it, which may be longer than what was meant: `...` for an ellipsis in cp437."""
    if getattr(sys.stdout, "errors", None) != PLAIN:
        return text
    return text.encode(sys.stdout.encoding, PLAIN).decode(sys.stdout.encoding)


def _may_colour() -> bool:
    return not os.environ.get("NO_COLOR") and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def _plain(value: Any) -> object:
    """What json does not know: times as the API writes them, amounts exactly."""
    from datetime import datetime

    if isinstance(value, datetime):
        from xendit.codec import time_text

        return time_text(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return str(value)


def pick(value: Mapping[str, object], *names: str) -> dict[str, object]:
    """Some members of an object, those that are there."""
    return {name: value[name] for name in names if name in value}
