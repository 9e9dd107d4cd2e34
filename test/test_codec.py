"""Decoding, constructing and encoding, by tables and by hypothesis: fast and slow paths must agree."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import warnings
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st
from recorded import ENUMS, MODELS, PAYLOADS, payload

from xendit.amounts import exact_amounts
from xendit.codec import (
    COMPILE_AFTER,
    Array,
    Plan,
    Reading,
    _parse_int,
    absent,
    kind_of,
    loads,
    number_text,
    parse_annotation,
    read_json,
    time_text,
)
from xendit.exceptions import ApiTypeError, ApiValueError, OpenApiException, XenditWarning
from xendit.invoice import model as face
from xendit.invoice.model import (
    CreateInvoiceRequest,
    CustomerObject,
    Invoice,
    InvoiceCallback,
    InvoiceFee,
    InvoiceItem,
    NotificationChannel,
    NotificationPreference,
)
from xendit.model import Amount, Model, OpenEnum, field, fields
from xendit.words import misspelled


def both_ways(cls: type[Model], body: Any) -> tuple[Any, Any]:
    """What the compiled decoder and the slow walk make of a body: a value, or an error as (type, text)."""
    plan: Plan = cls.__plan__
    plan.compile()
    answers = []
    for decode in (plan.decode, plan.read):
        try:
            answers.append(decode(body))
        except OpenApiException as error:
            answers.append((type(error), str(error)))
    return answers[0], answers[1]


# ------------------------------------------------------------------------------------------ given values


@pytest.mark.parametrize(
    ("given_amount", "sent"),
    [
        (1000, "1000"),
        (1000.0, "1000"),
        (134.4, "134.4"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e16, "10000000000000000"),
        (Decimal("50000.00"), "50000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (12345678901234567890, "12345678901234567890"),
        (-0.0, "0"),
        (True, ApiTypeError),
        ("1000", ApiTypeError),
        (float("nan"), ApiValueError),
        (float("inf"), ApiValueError),
        (Decimal("NaN"), ApiValueError),
        (Decimal("-Infinity"), ApiValueError),
        (Decimal("1E+999999"), ApiValueError),
        (10**5000, ApiValueError),
        ([1], ApiTypeError),
    ],
    ids=lambda value: str(value)[:24] if not isinstance(value, int) or value < 10**20 else "huge",
)
@pytest.mark.parametrize("compiled", [False, True])
def test_an_amount_is_sent_exactly_or_refused(given_amount: Any, sent: Any, compiled: bool) -> None:
    """Int, float and Decimal go out exact and without an exponent; nothing else is an amount."""
    if compiled:
        InvoiceFee.__plan__.compile()
    if isinstance(sent, str):
        assert InvoiceFee(type="x", value=given_amount).to_json() == f'{{"type":"x","value":{sent}}}'
    else:
        with pytest.raises(sent, match=r"InvoiceFee\['value'\]"):
            InvoiceFee(type="x", value=given_amount)


@pytest.mark.parametrize(
    ("duration", "sent"),
    [
        (3600, 3600),
        (3600.0, 3600),
        ("3600", 3600),
        (" 3600 ", 3600),
        (timedelta(hours=1), 3600),
        (timedelta(days=365), 31536000),
        (Decimal(60), 60),
        (0, ApiValueError),
        (-1, ApiValueError),
        (1.5, ApiValueError),
        (timedelta(milliseconds=1500), 1),
        (timedelta(milliseconds=500), ApiValueError),
        ("an hour", ApiValueError),
        ("٣", ApiValueError),
        (True, ApiTypeError),
        ([3600], ApiTypeError),
    ],
    ids=str,
)
def test_a_duration_is_sent_as_whole_seconds(duration: Any, sent: Any) -> None:
    """All spellings of a duration give the integer that the API wants."""
    if isinstance(sent, int):
        request = CreateInvoiceRequest("x", 1, invoice_duration=duration)
        assert (request.invoice_duration, type(request.invoice_duration)) == (sent, int)
        assert json.loads(request.to_json())["invoice_duration"] == sent
    else:
        with pytest.raises(sent, match="invoice_duration"):
            CreateInvoiceRequest("x", 1, invoice_duration=duration)


@pytest.mark.parametrize(
    ("external_id", "sent"),
    [
        ("order-1", "order-1"),
        (7, "7"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("a/b c é", "a/b c é"),
        ("", ApiValueError),
        (True, ApiTypeError),
        (1.5, ApiTypeError),
        (b"x", ApiTypeError),
    ],
    ids=str,
)
def test_an_external_id_is_sent_as_text(external_id: Any, sent: Any) -> None:
    """A str, int or UUID becomes text; an empty one and other types are refused."""
    if isinstance(sent, str):
        request = CreateInvoiceRequest(external_id, 1)
        assert (request.external_id, json.loads(request.to_json())["external_id"]) == (sent, sent)
    else:
        with pytest.raises(sent, match="external_id"):
            CreateInvoiceRequest(external_id, 1)


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000Z"),
        ("2020-01-02T03:04:05.123Z", "2020-01-02T03:04:05.123Z"),
        ("2020-01-02T03:04:05.123456Z", "2020-01-02T03:04:05.123456Z"),
        ("2020-01-02T03:04:05.1Z", "2020-01-02T03:04:05.100Z"),
        ("2020-01-02T10:04:05+07:00", "2020-01-02T03:04:05.000Z"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:05.000Z"),
        ("2020-01-02", "2020-01-02T00:00:00.000Z"),
        ("20200102T030405Z", "2020-01-02T03:04:05.000Z"),
        (date(2020, 1, 2), "2020-01-02T00:00:00.000Z"),
        (datetime(2020, 1, 2, 3), "2020-01-02T03:00:00.000Z"),
        (datetime(2020, 1, 2, 3, tzinfo=timezone(timedelta(hours=7))), "2020-01-01T20:00:00.000Z"),
        ("yesterday", ApiValueError),
        ("", ApiValueError),
        ("2020-13-01", ApiValueError),
        ("9" * 100, ApiValueError),
        (1577934245, ApiTypeError),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-7))), ApiValueError),
    ],
    ids=str,
)
def test_a_time_is_aware_and_written_in_utc(moment: Any, read: Any) -> None:
    """Times are aware datetimes, UTC when the text has no offset, and are written with Z."""
    if isinstance(read, str):
        invoice = Invoice.from_dict({})
        invoice.created = moment
        assert invoice.created.tzinfo is not None
        assert invoice.to_json() == f'{{"created":"{read}"}}'
    else:
        invoice = Invoice.from_dict({})
        with pytest.raises(read, match="created"):
            invoice.created = moment
            invoice.to_json()


def test_all_missing_fields_are_named_at_once() -> None:
    """One error names every missing required field, of the class and of the models inside it."""
    with pytest.raises(ApiTypeError, match=r"missing required fields 'external_id', 'amount'$"):
        CreateInvoiceRequest()  # type: ignore[call-arg]
    with pytest.raises(ApiTypeError, match=r"CreateInvoiceRequest\['items'\]\[1\]: missing .* 'name', 'price'$"):
        CreateInvoiceRequest("x", 1, items=[{"name": "a", "price": 1, "quantity": 1}, {"quantity": 1}])  # type: ignore[list-item]
    with pytest.raises(ApiTypeError, match="missing required field 'amount'$"):
        CreateInvoiceRequest("x", None)  # type: ignore[arg-type]


def test_a_missing_field_is_found_in_its_misspelling() -> None:
    """Whoever wrote `amout` did give the amount: the error names what is like a missing field, and nothing else."""
    said = r"missing required field 'amount'; 'amout' was given; did you mean 'amount'\?$"
    with pytest.raises(ApiTypeError, match=said):
        CreateInvoiceRequest("x", amout=5, colour="red")  # type: ignore[call-arg]
    said = r"missing required fields 'external_id', 'amount'; 'externalId' was given; did you mean 'external_id'\?$"
    with pytest.raises(ApiTypeError, match=said):
        CreateInvoiceRequest(externalId="x")  # type: ignore[call-arg]
    with pytest.raises(ApiTypeError, match=r"\['items'\]\[0\]: missing required field 'price'; 'prize' was given"):
        CreateInvoiceRequest("x", 1, items=[{"name": "a", "prize": 1, "quantity": 1}])  # type: ignore[list-item]


def test_a_long_name_is_compared_and_told_cut() -> None:
    """A key of a body may be of any length; comparing whole ones would take seconds."""
    said = f"; {'a' * 100!r} was given; did you mean {'a' * 100!r}?"
    assert misspelled(["a" * 700_000, "b" * 700_000], ["a" * 100]) == said


def test_a_wrong_type_names_the_path_the_type_and_what_is_right() -> None:
    """The error says where, what was given and what is needed, and never shows the value."""
    with pytest.raises(ApiTypeError) as caught:
        CreateInvoiceRequest(
            "x",
            1,
            items=[InvoiceItem("a", 1, 1), InvoiceItem("b", 1, 1), {"name": "c", "price": "secret", "quantity": 1}],  # type: ignore[list-item]
        )
    assert str(caught.value) == (
        "CreateInvoiceRequest['items'][2]['price']: a str was given, int, float or Decimal is needed"
    )
    assert caught.value.path_to_item == ("items", 2, "price")


@pytest.mark.parametrize("compiled", [False, True])
def test_an_unknown_keyword_is_sent_with_one_warning_that_names_the_nearest(compiled: bool) -> None:
    """A typing error is not lost silently, and a new field of the API can be used at once."""
    if compiled:
        CreateInvoiceRequest.__plan__.compile()
    with pytest.warns(XenditWarning, match="'sucess_redirect_url'.*did you mean 'success_redirect_url'") as seen:
        request = CreateInvoiceRequest("x", 1, sucess_redirect_url="https://a.example")  # type: ignore[arg-type]
    assert len(seen) == 1
    assert seen[0].filename == __file__
    assert json.loads(request.to_json())["sucess_redirect_url"] == "https://a.example"


def test_an_unknown_enum_text_is_sent_with_one_warning_that_names_the_nearest() -> None:
    """A value that Xendit added later can be sent; a typing error is seen."""
    with pytest.warns(XenditWarning, match="'emial' is no known NotificationChannel.*'email'") as seen:
        wish = NotificationPreference(invoice_paid=["emial", "email"])
    assert len(seen) == 1
    assert wish.to_json() == '{"invoice_paid":["emial","email"]}'


def test_what_comes_from_the_wire_keeps_unknown_fields_without_a_warning() -> None:
    """InvoiceCallback and Invoice take the server's news as they are."""
    body = {**payload("webhook__xendit-python-docs-alfamart.json"), "brand_new": {"a": [1]}, "status": "VOIDED"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        callback = InvoiceCallback(**body)
    assert callback["brand_new"] == callback.brand_new == {"a": [1]}  # type: ignore[attr-defined]
    assert (callback.status, callback.status.is_known) == ("VOIDED", False)


def test_the_deprecated_spelling_of_locale_is_respelt() -> None:
    """`local`, a misspelling of early official versions, is sent as `locale`, with a DeprecationWarning."""
    for compiled in (False, True):
        if compiled:
            CreateInvoiceRequest.__plan__.compile()
        with pytest.warns(DeprecationWarning, match="write 'locale'"):
            request = CreateInvoiceRequest("x", 1, local="id")
        assert (request.locale, request.local, request["local"]) == ("id", "id", "id")
        with pytest.warns(DeprecationWarning, match="write 'locale'"):
            request.local = "en"
        assert (request.locale, list(request)) == ("en", ["external_id", "amount", "locale"])
        request.locale = "id"
        assert request.to_json() == '{"external_id":"x","amount":1,"locale":"id"}'
        with pytest.warns(DeprecationWarning, match="locale"), pytest.raises(ApiValueError, match="differ"):
            CreateInvoiceRequest("x", 1, local="id", locale="en")


def test_none_means_absent_when_constructing() -> None:
    """None is left out of the body in the model form and in the dict form."""
    request = CreateInvoiceRequest("x", 1, payer_email=None, customer={"surname": None, "email": "a@example.com"})
    assert request.to_json() == '{"external_id":"x","amount":1,"customer":{"email":"a@example.com"}}'
    assert "payer_email" not in request


def test_metadata_is_never_touched() -> None:
    """Free-form values go out and come back exactly as they are."""
    metadata = {"a": 1, "b": 1.0, "c": [True, None, {"d": "é"}], "": "x"}
    request = CreateInvoiceRequest("x", 1, metadata=metadata)
    assert request.metadata is metadata
    assert json.loads(request.to_json())["metadata"] == metadata
    assert '"a":1,"b":1.0' in request.to_json()


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": float("nan")},
        {1: "x"},
        {"a": object()},
        {"a": {1, 2}},
        {"a": Decimal("NaN")},
        [1],
        "x",
        {str(i): i for i in range(51)},
    ],
    ids=["nan", "int key", "object", "set", "decimal", "list", "str", "51 keys"],
)
def test_metadata_that_json_cannot_hold_is_refused(metadata: Any) -> None:
    """The error comes when the request is made, with the path."""
    with pytest.raises((ApiTypeError, ApiValueError), match=r"CreateInvoiceRequest\['metadata'\]"):
        CreateInvoiceRequest("x", 1, metadata=metadata)


