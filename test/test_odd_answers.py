"""A field of an odd type in an answer or a webhook: the invoice is not lost over it. Over real sockets where a call is made."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from faults.server import FaultServer
from raw_server import RawServer, http
from recorded import KEY, payload

import xendit
from xendit.codec import COMPILE_AFTER, LooseReading, Plan
from xendit.exceptions import ApiTypeError, ApiValueError, OpenApiException, ResponseException
from xendit.invoice.model import CreateInvoiceRequest, Invoice, InvoiceCallback, InvoiceItem
from xendit.model import Model, field, fields
from xendit.webhook import InvoiceEvent, MemoryInbox, UnreadableEvent, Worker
from xendit.webhook.event import read_event

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER: dict[str, Any] = payload("invoice__docs-xendit-create-2024.json") | {
    "external_id": "order-1",
    "items": [{"name": "a", "quantity": 1, "price": 5000.5}, {"name": "b", "quantity": 2, "price": 2500}],
}
WEBHOOK: dict[str, Any] = payload("webhook__docs-xendit-dana-2024.json")

#: What is odd, the smallest wrong value's place, the type found and the type declared.
ODD: dict[str, tuple[dict[str, Any], str, str]] = {
    "a number for a bank account": (
        {"available_banks": [{"bank_code": "BCA"}, {"bank_code": "BNI", "bank_branch": 880123}]},
        "Invoice['available_banks'][1]['bank_branch']",
        "an int was found, str",
    ),
    "a text for a flag": ({"should_send_email": "false"}, "Invoice['should_send_email']", "a str was found, boolean"),
    "an empty date": ({"updated": ""}, "Invoice['updated']", "a str was found, datetime"),
    "an object for a list": ({"items": {}}, "Invoice['items']", "a dict was found, list[InvoiceItem]"),
    "a price as text": (
        {"items": [{"name": "a", "price": 1, "quantity": 1}, {"name": "b", "price": "2500", "quantity": 2}]},
        "Invoice['items'][1]['price']",
        "a str was found, number",
    ),
    "an item that is none": ({"items": [{"name": "a"}, 7]}, "Invoice['items'][1]", "an int was found, InvoiceItem"),
    "null among the items": ({"items": [None]}, "Invoice['items'][0]", "None was found, InvoiceItem"),
    "a list for a customer": ({"customer": ["Ayu"]}, "Invoice['customer']", "a list was found, CustomerObject"),
    "a city as a number": (
        {"customer": {"given_names": "Ayu", "addresses": [{"city": 5}]}},
        "Invoice['customer']['addresses'][0]['city']",
        "an int was found, str",
    ),
    "metadata as text": ({"metadata": "x"}, "Invoice['metadata']", "a str was found, object"),
    "a number for an enum": ({"payment_method": 3}, "Invoice['payment_method']", "an int was found, InvoicePaymentMethod"),
    "a date as a number": ({"paid_at": 1700000000}, "Invoice['paid_at']", "an int was found, datetime"),
}  # fmt: skip


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The warnings of the logger `xendit`, as they come."""
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert record.levelno == logging.WARNING
            found.append(record.getMessage())

    handler = Collect()
    logging.getLogger("xendit").addHandler(handler)
    yield found
    logging.getLogger("xendit").removeHandler(handler)


def at(value: Any, place: str) -> Any:
    """What stands at the place of a message: `Invoice['items'][1]`."""
    return eval(place.replace("Invoice", "value", 1), {"value": value})


