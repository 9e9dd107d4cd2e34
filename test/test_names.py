"""One name for one thing: no two classes of the package are called alike, except where CONTRIBUTING.md says why."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import xendit.sandbox
from xendit.sandbox.deliveries.in_process import ReceivedWebhook

ROOT = Path(__file__).resolve().parent.parent

#: The names that two classes have, with the modules of both; CONTRIBUTING.md says why.
TWICE = {
    "Event": ["xendit/events.py", "xendit/webhook/event.py"],
    "Invoice": ["xendit/invoice/model/invoice.py", "xendit/legacy.py"],
    "ServerError": ["xendit/balance_and_transaction/model/server_error.py", "xendit/invoice/model/server_error.py"],
}


def classes_of(source: str) -> list[str]:
    """The classes at the top level of a module, without those that are its own affair."""
    return [each.name for each in ast.parse(source).body if isinstance(each, ast.ClassDef) and each.name[0] != "_"]


def test_each_class_has_a_name_of_its_own() -> None:
    """A name stands for one class; whoever reads it in a traceback knows which."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "xendit").rglob("*.py")):
        if path.parent.name == "migrations":
            continue  # Django wants each to be called Migration
        for name in classes_of(path.read_text("utf-8")):
            homes[name].append(path.relative_to(ROOT).as_posix())
    assert {name: places for name, places in homes.items() if len(places) > 1} == TWICE


@pytest.mark.parametrize("name", TWICE)
def test_what_is_called_alike_is_argued(name: str) -> None:
    """CONTRIBUTING.md says of each exception why it is one."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("### What has the name of something else")[2]
    assert f".{name}`" in text.partition("\n## ")[0]


def test_the_former_name_of_a_received_webhook_works_and_warns() -> None:
    """`xendit.sandbox.WebhookRequest`, whose name `xendit.testing` has too, is still found for one minor version."""
    with pytest.warns(DeprecationWarning, match="ReceivedWebhook") as told:
        assert xendit.sandbox.WebhookRequest is ReceivedWebhook  # type: ignore[attr-defined]
    assert told[0].filename == __file__


def test_checker_sees_classes() -> None:
    """The checker reads the classes of a module, and passes over its private ones."""
    assert classes_of("class A: ...\nclass _B: ...\ndef f():\n    class C: ...") == ["A"]