def test_what_was_changed_behind_our_back_is_checked_when_it_is_sent() -> None:
    """Lists and dicts inside a model are ordinary ones, so encoding checks them again."""
    request = CreateInvoiceRequest("x", 1, items=[InvoiceItem("a", 1, 1)], metadata={})
    assert request.items is not None
    assert request.metadata is not None
    for change, undo, path in (
        (lambda: request.items.append(1), request.items.pop, "['items'][1]"),  # type: ignore[union-attr, arg-type]
        (lambda: request.metadata.update(a=float("nan")), request.metadata.clear, "['metadata']['a']"),  # type: ignore[union-attr]
    ):
        change()
        for compiled in (False, True):
            if compiled:
                CreateInvoiceRequest.__plan__.compile()
            with pytest.raises((ApiTypeError, ApiValueError)) as caught:
                request.to_json()
            assert path in str(caught.value)
        undo()
    assert request.to_json()


# ------------------------------------------------------------------------------------------ decoding


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_every_field_may_be_absent_or_null(cls: type[Model]) -> None:
    """Both read as None; a null is in the model and is encoded again, an absent field is not."""
    wires = {each.wire: each.name for each in fields(cls) if "spelling_of" not in each.rules}
    nulls: dict[str, Any] = dict.fromkeys(wires)
    for body in ({}, nulls):
        fast, slow = both_ways(cls, body)
        assert fast == slow
        assert all(getattr(fast, name) is None for name in wires.values())
        assert list(fast) == [wires[wire] for wire in body]
        assert json.loads(fast.to_json()) == body
    assert cls.from_dict({}) != cls.from_dict(nulls)


