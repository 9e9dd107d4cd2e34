"""docs/Fidelity.md names every assumption that the code holds, with the choice it makes, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from xendit.sandbox.state import FIXED, Assumptions
from xendit.sandbox.state.assumptions import read_assumption, read_choices

PAGE = Path(__file__).parents[2] / "docs" / "Fidelity.md"


def rows(heading):
    """The rows of the table under a heading: name → cells."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| `") and line[3].islower()  # those of what the API takes begin with its method
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


@pytest.mark.parametrize("field", fields(Assumptions), ids=lambda field: field.name)
def test_each_choice_can_be_typed(field):
    """Every row can be given to the command as text; its own value comes out of the text of it."""
    value = field.default
    text = ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)
    assert read_assumption(field.name, text) == value
    assert Assumptions.of_names(read_choices([f"{field.name}={text}"])) == Assumptions()


@pytest.mark.parametrize("name", FIXED)
def test_what_is_fixed_cannot_be_typed(name):
    """A row without a switch is told from a name that does not exist, with the choice that is made."""
    with pytest.raises(ValueError, match=re.escape(f"{name} cannot be switched: {FIXED[name]}")):
        read_choices([f"{name}=other"])


@pytest.mark.parametrize(
    ("typed", "currency", "choices"),
    [
        (["default_currency=php"], None, {"default_currency": "PHP"}),
        ([], "thb", {"default_currency": "THB"}),
        (["default_currency=PHP"], "php", {"default_currency": "PHP"}),
        (["truncated_currencies="], None, {"truncated_currencies": frozenset()}),
        (["truncated_currencies=IDR, VND"], None, {"truncated_currencies": frozenset({"IDR", "VND"})}),
        (["expired_webhooks=False", "default_limit=25"], None, {"expired_webhooks": False, "default_limit": 25}),
        (["settlement_delay = 86400"], None, {"settlement_delay": 86400.0}),
        (["failed_expire_code=A=B"], None, {"failed_expire_code": "A=B"}),
    ],
)
def test_typed_choices(typed, currency, choices):
    """Spaces and case do not count where they mean nothing; a set is written with commas, also an empty one."""
    assert read_choices(typed, currency) == choices
    kept = Assumptions.of_names(choices)
    assert Assumptions.of_names(kept.switched()) == kept


def test_a_currency_that_does_not_exist_is_refused():
    """The sentence names those that do, what was given, and the nearest."""
    with pytest.raises(ValueError, match="default_currency may be IDR, PHP, THB, VND, MYR, USD; 'EUR' was given"):
        Assumptions(default_currency="EUR")
    with pytest.raises(ValueError, match="truncated_currencies may be IDR.*; 'XXX' was given"):
        Assumptions(truncated_currencies={"IDR", "XXX"})
    with pytest.raises(ValueError, match=r"retried_outcomes may hold .*; 'FAILD' was given; did you mean 'FAILED'\?"):
        Assumptions(retried_outcomes={"FAILD"})
    with pytest.raises(ValueError, match=r"null_fields must be one of .*; 'absnt' was given; did you mean 'absent'\?"):
        Assumptions(null_fields="absnt")
    with pytest.raises(ValueError, match="late_payments must be true or false; a number was given"):
        Assumptions(late_payments=1)
