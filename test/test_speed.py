"""The extra `speed`: with msgspec as parser every body gives the same value, or the same error, as without.

Nothing may depend on it: what msgspec refuses goes the standard way, and where it is not installed everything does.
"""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
from collections import Counter
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bodies import Writer, broken
from security.proof import often
from shapes import spelt

from xendit.codec import Array, jsontext, structs
from xendit.codec.compiler import hasten
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.model import Model
from xendit.models import Invoice, InvoiceCallback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.codec import Kind

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


class Ways:
    """Reads texts in the standard way and in that of the extra."""

    def __init__(self, kind: Kind) -> None:
        """Readers of this kind that have learnt nothing."""
        self.fast: Any = copy(kind)
        self.fast.read_text = self.fast.texts = None
        self.standard = copy(self.fast)

    def read_standard(self, data: bytes | str) -> Any:
        """As where the extra is not installed."""
        jsontext.parse_fast, jsontext.note_text = jsontext._parse_with_json, None
        return outcome(self.standard, data)

    def read_fast(self, data: bytes | str) -> Any:
        """As where it is."""
        jsontext.parse_fast = jsontext._parse_with_json
        jsontext.note_text = None
        hasten()
        assert jsontext.note_text is not None
        return outcome(self.fast, data)

    def takes(self, data: bytes | str) -> bool:
        """Whether the text is read through structs."""
        try:
            return self.fast.read_text(data) is not None
        except Exception:  # noqa: BLE001 - it refuses in any way that msgspec or Python has
            return False