@pytest.mark.parametrize("name", sorted(path.name for path in PAYLOADS.glob("*.json")))
def test_every_recorded_body_reads_and_comes_back_the_same(name: str) -> None:
    """Real bodies decode, and what is encoded again is what was read, unknown fields included."""
    body = payload(name)
    if name.startswith("error") or "refund" in name:
        cls: type[Model] = face.BadRequestError
    else:
        cls = InvoiceCallback if name.startswith("webhook") else Invoice
    for each in body if isinstance(body, list) else [body]:
        fast, slow = both_ways(cls, each)
        assert fast == slow
        assert json.loads(fast.to_json()) == each
        assert cls.from_json(fast.to_json()) == fast


@pytest.mark.parametrize("cls", ENUMS, ids=lambda cls: cls.__name__)
def test_an_unknown_enum_value_keeps_its_text(cls: type[OpenEnum]) -> None:
    """A value that Xendit added later compares, hashes, formats and counts as its text, and is not cached."""
    value = cls("BRAND_NEW")
    assert (value, str(value), f"{value}", value.value, value.is_known) == ("BRAND_NEW",) * 4 + (False,)
    assert {value: 1}["BRAND_NEW"] == 1
    assert json.dumps(value) == '"BRAND_NEW"'
    assert cls("BRAND_NEW") is not value
    assert "BRAND_NEW" not in cls._value2member_map_
    assert all(member.is_known and member == member.value for member in cls)


