"""The list of the sentences: each has a test whose name bears its number. Those about servers of ours are elsewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
SENTENCES = {
    1: "a bad certificate is met with one handshake, TlsException and an empty journal",
    2: "TLS 1.2 or newer, certificates and names verified, and no argument lowers it",
    3: "https, or http to this machine",
    4: "no redirect is followed",
    5: "proxies: the environment's are honoured, credentials show nowhere",
    6: "identity encoding alone; a bomb stays packed",
    7: "bodies, errors and headers have limits",
    8: "a cut body is always noticed",
    9: "hostile ids and header values open no socket, or stay inside their segment",
    10: "amounts are numbers, and go out exactly",
    11: "strict JSON: UTF-8, no NaN, no doubled key, depth 64, 4300 digits",
    12: "unknown values and fields are kept and shadow nothing",
    13: "the answer is the one that was asked for",
    14: "no code is made of data: one exec, in codec/compiler.py",
    15: "any bytes are a model or our error, soon",
    16: "the key shows nowhere under any fault",
    17: "what holds a key is not pickled; errors are, without it",
    18: "headers are logged by an allow-list, bodies and personal data never",
    19: "clients change nothing in the process",
    20: "keys never mix",
    34: "threads",
    35: "forks",
    36: "interrupts",
    37: "after the end",
    38: "three declared dependencies, no upper bound, and nothing else is imported",
}


def numbers() -> dict[int, list[str]]:
    """The tests of each number, found in the source, so that a skipped or deselected one counts as one that is there."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                for number in re.findall(r"_s(\d\d)(?=_)", node.name):
                    found.setdefault(int(number), []).append(f"{path.name}::{node.name}")
    return found


def test_every_sentence_has_a_test_that_bears_its_number() -> None:
    """1 to 20 and 34 to 38, and no number that is no sentence."""
    found = numbers()
    assert sorted(set(SENTENCES) - set(found)) == []
    assert set(found) <= set(SENTENCES) | set(range(21, 34)) | {39, 40, 41}


def test_every_test_of_a_sentence_can_fail() -> None:
    """Each of them asserts, expects an exception or a warning, or hands on to a helper that does."""
    for path in sorted((TESTS / "security").glob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        judging = {"pytest.raises", "pytest.warns", "_probe", "_threads", "_measure", "_wire"}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_s"):
                judged = any(
                    isinstance(each, ast.Assert) or (isinstance(each, ast.Call) and ast.unparse(each.func) in judging)
                    for each in ast.walk(node)
                )
                assert judged, f"{path.name}::{node.name}"
