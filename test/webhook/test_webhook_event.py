"""Events: their key, and the questions a shop asks of them."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from inbox_contract import event

from xendit.exceptions import ApiTypeError, ApiValueError, WebhookBodyException
from xendit.products import products
from xendit.testing import expired, paid
from xendit.webhook import (
    Event,
    InvoiceEvent,
    MemoryInbox,
    OtherEvent,
    UnreadableEvent,
    Worker,
    event as event_module,
    read_event,
)
from xendit.webhook.event import Delivered, key_part

if TYPE_CHECKING:
    from collections.abc import Iterator


def invoice(status: str = "PAID", **more: Any) -> InvoiceEvent:
    """An event of an invoice."""
    found = event(status, **more)
    assert isinstance(found, InvoiceEvent)
    return found


def test_the_key_is_the_same_for_every_delivery() -> None:
    """PAID and SETTLED are one; webhook id, payment id, times and source are not in it."""
    keys = {
        invoice().dedupe_key,
        invoice("SETTLED").dedupe_key,
        invoice(payment_id="ewc_1").dedupe_key,
        invoice(updated="2025-01-01T00:00:00Z").dedupe_key,
        read_event(invoice().body, source="reconcile").dedupe_key,
    }
    assert keys == {"usr/inv-1/paid"}
    assert invoice("EXPIRED").dedupe_key == "usr/inv-1/expired"


def test_ids_cannot_forge_a_key() -> None:
    """A slash in an id does not make it another invoice's."""
    assert invoice(id="a/b", user_id="c").dedupe_key == "c/a%2Fb/paid"
    assert invoice(id="b", user_id="c/a").dedupe_key == "c%2Fa/b/paid"
    assert len({invoice(id="x" * n).dedupe_key for n in (300, 301)}) == 2


def test_a_second_payment_has_its_payment_in_the_key() -> None:
    """As the inbox stores it."""
    second = invoice(payment_id="qrpy/1").as_second_payment()
    assert (second.dedupe_key, second.is_second_payment) == ("usr/inv-1/paid/qrpy%2F1", True)
    assert second.subject == invoice().subject


@pytest.mark.parametrize(
    ("status", "stored", "answer"),
    [
        ("PAID", None, True),
        ("PAID", "PENDING", True),
        ("PAID", "EXPIRED", True),
        ("PAID", "PAID", False),
        ("PAID", "SETTLED", False),
        ("SETTLED", "PAID", True),
        ("EXPIRED", "PENDING", True),
        ("EXPIRED", "PAID", False),
        ("EXPIRED", "EXPIRED", False),
        ("PAID", "of our own", True),
        ("NEW_STATUS", "PENDING", False),
    ],
)
def test_a_lower_state_does_not_supersede(status: str, stored: str | None, answer: bool) -> None:
    """PENDING < EXPIRED < PAID < SETTLED."""
    assert invoice(status).supersedes(stored) is answer


def test_late_is_paid_after_expiry() -> None:
    """By the inbox's knowledge, or by the two times of a listed invoice."""
    assert not invoice().is_late
    times = {"paid_at": "2025-01-02T00:00:00Z", "expiry_date": "2025-01-01T00:00:00Z"}
    assert invoice(**times).is_late
    assert not invoice("EXPIRED", **times).is_late
    assert not invoice(**(times | {"expiry_date": "2025-01-03T00:00:00Z"})).is_late
    assert not invoice(**(times | {"expiry_date": "odd"})).is_late


MATCHING = {"amount": 1000, "currency": "IDR", "external_id": "order-1"}