def test_one_unknown_value_in_every_enum_field_fails_nothing() -> None:
    """A list of invoices with news in every enum is read, and comes back unchanged."""
    body = payload("invoice__docs-xendit-create-2024.json")
    body.update(status="VOIDED", currency="SGD", payment_method="TELEPATHY")
    body["available_banks"][0]["bank_code"] = "MOON"
    body["available_ewallets"][0]["ewallet_type"] = "PURSE"
    body["available_qr_codes"][0]["qr_code_type"] = "QRMY"
    body["available_retail_outlets"][0]["retail_outlet_name"] = "KIOSK"
    body["available_direct_debits"][0]["direct_debit_type"] = "DD_MOON"
    body["available_paylaters"] = [{"paylater_type": "NEVER"}]
    body["customer_notification_preference"] = {"invoice_paid": ["telegram"]}
    fast, slow = both_ways(Invoice, body)
    assert fast == slow
    assert json.loads(fast.to_json()) == body
    assert fast.available_banks[0].bank_code == "MOON"


def test_unknown_fields_shadow_nothing() -> None:
    """Fields named like methods or internals are kept by key, and the model goes on working."""
    hostile = {"to_dict": 1, "get": 2, "__class__": 3, "_unknown": 4, "self": 5, "__plan__": 6, "items": None}
    invoice = Invoice.from_dict({"id": "x", **hostile})
    assert invoice["to_dict"] == 1
    assert invoice.to_dict() == {"id": "x", **hostile}
    assert Invoice.from_json(invoice.to_json()) == invoice
    assert invoice.id == "x"
    assert type(invoice) is Invoice


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": 5}, "Invoice['id']: an int was given, str is needed"),
        ({"amount": "5"}, "Invoice['amount']: a str was given, a number is needed"),
        ({"amount": True}, "Invoice['amount']: a bool was given, a number is needed"),
        ({"should_send_email": 1}, "Invoice['should_send_email']: an int was given, bool is needed"),
        ({"created": "soon"}, "Invoice['created']: the text is no ISO 8601 date"),
        ({"created": 5}, "Invoice['created']: an int was given, ISO 8601 text is needed"),
        ({"status": 5}, "Invoice['status']: an int was given, str is needed"),
        ({"available_banks": {}}, "Invoice['available_banks']: a dict was given, a list is needed"),
        ({"available_banks": "x"}, "Invoice['available_banks']: a str was given, a list is needed"),
        ({"available_banks": [{}, "x"]}, "Invoice['available_banks'][1]: a str was given, an object is needed"),
        ({"available_banks": [None]}, "Invoice['available_banks'][0]: None was given, an object is needed"),
        ({"customer": []}, "Invoice['customer']: a list was given, an object is needed"),
        (
            {"customer": {"addresses": [{"city": 5}]}},
            "Invoice['customer']['addresses'][0]['city']: an int was given, str is needed",
        ),
        ({"metadata": "x"}, "Invoice['metadata']: a str was given, an object is needed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_type_is_told_with_its_path_where_nothing_odd_is_kept(change: dict[str, Any], path: str) -> None:
    """As what a user wrote is read. What an answer keeps instead is in test_odd_answers.py."""
    body = {**payload("invoice__docs-xendit-create-2024.json"), **change}
    with pytest.raises((ApiTypeError, ApiValueError)) as caught:
        Invoice.__plan__.receive(body, (), Reading())
    assert str(caught.value) == path
    fast, slow = both_ways(Invoice, body)
    assert fast == slow


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":1}x', "not JSON"),
        (b"[1]", "a list was given, an object is needed"),
        (b'"x"', "a str was given, an object is needed"),
        (b"null", "None was given, an object is needed"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b'{"amount": NaN}', "NaN is not JSON"),
        (b'{"amount": -Infinity}', "-Infinity is not JSON"),
        (b'{"amount": 1e400}', "too large"),
        (b'{"metadata": {"a": 1e400}}', "too large"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "digits"),
    ],
    ids=lambda value: str(value[:24]),
)
def test_json_that_is_not_strict_is_refused(text: bytes, problem: str) -> None:
    """The error says what is wrong and never shows the text."""
    with pytest.raises((ApiTypeError, ApiValueError), match=problem) as caught:
        Invoice.from_json(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_json_may_be_str_bytes_or_buffers_with_a_byte_order_mark() -> None:
    """What frameworks hand over as a body is read."""
    for text in (
        '{"id":"é"}',
        '{"id":"é"}'.encode(),
        bytearray('{"id":"é"}'.encode()),
        memoryview('\ufeff{"id":"é"}'.encode()),
    ):
        assert Invoice.from_json(text).id == "é"
    with pytest.raises(ApiTypeError, match="JSON as str or bytes"):
        Invoice.from_json(5)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------ hypothesis

_TEXT = st.text(max_size=20)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "str": _TEXT,
    "boolean": st.booleans(),
    "number": st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(10**20), 10**20),
    "datetime": st.datetimes(timezones=st.just(timezone.utc)).map(time_text),
    "object": st.dictionaries(_TEXT, _JSON, max_size=3),
    "any": _JSON,
}


