"""The rules of the sandbox, without a socket: what it refuses and how, the life cycle, lists, webhook bodies."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from xendit.sandbox.state import Assumptions, SandboxError
from xendit.sandbox.state.core.jsontext import DEEPEST, read_json
from xendit.sandbox.state.core.times import format_time, parse_time
from xendit.sandbox.state.invoice.bodies import callback_body, invoice_body
from xendit.sandbox.state.invoice.channels import CHANNELS, ChannelKind
from xendit.sandbox.state.invoice.invoices import Invoices
from xendit.sandbox.state.invoice.listing import read_query
from xendit.sandbox.state.invoice.record import Origin

KEY = "xnd_development_a"
LEAST = {"external_id": "order-1", "amount": 10_000}


@pytest.fixture
def state(clock):
    return Invoices.alone(now=clock)


@pytest.fixture
def account(state):
    return state.shared.account(KEY)


def make(clock, **choices):
    """A state with assumptions of its own, and an account of it."""
    state = Invoices.alone(clock, Assumptions(**choices))
    return state, state.shared.account(KEY)


def refusal(call, *arguments, **named):
    """What a call is refused with."""
    with pytest.raises(SandboxError) as caught:
        call(*arguments, **named)
    return caught.value


# ------------------------------------------------------------------------------------------- create: bodies


def test_least_create_has_the_fields_of_the_recording(state, account, recording):
    """The smallest create is answered with the keys of the recorded answer, in its order, at every level."""
    body, recorded = (
        invoice_body(state.create(account, LEAST), "http://127.0.0.1:1"),
        recording("create_2023"),
    )
    assert list(body) == list(recorded)
    for name in ("available_banks", "available_retail_outlets", "available_ewallets", "available_qr_codes"):
        assert list(body[name][0]) == list(recorded[name][0])
    assert {type(value) for value in body.values()} == {type(value) for value in recorded.values()}


def test_full_create_has_the_fields_of_the_recording(state, account, recording):
    """Customer, items, metadata and addresses come back as they were given; nothing is null."""
    recorded = recording("create_2024")
    names = ("external_id", "amount", "description", "success_redirect_url", "failure_redirect_url", "items")
    asked = {name: recorded[name] for name in (*names, "customer", "metadata", "currency")}
    asked["payment_methods"] = ["BCA", "OVO"]
    body = invoice_body(state.create(account, asked), "http://127.0.0.1:1")
    assert list(body) == list(recorded)
    assert {name: body[name] for name in asked if name != "payment_methods"} == {
        name: value for name, value in asked.items() if name != "payment_methods"
    }
    assert body["should_exclude_credit_card"] is True
    assert body["available_qr_codes"] == []


def test_times_and_addresses(state, account, clock):
    """An invoice lasts 24 hours unless told otherwise; times have milliseconds; its page is the sandbox's own."""
    first = invoice_body(state.create(account, LEAST), "http://127.0.0.1:9")
    assert first["created"] == first["updated"] == "2026-01-02T03:04:05.678Z"
    assert first["expiry_date"] == "2026-01-03T03:04:05.678Z"
    assert first["invoice_url"] == f"http://127.0.0.1:9/web/{first['id']}"
    assert len(first["id"]) == len(first["user_id"]) == 24
    assert int(first["id"], 16) >= 0
    second = state.create(account, {**LEAST, "invoice_duration": 60.0})
    assert second.expiry_date - second.created == timedelta(seconds=60)
    assert second.id != first["id"], "external_id is not unique"


@pytest.mark.parametrize(
    ("amount", "currency", "kept"),
    [
        (4550.50, "IDR", 4550),
        (4550.99, None, 4550),
        (10_000.0, "IDR", 10_000),
        (134.4, "PHP", 134.4),
        (134.0, "PHP", 134),
        (0.5, "USD", 0.5),
        (1_000_000_000, "IDR", 1_000_000_000),
        (2_000_000_000, "PHP", 2_000_000_000),
    ],
)
def test_amounts(state, account, amount, currency, kept):
    """Decimals of IDR are cut off, those of other currencies kept; what is whole is an integer."""
    body = {**LEAST, "amount": amount} | ({"currency": currency} if currency else {})
    got = state.create(account, body).amount
    assert (got, type(got)) == (kept, type(kept))


@pytest.mark.parametrize("currency", CHANNELS)
def test_channels_of_each_currency(state, account, currency):
    """Each currency lists its own channels, each in the list of its kind; cards show as a switch."""
    body = invoice_body(state.create(account, {**LEAST, "currency": currency}), "")
    listed = {
        value
        for name, entries in body.items()
        if name.startswith("available_")
        for entry in entries
        for key, value in entry.items()
        if key in {"bank_code", "retail_outlet_name"} or (key.endswith("_type") and key != "collection_type")
    }
    assert listed | {"CREDIT_CARD"} == set(CHANNELS[currency])
    assert body["should_exclude_credit_card"] is False


def test_bank_entry_names_merchant_in_capitals(clock):
    """A bank holds the amount and the merchant's name in capitals."""
    state = Invoices.alone(now=clock, merchant_name="Warung <b>")
    bank = invoice_body(state.create(state.shared.account(KEY), LEAST), "")["available_banks"][0]
    assert bank["account_holder_name"] == "WARUNG <B>"
    assert bank["transfer_amount"] == 10_000


def test_unknown_fields_are_ignored(state, account):
    """A field that nobody knows is neither refused nor given back."""
    assert "local" not in invoice_body(state.create(account, {**LEAST, "local": "id", "x": None}), "")


