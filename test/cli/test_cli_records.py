"""A page that is read straight into records comes to the same records as one that is read into models first."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from recorded import PAYLOADS
from shapes import Bodies, Shape, shapes

from xendit.cli.records import RecordPages, exact_json
from xendit.codec import Array
from xendit.exceptions import OpenApiException
from xendit.invoice.operations import GET_INVOICES
from xendit.messages import Response
from xendit.models import Invoice

if TYPE_CHECKING:
    from xendit.operation import Operation

INVOICE: dict[str, Any] = {
    "id": "6a1f0001",
    "external_id": "order-1",
    "status": "SETTLED",
    "amount": 150_000,
    "paid_amount": 150_000.5,
    "paid_at": "2026-01-15T08:31:09.123Z",
    "payment_method": "EWALLET",
    "should_send_email": False,
    "available_banks": [],
    "available_paylaters": [{"paylater_type": "AKULAKU", "should_exclude": True}],
    "items": [{"name": "Tea", "price": 7500, "quantity": 2.0, "reference_id": None}],
    "customer": {"given_names": "Ayu", "addresses": [{"city": "Kuta"}], "of_tomorrow": 1.50},
    "metadata": {"branch": {"codes": [1, 2.5, "x", None, True]}},
    "description": None,
    "of_tomorrow": [{"a": 0.1}],
}
JUNK: tuple[Any, ...] = (
    *(None, 0, -1, 5, 1.0, 1.5, 1e300, 1e-7, 1e22, 10**17, 10**40, True, "", "x", "SETTLED", [], [1, "a"], [None]),
    *(
        {},
        {"a": {"b": 0.5}},
        [{}],
        [[1.5]],
        "2026-01-15T08:31:09.123Z",
        "2026-01-15T08:31:09Z",
        "2026-02-30T08:31:09.123Z",
    ),
    *("2026-01-15T08:31:09.123456Z", "2026-01-15T08:31:09.123+07:00", "2026-01-15", "soon"),
)


class Watched(RecordPages):
    """Says whether the models were asked."""

    asked = 0

    def __init__(self, listing: Operation, model: Any) -> None:
        super().__init__(listing, model)
        self.returns = "list[Watched]"
        self.items = Array(model.__plan__.kind)

    def kind(self, annotation: str) -> Any:
        assert annotation == self.returns
        self.asked += 1
        return self.items


def typed(value: Any) -> Any:
    """A value that equals only what is of the same types; the order of names does not count."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    return [typed(each) for each in value] if isinstance(value, list) else (type(value).__name__, value)


def agree(data: bytes, model: Any = Invoice) -> bool:
    """Check that both ways agree about a page. Returns whether the straight one was taken."""
    pages = Watched(GET_INVOICES, model)

    def outcome(read: Any) -> Any:
        try:
            return typed(read())
        except OpenApiException as error:
            return type(error), str(error)

    straight = outcome(lambda: pages.read(Response(200, {}, data)))
    was_straight = not pages.asked
    careful = outcome(lambda: [exact_json(each.to_json()) for each in pages.items.from_json(data)])
    assert straight == careful
    return was_straight


def test_an_ordinary_page_takes_the_straight_way() -> None:
    """Also where fields are new, null or absent, and for what Xendit answered in 2020 to 2024."""
    assert agree(json.dumps([INVOICE, {"id": "1"}, dict.fromkeys(INVOICE)]).encode())
    assert agree(b"[]")
    assert agree((PAYLOADS / "invoice_list__xendit-python-0.2.2-2020.json").read_bytes())
    for file in PAYLOADS.glob("invoice__*.json"):
        assert agree(b"[" + file.read_bytes() + b"]"), file


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "1", "id": "2"}]',
        '[{"metadata": {"a": "x", "a": "y"}}]',
        '[{"id": "1", "external_id": "a\\\\"}]',
        '[{"id": "1", "external_id": "a\\"b"}]',
        '\ufeff[{"id": "1"}]',
        '[{"id": "1"}',
        '{"id": "1"}',
        '["id"]',
        "[null]",
        "null",
        "",
        '[{"id": 1}]',
        '[{"amount": NaN}]',
        '[{"amount": 1e999}]',
        '[{"of_tomorrow": ' + "[" * 40 + "]" * 40 + "}]",
        '[{"of_tomorrow": ' + "[" * 90 + "]" * 90 + "}]",
        "[" + ",".join(['{"id":"1"}'] * 1001) + "]",
    ],
)
def test_odd_texts(text: str) -> None:
    """What is no page, or no good one, comes to the same error, or to the same records."""
    agree(text.encode())


@given(
    st.lists(
        st.tuples(st.sampled_from([*INVOICE, "customer.", "items."]), st.sampled_from(JUNK)), min_size=1, max_size=3
    )
)
def test_whatever_a_field_holds_both_ways_agree(changes: list[tuple[str, Any]]) -> None:
    """In a field, and in a field of an object, or of an object of a list."""
    item = json.loads(json.dumps(INVOICE))
    for name, value in changes:
        holder = item.get(name.rstrip("."))
        if not name.endswith("."):
            item[name] = value
        elif isinstance(holder, dict):
            holder["given_names"] = value
        elif isinstance(holder, list) and holder and isinstance(holder[0], dict):
            holder[0]["price"] = value
    agree(json.dumps([item]).encode())


@given(shape=shapes(), seed=st.integers(0, 2**32))
@settings(suppress_health_check=list(HealthCheck))  # as the proof of the codec, which draws the same
def test_whatever_a_model_declares_both_ways_agree(shape: Shape, seed: int) -> None:
    """Models that hold each other, themselves, unions and dicts, with names that are Python's or the compiler's own."""
    dice = random.Random(seed)
    bodies = Bodies(dice)
    try:
        for cls in shape.classes:
            bodies.odd = dice.choice((0.0, 0.02, 0.1))
            agree(json.dumps([bodies.body(cls.__plan__) for _ in range(2)]).encode(), cls)
    finally:
        shape.forget()


def test_records_of_earlier_versions_are_read() -> None:
    """They kept one record a line."""
    pages = RecordPages(GET_INVOICES, Invoice)
    [record] = pages.kept(b'{"id":"1","amount":0.1,"created":"2026-01-15T08:31:09.123Z"}\n')
    assert (record["id"], str(record["amount"])) == ("1", "0.1")
    assert pages.kept(b'[{"id": "1"}, {"id": "2"}]\n') == [{"id": "1"}, {"id": "2"}]