def bodies(cls: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that an honest server could send for a model: any fields, nulls, news and unknown values."""
    declared = {
        each.name: st.none() | _values(str(each.kind)) for each in fields(cls) if "spelling_of" not in each.rules
    }
    known = st.fixed_dictionaries({}, optional=declared)
    unknown = st.dictionaries(_TEXT.filter(lambda name: name not in {*declared, "local"}), _JSON, max_size=2)
    return st.builds(lambda one, two: {**two, **one}, known, unknown)


def _values(kind: str) -> st.SearchStrategy[Any]:
    if kind.startswith("list["):
        return st.lists(_values(kind[5:-1]), max_size=3)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    cls = getattr(face, kind)
    if issubclass(cls, OpenEnum):
        return st.sampled_from([member.value for member in cls]) | _TEXT
    return st.deferred(lambda: bodies(cls))


@pytest.mark.parametrize(
    "cls", [Invoice, InvoiceCallback, CreateInvoiceRequest, CustomerObject], ids=lambda cls: cls.__name__
)
@given(data=st.data())
@settings(max_examples=settings.default.max_examples // 2 if settings.default else 50)
def test_an_honest_body_survives_decode_and_encode(cls: type[Model], data: st.DataObject) -> None:
    """decode(encode(x)) == x, the text says what the body said, and fast and slow paths agree."""
    body = data.draw(bodies(cls))
    fast, slow = both_ways(cls, body)
    assert fast == slow
    text = fast.to_json()
    exact = exact_amounts(fast)  # a request's amounts without float noise
    assert cls.from_json(text) == fast or exact is not fast
    assert fast.__plan__.write(exact, (cls.__name__,)) == text or fast._untyped or fast._unknown
    again = json.loads(text)
    assert again.keys() == body.keys()
    assert cls.from_dict(again) == fast or exact is not fast


def _mutate(body: Any, dice: random.Random) -> Any:
    """The body with one value somewhere replaced by something else."""
    junk = [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\ud800",
        [],
        {},
        [None],
        {"a": {}},
        [[]],
        "2020-01-01",
        float("inf"),
    ]
    if dice.random() < 0.3 or not isinstance(body, (dict, list)) or not body:
        return dice.choice(junk)
    if isinstance(body, list):
        index = dice.randrange(len(body))
        return [*body[:index], _mutate(body[index], dice), *body[index + 1 :]]
    name = dice.choice(list(body))
    return {**body, name: _mutate(body[name], dice)}


def test_mutated_bodies_raise_nothing_but_our_errors_and_both_paths_agree() -> None:
    """20,000 seeded mutations of real bodies: the compiled decoder and the slow walk say the same."""
    dice = random.Random(20261123)
    originals = [
        (Invoice, payload("invoice__docs-xendit-create-2024.json")),
        (InvoiceCallback, payload("webhook__docs-xendit-dana-2024.json")),
        (Invoice, {**payload("invoice__docs-xendit-create-2024.json"), "customer": {"addresses": [{"city": "x"}]}}),
    ]
    accepted = refused = 0
    for _ in range(20_000):
        cls, body = dice.choice(originals)
        for _ in range(dice.randrange(1, 4)):
            body = _mutate(body, dice)
        fast, slow = both_ways(cls, body)
        assert fast == slow or (fast != fast and slow != slow)
        if isinstance(fast, tuple):
            refused += 1
        else:
            accepted += 1
    assert accepted > 1000
    assert refused > 1000


def test_mutated_texts_raise_nothing_but_our_errors() -> None:
    """Bytes cut, flipped and doubled at random give a model or one of our errors."""
    dice = random.Random(7)
    text = (PAYLOADS / "invoice__docs-xendit-create-2024.json").read_bytes()
    for _ in range(3000):
        broken = bytearray(text)
        for _ in range(dice.randrange(1, 6)):
            position = dice.randrange(len(broken))
            broken[position : position + dice.randrange(3)] = bytes(
                dice.choices(b'{}[]",:0x\xff\x00', k=dice.randrange(3))
            )
        try:
            Invoice.from_json(bytes(broken))
        except (ApiTypeError, ApiValueError):
            continue


@given(
    number=st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-(10**30), 10**30, allow_nan=False)
)
def test_a_number_is_written_exactly(number: float | Decimal) -> None:
    """The text is plain digits and stands for exactly the number given."""
    text = number_text(number, ())
    assert "e" not in text.lower()
    assert float(text) == number if isinstance(number, float) else Decimal(text) == number
    loads(text)


# ------------------------------------------------------------------------------------------ compiling


def test_nothing_is_compiled_before_it_pays() -> None:
    """The first objects of a class go through the slow walk; then its functions are compiled, once."""

    class Small(Model):
        name: str

    plan = Small.__plan__
    for _ in range(COMPILE_AFTER):
        Small("x")
        assert plan.compiled is None
    Small("x")
    assert plan.compiled is not None
    assert Small("x") == Small(name="x")


def test_ordinary_values_never_leave_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled functions handle real bodies and usual requests themselves; a detour would be silent."""
    for cls in (Invoice, InvoiceCallback, CreateInvoiceRequest, InvoiceItem, CustomerObject, NotificationPreference):
        cls.__plan__.compile()

    def detour(*_: Any) -> None:
        raise AssertionError("a slow walk was taken")

    for slow in ("read", "_fill", "write"):
        monkeypatch.setattr(Plan, slow, detour)
    monkeypatch.setattr("xendit.codec.loads", detour)
    for cls, name in (
        (Invoice, "invoice__docs-xendit-create-2024.json"),
        (InvoiceCallback, "webhook__docs-xendit-dana-2024.json"),
    ):
        body = json.dumps(payload(name), indent=2).encode()
        assert json.loads(cls.from_json(body).to_json()) == payload(name)
        assert len(read_json(b"[" + body + b"]\n", Array(cls.__plan__.kind))) == 1
    given = {
        "payer_email": "a@example.com",
        "invoice_duration": 60,
        "should_send_email": True,
        "currency": "IDR",
        "reminder_time": 1.0,
        "items": [InvoiceItem("a", 1, quantity=1)],
        "payment_methods": ["BCA"],
        "customer": CustomerObject(given_names="Ayu"),
        "metadata": {"a": [1], "b": "c"},
    }
    for request in (
        CreateInvoiceRequest("x", Decimal("1.5"), **given),
        CreateInvoiceRequest(external_id="x", amount=1.5, **given),
    ):
        assert type(request) is CreateInvoiceRequest
        assert json.loads(request.to_json())["currency"] == "IDR"
    wish = NotificationPreference(invoice_paid=["email", NotificationChannel.SMS])
    assert wish.invoice_paid == ["email", "sms"]
    with pytest.raises(AssertionError, match="a slow walk was taken"):
        CreateInvoiceRequest("x", float("nan"))


def test_fields_named_like_the_compiled_sources_own_names() -> None:
    """A model whose fields bear such names works, compiled or not."""

    class Odd(Model):
        v: str
        instance: str | None = None
        set: str | None = None
        found: str | None = None
        Decimal: float | None = None
        data: str | None = None
        get: str | None = None

    body = {"v": "a", "instance": "b", "set": "c", "found": "d", "Decimal": 1.5, "data": "e", "get": "f"}
    for _ in range(COMPILE_AFTER + 3):
        assert json.loads(Odd(**body).to_json()) == body
        assert json.loads(Odd.from_dict(body).to_json()) == body


def test_unknown_keywords_may_have_any_name() -> None:
    """A body with a field named like a parameter or a method is taken apart by no accident."""
    body = {**payload("webhook__xendit-python-docs-alfamart.json"), "self": 1, "instance": 2, "args": 3, "__class__": 4}
    for _ in range(COMPILE_AFTER + 3):
        callback = InvoiceCallback(**body)
        assert [callback[name] for name in ("self", "instance", "args", "__class__")] == [1, 2, 3, 4]


def test_compiled_source_is_shown_in_tracebacks() -> None:
    """The source of the compiled functions is registered, so that a debugger shows its lines."""
    import linecache

    Invoice.__plan__.compile()
    assert "def read(v):" in linecache.getline("<xendit read Invoice>", 1)


@pytest.mark.parametrize(
    ("annotation", "tree"),
    [
        ("str", ("str", [])),
        ("str | None", ("str", [])),
        ("None | str", ("str", [])),
        ("list[Bank]", ("list", [("Bank", [])])),
        ("Many[A, B] | None", ("Many", [("A", []), ("B", [])])),
        ("dict[str, Any] | None", ("dict", [("str", []), ("Any", [])])),
    ],
)
def test_annotations_are_read(annotation: str, tree: Any) -> None:
    """The few forms that declarations use are understood."""
    assert parse_annotation(annotation) == tree


def test_the_slow_walk_survives_deep_nesting() -> None:
    """A value nested beyond the recursion limit is refused with our error, in metadata and in bodies."""
    deep: Any = {}
    for _ in range(sys.getrecursionlimit() * 2):
        deep = {"a": deep}
    with pytest.raises((ApiTypeError, ApiValueError), match="nested too deeply"):
        CreateInvoiceRequest("x", 1, metadata=deep)
    assert math.isfinite(CreateInvoiceRequest("x", 1).amount)


@pytest.mark.parametrize(
    "lines", [InvoiceItem("a", 1, 1), {"name": "a"}, "a", {1}, 5], ids=lambda value: type(value).__name__
)
def test_one_thing_where_a_list_is_due_is_told(lines: Any) -> None:
    """A single model, a dict or a text is not taken apart."""
    with pytest.raises(
        ApiTypeError, match=r"CreateInvoiceRequest\['items'\]: an? \w+ was given, a list of InvoiceItem is needed"
    ):
        CreateInvoiceRequest("x", 1, items=lines)


@pytest.mark.parametrize("data", [None, [], "x", 5], ids=repr)
def test_from_dict_takes_mappings_alone(data: Any) -> None:
    """Anything else is our error."""
    with pytest.raises(ApiTypeError, match="Invoice: .* was given, a dict is needed"):
        Invoice.from_dict(data)


def test_a_notification_channel_is_made_by_its_text() -> None:
    """The seed's call form."""
    assert NotificationChannel("email") is NotificationChannel.EMAIL
    with pytest.raises(ApiTypeError, match="NotificationChannel: an int was given, str is needed"):
        NotificationChannel(5)


# ------------------------------------------------------------------------------------------ strict JSON

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(['":', '" :', '"']), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([(",", ":"), (", ", ": "), (",", " :"), (",\n", "\t:\r\n")]), st.booleans())
def test_whatever_is_json_is_read_as_json_loads_does(value: Any, separators: tuple[str, str], ascii_only: bool) -> None:
    """In any spacing and escaping, with quotes and colons inside its strings."""
    text = json.dumps(value, separators=separators, ensure_ascii=ascii_only).replace("\ud800", "")
    assert loads(text) == json.loads(text)