def test_reminder_date(state, account):
    """A reminder shows as a date before the expiry."""
    invoice = state.create(account, {**LEAST, "reminder_time": 2, "reminder_time_unit": "hours"})
    assert invoice_body(invoice, "")["reminder_date"] == "2026-01-03T01:04:05.678Z"


# ---------------------------------------------------------------------------------------- create: refusals

WRONG_FIELDS = [
    ({"external_id": None}, ["external_id"], "must be a string", "string.base"),
    ({"external_id": 7}, ["external_id"], "must be a string", "string.base"),
    ({"external_id": ""}, ["external_id"], "is not allowed to be empty", "any.empty"),
    ({"external_id": "x" * 256}, ["external_id"], "less than or equal to 255", "string.max"),
    ({"amount": "10000"}, ["amount"], "must be a number", "number.base"),
    ({"amount": True}, ["amount"], "must be a number", "number.base"),
    ({"amount": None}, ["amount"], "must be a number", "number.base"),
    ({"amount": float("inf")}, ["amount"], "must be a number", "number.base"),
    ({"amount": 0}, ["amount"], "must be greater than 0", "number.greater"),
    ({"amount": -1}, ["amount"], "must be greater than 0", "number.greater"),
    ({"invoice_duration": "3600"}, ["invoice_duration"], "must be an integer", "number.integer"),
    ({"invoice_duration": 1.5}, ["invoice_duration"], "must be an integer", "number.integer"),
    ({"invoice_duration": 0}, ["invoice_duration"], "must be greater than 0", "number.greater"),
    ({"invoice_duration": -5}, ["invoice_duration"], "must be greater than 0", "number.greater"),
    ({"invoice_duration": 31_536_001}, ["invoice_duration"], "less than or equal to 31536000", "number.max"),
    ({"payer_email": 5}, ["payer_email"], "must be a string", "string.base"),
    ({"description": ""}, ["description"], "is not allowed to be empty", "any.empty"),
    ({"description": None}, ["description"], "must be a string", "string.base"),
    ({"should_send_email": "yes"}, ["should_send_email"], "must be a boolean", "boolean.base"),
    ({"success_redirect_url": ""}, ["success_redirect_url"], "is not allowed to be empty", "any.empty"),
    ({"success_redirect_url": "javascript:alert(1)"}, ["success_redirect_url"], "valid uri", "string.uri"),
    ({"failure_redirect_url": "nowhere"}, ["failure_redirect_url"], "valid uri", "string.uri"),
    (
        {"failure_redirect_url": "https://a.example/" + "x" * 255},
        ["failure_redirect_url"],
        "255",
        "string.max",
    ),
    ({"payment_methods": "BCA"}, ["payment_methods"], "must be an array", "array.base"),
    ({"payment_methods": [1]}, ["payment_methods", 0], "must be a string", "string.base"),
    ({"customer": "Ani"}, ["customer"], "must be an object", "object.base"),
    ({"customer": {"email": 1}}, ["customer", "email"], "must be a string", "string.base"),
    (
        {"customer": {"addresses": [{"city": 1}]}},
        ["customer", "addresses", 0, "city"],
        "string",
        "string.base",
    ),
    (
        {"customer_notification_preference": {"invoice_paid": ["fax"]}},
        ["customer_notification_preference", "invoice_paid", 0],
        "must be one of [whatsapp, sms, email, viber]",
        "any.allowOnly",
    ),
    ({"items": [{"name": "a", "price": 1}]}, ["items", 0, "quantity"], "is required", "any.required"),
    ({"items": [{"name": "a", "price": 1, "quantity": -1}]}, ["items", 0, "quantity"], "0", "number.min"),
    (
        {"items": [{"name": "a", "price": 1, "quantity": 510_001}]},
        ["items", 0, "quantity"],
        "510000",
        "number.max",
    ),
    ({"items": [{"name": "a" * 257, "price": 1, "quantity": 1}]}, ["items", 0, "name"], "256", "string.max"),
    ({"items": [{"name": "a", "price": 1, "quantity": 1}] * 76}, ["items"], "75 items", "array.max"),
    ({"fees": [{"type": "admin"}]}, ["fees", 0, "value"], "is required", "any.required"),
    ({"fees": [{"type": "admin", "value": 1}] * 11}, ["fees"], "10 items", "array.max"),
    ({"metadata": []}, ["metadata"], "must be an object", "object.base"),
    ({"metadata": {str(n): "" for n in range(51)}}, ["metadata"], "50 children", "object.max"),
    ({"metadata": {"k" * 41: ""}}, ["metadata"], "40 characters", "object.keys"),
    ({"metadata": {"k": "v" * 501}}, ["metadata", "k"], "500 characters", "string.max"),
    (
        {"channel_properties": {"cards": {"allowed_bins": ["12345"]}}},
        ["channel_properties", "cards", "allowed_bins", 0],
        "6 or 8 digits",
        "string.regex.base",
    ),
    (
        {"reminder_time": "1", "reminder_time_unit": "days"},
        ["reminder_time"],
        "must be a number",
        "number.base",
    ),
]


@pytest.mark.parametrize(("change", "field", "message", "kind"), WRONG_FIELDS)
def test_wrong_field(state, account, change, field, message, kind):
    """A field of a wrong type or size is API_VALIDATION_ERROR and named, with its place."""
    body = refusal(state.create, account, {**LEAST, **change}).body()
    assert body["error_code"] == "API_VALIDATION_ERROR"
    assert body["message"] == "Invalid input data. Please check your request"
    (entry,) = body["errors"]
    assert set(entry) == {"field", "location", "messages", "types"}
    assert (entry["field"], entry["location"], entry["types"]) == (field, "body", [kind])
    assert entry["messages"][0].startswith(f'"{field[-1]}" ')
    assert message in entry["messages"][0]