def read_both_ways(cls: type[Model], body: Any) -> Any:
    """An answer, read by the fast path and by the slow walk, which must agree on values and errors."""
    plan: Plan = cls.__plan__
    plan.compile()
    made: list[Any] = []
    for read in (lambda: cls.from_json(json.dumps(body)), lambda: plan.decode(body), lambda: plan.read(body)):
        try:
            made.append(read())
        except OpenApiException as error:
            made.append((type(error), str(error)))
    assert made[0] == made[1] == made[2]
    return made[2]


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_smallest_odd_value_is_kept_and_encoded_again_as_it_came(odd: Any, lines: list[str]) -> None:
    """The rest is read as ever, one line names the place and the types, and the value is not in it."""
    change, place, types = odd
    body = ANSWER | change
    invoice = read_both_ways(Invoice, body)
    assert at(invoice, place) == at(body, place)
    assert type(at(invoice, place)) is type(at(body, place))
    assert (invoice.id, invoice.status, invoice.amount) == (body["id"], body["status"], body["amount"])
    assert isinstance(invoice.created, datetime)
    assert json.loads(invoice.to_json()) == body
    assert lines == [f"{place}: {types} is declared; it is kept as it came"] * 3
    for same in (copy.deepcopy(invoice), pickle.loads(pickle.dumps(invoice)), Invoice.from_json(invoice.to_json())):
        assert same == invoice
        assert same.to_json() == invoice.to_json()
    assert json.loads(json.dumps(invoice.to_dict(), default=str)).keys() == body.keys()
    assert dict(invoice).keys() == body.keys()
    assert "***" in repr(invoice)


def test_every_field_of_an_answer_may_be_odd_but_the_strict_ones() -> None:
    """By both ways, whatever stands there; what is declared strict is an error that names it."""
    strict = {
        Invoice: {"id", "external_id", "status", "amount", "currency", "invoice_url"},
        InvoiceCallback: {"id", "external_id", "status", "amount"},
    }
    for cls, must in strict.items():
        assert {each.name for each in fields(cls) if each.strict} == must
        for name in [each.name for each in fields(cls)]:
            for junk in (5, "x", True, [], {}, [5], [{}], {"a": None}, 1.5):
                body = {"id": "i", "external_id": "e", "status": "PAID", "amount": 1, "currency": "IDR", name: junk}
                made = read_both_ways(cls, body)
                if isinstance(made, tuple):
                    assert name in must
                    assert made[1].startswith(f"{cls.__name__}[{name!r}]: ")
                else:
                    assert json.loads(made.to_json()) == body
        for name in must:
            made = read_both_ways(cls, {"id": "i", name: [5]})
            assert made[0] is ApiTypeError


def api_on(url: str, **settings: Any) -> Any:
    """An API there that does not wait long."""
    settings.setdefault("retries", xendit.RetryPolicy(first_wait=0.01))
    return xendit.InvoiceApi(xendit.ApiClient(xendit.Configuration(url, KEY, timeout=5, **settings)))


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_no_operation_loses_an_invoice_over_an_odd_field(odd: Any, lines: list[str]) -> None:
    """Creating, reading, expiring and listing return it; one of a hundred does not make the others unreadable."""
    change, place, types = odd
    body = ANSWER | change
    page = [ANSWER | {"id": f"{n:024x}"} for n in range(100)]
    page[57] = body | {"id": page[57]["id"]}
    with RawServer([http(200, json.dumps(body).encode())] * 3 + [http(200, json.dumps(page).encode())]) as server:
        api = api_on(server.url)
        asked = {"external_id": "order-1", "amount": body["amount"]}
        for invoice in (api.create_invoice(asked), api.get_invoice_by_id(body["id"]), api.expire_invoice(body["id"])):
            assert json.loads(invoice.to_json()) == body
        listed = api.get_invoices()
    assert [json.loads(each.to_json()) for each in listed] == page
    assert lines[:3] == [f"{place}: {types} is declared; it is kept as it came"] * 3
    assert lines[3:] == [line.replace("Invoice", "list[Invoice][57]", 1) for line in lines[:1]]


def test_a_page_of_a_hundred_odd_invoices_is_one_line(lines: list[str]) -> None:
    """It names the first of them and how many there are more, so that no log is filled."""
    page = [ANSWER | {"updated": "", "items": [{"price": "1"}, {"price": "2"}]}] * 100
    with RawServer([http(200, json.dumps(page).encode())]) as server:
        assert len(api_on(server.url).get_invoices()) == 100
    assert lines == [
        (
            "list[Invoice][0]['updated']: a str was found, datetime is declared; it is kept as it came"
            " (and 99 more of this field)"
        ),
        (
            "list[Invoice][0]['items'][0]['price']: a str was found, number is declared; it is kept as it came"
            " (and 199 more of this field)"
        ),
    ]


