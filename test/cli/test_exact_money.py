"""Over the six currencies and every kind of input: what goes out is what was meant, and what comes back equals it.

An order is meant to cost an amount that its currency has. It is given as shops give it (int, Decimal, float with and
without the noise of a calculation, numpy's numbers, a money value) to the API, and as people write it to the command
line and in CSV files. The request, the invoice, the webhook, `matches`, the look-up after a lost answer and the exports
must all say exactly that amount.
"""

from __future__ import annotations

import csv
import json
import math
import random
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given, settings, strategies as st
from moneyed import Money

import xendit
from xendit.amounts import WITHOUT_DECIMALS
from xendit.apis import InvoiceApi
from xendit.invoice.operations import CREATE_INVOICE
from xendit.models import InvoiceCurrency
from xendit.webhook import InvoiceEvent, Verifier

from .terminal import piped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xendit.sandbox import Sandbox

CURRENCIES = [each.value for each in InvoiceCurrency]
MOST = {currency: 10**9 if currency in WITHOUT_DECIMALS else 10**11 for currency in CURRENCIES}
"""The greatest amount that is tried, in the smallest unit of the currency."""


class Order(NamedTuple):
    """What an order costs."""

    currency: str
    units: int
    """In the smallest unit that the currency has."""

    @property
    def meant(self) -> Decimal:
        """In major units, exactly."""
        return Decimal(self.units) if self.currency in WITHOUT_DECIMALS else Decimal(self.units).scaleb(-2)


def noisy(meant: Decimal, steps: int) -> float:
    """The float that a calculation gives for an amount: some steps of the float grid away from it."""
    value = float(meant)
    for _ in range(abs(steps)):
        value = math.nextafter(value, math.inf if steps > 0 else 0.0)
    return value


def summed(meant: Decimal, steps: int) -> float:
    """The same as the sum of parts, as a basket has it."""
    parts = abs(steps) + 2
    return sum([float(meant) / parts] * parts)


KINDS: dict[str, Callable[[Order, int], Any]] = {
    "int": lambda order, _: int(order.meant) if order.meant == int(order.meant) else order.meant,
    "Decimal": lambda order, _: order.meant,
    "Decimal with zeros": lambda order, _: order.meant.quantize(Decimal("1.0000")),
    "float": lambda order, _: float(order.meant),
    "noisy float": lambda order, steps: noisy(order.meant, steps),
    "sum of floats": lambda order, steps: summed(order.meant, steps),
    "numpy float": lambda order, steps: np.float64(noisy(order.meant, steps)),
    "numpy integer": lambda order, _: np.int64(int(order.meant)) if order.meant == int(order.meant) else order.meant,
    "money value": lambda order, _: Money(order.meant, order.currency),
}
IDS: list[Callable[[int], Any]] = [str, int, lambda number: UUID(int=number), np.int64]
NUMBERS = count(10**9)
"""Each example has an order number of its own."""
ORDERS = st.sampled_from(CURRENCIES).flatmap(
    lambda currency: st.builds(Order, st.just(currency), st.integers(1, MOST[currency]))
)


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[Sandbox, InvoiceApi, list[InvoiceEvent]]]:
    """A sandbox of its own, an API that talks to it, and the events that it delivered."""
    from xendit.sandbox import Sandbox

    with Sandbox() as running:
        api = InvoiceApi(xendit.ApiClient(xendit.Configuration(host=running.url, api_key=running.api_key)))
        events: list[InvoiceEvent] = []
        verifier = Verifier(running.callback_token)

        def take(headers: Any, body: bytes) -> None:
            event = verifier.verify(headers, body)
            assert isinstance(event, InvoiceEvent)
            events.append(event)

        running.deliver_to(take)
        yield running, api, events