def test_external_id_null_is_byte_for_byte_the_recording(state, account, recording):
    """The one recorded validation answer is given exactly, order of keys included."""
    body = refusal(state.create, account, {"external_id": None, "amount": 1_000}).body()
    assert json.dumps(body) == json.dumps(recording("error_external_id"))


WRONG_MEANINGS = [
    ({"payer_email": "nobody"}, 400, "EMAIL_FORMAT_ERROR"),
    ({"payer_email": ""}, 400, "EMAIL_FORMAT_ERROR"),
    ({"currency": "EUR"}, 400, "UNSUPPORTED_CURRENCY"),
    ({"currency": "idr"}, 400, "UNSUPPORTED_CURRENCY"),
    ({"amount": 1_000_000_001}, 400, "MAXIMUM_TRANSFER_AMOUNT_ERROR"),
    ({"amount": 0.5}, 400, "MINIMAL_TRANSFER_AMOUNT_ERROR"),
    ({"reminder_time": 31, "reminder_time_unit": "days"}, 400, "INVALID_REMINDER_TIME"),
    ({"reminder_time": 25, "reminder_time_unit": "hours"}, 400, "INVALID_REMINDER_TIME"),
    ({"reminder_time": 0, "reminder_time_unit": "days"}, 400, "INVALID_REMINDER_TIME"),
    ({"reminder_time": 1, "reminder_time_unit": "weeks"}, 400, "INVALID_REMINDER_TIME"),
    ({"reminder_time": 31}, 400, "INVALID_REMINDER_TIME"),
    ({"reminder_time_unit": "days"}, 400, "INVALID_REMINDER_TIME"),
    ({"payment_methods": ["BCA", "GCASH"]}, 400, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
    (
        {"payment_methods": ["CREDIT_CARD"], "should_exclude_credit_card": True},
        400,
        "NO_COLLECTION_METHODS_ERROR",
    ),
    ({"currency": "USD", "should_exclude_credit_card": True}, 400, "NO_COLLECTION_METHODS_ERROR"),
    ({"callback_virtual_account_id": "x"}, 404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR"),
]


@pytest.mark.parametrize(("change", "status", "code"), WRONG_MEANINGS)
def test_wrong_meaning(state, account, change, status, code):
    """What is well formed and still wrong has a code of its own, and no `errors`."""
    error = refusal(state.create, account, {**LEAST, **change})
    assert (error.status, error.error_code) == (status, code)
    assert set(error.body()) == {"error_code", "message"}
    assert state.list(account, []) == ()


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"payment_methods": ["GCASH"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR", "PHP"),
        ({"payment_methods": ["SHOPEEPAY", "LINEPAY"]}, "UNAVAILABLE_PAYMENT_METHOD_ERROR", "THB"),
        ({"amount": 2_000_000_000}, "MAXIMUM_TRANSFER_AMOUNT_ERROR", "PHP or THB or VND or MYR or USD"),
        ({"amount": 0.5}, "MINIMAL_TRANSFER_AMOUNT_ERROR", "PHP or THB or VND or MYR or USD"),
    ],
)
def test_error_of_an_assumed_currency_says_so(state, account, change, code, where):
    """Where the request names no currency and another one would have done, the message says what was assumed."""
    error = refusal(state.create, account, {**LEAST, **change})
    assert error.error_code == code
    assert f"so it is in IDR, which this sandbox assumes of the account; it would be accepted in {where}." in str(error)
    assert f"--currency {where[:3]}" in str(error)
    assert "assumes" not in str(refusal(state.create, account, {**LEAST, **change, "currency": "IDR"}))


def test_error_of_no_currency_says_nothing_of_one(state, account, clock):
    """What no currency would have mended, and what the named currency caused, is told as it was before."""
    plain = "The payment method choices did not match with the available one on this business."
    assert refusal(state.create, account, {**LEAST, "payment_methods": ["NOBODY"]}).message == plain
    state, account = make(clock, default_currency="USD")
    error = refusal(state.create, account, {**LEAST, "should_exclude_credit_card": True})
    assert "which this sandbox assumes of the account; it would be accepted in IDR or PHP" in error.message


def test_every_wrong_field_is_named(state, account, clock):
    """All wrong fields are named at once; where only the first is assumed, only the first."""
    wrong = {"amount": "1", "currency": 7, "items": [{}]}
    fields = [entry["field"] for entry in refusal(state.create, account, wrong).errors]
    assert fields == [
        ["external_id"],
        ["amount"],
        ["currency"],
        ["items", 0, "name"],
        ["items", 0, "quantity"],
        ["items", 0, "price"],
    ]
    state, account = make(clock, validation_errors="first")
    assert [entry["field"] for entry in refusal(state.create, account, wrong).errors] == [["external_id"]]


def test_body_that_is_an_array(state, account):
    """An array is not an invoice."""
    (entry,) = refusal(state.create, account, []).errors
    assert entry["messages"] == ['"value" must be an object']


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nope",
        b"1",
        b'"text"',
        b"null",
        b'{"amount": NaN}',
        b'{"amount": -Infinity}',
        b"\xff\xfe{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[" * 100_000,
        b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    ],
)
def test_what_is_no_json(raw):
    """What is no JSON, or none that an invoice could be, is INVALID_JSON_FORMAT with the official sentence."""
    error = refusal(read_json, raw)
    assert error.body() == {
        "error_code": "INVALID_JSON_FORMAT",
        "message": "The request body is not a valid JSON format.",
    }