@pytest.mark.parametrize(
    ("has", "wanted", "answer"),
    [
        ({}, {}, True),
        ({}, {"amount": Decimal("1000.00")}, True),
        ({}, {"amount": Decimal("1000.75")}, True),  # Xendit cuts what IDR does not have
        ({}, {"amount": 1001}, False),
        ({}, {"currency": "PHP"}, False),
        ({}, {"external_id": "order-2"}, False),
        ({"amount": 134.4, "currency": "PHP"}, {"amount": 134.4, "currency": "PHP"}, True),
        ({"amount": 134.4, "currency": "PHP"}, {"amount": Decimal("134.40"), "currency": "PHP"}, True),
        ({"amount": 134.4, "currency": "PHP"}, {"amount": 134, "currency": "PHP"}, False),
        ({"amount": 134.4, "currency": "PHP"}, {"amount": 134.409, "currency": "PHP"}, True),
        ({"amount": 134.4, "currency": "PHP"}, {"amount": 134.41, "currency": "PHP"}, False),
        ({"amount": 1e300, "currency": "PHP"}, {"amount": 1e300, "currency": "PHP"}, True),
        ({"paid_amount": 1000}, {}, True),
        ({"paid_amount": 1500}, {}, True),
        ({"paid_amount": 1}, {}, False),
        ({"amount": None}, {}, False),
        ({"currency": None}, {}, False),
    ],
)
def test_an_event_matches_the_order(has: dict[str, Any], wanted: dict[str, Any], answer: bool) -> None:
    """The same order, amount and currency, and no less was paid."""
    assert invoice(**(MATCHING | has)).matches(**(MATCHING | wanted)) is answer


class Money:
    """A Money of py-moneyed and django-money, in what is asked of it."""

    def __init__(self, amount: Any, currency: Any) -> None:
        self.amount = amount
        self.currency = currency


class Currency:
    """A Currency of py-moneyed."""

    def __init__(self, code: str) -> None:
        self.code = code


class Whole:
    """An integer that is no int, such as numpy's."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


KEY = UUID("6f0a1c1e-59a9-4f3b-8e1f-0d2b6d0c3b11")


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ({"external_id": 7}, True),
        ({"external_id": 8}, False),
        ({"external_id": Whole(7)}, True),
        ({"amount": Whole(134)}, False),
        ({"currency": "php"}, True),
        ({"currency": "idr"}, False),
        ({"amount": Money(Decimal("134.40"), Currency("PHP")), "currency": None}, True),
        ({"amount": Money(Decimal("134.40"), "php"), "currency": None}, True),
        ({"amount": Money(Decimal("134.40"), Currency("PHP"))}, True),
        ({"amount": Money(Decimal("134.40"), Currency("USD")), "currency": None}, False),
        ({"amount": Money(134.41, Currency("PHP")), "currency": None}, False),
    ],
)
def test_an_order_is_compared_in_its_own_types(order: dict[str, Any], answer: bool) -> None:
    """An integer key, a currency in either case, a Money: what create_invoice takes."""
    wanted = {"amount": 134.4, "currency": "PHP", "external_id": 7} | order
    assert invoice(amount=134.4, currency="PHP", external_id="7").matches(**wanted) is answer


def test_a_uuid_is_a_key_too() -> None:
    """As text, which is how it was sent."""
    order = {"amount": 1000, "currency": "IDR", "external_id": KEY}
    assert invoice(currency="IDR", external_id=str(KEY)).matches(**order)
    assert not invoice(currency="IDR", external_id=KEY.hex).matches(**order)


@pytest.mark.parametrize("made", [paid, expired])
def test_bodies_for_tests_take_what_an_order_has(made: Any) -> None:
    """The order of a test in the types of the shop, and the event that comes of it matches that order."""
    for order in (
        {"external_id": 7, "amount": Decimal("134.40"), "currency": "php"},
        {"external_id": KEY, "amount": Money(Decimal("134.40"), Currency("PHP"))},
        {"external_id": Whole(7), "amount": Whole(134), "currency": "PHP"},
        {"external_id": "order-1", "amount": 150000.0},
    ):
        found = read_event(json.dumps(made(**order)).encode())
        assert isinstance(found, InvoiceEvent)
        assert found.matches(**({"currency": None if hasattr(order["amount"], "currency") else "IDR"} | order))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"amount": "1000"}, {"amount": None}, {"amount": True}, {"amount": Money("1000", "IDR")}),
        *({"currency": 5}, {"currency": None}, {"external_id": 7.0}, {"external_id": True}, {"external_id": None}),
    ],
)
def test_a_mistake_in_matches_is_told(wrong: dict[str, Any]) -> None:
    """An amount as text would never match; that is an error, not a False."""
    with pytest.raises(ApiTypeError, match=next(iter(wrong))):
        invoice().matches(**(MATCHING | wrong))


def test_two_currencies_are_one_too_many() -> None:
    """A Money in one currency and another one beside it contradict one another."""
    with pytest.raises(ApiValueError, match="the amount is in PHP, and currency says IDR"):
        invoice().matches(**(MATCHING | {"amount": Money(1000, "PHP")}))


def test_what_is_personal_is_not_in_the_repr() -> None:
    """Neither of an event nor of what is in it."""
    found = invoice(payer_email="ayu@example.com", customer={"given_names": "Ayu"})
    assert "ayu" not in repr(found).lower()
    other = read_event(b'{"event": "x", "data": {"id": "1", "email": "ayu@example.com"}}')
    assert isinstance(other, OtherEvent)
    assert "ayu" not in repr(other)
    odd = read_event(b'{"id": "x", "status": "PAID", "amount": "ayu@example.com"}')
    assert isinstance(odd, UnreadableEvent)
    assert "ayu" not in repr(odd)


def test_an_unknown_status_is_neither_paid_nor_expired() -> None:
    """A status that Xendit adds later is an event, and nobody takes it for an expiry."""
    found = invoice("ON_HOLD")
    assert (found.kind, found.is_paid, found.is_expired) == ("on_hold", False, False)


def test_only_json_is_an_event() -> None:
    """read_event says so in the words of the one exception tree."""
    with pytest.raises(WebhookBodyException, match="not JSON"):
        read_event(b"<html>")


# ------------------------------------------------------------------------------------------ products


@dataclass(frozen=True)
class ParcelEvent(Event):
    """An event of a product that this package does not have: a parcel is sent, then delivered."""

    state: str

    @property
    def kind(self) -> str:
        return self.state

    @property
    def rank(self) -> int:
        return ["sent", "delivered"].index(self.state)

    @property
    def subject(self) -> str:
        return self.dedupe_key.rpartition("/")[0]


def read_parcel(delivered: Delivered) -> ParcelEvent | None:
    """Read an envelope of parcels, or a bare body with a parcel in it."""
    data = delivered.data["data"] if delivered.event_name else delivered.data
    if "parcel" not in data:
        return None
    if data["state"] not in ("sent", "delivered"):
        raise ApiValueError("ParcelEvent['state']: an unknown state was found", ("state",))
    key = f"{key_part(data['parcel'])}/{data['state']}"
    return ParcelEvent(key, delivered.body, data["state"], webhook_id=delivered.webhook_id, source=delivered.source)


@pytest.fixture
def parcels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A product that is added after those that are here."""
    module = SimpleNamespace(read=read_parcel)
    added = SimpleNamespace(events={"": "ParcelEvent", "parcel.moved": "ParcelEvent"}, module=lambda _: module)
    monkeypatch.setattr(event_module, "products", lambda: iter([*products(), added]))
    event_module._readers.cache_clear()
    yield
    event_module._readers.cache_clear()