@given(
    order=ORDERS,
    kind=st.sampled_from(sorted(KINDS)),
    steps=st.integers(-9, 9),
    identify=st.sampled_from(IDS),
    lower=st.booleans(),
    lost=st.booleans(),
)
@settings(max_examples=(settings.default.max_examples if settings.default else 100) * 3 // 4)
def test_an_amount_is_the_same_everywhere(
    desk: tuple[Sandbox, InvoiceApi, list[InvoiceEvent]],
    order: Order,
    kind: str,
    steps: int,
    identify: Callable[[int], Any],
    lower: bool,
    lost: bool,
) -> None:
    """API, look-up, webhook and `matches`: one amount, whatever the kind it was given in."""
    sandbox, api, events = desk
    events.clear()
    total, key = KINDS[kind](order, steps), identify(next(NUMBERS))
    currency = order.currency.lower() if lower else order.currency
    request: dict[str, Any] = {"external_id": key, "amount": total, "items": [], "fees": []}
    if kind == "money value":
        plain: Any = order.meant
    else:
        request["currency"], plain = currency, total
    request["items"] = [{"name": "n", "price": plain, "quantity": 1}]
    request["fees"] = [{"type": "t", "value": plain}]

    # what goes out is what was meant
    body = json.loads(CREATE_INVOICE.request({"create_invoice_request": request}).body or b"", parse_float=Decimal)
    assert (body["amount"], body["currency"], body["external_id"]) == (order.meant, order.currency, str(key))
    assert (body["items"][0]["price"], body["fees"][0]["value"]) == (order.meant, order.meant)

    # what comes back equals it, also when the answer was lost and the invoice is looked up
    if lost:
        sandbox.faults.arm("commit_then_reset", match="create", times=1)
    invoice = api.create_invoice(request)  # type: ignore[arg-type]
    sandbox.faults.clear()
    assert invoice.decimal("amount") == order.meant
    assert invoice.items is not None
    assert invoice.items[0].decimal("price") == order.meant
    assert [each.id for each in api.get_invoices(external_id=key)] == [invoice.id]
    assert api.resolve(str(key), amount=total, currency=None if kind == "money value" else currency).id == invoice.id
    for read in (type(invoice).from_dict(invoice.to_dict()), type(invoice).from_json(invoice.to_json())):
        assert read.decimal("amount") == order.meant

    # the webhook says it, and matches agrees in every kind of input
    sandbox.pay(invoice.id)
    [event] = events
    assert event.callback.decimal("amount") == event.callback.decimal("paid_amount") == order.meant
    named = None if kind == "money value" else currency
    assert event.matches(amount=total, currency=named, external_id=key)
    for give in KINDS.values():
        assert event.matches(amount=give(order, steps), currency=order.currency, external_id=str(key))
    more = Order(order.currency, order.units + 1).meant
    for wrong in (more, float(more), noisy(more, steps)):
        assert not event.matches(amount=wrong, currency=order.currency, external_id=key)


# ------------------------------------------------------------------------------------------ what people write


def orders_of(dice: random.Random, many: int) -> list[Order]:
    """Orders of all six currencies, small ones and great ones."""
    return [
        Order(
            CURRENCIES[number % 6], dice.randrange(1, 10 ** dice.randrange(1, len(str(MOST[CURRENCIES[number % 6]]))))
        )
        for number in range(many)
    ]


def written(order: Order, dice: random.Random) -> str:
    """An amount as a person writes it in its currency."""
    text = f"{order.meant:f}"
    if "." not in text:
        return dice.choice([text, f"{text}.0", f"{text}.00", f" {text} "])
    return dice.choice([text, text.rstrip("0").rstrip("."), f" {text} "])


def grouped(order: Order) -> str:
    """The same with a point before three digits, which is one amount in Jakarta and another in Manila."""
    return f"{order.units}.{order.units % 1000:03}"


def test_what_people_write_is_created_and_exported_exactly(
    keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """CSV and command line in; CSV, JSON lines and Parquet out: the amounts are those that were meant."""
    dice = random.Random(20261128)
    orders = {f"csv-{number}": order for number, order in enumerate(orders_of(dice, 36))}
    with (tmp_path / "many.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["external_id", "amount", "currency"])
        table.writerows([name, written(order, dice), order.currency] for name, order in orders.items())
    done = piped(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert done.code == 0, done.err
    for number, order in enumerate(orders_of(dice, 6)):
        orders[f"cli-{number}"] = order
        amount = written(order, dice)
        command = ["invoices", "create", "--external-id", f"cli-{number}", "--amount", amount]
        done = piped([*command, "--currency", order.currency], keyed, cwd=tmp_path)
        assert done.code == 0, done.err
        assert Decimal(str(json.loads(done.out)["amount"])) == order.meant
    meant = {name: (order.meant, order.currency) for name, order in orders.items()}
    made = {each["external_id"]: each for each in sandbox.export()["records"]}
    assert {name: (Decimal(str(each["amount"])), each["currency"]) for name, each in made.items()} == meant
    for each in made.values():
        sandbox.pay(each["id"])

    def exported(name: str) -> Path:
        ran = piped(["invoices", "export", name], keyed, cwd=tmp_path)
        assert ran.code == 0, ran.err
        return tmp_path / name

    with exported("all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line, parse_float=Decimal) for line in exported("all.jsonl").read_text().splitlines()]
    columns = pyarrow.parquet.read_table(exported("all.parquet")).to_pylist()
    for read in (rows, lines, columns):
        for name in ("amount", "paid_amount"):
            assert {each["external_id"]: (Decimal(each[name]), each["currency"]) for each in read} == meant


def test_what_can_be_read_in_two_ways_is_created_nowhere(
    keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Thousands that are grouped by a point, and decimals that the currency does not have."""
    dice = random.Random(7)
    texts = [(order, grouped(order)) for order in orders_of(dice, 12)]
    texts += [(order, f"{order.meant}.5") for order in orders_of(dice, 12) if order.currency in WITHOUT_DECIMALS]
    rows = [f"two-{number},{text},{order.currency}" for number, (order, text) in enumerate(texts)]
    (tmp_path / "many.csv").write_text("\n".join(["external_id,amount,currency", *rows]))
    done = piped(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert done.code == 2, done
    order, text = texts[0]
    command = ["invoices", "create", "--external-id", "two", "--amount", text, "--currency", order.currency]
    assert piped(command, keyed, cwd=tmp_path).code == 2
    assert sandbox.export()["records"] == []