def test_what_is_json():
    """An empty body is an empty object; very long numbers are what JavaScript makes of them."""
    assert read_json(b"") == read_json(b" \n") == {}
    assert read_json(b'{"a": 1' + b"0" * 400 + b"}") == {"a": float("inf")}
    assert read_json(b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "external_id",
        "amount",
        "payer_email",
        "description",
        "invoice_duration",
        "callback_virtual_account_id",
        "fixed_va",
        "customer",
        "items",
        "customer_notification_preference",
        "success_redirect_url",
        "payment_methods",
        "currency",
        "reminder_time_unit",
        "reminder_time",
        "locale",
        "fees",
        "mid_label",
        "channel_properties",
        "metadata",
        "should_exclude_credit_card",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(FIELDS, ANY_JSON, max_size=6))
def test_any_body_is_taken_or_refused(body):
    """Whatever a body holds, it is taken or refused with a 4xx that JSON can spell; a taken one can be shown and paid."""
    state = Invoices.alone()
    account = state.shared.account(KEY)
    try:
        invoice = state.create(account, {**LEAST, **body})
    except SandboxError as error:
        assert 400 <= error.status < 500
        json.dumps(error.body())
    else:
        json.dumps([invoice_body(invoice, ""), callback_body(state.pay(invoice.id))])


# ------------------------------------------------------------------------------------------------ accounts


@pytest.mark.parametrize(
    ("key", "status", "code", "text"),
    [
        (None, 401, "INVALID_API_KEY", "No API Key detected"),
        ("", 401, "INVALID_API_KEY", "The API key provided is invalid"),
        ("garbage", 401, "INVALID_API_KEY", "The API key provided is invalid"),
        ("xnd_public_development_x", 401, "INVALID_API_KEY", "The API key provided is invalid"),
        ("xnd_development_", 401, "INVALID_API_KEY", "The API key provided is invalid"),
        ("xnd_development_a b", 401, "INVALID_API_KEY", "The API key provided is invalid"),
        ("xnd_production_SECRET", 403, "REQUEST_FORBIDDEN_ERROR", "local sandbox"),
        ("xnd_public_production_x", 401, "INVALID_API_KEY", "The API key provided is invalid"),
    ],
)
def test_keys_that_are_refused(state, key, status, code, text):
    """Missing, public, malformed and live keys are refused, and never quoted."""
    error = refusal(state.shared.account, key)
    assert (error.status, error.error_code) == (status, code)
    assert text in error.message
    assert "SECRET" not in str(error) + repr(error)


def test_given_keys_and_what_they_may(clock, recording):
    """Where keys are given no other counts, and one may lack the permission to write or to read."""
    keys = {"xnd_development_w": "write", "xnd_development_r": "read", "xnd_development_n": "none"}
    state = Invoices.alone(now=clock, api_keys=keys)
    assert refusal(state.shared.account, KEY).body() == recording("error_invalid_api_key")
    writer, reader, nobody = map(state.shared.account, keys)
    invoice = state.create(writer, LEAST)
    assert refusal(state.create, reader, LEAST).body() == recording("error_forbidden")
    assert refusal(state.expire, reader, invoice.id).status == 403
    assert state.list(reader, []) == ()
    for call in (lambda: state.list(nobody, []), lambda: state.get(nobody, invoice.id)):
        assert refusal(call).status == 403


def test_accounts_do_not_see_each_other(state, account):
    """Every key and every sub-account has invoices of its own; a sub-account's user_id is its id."""
    sub = state.shared.account(KEY, "62efe4c33e45694d63f585f0")
    other = state.shared.account("xnd_development_b")
    same_sub_of_other = state.shared.account("xnd_development_b", "62efe4c33e45694d63f585f0")
    invoice = state.create(sub, LEAST)
    assert invoice_body(invoice, "")["user_id"] == "62efe4c33e45694d63f585f0"
    assert state.get(sub, invoice.id) == invoice
    for stranger in (account, other, same_sub_of_other):
        assert refusal(state.get, stranger, invoice.id).status == 404
        assert refusal(state.expire, stranger, invoice.id).status == 404
        assert state.list(stranger, []) == ()
    assert state.shared.account(KEY).user_id == account.user_id != other.user_id


def test_sub_account_ids_can_be_checked(clock):
    """Where it is assumed, a sub-account id must be 24 hex digits."""
    state, _ = make(clock, sub_accounts="object_id")
    (entry,) = refusal(state.shared.account, KEY, "shop-2").errors
    assert (entry["field"], entry["location"]) == (["for-user-id"], "headers")
    state.shared.account(KEY, "62efe4c33e45694d63f585f0")


# ---------------------------------------------------------------------------------------------- life cycle


def test_get_unknown(state, account, recording):
    """An unknown id is answered as recorded; a malformed one likewise unless otherwise assumed."""
    assert refusal(state.get, account, "6e86bc62165502ccd3c9dadf").body() == recording("error_not_found")
    assert refusal(state.get, account, "x").status == 404


def test_malformed_id_can_be_a_validation_error(clock):
    """The other assumption about malformed ids holds for those alone."""
    state, account = make(clock, malformed_id="validation_error")
    assert refusal(state.get, account, "x").error_code == "API_VALIDATION_ERROR"
    assert refusal(state.get, account, "0" * 24).error_code == "INVOICE_NOT_FOUND_ERROR"


def test_expire(state, account, clock):
    """An expire ends a PENDING invoice now, once, and shows the same fields as before."""
    created = state.create(account, LEAST)
    clock.forward(minutes=5)
    expired = state.expire(account, created.id)
    body = invoice_body(expired, "")
    assert body["status"] == "EXPIRED"
    assert body["expiry_date"] == body["updated"] == "2026-01-02T03:09:05.678Z"
    assert list(body) == list(invoice_body(created, ""))
    error = refusal(state.expire, account, created.id)
    assert (error.status, error.error_code) == (404, "INVOICE_NOT_FOUND_ERROR")
    assert error.message == f"Could not find and update PENDING invoice {created.id}"