def parcel(state: str, *, bare: bool = False) -> Event:
    """What is told of a parcel."""
    data = {"parcel": "p-1", "state": state}
    return read_event(json.dumps(data if bare else {"event": "parcel.moved", "data": data}).encode())


@pytest.mark.usefixtures("parcels")
def test_a_product_reads_its_own_events() -> None:
    """By the name of the envelope, and bare bodies before the invoices, which take what nobody else wants."""
    assert parcel("sent") == replace(parcel("sent", bare=True), body=parcel("sent").body)
    assert parcel("sent").dedupe_key == "p-1/sent"
    odd = parcel("lost")
    assert isinstance(odd, UnreadableEvent)
    assert odd.problem == "ParcelEvent['state']: an unknown state was found"
    assert isinstance(read_event(b'{"event": "refund.succeeded", "data": {"id": "1"}}'), OtherEvent)
    assert isinstance(invoice(), InvoiceEvent)


@pytest.mark.usefixtures("parcels")
def test_the_rank_of_a_product_is_kept() -> None:
    """What was delivered is not sent any more; such events go to `other`, unless their class is for the handler."""
    inbox = MemoryInbox()
    for state in ("delivered", "sent"):
        assert inbox.add(parcel(state)).is_new
    others: list[Event] = []
    assert Worker(inbox, print, other=others.append).drain().handled == 1
    assert others == [parcel("delivered")]
    assert {row.kind: row.outcome for row in inbox.letters("done")} == {"delivered": "handled", "sent": "superseded"}


def test_nothing_in_webhook_names_a_product() -> None:
    """Neither an import nor a class of a product stands there; the face's branch for checkers is derived."""
    for path in Path(event_module.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [node.id] if isinstance(node, ast.Name) else []
            if path.name != "__init__.py":
                assert not [name for name in names if "invoice" in name.lower()], path