def outcome(kind: Kind, data: bytes | str) -> Any:
    """What becomes of a body: all that was read, types and order included, or the error."""
    try:
        made = jsontext.read_json(data, kind)
    except (ApiTypeError, ApiValueError) as error:
        return "error", type(error).__name__, str(error)
    return "value", spelt(made), ""


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The classes are compiled, structs are used from the second text on, and are not given up."""
    for cls in (Invoice, InvoiceCallback):
        cls.__plan__.compile()
    monkeypatch.setattr(jsontext, "parse_fast", jsontext.parse_fast)
    monkeypatch.setattr(jsontext, "note_text", jsontext.note_text)
    monkeypatch.setattr(structs, "READ_AFTER", 0)
    monkeypatch.setattr(structs, "MOST_REFUSED", 10**9)
    monkeypatch.setattr(structs, "MOST_LESSONS", 20)
    logging.disable(logging.WARNING)  # a line for each odd field
    yield
    logging.disable(logging.NOTSET)


NEW_VALUES: list[Any] = [None, 1, 1.5, "x", "", True, [], {}, ["a", 1, {"b": None}], {"new_one": "y", "id": 1}]


def varied(value: Any, dice: random.Random) -> Any:
    """A body as it may come tomorrow: fields that are missing, null or new, in models within it too."""
    if isinstance(value, list):
        return [varied(item, dice) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, item in value.items():
        fate = dice.random()
        if fate > 0.05:
            made[name] = None if fate < 0.08 else varied(item, dice)
    for name in ("new_one", "new_two", "new three", "neu\u00e9"):
        if dice.random() < 0.05:
            made[name] = dice.choice(NEW_VALUES)
    return made


def test_every_body_gives_the_same_value_or_the_same_error() -> None:
    """A cut of a million seeded bodies, as bytes and as text: honest ones, odd ones, broken ones, and lists of them."""
    seen: Counter[str] = Counter()
    ways: dict[Any, Ways] = {}
    for number in range(often(5_000, 1_000_000)):
        dice = random.Random(number)
        if number % 500 == 0:  # what was learnt of the bodies before is forgotten
            ways.clear()
        cls, original = dice.choice(ORIGINALS)
        body: Any = varied(original, dice) if dice.random() < 0.5 else original
        kind: Kind = cls.__plan__.kind
        many = dice.random() < 0.1
        if many:
            kind, body = Array(kind), [body, varied(original, dice)][: dice.randrange(3)]
        way = ways.setdefault((cls, many), Ways(kind))
        data: bytes | str = broken(Writer(dice).value(body), dice)
        if number % 4 == 0:
            data = bytes(data).decode("utf-8", "surrogateescape" if number % 8 else "replace")  # type: ignore[arg-type]
        expected = way.read_standard(data)
        assert way.read_fast(data) == expected, f"body {number}: {data!r}"
        seen[expected[0]] += 1
        seen["through structs"] += way.takes(data)
    assert min(seen["value"], seen["error"], seen["through structs"]) > often(800, 150_000), seen


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
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "null",
        "1.0",
        '"2026-01-15T08:31:07.5129999Z"',
        '"2026-01-15"',
        "[" * 40 + "]" * 40,
    ],
    ids=lambda value: value[:12],
)
def test_what_msgspec_refuses_or_could_read_otherwise_is_read_the_standard_way(value: str) -> None:
    """The edges of numbers and strings, in a field of a model and in an unknown one, learnt and not."""
    ways = Ways(Invoice.__plan__.kind)
    names = ("amount", "new", "status", "created", "metadata", "should_send_email", "reminder_time")
    bodies = [f'{{"id":"x","{name}":{value}}}' for name in names]
    for body in (*bodies, *bodies, f'{{"id":"x","new":[{value}]}}', f'{{"id":"x","metadata":{{"a":{value}}}}}'):
        assert ways.read_fast(body.encode()) == ways.read_standard(body.encode()) == ways.read_fast(body)


@pytest.mark.parametrize(
    "learnt", [b'{"id":"x"}', b'{"id":"x","new":{"a":1},"amount":1,"items":[{"name":"n","new":1}]}']
)
def test_a_key_that_came_twice_is_found_by_msgspecs_path_too(learnt: bytes) -> None:
    """msgspec keeps the last, as json does: the structs are encoded again, and lack what was dropped."""
    ways = Ways(Invoice.__plan__.kind)
    ways.read_fast(learnt)
    assert jsontext.parse_fast(b'{"amount":1,"amount":2}') == {"amount": 2}
    assert ways.takes(learnt)
    for body in (
        b'{"id":"x","amount":1,"amount":2}',
        b'{"id":"x","amount":1,"amount":1}',
        b'{"id":"x","new":{"a":1,"\\u0061":2}}',
        b'{"id":"x","new":1,"new":2}',
        b'{"id":"x","items":[{"name":"a","name":"b"}]}',
        b'{"id":"x","metadata":{"a":1,"a":1}}',
        b'{"id":"x","created":null,"created":null}',
    ):
        assert not ways.takes(body)
        assert ways.read_fast(body) == ways.read_standard(body)
        assert "a key stands twice" in ways.read_fast(body)[2]


def test_what_bodies_have_beside_the_declaration_is_learnt() -> None:
    """Nulls and unknown fields, in models within the model too; then such bodies are read through structs."""
    ways = Ways(Array(Invoice.__plan__.kind))
    body = b'[{"new":1,"id":"x","other":{"a":[1]},"currency":null,"items":[{"name":"a","new":"b","url":null}]}]'
    for data in (b'[{"id":"x"}]', body, b'[{"id":"x","paid_at":null,"third":2}]'):
        assert ways.read_fast(data) == ways.read_standard(data)
        assert ways.takes(data)
    invoice = jsontext.read_json(body, ways.fast)[0]
    assert (invoice._unknown, invoice._untyped) == ({"new": 1, "other": {"a": [1]}}, ("currency",))
    assert (invoice.items[0]._unknown, invoice.items[0]._untyped) == ({"new": "b"}, ("url",))


def test_the_order_of_unknown_fields_and_of_nulls_is_kept() -> None:
    """A struct has none: where the text is not the very one that it is encoded to, another way is taken."""
    ways = Ways(Invoice.__plan__.kind)
    for data in (
        b'{"id":"x","a":1,"b":2,"amount":null,"currency":null}',
        b'{"id":"x","b":2,"a":1,"amount":null,"currency":null}',
        b'{"id":"x","a":1,"b":2,"currency":null,"amount":null}',
        b'{"id":"x", "b":2, "a":1}',
        b'{"b":2,"id":"x"}',
    ):
        assert ways.read_fast(data) == ways.read_standard(data)
    assert [ways.takes(data) for data in (b'{"id":"x","a":1,"b":2}', b'{"id":"x","b":2,"a":1}')] == [True, False]
    assert ways.takes(b'{ "b":2, "id":"x" }')


def test_a_reader_that_is_of_no_use_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that always have something new would be read twice; and what is learnt of strangers is bounded."""
    monkeypatch.setattr(structs, "MOST_REFUSED", 8)
    ways = Ways(Invoice.__plan__.kind)
    for number in range(100):
        data = f'{{"id":"x","new_{number}":1}}'.encode()
        assert ways.read_fast(data) == ways.read_standard(data)
    assert ways.fast.read_text is None
    assert sum(len(each.order) for each in ways.fast.texts._learnt.values()) < 100


def test_a_model_that_holds_its_own_kind_goes_the_other_way() -> None:
    """A struct of it is not made; msgspec parses, and the compiled lines read."""

    class Folder(Model, received=True):
        name: str
        inside: list[Folder] | None = None

    Folder.__plan__.compile()
    ways = Ways(Folder.__plan__.kind)
    for _ in range(3):
        data = b'{"name":"a","inside":[{"name":"b"}]}'
        assert ways.read_fast(data) == ways.read_standard(data)
    assert ways.fast.read_text is None


def test_an_ordinary_body_is_parsed_by_msgspec_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be of no use if the standard way were taken as well."""

    def never(*_: object) -> None:
        raise AssertionError("the standard way was taken")

    for cls, original in ORIGINALS:
        ways = Ways(cls.__plan__.kind)
        ways.read_fast(json.dumps(original))
        with monkeypatch.context() as patch:
            patch.setattr(jsontext, "loads", never)
            patch.setattr(jsontext, "decoder_of_thread", never)
            patch.setattr(type(ways.fast), "read_fast", never)
            for text in (json.dumps(original), json.dumps(original, separators=(",", ":")).encode()):
                assert jsontext.read_json(text, ways.fast).to_dict()["id"] == original["id"]


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