@pytest.mark.parametrize("end", ["pay", "unknown", "clock"])
def test_expire_what_is_not_pending(state, account, clock, end):
    """A paid, unknown or already expired invoice cannot be expired, all with one message."""
    invoice_id = "0" * 24 if end == "unknown" else state.create(account, LEAST).id
    if end == "pay":
        state.pay(invoice_id)
    clock.forward(days=2)
    assert refusal(state.expire, account, invoice_id).message.endswith(f"PENDING invoice {invoice_id}")


def test_failed_expire_code_can_be_changed(clock):
    """Status and code of a failed expire are assumptions."""
    state, account = make(clock, failed_expire_status=400, failed_expire_code="INVOICE_NOT_PENDING")
    error = refusal(state.expire, account, "0" * 24)
    assert (error.status, error.error_code) == (400, "INVOICE_NOT_PENDING")


def test_expiry_by_clock(state, account, clock):
    """An invoice is PENDING until the very moment of its expiry, then EXPIRED, and tells so once."""
    invoice = state.create(account, {**LEAST, "invoice_duration": 60})
    clock.moment = invoice.expiry_date - timedelta(milliseconds=1)
    assert state.get(account, invoice.id).status == "PENDING"
    clock.moment = invoice.expiry_date
    for _ in range(2):
        got = state.get(account, invoice.id)
        assert (got.status, got.updated) == ("EXPIRED", invoice.expiry_date)
    assert [event.body["status"] for event in state.shared.drain()] == ["EXPIRED"]
    assert state.list(account, [("statuses", "PENDING")]) == ()
    assert refusal(state.pay, invoice.id).status == 409


def test_paid_invoice_does_not_expire(state, account, clock):
    """What is paid stays paid."""
    invoice = state.create(account, LEAST)
    state.pay(invoice.id)
    clock.forward(days=400)
    assert state.get(account, invoice.id).status == "PAID"


def test_pay(state, account, clock):
    """A payment sets status, channel, amount and times, and cannot be made twice."""
    invoice = state.create(account, LEAST)
    clock.forward(seconds=90)
    body = invoice_body(state.pay(invoice.id, channel="MANDIRI"), "")
    assert body["status"] == "PAID"
    assert body["paid_at"] == body["updated"] == "2026-01-02T03:05:35.678Z"
    assert (body["payment_method"], body["payment_channel"], body["bank_code"]) == (
        "BANK_TRANSFER",
        "MANDIRI",
        "MANDIRI",
    )
    assert body["paid_amount"] == body["initial_amount"] == 10_000
    numbers = {bank["bank_code"]: bank.get("bank_account_number") for bank in body["available_banks"]}
    assert numbers.pop("MANDIRI") == body["payment_destination"]
    assert set(numbers.values()) == {None}
    error = refusal(state.pay, invoice.id)
    assert (error.status, error.error_code) == (409, "SANDBOX_INVOICE_NOT_PENDING")


def test_pay_refuses(state, account):
    """An unknown invoice, a channel that it does not offer and an amount that is none cannot pay."""
    invoice = state.create(account, {**LEAST, "payment_methods": ["OVO"]})
    assert refusal(state.pay, "0" * 24).error_code == "INVOICE_NOT_FOUND_ERROR"
    assert refusal(state.pay, invoice.id, channel="BCA").error_code == "SANDBOX_CHANNEL_NOT_OFFERED"
    for amount in (
        0,
        -1,
        True,
        "5",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal(-1),
    ):
        assert refusal(state.pay, invoice.id, amount=amount).error_code == "SANDBOX_INVALID_AMOUNT", amount
    assert state.get(account, invoice.id).status == "PENDING"
    assert state.pay(invoice.id, amount=Decimal("2500.50")).payment.amount == 2500.5


def test_late_payment(clock):
    """Where it is assumed, an expired invoice can still be paid."""
    state, account = make(clock, late_payments=True)
    invoice = state.create(account, LEAST)
    state.expire(account, invoice.id)
    assert state.pay(invoice.id).status == "PAID"
    assert [event.body["status"] for event in state.shared.drain()] == ["EXPIRED", "PAID"]


def test_reset_and_capacity(clock):
    """Only so many invoices are kept, the newest; a reset forgets them all."""
    state = Invoices.alone(now=clock, capacity=3)
    account = state.shared.account(KEY)
    ids = [state.create(account, LEAST).id for _ in range(9)]
    assert [invoice.id for invoice in state.list(account, [])] == ids[:-4:-1]
    assert refusal(state.get, account, ids[0]).status == 404
    state.pay(ids[-1])
    state.shared.reset()
    assert state.list(account, []) == state.shared.drain() == ()


def test_naive_clock_is_refused():
    """A clock without a zone is said to be wrong."""
    with pytest.raises(ValueError, match="aware"):
        Invoices.alone(now=lambda: datetime(2026, 1, 1)).shared.now()


# ------------------------------------------------------------------------------------- switchable creation


