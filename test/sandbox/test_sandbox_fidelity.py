"""docs/Fidelity.md names every assumption that the code holds, with the choice it makes, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from xendit.sandbox.state import FIXED, Assumptions

PAGE = Path(__file__).parents[2] / "docs" / "Fidelity.md"


def rows(heading):
    """The rows of the table under a heading: name → cells."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`| "): row for row in cells}


def test_page_names_what_can_be_switched():
    """Every switch has a row, every row is a switch."""
    assert list(rows("What is assumed, and can be switched")) == [field.name for field in fields(Assumptions)]


def test_page_names_what_is_fixed():
    """Every fixed choice has a row, every row is a fixed choice."""
    assert list(rows("What is assumed and cannot be switched")) == list(FIXED)


@pytest.mark.parametrize("field", fields(Assumptions), ids=lambda field: field.name)
def test_page_says_the_default(field):
    """The row of a switch begins its third cell with the default."""
    said = rows("What is assumed, and can be switched")[field.name][2]
    if isinstance(field.default, frozenset):
        assert set(re.findall(r"[\w]+", said)) >= set(field.default)
    else:
        value = field.default
        assert said.startswith(f'`"{value}"`' if isinstance(value, str) else f"`{value}`")