@pytest.mark.parametrize("name", ["id", "external_id", "status", "amount", "currency", "invoice_url"])
def test_what_the_program_cannot_do_without_is_an_error(name: str) -> None:
    """Whatever the operation, with the place; in a list with the number too. Unchecked, it stays as it came."""
    body = ANSWER | {name: [5]}
    with RawServer([http(200, json.dumps(body).encode()), http(200, json.dumps([ANSWER, body]).encode())]) as server:
        api = api_on(server.url, on_unknown="raise")
        with pytest.raises(ResponseException, match=rf"Invoice\['{name}'\]: a list was given"):
            api.get_invoice_by_id(ANSWER["id"])
        with pytest.raises(ResponseException, match=rf"list\[Invoice\]\[1\]\['{name}'\]: a list was given") as caught:
            api.get_invoices()
        assert isinstance(caught.value.__cause__, ApiTypeError)
        assert caught.value.__cause__.path_to_item == (1, name)
        listed = api.get_invoices(_check_return_type=False)
    assert listed[1][name] == [5]
    assert json.loads(listed[1].to_json()) == body


def test_unchecked_answers_are_kept_without_a_word(lines: list[str]) -> None:
    """`_check_return_type=False` was asked for, so nothing is said of it."""
    body = ANSWER | {"items": {}, "amount": "10000"}
    with RawServer([http(200, json.dumps(body).encode())]) as server:
        invoice = api_on(server.url).get_invoice_by_id(body["id"], _check_return_type=False)
    assert (invoice["items"], invoice["amount"], lines) == ({}, "10000", [])
    assert json.loads(invoice.to_json()) == body


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_lost_create_is_found_though_its_invoice_is_odd(odd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same call, and later by `resolve`."""
    with FaultServer() as server:
        commit = server.ledger.commit
        monkeypatch.setattr(server.ledger, "commit", lambda invoice: commit({**invoice, **odd[0]}))
        api = api_on(server.url)
        server.script("rst_after_commit")
        made = api.create_invoice({"external_id": "order-1", "amount": 10000})
        assert len(server.ledger.of("order-1")) == 1
        assert api.resolve("order-1", amount=10000).id == made.id
        for name, value in odd[0].items():
            assert json.loads(made.to_json())[name] == value


def test_a_log_that_fails_loses_no_invoice() -> None:
    """A filter of the application's that raises is not the invoice's fault."""

    def fail(_: logging.LogRecord) -> bool:
        raise RuntimeError("this filter is broken")

    logger = logging.getLogger("xendit")
    logger.addFilter(fail)
    try:
        assert Invoice.from_dict(ANSWER | {"items": {}})["items"] == {}
    finally:
        logger.removeFilter(fail)


def test_constructors_are_as_strict_as_ever() -> None:
    """What a program gives is checked, in an Invoice and an InvoiceCallback too, compiled or not."""
    for _ in range(COMPILE_AFTER + 3):
        for cls, body in ((Invoice, ANSWER), (InvoiceCallback, WEBHOOK)):
            for name, junk in (("created", "yesterday"), ("items", [{"price": "1"}]), ("payer_email", 5)):
                with pytest.raises((ApiTypeError, ApiValueError), match=rf"{cls.__name__}\['{name}'\]"):
                    cls(**{**body, name: junk})
        with pytest.raises(ApiTypeError, match=r"CreateInvoiceRequest\['items'\]"):
            CreateInvoiceRequest.from_dict({"external_id": "e", "amount": 1, "items": {}})


def test_what_was_kept_can_be_read_and_not_be_sent() -> None:
    """An odd item of an answer is refused in a request, with its place, before any socket."""
    invoice = Invoice.from_dict(ANSWER | {"items": [{"name": "a", "price": "5", "quantity": 1}]})
    assert json.loads(invoice.items[0].to_json())["price"] == "5"  # type: ignore[index]
    with RawServer([b""]) as server:
        with pytest.raises(ApiTypeError, match=r"CreateInvoiceRequest\['items'\]\[0\]\['price'\]: a str was given"):
            api_on(server.url).create_invoice(CreateInvoiceRequest("order-1", 1, items=invoice.items))
        assert server.connections == 0
    invoice.items[0].price = 5  # type: ignore[index]
    assert CreateInvoiceRequest("order-1", 1, items=invoice.items).to_json()


def test_what_is_set_anew_is_checked_again() -> None:
    """After a field was set there is nothing odd in it, and encoding is as strict as ever."""
    invoice = Invoice.from_dict(ANSWER | {"items": {}})
    with pytest.raises(ApiTypeError):
        invoice.items = 5  # type: ignore[assignment]
    invoice.items = [InvoiceItem("a", 1, 1)]
    invoice.items.append(7)  # type: ignore[arg-type]
    with pytest.raises(ApiTypeError, match=r"Invoice\['items'\]\[1\]: an int was given"):
        invoice.to_json()


def test_a_program_that_extends_an_answer_reads_it_likewise() -> None:
    """A subclass of an answer is an answer, and says itself which of its fields are strict."""

    class Mine(Invoice):
        shelf: str | None = None
        gate: str = field(strict=True)

    for _ in range(COMPILE_AFTER + 3):
        assert Mine.from_dict(ANSWER | {"shelf": 5, "gate": "a"}).shelf == 5  # type: ignore[comparison-overlap]
        with pytest.raises(ApiTypeError, match=r"Mine\['gate'\]: an int was given, str is needed"):
            Mine.from_dict(ANSWER | {"gate": 5})


def test_a_strict_field_is_strict_wherever_its_model_stands() -> None:
    """A list that is not strict itself holds models whose ids are."""
    kept = LooseReading()
    for _ in range(COMPILE_AFTER + 3):
        assert Page.from_dict({"data": [{"id": "a", "note": 5}, 7]}).data[0].note == 5  # type: ignore[comparison-overlap]
        with pytest.raises(ApiTypeError, match=r"Page\['data'\]\[1\]\['id'\]: an int was given"):
            Page.from_dict({"data": [{"id": "a"}, {"id": 5}]})
    Page.__plan__.receive({"data": [{"id": 5}]}, (), kept)
    assert kept.kept == 1


class Entry(Model):
    """A line of a page."""

    id: str = field(strict=True)
    note: str | None = None


class Page(Model, received=True):
    """A page of a list."""

    data: list[Entry]


# ------------------------------------------------------------------------------------------ webhooks


@pytest.mark.parametrize(
    "change",
    [
        {"paid_at": "yesterday"},
        {"paid_at": ""},
        {"created": 5},
        {"user_id": 5},
        {"user_id": {"a": 1}},
        {"payment_id": 77},
        {"currency": 5},
        {"paid_amount": "10000"},
        {"items": {}},
        {"fees": [{"type": "x", "value": "5"}]},
        {"is_high": "false"},
        {"payment_details": []},
    ],
    ids=str,
)
def test_a_webhook_with_an_odd_field_is_handled(change: dict[str, Any]) -> None:
    """It is no dead letter; the same body has the same key, and a handler can ask all that it asks of others."""
    body = json.dumps(WEBHOOK | change).encode()
    event = read_event(body)
    assert isinstance(event, InvoiceEvent)
    assert event.dedupe_key == read_event(body).dedupe_key
    assert event.dedupe_key.isascii()
    assert json.loads(event.callback.to_json()) == WEBHOOK | change
    assert event.is_late is False
    asked = {"amount": WEBHOOK["amount"], "currency": WEBHOOK["currency"], "external_id": WEBHOOK["external_id"]}
    assert event.matches(**asked) is not bool({"currency", "paid_amount"} & change.keys())
    inbox = MemoryInbox()
    inbox.add(event)
    inbox.add(event)
    handled: list[Any] = []
    assert Worker(inbox, handled.append).drain().handled == 1
    assert (len(handled), inbox.tally().dead) == (1, 0)


@pytest.mark.parametrize("name", ["id", "external_id", "status", "amount"])
def test_a_webhook_that_does_not_say_what_happened_is_kept_as_a_dead_letter(name: str) -> None:
    """Its id, your id, the status and the amount must be what they are."""
    event = read_event(json.dumps(WEBHOOK | {name: [5]}).encode())
    assert isinstance(event, UnreadableEvent)
    assert f"InvoiceCallback['{name}']" in event.problem