@given(
    st.dictionaries(st.sampled_from(["a", "b", '":', '"\n:']), JSON, min_size=1),
    st.sampled_from([":", " :", "\n:", ": "]),
    st.data(),
)
def test_a_key_that_comes_twice_is_refused(value: dict[str, Any], colon: str, data: Any) -> None:
    """Wherever it stands and however it is spaced: two readers of one body must not read two amounts."""
    key = json.dumps(data.draw(st.sampled_from(sorted(value))))
    doubled = json.dumps(value)[:-1] + f",{key}{colon}1}}"
    for text in (doubled, f"[{doubled}]", '{"x":' + doubled + "}"):
        with pytest.raises(ApiValueError, match="twice"):
            loads(text)


@pytest.mark.parametrize("levels", [1, 63, 64, 65, 66, 500, 1000, 5000, 100_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded(levels: int, opening: str, closing: str) -> None:
    """64 levels are read; a million neither crash nor stall."""
    text = opening * levels + "1" + closing * levels
    if levels <= 64:
        assert json.dumps(loads(text), separators=(",", ":")) == text
    else:
        with pytest.raises(ApiValueError, match="nested too deeply"):
            loads(text)


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", '{"a":-Infinity}', "1e400", "9" * 5000, '{"a":-' + "9" * 5000 + "}"]
)
def test_numbers_that_are_none_are_refused(text: str) -> None:
    """NaN, infinities, and what no float or no bounded integer holds."""
    with pytest.raises(ApiValueError):
        loads(text)