@pytest.mark.parametrize(
    ("choices", "body", "outcome"),
    [
        ({"null_fields": "absent"}, {"description": None}, "taken"),
        ({"null_fields": "absent"}, {"amount": None}, "API_VALIDATION_ERROR"),
        ({"minimum_amount": 10_000}, {"amount": 9_999}, "MINIMAL_TRANSFER_AMOUNT_ERROR"),
        ({"minimum_amount": 10_000}, {"amount": 10_000}, "taken"),
        ({"maximum_amount": 20_000}, {"amount": 20_001}, "MAXIMUM_TRANSFER_AMOUNT_ERROR"),
        ({"unavailable_payment_methods": "all"}, {"payment_methods": ["BCA", "GCASH"]}, "taken"),
        (
            {"unavailable_payment_methods": "all"},
            {"payment_methods": ["GCASH"]},
            "UNAVAILABLE_PAYMENT_METHOD_ERROR",
        ),
        ({"default_currency": "PHP"}, {"payment_methods": ["GCASH"]}, "taken"),
    ],
)
def test_switched_creation(clock, choices, body, outcome):
    """Each choice about a create takes effect."""
    state, account = make(clock, **choices)
    try:
        state.create(account, {**LEAST, **body})
    except SandboxError as error:
        assert error.error_code == outcome
    else:
        assert outcome == "taken"


def test_switched_truncation_and_duration(clock):
    """Which currencies lose their decimals, and how long an invoice lasts, can be changed."""
    state, account = make(clock, truncated_currencies={"PHP"}, default_duration=30)
    invoice = state.create(account, {**LEAST, "amount": 10_000.5})
    assert invoice.amount == 10_000.5
    assert invoice.expiry_date - invoice.created == timedelta(seconds=30)
    assert state.create(account, {**LEAST, "amount": 1.5, "currency": "PHP"}).amount == 1


def test_idempotency_key(clock):
    """The key does nothing unless it is assumed to; then the same account gets the same invoice."""
    state, account = make(clock)
    assert len({state.create(account, LEAST, idempotency_key="k").id for _ in range(2)}) == 2
    state, account = make(clock, idempotency="replayed")
    assert len({state.create(account, LEAST, idempotency_key="k").id for _ in range(2)}) == 1
    other = state.shared.account("xnd_development_b")
    ids = {state.create(who, LEAST, idempotency_key=key).id for who, key in [(other, "k"), (account, "j")]}
    assert len(ids) == 2


def test_rate_limit(clock):
    """Requests are counted in a sliding minute, by account and endpoint; over the limit is refused where assumed."""
    state, account = make(clock, rate_limit=2, rate_limit_enforced=True)
    assert [state.shared.count(account, "get").remaining for _ in range(2)] == [1, 0]
    over = state.shared.count(account, "get")
    assert (over.exceeded, over.remaining, over.reset) == (True, 0, 60.0)
    assert not state.shared.count(account, "list").exceeded
    clock.forward(seconds=59)
    assert state.shared.count(account, "get").reset == pytest.approx(1)
    clock.forward(seconds=1)
    assert not state.shared.count(account, "get").exceeded
    state, account = make(clock, rate_limit=1)
    assert [state.shared.count(account, "get").exceeded for _ in range(3)] == [False] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor_direction": "sideways"},
        {"default_limit": 0},
        {"default_limit": True},
        {"webhook_timeout": 0},
        {"array_encodings": {"comma"}},
        {"cursor_names": "last_invoice"},
        {"late_payments": 1},
        {"rate_limit": -1},
        {"default_currency": 5},
        {"webhook_timeout": float("nan")},
    ],
)
def test_assumption_that_is_no_choice(wrong):
    """A value that is none of the choices is refused, with the name of the field."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Assumptions(**wrong)


# -------------------------------------------------------------------------------------------------- lists


@pytest.fixture
def shelf(state, account, clock):
    """Six invoices a minute apart: two PENDING, two PAID (OVO, BCA), two EXPIRED (one by clock)."""
    made = {}
    for name in ("pending", "ovo", "bca", "ended", "lapsed", "late"):
        clock.forward(minutes=1)
        origin = Origin("DASHBOARD", "tip-jar", "plan-7") if name == "late" else Origin()
        duration = 150 if name == "lapsed" else 86_400
        body = {**LEAST, "external_id": name, "invoice_duration": duration}
        made[name] = state.create(account, body, origin=origin).id
    clock.forward(minutes=1)
    state.pay(made["ovo"], channel="OVO")
    clock.forward(minutes=1)
    state.pay(made["bca"])
    state.expire(account, made["ended"])
    state.get(account, made["pending"])
    return made


def at(minutes):
    """The moment so many minutes after the clock's start, as a query says it."""
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone.utc) + timedelta(minutes=minutes)
    return format_time(moment)


EVERYTHING = ["late", "lapsed", "ended", "bca", "ovo", "pending"]
SELECTIONS = [
    ([], EVERYTHING),
    ([("external_id", "ovo")], ["ovo"]),
    ([("external_id", "OVO")], []),
    ([("statuses", "PAID")], ["bca", "ovo"]),
    ([("statuses", "PAID"), ("statuses", "EXPIRED")], ["lapsed", "ended", "bca", "ovo"]),
    ([("statuses[]", "PAID"), ("statuses[]", "EXPIRED")], ["lapsed", "ended", "bca", "ovo"]),
    ([("statuses[0]", "PAID"), ("statuses[1]", "EXPIRED")], ["lapsed", "ended", "bca", "ovo"]),
    ([("statuses", '["PAID", "EXPIRED"]')], ["lapsed", "ended", "bca", "ovo"]),
    ([("statuses", '["PENDING"]')], ["late", "pending"]),
    ([("statuses", "[]")], EVERYTHING),
    ([("statuses", "SETTLED")], []),
    ([("payment_channels", "OVO")], ["ovo"]),
    ([("payment_channels", '["OVO","BCA"]')], ["bca", "ovo"]),
    ([("client_types", "DASHBOARD")], ["late"]),
    ([("client_types", "API_GATEWAY")], EVERYTHING[1:]),
    ([("on_demand_link", "tip-jar")], ["late"]),
    ([("recurring_payment_id", "plan-7")], ["late"]),
    ([("recurring_payment_id", "plan-8")], []),
    ([("created_after", at(2)), ("created_before", at(4))], ["ended", "bca", "ovo"]),
    ([("created_after", at(2))], EVERYTHING),
    ([("created_before", at(2))], EVERYTHING),
    ([("paid_after", at(7.5)), ("paid_before", at(9))], ["bca"]),
    ([("paid_after", at(0)), ("paid_before", at(99))], ["bca", "ovo"]),
    ([("expired_after", at(7)), ("expired_before", at(7.5))], ["lapsed"]),
    ([("expired_after", at(0)), ("expired_before", at(99))], ["lapsed", "ended"]),
    ([("created_after", "2026-01-02T10:06:05.678+07:00"), ("created_before", "2027-01-01")], EVERYTHING[:-1]),
    ([("limit", "2")], ["late", "lapsed"]),
    ([("limit", "2.0")], ["late", "lapsed"]),
    ([("statuses", "PAID"), ("limit", "1")], ["bca"]),
    ([("unknown", "1"), ("unknown", "2")], EVERYTHING),
]


