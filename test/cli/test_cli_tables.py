"""Tables in terminals of any width: an amount is whole, and what is cut says so."""

from __future__ import annotations

import io
import re
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from xendit.cli.doctor import Finding, _show
from xendit.cli.ending import _write_what_can_be_shown
from xendit.cli.output import Output
from xendit.cli.tables import GAP, SHORTEST, cell_width, fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("id", "external id", "status", ">amount", "@:created")
ROWS = [
    (
        "65f1a2b3c4d5e6f7a8b9c0d1",
        "order-1001-of-a-shop-with-long-names",
        "PENDING",
        "IDR 12,500,000",
        "2026-11-28 11:34:42",
    ),
    ("65f1a2b3c4d5e6f7a8b9c0d2", "2", "PAID", "PHP 1,299.50", "2026-11-28 11:34:43"),
]


WITH_TIMES = ("id", "reference id", "type", "status", ">amount", "@created")


MOMENT = datetime(2026, 11, 28, 11, 34, tzinfo=timezone.utc)


def printed(
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    rows: Sequence[Sequence[object]] = ROWS,
    columns: Sequence[str] = COLUMNS,
) -> str:
    """What a terminal of that width shows."""
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    Output().table(columns, rows, "nothing")
    return terminal.getvalue()


@pytest.mark.parametrize("width", [40, 50, 60, 70, 80, 100, 120, 200])
def test_no_amount_is_cut_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both amounts are whole, no line of a table is wider than the terminal, and a shortened text ends in an ellipsis."""
    shown = printed(width, monkeypatch)
    assert "IDR 12,500,000" in shown
    assert "PHP 1,299.50" in shown
    if width >= 60:  # below that there is no table, and the terminal breaks what is longer than a line
        assert max(len(line) for line in shown.splitlines()) <= width
    for text in (ROWS[0][0], ROWS[0][1]):
        assert text in shown or f"{text[:8]}" in shown
        if text not in shown:
            assert "…" in shown


@pytest.mark.parametrize("width", [40, 60, 79, 80, 100, 120])
def test_no_time_is_cut_at_any_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that has room for its amounts and times shortens ids; one that has not is no table."""
    row = ("txn_0801f056-126e-4499-bcf1-3e8d7ec7c0ee", "order-1", "PAYMENT", "SUCCESS", "IDR 999,000,000", MOMENT)
    shown = printed(width, monkeypatch, [row], WITH_TIMES)
    assert re.search(r"2026-11-2\d \d\d:\d\d\b", shown)
    assert "IDR 999,000,000" in shown
    assert (width >= 79) == (len(shown.splitlines()) == 2)


@pytest.mark.parametrize("encoding", ["cp437", "latin-1", "ascii"])
@pytest.mark.parametrize("width", [74, 80, 110])
def test_a_table_fits_where_there_is_no_ellipsis(encoding: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three points take more room than one ellipsis, and what is written for another character may take less."""
    terminal = _Terminal(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    _write_what_can_be_shown()
    Output().table(COLUMNS, [*ROWS, ("\u2615" * 9, "\u4e2d", "PAID", "IDR 5", "2026-11-28 11:34:43")], "nothing")
    terminal.flush()
    lines = terminal.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width
    assert lines[-1].rstrip().endswith("2026-11-28 11:34:43")
    assert ("..." in "".join(lines)) == (width < 110)


class _Terminal(io.TextIOWrapper):
    """A terminal with an encoding of its own."""

    def isatty(self) -> bool:
        return True


def test_a_finding_stays_beside_its_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What `doctor` says in a narrow terminal goes on below its own beginning, with no word broken."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    url = "http://127.0.0.1:8420/a/path/that/is/longer/than/the/terminal"
    _show(
        Output(), Finding("problem", "webhook token", f"it cannot be a token, and this is said at length: {url}", url)
    )
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("✗ webhook token  it cannot")
    assert {line[:17] for line in others} == {" " * 17}
    assert [line.split()[-1] for line in others if "http" in line] == [url, url]


def test_a_narrow_terminal_has_one_thing_below_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is lines of its own, with the names of the columns."""
    lines = printed(40, monkeypatch).splitlines()
    assert [line.split()[0] for line in lines if line.strip()][:2] == ["id", "external"]
    assert any(line.split() == ["amount", "IDR", "12,500,000"] for line in lines)


def test_an_id_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a long name of another column it begins earlier, and is whole in one line."""
    row = ("6b0b9f10a4bdbc0cc2bd68e4", "order-1", "PAYMENT", "SUCCESS", "IDR 999,000,000", MOMENT)
    columns = ("id", *WITH_TIMES[1:-1], "@created by it")
    lines = printed(40, monkeypatch, [row], columns).splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[0].endswith(" 6b0b9f10a4bdbc0cc2bd68e4")
    assert any(line.split() == ["amount", "IDR", "999,000,000"] for line in lines)


def test_a_wide_terminal_shows_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is shortened where there is room."""
    shown = printed(200, monkeypatch)
    assert all(text in shown for row in ROWS for text in row)
    assert len(shown.splitlines()) == 3


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=60), min_size=3, max_size=3
        ),
        max_size=4,
    ),
    st.integers(10, 220),
)
def test_columns_fit_or_are_not_a_table(rows: list[list[str]], room: int) -> None:
    """What is set beside each other is no wider than the terminal, and a column to the right is never narrowed."""
    columns = ("name", "~said", ">amount")
    widths = fitting(columns, rows, room)
    if widths is None:
        return
    assert sum(widths) + GAP * 2 <= room
    assert widths[2] == max([6, *(cell_width(row[2]) for row in rows)])
    assert all(
        width >= min(SHORTEST, max(4, *(cell_width(row[place]) for row in rows), 0))
        for place, width in enumerate(widths)
        if rows
    )
