"""Types that mean something: how often the package says `Any`, which switches a checker off, and where it must not."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "xendit").rglob("*.py"))
MOST = 1.45
"""Occurrences of the word in a hundred lines, outside comments. What is only looked at or handed on is an `object`."""
UNKNOWABLE = {
    # what JSON, a driver or another library holds there is not known, and whoever reads it must look
    "xendit/cli/inbox/places.py": {"model"},  # Django's models, without Django's plugin for mypy
    "xendit/cli/many.py": {"requests"},  # lines of a file, which are checked when they are used
    "xendit/codec/scalars.py": {"absent"},  # fits every type, as a declaration says `id: str = absent`
    "xendit/invoice/model/bad_request_error.py": {"errors"},  # of several shapes, none of them documented
    "xendit/invoice/model/invoice.py": {"on_demand_payload"},  # the caller's own JSON
    "xendit/invoice/world/orders.py": {
        "request",
        "steps",
        "inbox",
    },  # a method of the API that gives the simulation its steps
    "xendit/refund/model/refund.py": {"actions"},  # JSON that Xendit does not document
    "xendit/refund/world/returns.py": {"steps"},  # as in the orders: what a method of the API gives the simulation
    "xendit/refund/world/stepping.py": {"steps"},
    "xendit/settlement/reading.py": {
        "created",
        "moment",
        "paid",
        "settles",
    },  # a field of an answer may be odd
    "xendit/sentry.py": {"self._sdk"},  # a module that is imported where it is installed
    "xendit/testing/world/batches.py": {"self._store", "batch"},  # stands in for a private part of Journal and Batch
    "xendit/testing/world/inboxes.py": {"effects"},  # a third kind of effects, whose steps are the simulation's
    "xendit/testing/world/loops.py": {"_AbstractLoop"},  # of whose many abstract methods few are needed
    "xendit/testing/world/shop.py": {"inbox", "loop"},  # an inbox that lacks what only people call; the loop that runs
    "xendit/testing/world/users.py": {"code"},  # the code of a frame of any program
    "xendit/testing/world/scheduler.py": {"self.value"},  # what a task of any program returned
    "xendit/transport/plain.py": {"self._response"},  # of http.client, whose private parts are used
    "xendit/transport/roads.py": {"self._fast", "road"},  # a road that is loaded when it is first taken
    "xendit/webhook/event.py": {"data"},  # what an envelope holds that no product reads
    "xendit/webhook/connections.py": {"hidden", "raw"},  # what whichever driver it is takes and gives
    "xendit/webhook/endpoint.py": {"handing", "storing"},  # what a function gave that may be called or awaited
}
"""The only targets that may be declared `Any` and given a value at once. A new one needs a better reason than a checker."""


def occurrences(source: str) -> int:
    """How often the word `Any` stands in a module, docstrings included and comments not."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(len(re.findall(r"\bAny\b", each.string)) for each in tokens if each.type != tokenize.COMMENT)


def silenced(source: str) -> list[str]:
    """What is given a value and the type Any or Self at once, so that a checker asks no more."""
    return [
        ast.unparse(node.target)
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
    """`x: Any = …` and `made: Self = …` hide what a type would say; the exceptions are named, and none is left over."""
    found = {
        (name, target)
        for path in SOURCES
        for name in [path.relative_to(ROOT).as_posix()]
        for target in silenced(path.read_text("utf-8"))
    }
    assert found == {(name, target) for name, targets in UNKNOWABLE.items() for target in targets}


def test_the_counters_see_what_they_count() -> None:
    """On small samples, so that they cannot pass by seeing nothing."""
    sample = 'from typing import Any  # Any\nx: Any = 1\n"""Any"""\ny: list[Any] = []\nAnything = Any\n'
    assert occurrences(sample) == 5
    assert silenced(sample) == ["x"]