@pytest.mark.parametrize(("query", "names"), SELECTIONS)
def test_selection(state, account, shelf, query, names):
    """Each filter selects what it says, newest first."""
    assert [invoice.external_id for invoice in state.list(account, query)] == names


@pytest.mark.parametrize(
    ("query", "field", "message", "kind"),
    [
        ([("limit", "0")], ["limit"], "larger than or equal to 1", "number.min"),
        ([("limit", "101")], ["limit"], "less than or equal to 100", "number.max"),
        ([("limit", "-3")], ["limit"], "larger than or equal to 1", "number.min"),
        ([("limit", "ten")], ["limit"], "must be a number", "number.base"),
        ([("limit", "1e1000")], ["limit"], "must be a number", "number.base"),
        ([("limit", "٣")], ["limit"], "must be a number", "number.base"),
        ([("limit", "1.5")], ["limit"], "must be an integer", "number.integer"),
        ([("limit", "")], ["limit"], "is not allowed to be empty", "any.empty"),
        ([("limit", "1"), ("limit", "2")], ["limit"], "must be a number", "number.base"),
        ([("external_id", "a"), ("external_id", "b")], ["external_id"], "must be a string", "string.base"),
        ([("external_id", "")], ["external_id"], "is not allowed to be empty", "any.empty"),
        (
            [("statuses", "paid")],
            ["statuses", 0],
            "one of [PENDING, PAID, SETTLED, EXPIRED]",
            "any.allowOnly",
        ),
        ([("statuses", "PAID,EXPIRED")], ["statuses", 0], "one of [", "any.allowOnly"),
        ([("statuses", '["PAID"')], ["statuses"], "must be an array", "array.base"),
        ([("statuses", "[1]")], ["statuses"], "must be an array", "array.base"),
        ([("statuses", "[" * 100_000)], ["statuses"], "must be an array", "array.base"),
        ([("client_types[7]", "FAX")], ["client_types", 0], "one of [API_GATEWAY", "any.allowOnly"),
        ([("created_after", "yesterday")], ["created_after"], "valid ISO 8601 date", "date.isoDate"),
        ([("paid_before", "2026-13-01")], ["paid_before"], "valid ISO 8601 date", "date.isoDate"),
    ],
)
def test_wrong_query(state, account, query, field, message, kind):
    """A parameter that cannot be read is API_VALIDATION_ERROR, and located in the query."""
    (entry,) = refusal(state.list, account, query).errors
    assert (entry["field"], entry["location"], entry["types"]) == (field, "query", [kind])
    assert message in entry["messages"][0]


@pytest.mark.parametrize("name", ["last_invoice", "last_invoice_id"])
def test_cursor_walk(state, account, clock, name):
    """Page by page, 250 invoices of which many share a moment come once each, newest first, under both names."""
    made = []
    for number in range(250):
        made.append(state.create(account, LEAST).id)
        if number % 7 == 0:
            clock.forward(milliseconds=1)
    walked: list[str] = []
    while True:
        page = state.list(account, [("limit", "40")] + ([(name, walked[-1])] if walked else []))
        walked += [invoice.id for invoice in page]
        if len(page) < 40:
            break
    assert walked == made[::-1]


def test_order_is_that_of_created(state, account, clock):
    """A clock that goes back does not break the order: it is by `created`."""
    late = state.create(account, LEAST).id
    clock.forward(hours=-1)
    early = state.create(account, LEAST).id
    assert [invoice.id for invoice in state.list(account, [])] == [late, early]


@pytest.mark.parametrize(
    ("choices", "cursor", "names"),
    [
        ({}, "bca", ["ovo", "pending"]),
        ({"cursor_inclusive": True}, "bca", ["bca", "ovo", "pending"]),
        ({"cursor_direction": "newer"}, "bca", ["late", "lapsed", "ended"]),
        ({"cursor_direction": "newer", "default_limit": 2}, "bca", ["lapsed", "ended"]),
        (
            {"cursor_direction": "newer", "cursor_inclusive": True, "default_limit": 2},
            "bca",
            ["ended", "bca"],
        ),
        ({"cursor_names": {"last_invoice_id"}}, "bca", EVERYTHING),
        ({"unknown_cursor": "first_page"}, None, EVERYTHING),
        ({"unknown_cursor": "empty"}, None, []),
        ({}, None, "INVOICE_NOT_FOUND_ERROR"),
        ({"default_limit": 1}, "late", ["lapsed"]),
    ],
)
def test_cursor_assumptions(clock, choices, cursor, names):
    """Direction, name, inclusion and unknown cursors are assumptions, and each can be changed."""
    state, account = make(clock, **choices)
    ids = {}
    for name in reversed(EVERYTHING):
        clock.forward(minutes=1)
        ids[name] = state.create(account, {**LEAST, "external_id": name}).id
    query = [("last_invoice", ids[cursor] if cursor else "0" * 24)]
    try:
        found = [invoice.external_id for invoice in state.list(account, query)]
    except SandboxError as error:
        found = error.error_code
    assert found == names


