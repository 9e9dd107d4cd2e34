"""Types that mean something: how often the package says `Any`, which switches a checker off, and where it must not."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "xendit").rglob("*.py"))
MOST = 1.5
"""Occurrences of the word in a hundred lines, outside comments. What is only looked at or handed on is an `object`."""
HONEST = {
    # (module, target): what JSON holds there is not known, and whoever reads it must look
    ("xendit/invoice/model/bad_request_error.py", "errors"),
    ("xendit/invoice/model/invoice.py", "on_demand_payload"),
    ("xendit/webhook/event.py", "data"),
}
"""Fields whose type is Any because theirs is unknown; the only ones that may be declared so with a value."""


def occurrences(source: str) -> int:
    """How often the word `Any` stands in a module, docstrings included and comments not."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(len(re.findall(r"\bAny\b", each.string)) for each in tokens if each.type != tokenize.COMMENT)


def silenced(source: str) -> list[tuple[int, str]]:
    """Where a value is given the type Any or Self, so that a checker asks no more: line and target."""
    return [
        (node.lineno, ast.unparse(node.target))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign)
        and node.value is not None
        and ast.unparse(node.annotation) in ("Any", "Self", "'Any'", "'Self'")
    ]


def test_any_is_rare() -> None:
    """At most so many in a hundred lines; the message names the modules that say it most."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in SOURCES}
    counts = {name: occurrences(text) for name, text in texts.items()}
    share = 100 * sum(counts.values()) / sum(text.count("\n") for text in texts.values())
    worst = sorted(counts, key=counts.__getitem__)[-5:]
    assert share <= MOST, f"{share:.2f} in a hundred lines, most of them in {', '.join(worst)}"


def test_no_value_is_called_any_to_silence_a_checker() -> None:
    """`x: Any = …` and `made: Self = …` hide what a type would say."""
    found = [
        (name, target, line)
        for path in SOURCES
        for name in [path.relative_to(ROOT).as_posix()]
        for line, target in silenced(path.read_text("utf-8"))
        if (name, target) not in HONEST
    ]
    assert found == []


def test_the_counters_see_what_they_count() -> None:
    """On small samples, so that they cannot pass by seeing nothing."""
    sample = 'from typing import Any  # Any\nx: Any = 1\n"""Any"""\ny: list[Any] = []\nAnything = Any\n'
    assert occurrences(sample) == 5
    assert silenced(sample) == [(2, "x")]
