"""How a failure is told: where, why, and nothing of what the row or the event holds of persons."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import sqlalchemy as sa

from xendit.webhook.failure import place_of, short_text, whole_text

HELD = ("Ayu Lestari", "ayu@example.com", "+62811234567")


def caught(function: Any) -> Exception:
    """What a function raises."""
    try:
        function()
    except Exception as error:  # noqa: BLE001 - that is asked for
        return error
    raise AssertionError


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_what_a_database_says_of_the_row_is_left_out(database: str, engine_of: Any) -> None:
    """A name that is there already, and one where a number belongs: in the log's line and in the traceback."""
    engine = engine_of(database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE payers (name varchar(50) PRIMARY KEY, age integer)"))
    insert = sa.text("INSERT INTO payers VALUES (:name, :age)")

    def twice() -> None:
        with engine.begin() as connection:
            for _ in range(2):
                connection.execute(insert, {"name": HELD[0], "age": 1})

    def misplaced() -> None:
        with engine.begin() as connection:
            connection.execute(insert, {"name": "x", "age": HELD[0]})
            if database.startswith("sqlite"):  # which takes a text for a number
                raise ValueError(f"write to {HELD[1]}, call {HELD[2]}")

    for function in (twice, misplaced):
        error = caught(function)
        for text in (short_text(error), whole_text(error)):
            assert not any(held in text for held in HELD), text
            assert "Error" in text
        assert f"in {function.__name__}\n" in whole_text(error)
        assert str(place_of(error)).startswith(f"{function.__name__}, test/webhook/test_webhook_failure.py line ")


def test_the_traceback_says_where_and_how_it_came_about() -> None:
    """Causes and contexts as Python writes them, notes and the parts of a group too; none of our own frames."""

    def cause() -> None:
        raise LookupError("no such order")

    def chained() -> None:
        try:
            cause()
        except LookupError as error:
            raise RuntimeError("cannot ship") from error

    def followed() -> None:
        try:
            cause()
        except LookupError:
            raise RuntimeError("cannot ship") from None

    text = whole_text(caught(chained))
    assert (
        text.index("LookupError: no such order") < text.index("direct cause") < text.index("RuntimeError: cannot ship")
    )
    assert "LookupError" not in whole_text(caught(followed))
    error = caught(chained)
    if sys.version_info >= (3, 11):
        error.add_note("order 7")
        text = whole_text(ExceptionGroup("two of them", [error, ValueError(HELD[1])]))  # noqa: F821 - since 3.11
        assert "ExceptionGroup: two of them" in text
        assert "  RuntimeError: cannot ship" in text
        assert "  order 7" in text
        assert "ValueError: ***" in text
    assert place_of(ValueError("never raised")) is None


def test_errors_that_refer_to_each_other_come_to_an_end() -> None:
    """A context may lead back to where it began."""
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    assert whole_text(one).count("ValueError") == 2