@pytest.mark.parametrize(
    ("choices", "query", "outcome"),
    [
        ({"array_encodings": {"json"}}, [("statuses", "PAID"), ("statuses", "EXPIRED")], "array.base"),
        ({"array_encodings": {"repeated"}}, [("statuses", '["PAID"]')], "any.allowOnly"),
        ({"array_encodings": {"repeated"}}, [("statuses[0]", "FAX")], None),
        ({"single_value_array": "refused"}, [("statuses", "PAID")], "array.base"),
        ({"single_value_array": "refused"}, [("statuses", '["PAID"]')], None),
        ({"limit_out_of_range": "clamped"}, [("limit", "1000")], None),
        ({"limit_out_of_range": "clamped"}, [("limit", "0")], None),
    ],
)
def test_query_assumptions(choices, query, outcome):
    """How arrays may be spelt and what a limit out of range gets can be changed."""
    try:
        listing = read_query(query, Assumptions(**choices))
    except SandboxError as error:
        assert error.errors[0]["types"] == [outcome]
    else:
        assert outcome is None
        assert listing.limit == {"1000": 100, "0": 1}.get(query[0][1], 10)


def test_date_bounds(clock):
    """The ends of a range are in it, unless assumed not to be."""
    for bounds, count in (("inclusive", 1), ("exclusive", 0)):
        state, account = make(clock, date_bounds=bounds)
        created = format_time(state.create(account, LEAST).created)
        assert len(state.list(account, [("created_after", created), ("created_before", created)])) == count


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-02-24T23:48:36.697Z", "2016-02-24T23:48:36.697Z"),
        ("2016-02-24T23:48:36.697123456Z", "2016-02-24T23:48:36.697Z"),
        ("2016-02-24T23:48:36,5+07:00", "2016-02-24T16:48:36.500Z"),
        ("2016-02-24 23:48-0130", "2016-02-25T01:18:00.000Z"),
        ("2016-02-24", "2016-02-24T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2016-02-30", None),
        ("٢٠١٦-02-24", None),
        ("2016-02-24T25:00:00Z", None),
        ("2016-02-24\n", None),
        ("", None),
    ],
)
def test_times(text, moment):
    """Moments are read with any fraction and offset, written with milliseconds and Z."""
    parsed = parse_time(text)
    assert (format_time(parsed) if parsed else None) == moment


# ------------------------------------------------------------------------------------------ webhook bodies

#: What may stand in any webhook because it stood in the request, and what only deliveries of long ago had.
ECHOES = {"items", "fees", "description", "payer_email", "success_redirect_url", "failure_redirect_url"}
OLD = {"adjusted_received_amount", "fees_paid_amount"}


@pytest.mark.parametrize(
    ("name", "channel", "newer"),
    [
        ("webhook_bank", "PERMATA", {"initial_amount"}),
        ("webhook_ewallet", "DANA", set()),
        ("webhook_qr", "QRIS", set()),
        ("webhook_card", "CREDIT_CARD", set()),
        ("webhook_retail", "ALFAMART", {"is_high"}),
    ],
)
def test_paid_webhook_has_the_fields_of_the_recording(state, account, recording, name, channel, newer):
    """The webhook of each kind of payment has the fields of a real one: flat, and no more."""
    recorded = recording(name)
    asked = {**LEAST, "metadata": {"a": "b"}, "customer": {"given_names": "Ani"}}
    asked |= {key: recorded[key] for key in ECHOES if key in recorded}
    body = callback_body(state.pay(state.create(account, asked).id, channel=channel))
    assert set(body) == set(recorded) - OLD | newer
    for key in ("payment_method", "payment_channel", "status", "bank_code", "ewallet_type"):
        assert body.get(key) == recorded.get(key)
    for key in ("payment_id", "payment_method_id"):
        assert str(body.get(key))[:3] == str(recorded.get(key))[:3]


def test_expired_webhook_has_the_fields_of_the_recording(state, account, recording):
    """The webhook of an expiry says nothing of payments."""
    recorded = recording("webhook_expired")
    asked = {**LEAST, "items": [], "metadata": {}, "payer_email": "a@b.example"}
    asked |= {name: recorded[name] for name in ("description", "success_redirect_url", "failure_redirect_url")}
    state.expire(account, state.create(account, asked).id)
    (event,) = state.shared.drain()
    assert set(event.body) == set(recorded)


def test_expired_webhooks_can_be_off(clock):
    """An expiry is told or not, as assumed; a payment always."""
    state, account = make(clock, expired_webhooks=False)
    state.expire(account, state.create(account, LEAST).id)
    assert state.shared.drain() == ()
    state.pay(state.create(account, LEAST).id)
    assert len(state.shared.drain()) == 1
    assert state.shared.drain() == ()


@pytest.mark.parametrize("kind", ChannelKind)
def test_every_kind_of_channel_can_pay(state, account, kind):
    """Each kind of channel pays and names itself, also those without a recording."""
    channel = next(code for code, its_kind in CHANNELS["IDR"].items() if its_kind is kind)
    body = callback_body(state.pay(state.create(account, LEAST).id, channel=channel, amount=500))
    assert (body["payment_method"], body["payment_channel"], body["paid_amount"]) == (
        kind.value,
        channel,
        500,
    )
    assert body["amount"] == 10_000
