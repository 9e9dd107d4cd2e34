"""The extra `speed`: with msgspec as parser every body gives the same value, or the same error, as without.

Nothing may depend on it: what msgspec refuses goes the standard way, and where it is not installed everything does.
"""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bodies import Writer, broken
from security.proof import often

from xendit.codec import jsontext
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.models import Invoice, InvoiceCallback

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.model import Model

pytest.importorskip("msgspec", reason="the extra `speed` is not installed")

ROOT = Path(__file__).resolve().parent.parent
ORIGINALS: list[tuple[type[Model], dict[str, Any]]] = [
    (cls, json.loads((ROOT / "test" / "payloads" / name).read_text("utf-8")))
    for cls, name in (
        (Invoice, "invoice__docs-xendit-create-2024.json"),
        (InvoiceCallback, "webhook__docs-xendit-dana-2024.json"),
        (InvoiceCallback, "webhook__xendit-go-1.0.25-qris.json"),
    )
]


@pytest.fixture
def parsers(monkeypatch: pytest.MonkeyPatch) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The standard parser and msgspec's, the classes being compiled."""
    for cls in (Invoice, InvoiceCallback):
        cls.__plan__.compile()
    monkeypatch.setattr(jsontext, "parse_fast", jsontext._parse_with_json)
    standard = jsontext.parse_fast
    jsontext.hasten()
    assert jsontext.parse_fast is not standard
    return standard, jsontext.parse_fast


def outcome(cls: type[Model], data: bytes | str) -> tuple[str, str]:
    """What becomes of a body: all that was read, types and order included, or the error."""
    try:
        made = cls.from_json(data)
        return repr(made.to_dict()), made.to_json()
    except (ApiTypeError, ApiValueError) as error:
        return type(error).__name__, str(error)


def test_every_body_gives_the_same_value_or_the_same_error(
    parsers: tuple[Callable[[Any], Any], Callable[[Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut of a million seeded bodies, as bytes and as text: honest ones, odd ones, broken ones."""
    standard, fast = parsers
    logging.disable(logging.WARNING)  # a line for each odd field
    read = refused = parsed = 0
    try:
        for number in range(often(5_000, 1_000_000)):
            dice = random.Random(number)
            cls, original = dice.choice(ORIGINALS)
            data: bytes | str = broken(Writer(dice).value(original), dice)
            if number % 4 == 0:
                data = bytes(data).decode("utf-8", "surrogateescape" if number % 8 else "replace")  # type: ignore[arg-type]
            monkeypatch.setattr(jsontext, "parse_fast", standard)
            expected = outcome(cls, data)
            monkeypatch.setattr(jsontext, "parse_fast", fast)
            assert outcome(cls, data) == expected, f"body {number}: {data!r}"
            read, refused = read + (expected[0][0] == "{"), refused + (expected[0][0] != "{")
            try:
                fast(data)
            except Exception:  # noqa: BLE001 - how often it is of use is counted
                continue
            parsed += 1
    finally:
        logging.disable(logging.NOTSET)
    assert min(read, refused, parsed) > often(1_000, 200_000)


@pytest.mark.parametrize(
    "value",
    [
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        "1" * 4301,
        '"\\ud800"',
        "1E5",
        "-0",
        "-0.0",
        "1" * 4300,
        "123456789012345678901234567890",
    ],
    ids=lambda value: value[:12],
)
def test_what_msgspec_refuses_or_could_read_otherwise_is_read_the_standard_way(
    parsers: tuple[Callable[[Any], Any], Callable[[Any], Any]], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """The edges of numbers and strings, in a field of a model and in an unknown one."""
    standard, fast = parsers
    for body in (f'{{"id":"x","amount":{value}}}', f'{{"id":"x","new":[{value}]}}', f'{{"id":"x","status":{value}}}'):
        monkeypatch.setattr(jsontext, "parse_fast", standard)
        expected = outcome(Invoice, body.encode())
        monkeypatch.setattr(jsontext, "parse_fast", fast)
        assert outcome(Invoice, body.encode()) == expected == outcome(Invoice, body)


def test_a_key_that_came_twice_is_found_by_msgspecs_path_too(
    parsers: tuple[Callable[[Any], Any], Callable[[Any], Any]],
) -> None:
    """msgspec keeps the last, as json does: the strings are counted."""
    assert parsers[1](b'{"amount":1,"amount":2}') == {"amount": 2}
    for body in (b'{"id":"x","amount":1,"amount":2}', b'{"id":"x","new":{"a":1,"\\u0061":2}}'):
        with pytest.raises(ApiValueError, match="a key stands twice"):
            Invoice.from_json(body)


def test_an_ordinary_body_is_parsed_by_msgspec_alone(
    parsers: tuple[Callable[[Any], Any], Callable[[Any], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be of no use if the standard way were taken as well."""

    def never(_: object) -> None:
        raise AssertionError("the standard way was taken")

    monkeypatch.setattr(jsontext, "loads", never)
    monkeypatch.setattr(jsontext, "decoder_of_thread", never)
    for cls, original in ORIGINALS:
        assert cls.from_json(json.dumps(original)).to_dict()["id"] == original["id"]
        assert cls.from_json(json.dumps(original).encode()).to_dict()["id"] == original["id"]


PROGRAM = """
import sys
if sys.argv[1] == "absent":
    sys.modules["msgspec"] = None
import xendit.webhook
from xendit.models import Invoice
loaded = ["msgspec" in sys.modules and sys.modules["msgspec"] is not None]
for _ in range(20):
    Invoice.from_json(b'{"id": "x", "amount": 1}')
    loaded.append("msgspec" in sys.modules and sys.modules["msgspec"] is not None)
print(loaded[:4], loaded[-1])
"""


@pytest.mark.parametrize(("how", "loaded"), [("present", "True"), ("absent", "False")])
def test_it_is_loaded_when_a_class_is_compiled_and_never_missed(how: str, loaded: str) -> None:
    """Not by the import, nor by the first bodies; without it everything goes the standard way."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (ran.stdout.strip(), ran.stderr) == (f"[False, False, False, False] {loaded}", "")
