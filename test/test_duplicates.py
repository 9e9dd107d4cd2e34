"""No block of six lines stands twice in the package, but where CONTRIBUTING.md argues it (What stands twice, and why)."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = 6
"""So many lines in a row that stand again are a block that stands twice."""
_IMPORT = re.compile(r"from \S+ import |import \S")
_DERIVED = "run `python tools/mirror.py`"
"""What a module says that is derived from another; such a module is not looked at."""

ARGUED = {
    "The synchronous and the asynchronous world": [
        {"client/base.py", "client/sync.py", "client/asyncio.py", "testing/world/clients.py"},
        {"client/product_api.py", "client/async_product_api.py"},
        {"bulk/batch.py"},
        {"webhook/work.py", "webhook/worker.py", "webhook/async_worker.py"},
        {"webhook/endpoint.py"},
    ],
    "A signature stands again": [
        {
            "client/product_api.py",
            "invoice/invoice_api.py",
            "refund/refund_api.py",
            "balance_and_transaction/balance_api.py",
            "balance_and_transaction/transaction_api.py",
            "transaction_report/report_api.py",
        },
        {"invoice/invoice_api.py", "legacy.py"},
        {"refund/refund_api.py"},
        {"sandbox/state/core/persistence.py", "sandbox/storage.py"},
        {"testing/webhooks.py"},
    ],
    "What holds values": [
        {"invoice/operations.py", "refund/operations.py"},
    ],
    "`Invoice` and `InvoiceCallback` declare some fields alike": [
        {"balance_and_transaction/model/server_error.py", "balance_and_transaction/model/validation_error.py"},
    ],
}
"""What stands twice and stays: the beginning of the reason on the page, and groups of modules that share blocks for it."""


def code_of(text: str) -> list[tuple[int, str]]:
    """The lines that count, with their numbers: no blank lines, comments, imports, or brackets alone."""
    kept, is_importing = [], False
    for number, line in enumerate(text.splitlines(), 1):
        bare = " ".join(line.split())
        if is_importing or _IMPORT.match(bare):
            is_importing = (is_importing or "(" in bare) and ")" not in bare
        elif bare and not bare.startswith("#") and re.search(r"\w", bare):
            kept.append((number, bare))
    return kept


def blocks(sources: dict[str, str]) -> dict[frozenset[str], list[str]]:
    """The blocks that stand twice, by the modules that share them: the places of each, such as `a.py:10, b.py:20`."""
    places = defaultdict(list)
    for name, text in sources.items():
        code = code_of(text)
        for at in range(len(code) - LINES + 1):
            places["\n".join(line for _, line in code[at : at + LINES])].append((name, code[at][0]))
    found = defaultdict(list)
    for where in places.values():
        for (one, first), (other, second) in combinations(where, 2):
            found[frozenset({one, other})].append(f"{one}:{first}, {other}:{second}")
    return found


def package() -> dict[str, str]:
    """The modules that somebody writes, by their path in the package."""
    house = ROOT / "xendit"
    texts = {path.relative_to(house).as_posix(): path.read_text("utf-8") for path in house.rglob("*.py")}
    return {name: text for name, text in sorted(texts.items()) if _DERIVED not in text}


FOUND = blocks(package())
GROUPS = [group for groups in ARGUED.values() for group in groups]


def test_nothing_stands_twice_that_is_not_argued() -> None:
    """Each place where a block stands again is named."""
    new = [
        place for modules, places in FOUND.items() if not any(modules <= group for group in GROUPS) for place in places
    ]
    assert not new, "make one piece of it, or argue it in CONTRIBUTING.md and here"


def test_what_is_argued_is_on_the_page_and_still_there() -> None:
    """A reason without a duplicate goes, and so does a module of a group that shares nothing any more."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page.partition("### What stands twice, and why\n")[2].partition("\n### ")[0]
    assert [reason for reason in ARGUED if f"- {reason}" not in section] == []
    for group in GROUPS:
        shared = {name for modules in FOUND if modules <= group for name in modules}
        assert shared == group


def test_the_search_finds_a_block_and_passes_over_imports() -> None:
    """Six lines that stand again are found whatever their indentation; five are not, nor are lists of imports."""
    lines = [f"value_{number} = {number}" for number in range(LINES)]
    imports = "from a import (\n" + "\n".join(f"    name_{number}," for number in range(LINES)) + "\n)\n"
    both = blocks({"a.py": imports + "\n".join(lines), "b.py": imports + "\n\n".join(f"    {line}" for line in lines)})
    assert both == {frozenset({"a.py", "b.py"}): [f"a.py:{LINES + 3}, b.py:{LINES + 3}"]}
    assert not blocks({"a.py": "\n".join(lines), "b.py": "\n".join(lines[1:])})