# ------------------------------------------------------------------------------------------ the slow walk alone


def _kind(annotation: str) -> Any:
    return kind_of(parse_annotation(annotation), lambda name: getattr(face, name), received=False)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("str", 5),
        ("int", 1.5),
        ("int", Decimal("0.5")),
        ("list[str]", "a"),
        ("list[str]", {"a": 1}),
        ("dict", [1]),
        ("dict", "a"),
        ("InvoiceItem", 5),
    ],
    ids=str,
)
def test_each_kind_refuses_by_itself_what_it_cannot_write(annotation: str, value: Any) -> None:
    """Also where compiled code would have stepped in first: the slow walk is the one definition of what is right."""
    for method in ("take", "write"):
        with pytest.raises((ApiTypeError, ApiValueError)):
            getattr(_kind(annotation), method)(value, ("here",))


def test_a_value_of_any_kind_is_kept_if_it_is_json() -> None:
    """Free-form values are checked and never changed."""
    kind = _kind("Any")
    value = {"a": [1, None, "x"]}
    assert kind.take(value, ()) is value
    assert kind.decode(value, (), Reading()) is value
    assert kind.plain(value) is value
    with pytest.raises((ApiTypeError, ApiValueError)):
        kind.take({"a": math.nan}, ("metadata",))


def test_a_list_of_the_wrong_type_is_kept_as_it_came_when_nothing_is_checked() -> None:
    """`_check_return_type=False` keeps what does not fit, at any depth."""
    kind = _kind("list[InvoiceItem]")
    assert kind.loosely("none", ()) == "none"
    assert kind.loosely([{"name": 5}, 7], ())[1] == 7


def test_absent_is_one_value_that_is_false() -> None:
    """It says what it is, and stays itself in copies and pickles."""
    import copy
    import pickle

    assert repr(absent) == "absent"
    assert not absent
    assert pickle.loads(pickle.dumps(absent)) is absent
    assert copy.deepcopy(absent) is absent


def test_integers_have_a_bound_where_python_has_none() -> None:
    """The first releases of 3.10 would take minutes; the bound is the one that later ones have."""
    assert _parse_int("9" * 4300) == 10**4300 - 1
    with pytest.raises(ValueError, match="too large"):
        _parse_int("9" * 4301)


def test_a_time_beyond_the_last_day_is_no_date() -> None:
    """24:00 on the last day that there is; the error is ours and not an OverflowError."""
    odd = Invoice.from_dict({"created": "9999-12-31T24:00:00Z"})
    assert odd.to_json() == '{"created":"9999-12-31T24:00:00Z"}'
    with pytest.raises(ApiValueError, match="created"):
        odd.created = odd.created
    assert Invoice.from_dict({"created": "2020-01-31T24:00:00Z"}).created == datetime(2020, 2, 1, tzinfo=timezone.utc)


def test_a_declaration_that_cannot_be_read_is_told() -> None:
    """To who writes models, when the class is first used."""
    with pytest.raises(TypeError, match="cannot read the annotation"):
        parse_annotation("list[str] str")


def test_a_field_says_what_it_is() -> None:
    """For who debugs a declaration; it has no other attributes."""
    field = Invoice.__plan__.fields["amount"]
    assert repr(field).startswith("Field(amount: ")
    with pytest.raises(AttributeError, match="nothing"):
        _ = field.nothing


