"""Tables for people, in a terminal of any width. An amount or a time is never cut; any other text that is cut ends in an
ellipsis.

There are three layouts, and the first that fits is used: every cell whole; the longest texts shortened, to at least a
dozen characters; or, in a very narrow terminal, one row after the other, each with a line for every column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Columns of spaces between two columns.
GAP = 2
#: How many characters a shortened text keeps at least, its ellipsis included.
SHORTEST = 12
ELLIPSIS = "…"


def fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """How wide each column is set, or None where the terminal is too narrow for a table.

    Args:
        columns: the headings; `>` before one sets it to the right and keeps it whole, `@` holds times and keeps them whole
            too, `~` lets it break lines.
        rows: the cells, as many as headings.
        room: the columns of the terminal.
    """
    widths = [
        max(cell_width(text) for text in (heading.lstrip(">~@"), *(row[place] for row in rows)))
        for place, heading in enumerate(columns)
    ]
    least = [
        width if heading.startswith((">", "@")) else min(width, max(SHORTEST, cell_width(heading.lstrip("~"))))
        for width, heading in zip(widths, columns, strict=True)
    ]
    room -= GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        may_give = (place for place in range(len(widths)) if widths[place] > least[place])
        widths[max(may_give, key=lambda place: widths[place])] -= 1
    return widths


def shortened(columns: Sequence[str], row: Sequence[str], widths: Sequence[int], ellipsis: str) -> list[str]:
    """A row whose texts are cut to the widths with this ellipsis; those that may break lines stay."""
    return [
        text if heading.startswith("~") or cell_width(text) <= width else cut(text, width - len(ellipsis)) + ellipsis
        for heading, text, width in zip(columns, row, widths, strict=True)
    ]


def cut(text: str, room: int) -> str:
    """The beginning of a text that takes no more columns than that."""
    while cell_width(text) > room:
        text = text[:-1]
    return text


def cell_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    from rich.cells import cell_len

    return cell_len(text)