def test_a_list_of_dicts_given_unchecked_inside_a_model_is_checked_where_it_can_be() -> None:
    """Items that are no models of the declared class are passed over by the rules, and refused by the encoder."""
    request = CreateInvoiceRequest("e", 1, items=[InvoiceItem("a", 1, 1)])
    request.items.append({"name": "b"})  # type: ignore[union-attr, arg-type]
    with pytest.raises((ApiTypeError, ApiValueError)):
        request.to_json()
    read = CreateInvoiceRequest.__plan__.loosely({"external_id": "e", "amount": 1, "items": [5]}, ())
    with pytest.raises((ApiTypeError, ApiValueError)):
        CreateInvoiceRequest.__plan__.check(read, ())
        read.to_json()


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit of its own")
def test_a_program_that_lifted_pythons_limit_is_bounded_all_the_same() -> None:
    """An integer of a million digits is refused at once, not read for minutes."""
    program = (
        "import sys; sys.set_int_max_str_digits(0)\n"
        "from xendit.codec import loads\n"
        "from xendit.exceptions import ApiValueError\n"
        "assert loads('9' * 4300) > 0\n"
        "try: loads('9' * 1_000_000)\n"
        "except ApiValueError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "too large" in ran.stdout


# ------------------------------------------------------------------------------------------ the rarer shapes


def compiled(cls: type[Model]) -> type[Model]:
    """The class, its fast paths written."""
    cls.__plan__.compile()
    return cls


def test_what_has_no_fast_path_is_read_all_the_same() -> None:
    """A list of texts, and the first objects of a class, take the slow walk."""

    class Fresh(Model, received=True):
        name: str = field(strict=True)

    texts = kind_of(parse_annotation("list[str]"), lambda name: None, received=True)
    assert read_json(b'["a", "b"]', texts) == ["a", "b"]
    listed = kind_of(parse_annotation("list[Fresh]"), lambda name: Fresh, received=True)
    assert [each.name for each in read_json(b'[{"name":"a"}]', listed)] == ["a"]
    with pytest.raises(ApiTypeError, match="name"):
        read_json(b'[{"name":5}]', listed)


def test_an_argument_given_twice_is_told_before_and_after_compiling() -> None:
    """By position and by name."""

    class Fresh(Model):
        name: str
        age: int | None = None

    for _ in range(2):
        with pytest.raises(TypeError, match="name"):  # Python's own, once compiled
            Fresh("a", name="b")
        compiled(Fresh)


def test_a_class_with_a_constructor_of_its_own_keeps_it() -> None:
    """Compiling does not replace what a subclass wrote."""

    class Fresh(Model):
        name: str

        def __init__(self, name: str) -> None:
            super().__init__(name=name.upper())

    assert Fresh("a").name == "A"
    compiled(Fresh)
    assert Fresh("b").name == "B"
    assert Fresh.from_dict({"name": "c"}).name == "c"


class Tree(Model, received=True):
    """A model that holds its own kind."""

    name: str = field(strict=True)
    leaves: list[Tree] | None = None


def test_a_model_may_hold_its_own_kind() -> None:
    """Before and after compiling: read, checked with the path, written."""
    body = {"name": "a", "leaves": [{"name": "b", "leaves": [{"name": "c"}]}, {"name": "d"}]}
    text = json.dumps(body)
    bad = json.dumps({"name": "a", "leaves": [{"name": "b", "leaves": [{"name": 5}]}]})
    for _ in range(2):
        tree = Tree.from_json(text)
        assert tree.leaves[0].leaves[0].name == "c"
        assert json.loads(tree.to_json()) == body
        with pytest.raises(ApiTypeError, match=r"\['leaves'\]\[0\]\['leaves'\]\[0\]\['name'\]"):
            Tree.from_json(bad)
        compiled(Tree)


def test_free_form_fields_need_no_lines_of_their_own() -> None:
    """A field that takes anything is stored as it came."""

    class Anything(Model, received=True):
        value: Any

    for _ in range(2):
        assert Anything.from_dict({"value": [1, {"a": None}]}).value == [1, {"a": None}]
        compiled(Anything)


def test_a_time_that_is_none_is_refused() -> None:
    """pandas' NaT is a datetime that equals nothing, itself not either."""

    class NaT(datetime):
        def __eq__(self, other: object) -> bool:
            return False

        def __ne__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    body = {"id": "x", "external_id": "e", "amount": 1}
    with pytest.raises(ApiValueError, match="NaT is no time"):
        InvoiceCallback(
            **body,
            user_id="u",
            is_high=False,
            status="PAID",
            merchant_name="m",
            created=NaT(2020, 1, 1),
            updated="2020-01-01",
            currency="IDR",
        )


def test_the_schema_of_a_model_that_holds_its_own_kind_ends() -> None:
    """Within itself it is referred to by its name."""
    from pydantic import TypeAdapter

    described = TypeAdapter(Tree).json_schema()
    assert described["$defs"]["Tree"]["properties"]["leaves"]["anyOf"][0]["items"] == {"$ref": "#/$defs/Tree"}


class Sent(Model):
    """A model that may be sent by itself."""

    amount: Amount | None = None
    answer: Later | None = None


class Earlier(Model, received=True):
    """An answer that holds it."""

    sent: Sent | None = None


class Later(Earlier, received=True):
    """An answer of the same kind, which what it holds can hold: it is compiled while that is being compiled."""


def test_amounts_of_an_answer_stay_as_they_came_inside_what_could_be_sent() -> None:
    """Compiled or not, and whichever class was compiled first."""
    body = '{"sent":{"amount":0.30000000000000004}}'
    for _ in range(6):
        assert Earlier.from_json(body).to_json() == body
    for _ in range(6):
        assert Later.from_json(body).to_json() == body


def test_the_order_of_nulls_is_that_of_each_object() -> None:
    """What was null in the object before is looked at first, and never taken for what is null in this one."""

    class Several(Model, received=True):
        one: str | None = None
        two: str | None = None
        three: str | None = None

    bodies: list[dict[str, Any]] = [
        {"one": None, "two": None, "three": "x"},
        {"two": None, "one": None, "three": "x"},
        {"one": "x", "two": None, "three": None},
        {"one": None, "two": None, "three": None},
        {"three": None, "two": None, "one": None},
        {"one": None, "two": "x"},
        {"two": None, "one": "x"},
        {"two": None, "one": "x", "new": "x"},
        {"one": None, "two": None, "new": None},
    ]
    for body in bodies * COMPILE_AFTER:
        made = Several.from_dict(body)
        assert made._untyped == tuple(name for name, value in body.items() if value is None and name != "new")
        assert made.to_dict() == body
