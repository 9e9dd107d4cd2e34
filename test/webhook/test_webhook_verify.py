"""Verify: headers in every form, tokens compared in constant time, nothing parsed before the token matches."""

from __future__ import annotations

import ast
import copy
import hmac
import inspect
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from xendit.exceptions import (
    ConfigurationException,
    WebhookBodyException,
    WebhookException,
    WebhookSizeException,
    WebhookTokenException,
    WebhookTypeException,
)
from xendit.webhook import InvoiceEvent, OtherEvent, UnreadableEvent, Verifier, event, verify

TOKEN = "eG5kVG9rZW4tb2YtdGhlLXRlc3Q"
BODY = b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000}'
PAYLOADS = sorted((Path(__file__).parent.parent / "payloads").glob("webhook__*.json"))


class Items:
    """What frameworks have: an object with items(), whose names can come twice."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return list(self.pairs)


HEADERS = {
    "dict": {"x-callback-token": TOKEN, "webhook-id": "wh-1"},
    "another case": {"X-CALLBACK-Token": TOKEN, "Webhook-Id": "wh-1"},
    "pairs": [("X-Callback-Token", TOKEN), ("webhook-id", "wh-1")],
    "pairs of bytes": [(b"x-callback-token", TOKEN.encode()), (b"webhook-id", b"wh-1")],
    "META and environ": {"HTTP_X_CALLBACK_TOKEN": TOKEN, "HTTP_WEBHOOK_ID": "wh-1", "wsgi.input": object(), "n": 1},
    "ASGI scope": {
        "type": "http",
        "headers": [(b"x-callback-token", TOKEN.encode()), (b"webhook-id", b"wh-1")],
    },
    "lists of values": {"x-callback-token": [TOKEN], "webhook-id": ["wh-1"]},
    "items": Items(("x-callback-token", TOKEN), ("webhook-id", "wh-1")),
    "spaces around": {"x-callback-token": f"  {TOKEN} ", "webhook-id": "wh-1"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_are_read_in_every_form(headers: Any) -> None:
    """Dict, pairs, META, environ, scope, Lambda's lists: the same event comes out."""
    found = Verifier(TOKEN).verify(headers, BODY)
    assert isinstance(found, InvoiceEvent)
    assert (found.dedupe_key, found.webhook_id, found.is_paid) == ("usr/inv-1/paid", "wh-1", True)


WRONG: dict[str, Any] = {
    "none": None,
    "no headers": {},
    "empty": {"x-callback-token": ""},
    "wrong": {"x-callback-token": "wrong"},
    "one off": {"x-callback-token": TOKEN[:-1]},
    "one more": {"x-callback-token": TOKEN + "x"},
    "another case": {"x-callback-token": TOKEN.swapcase()},
    "doubled": [("x-callback-token", TOKEN), ("X-Callback-Token", TOKEN)],
    "doubled as one": {"x-callback-token": f"{TOKEN}, {TOKEN}"},
    "doubled in a list": {"x-callback-token": [TOKEN, TOKEN]},
    "not ASCII": {"x-callback-token": "tökén"},
    "bytes not UTF-8": [(b"x-callback-token", b"\xff\xfe")],
    "half a surrogate": {"x-callback-token": "\ud800"},
    "NUL": {"x-callback-token": "\0"},
    "very long": {"x-callback-token": "x" * 1_000_000},
    "a number": {"x-callback-token": 5},
    "an object": {"x-callback-token": object()},
    "not pairs": ["x-callback-token", TOKEN, (TOKEN,)],
    "in the query's name": {"callback-token": TOKEN},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_a_wrong_token_is_401_and_costs_no_parse(headers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, doubled, not ASCII, too long: one error with one text, and no JSON is parsed."""
    parsed: list[object] = []
    monkeypatch.setattr(event, "loads", parsed.append)
    with pytest.raises(WebhookTokenException) as raised:
        Verifier(TOKEN).verify(headers, b'{"deep": ' * 10_000)
    assert parsed == []
    assert raised.value.http_status == 401
    assert str(raised.value) == "the header x-callback-token is missing, doubled or not one of the tokens"
    assert raised.value.answer == "the header x-callback-token is missing or wrong"


@pytest.mark.parametrize("position", [0, 1, 2, None])
def test_every_token_is_compared_in_constant_time(position: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the right one stands, all are compared, by compare_digest, on bytes of one length."""
    calls: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def watched(a: bytes, b: bytes) -> bool:
        calls.append((a, b))
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    tokens = ["first-token", "second", "the-third-one-is-long"]
    verifier = Verifier(tokens)
    given = "x" if position is None else tokens[position]
    if position is None:
        with pytest.raises(WebhookTokenException):
            verifier.verify({"x-callback-token": given}, BODY)
    else:
        verifier.verify({"x-callback-token": given}, BODY)
    assert len(calls) == 3
    assert {len(side) for call in calls for side in call} == {32}


def test_no_token_is_compared_in_any_other_way() -> None:
    """By construction: in the function that compares there is no ==, no `in`, no early way out."""
    tree = ast.parse(inspect.getsource(verify._is_among))
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Compare, ast.Break, ast.If, ast.IfExp))]
    assert len([node for node in ast.walk(tree) if isinstance(node, ast.Return)]) == 1
    assert "compare_digest" in inspect.getsource(verify._is_among)


def test_tokens_rotate() -> None:
    """Old and new are both taken while one replaces the other; then only the new one."""
    both = Verifier(["new", "old"])
    assert both.verify({"x-callback-token": "old"}, BODY).kind == "paid"
    assert both.verify({"x-callback-token": "new"}, BODY).kind == "paid"
    with pytest.raises(WebhookTokenException):
        Verifier("new").verify({"x-callback-token": "old"}, BODY)


@pytest.mark.parametrize("tokens", [5, b"x", [None, 5], [b"x"], {"a": 1}.values()])
def test_what_is_no_text_is_no_token(tokens: Any) -> None:
    """A value of another type is a mistake in the program, and told at construction."""
    with pytest.raises(ConfigurationException, match="tokens must be a str or a list of str"):
        Verifier(tokens)


@pytest.mark.parametrize("options", [{"max_body": 0}, {"max_body": True}, {"max_body": "1"}, {"token_for": "x"}])
def test_other_settings_are_checked(options: Any) -> None:
    """A typo is found at construction."""
    with pytest.raises(ConfigurationException):
        Verifier(TOKEN, **options)


def test_no_token_leaves_a_verifier() -> None:
    """Neither repr nor pickle nor copy nor the attributes show it."""
    verifier = Verifier([TOKEN, "other-token"])
    assert repr(verifier) == "<Verifier of 2 tokens>"
    assert TOKEN not in str([getattr(verifier, name) for name in Verifier.__slots__])
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            leave(verifier)


def test_a_sub_account_has_its_own_token() -> None:
    """`token_for` is asked with the user id of the body, or of the URL, and vouches for that account alone."""
    verifier = Verifier(TOKEN, token_for={"usr": "token-of-usr", "other": "token-of-other"}.get)
    assert verifier.verify({"x-callback-token": "token-of-usr"}, BODY).kind == "paid"
    assert verifier.verify({"x-callback-token": "token-of-usr"}, BODY, user_id="usr").kind == "paid"
    assert verifier.verify({"x-callback-token": TOKEN}, BODY).kind == "paid"
    for token, user_id in (("token-of-other", None), ("token-of-other", "other"), ("token-of-usr", "nobody")):
        with pytest.raises(WebhookTokenException):
            verifier.verify({"x-callback-token": token}, BODY, user_id=user_id)


@pytest.mark.parametrize(
    "body",
    [
        b'{"x": {"user_id": "mine"}, "id": "inv-1", "user_id": "theirs", "status": "PAID"}',
        b'{"id": "inv-1", "note": "\\"user_id\\": \\"mine\\"", "user_id": "theirs", "status": "PAID"}',
        b'{"event": "x", "data": {"user_id": "mine"}}',
        b'{"id": "inv-1", "status": "PAID", "user_id" : "mine", "amount": "odd"}',
    ],
)
def test_a_sub_account_cannot_speak_for_another(body: bytes) -> None:
    """A user id that only seems to be the body's does not help whoever knows that account's token."""
    verifier = Verifier(token_for={"mine": "token-of-mine"}.get)
    with pytest.raises(WebhookTokenException):
        verifier.verify({"x-callback-token": "token-of-mine"}, body)


def test_a_mapping_that_does_not_know_the_account_is_401() -> None:
    """`token_for=TOKENS.__getitem__` raises KeyError for a stranger; that is no error of ours."""
    with pytest.raises(WebhookTokenException):
        Verifier(token_for={}.__getitem__).verify({"x-callback-token": "x"}, BODY)


BAD: list[tuple[bytes, dict[str, Any], type[WebhookException]]] = [
    (b"", {}, WebhookBodyException),
    (b"{", {}, WebhookBodyException),
    (b"\xff\xfe{}", {}, WebhookBodyException),
    (b'{"id": "\xff"}', {}, WebhookBodyException),
    (b'{"a": NaN}', {}, WebhookBodyException),
    (b'{"a": 1e999}', {}, WebhookBodyException),
    (b"[" * 100_000, {}, WebhookBodyException),
    (b'{"a":' * 40_000, {}, WebhookBodyException),
    (b'{"a": ' + b"9" * 10_000 + b"}", {}, WebhookBodyException),
    (b"token=x&status=PAID", {}, WebhookBodyException),
    (b"x" * (256 * 1024 + 1), {}, WebhookSizeException),
    (BODY, {"content-length": "999999"}, WebhookSizeException),
    (BODY, {"content-length": "5"}, WebhookBodyException),
    (BODY, {"content-length": "-5"}, WebhookBodyException),
    (BODY, {"content-length": "9" * 50}, WebhookBodyException),
    (BODY, {"content-length": ["5", "6"]}, WebhookBodyException),
    (BODY, {"CONTENT_LENGTH": "5"}, WebhookBodyException),
    (BODY, {"content-type": "application/x-www-form-urlencoded"}, WebhookTypeException),
    (BODY, {"content-type": ["application/json", "text/html"]}, WebhookTypeException),
    (BODY, {"content-encoding": "gzip"}, WebhookTypeException),
]


@pytest.mark.parametrize(("body", "headers", "expected"), BAD, ids=range(len(BAD)))
def test_a_bad_request_is_one_of_four_errors(body: bytes, headers: Any, expected: type[WebhookException]) -> None:
    """Each is a WebhookException with its status, which shows nothing of the body and pickles."""
    with pytest.raises(expected) as raised:
        Verifier(TOKEN).verify({"x-callback-token": TOKEN, **headers}, body)
    assert raised.value.http_status in (400, 413, 415)
    assert "order-1" not in str(raised.value)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.http_status) == (str(raised.value), raised.value.http_status)


def test_text_is_not_a_raw_body() -> None:
    """Whoever hands over decoded text is told to hand over bytes."""
    with pytest.raises(WebhookBodyException, match="a str: hand over the raw bytes"):
        Verifier(TOKEN).verify({"x-callback-token": TOKEN}, BODY.decode())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json", ""]
)
def test_json_is_known_by_its_content_type(kind: str) -> None:
    """With a charset, in any case, with a suffix, and when nothing is said."""
    assert Verifier(TOKEN).verify({"x-callback-token": TOKEN, "content-type": kind}, BODY).kind == "paid"


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_every_real_payload_is_an_event(path: Path) -> None:
    """Real bodies, their key and their meaning."""
    data = json.loads(path.read_bytes())
    found = Verifier(TOKEN).verify({"x-callback-token": TOKEN}, path.read_bytes())
    if "event" in data:
        assert isinstance(found, OtherEvent)
        assert found.name == "refund.succeeded"
        assert found.data["invoice_id"] == data["data"]["invoice_id"]
    else:
        assert isinstance(found, InvoiceEvent)
        assert found.dedupe_key == f"{data['user_id']}/{data['id']}/{data['status'].lower()}"
        assert found.is_dashboard_test == ("permata" in path.name)
        assert found.matches(amount=data["amount"], currency=data["currency"], external_id=data["external_id"])


ANY_HEADERS = st.one_of(
    st.none(),
    st.integers().map(lambda number: [number]),
    st.dictionaries(st.text(max_size=20), st.one_of(st.text(max_size=30), st.binary(max_size=30), st.none())),
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=30))),
    st.dictionaries(
        st.sampled_from(["x-callback-token", "content-length", "content-type", "webhook-id", "HTTP_WEBHOOK_ID"]),
        st.one_of(st.text(max_size=30), st.binary(max_size=30), st.lists(st.text(max_size=9))),
    ),
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
NEARLY = st.dictionaries(
    st.sampled_from(
        ["id", "user_id", "status", "external_id", "amount", "paid_at", "event", "data", "items", "payment_id"]
    ),
    ANY_JSON | st.sampled_from(["PAID", "EXPIRED", "2025-01-01T00:00:00Z"]),
)


@given(headers=ANY_HEADERS, body=st.binary(max_size=200))
def test_whatever_comes_is_an_event_or_a_webhook_exception(headers: Any, body: bytes) -> None:
    """Any headers with any bytes: never another exception."""
    try:
        Verifier(TOKEN).verify(headers, body)
    except WebhookException as error:
        assert error.http_status in (400, 401, 413, 415)


@given(data=NEARLY | ANY_JSON)
def test_good_json_under_a_good_token_is_never_refused(data: Any) -> None:
    """Whatever the JSON holds, it is an event, with a key that any database takes, and it can be asked."""
    found = Verifier(TOKEN).verify({"x-callback-token": TOKEN}, json.dumps(data).encode())
    assert isinstance(found, (InvoiceEvent, OtherEvent, UnreadableEvent))
    assert 0 < len(found.dedupe_key) <= 200
    assert found.dedupe_key.isascii()
    assert found.dedupe_key.isprintable()
    assert pickle.loads(pickle.dumps(found)) == found
    if isinstance(found, InvoiceEvent):
        assert found.is_late in (True, False)
        assert found.matches(amount=1, currency="IDR", external_id="x") in (True, False)
        assert found.supersedes("PAID") in (True, False)
        assert len(found.as_second_payment().dedupe_key) <= 200


def test_headers_of_a_load_balancer_are_read() -> None:
    """AWS Lambda behind an ALB that is set to multi-value headers: a list of values each, and none under `headers`."""
    event = {
        "headers": None,
        "multiValueHeaders": {"x-callback-token": ["token"], "content-type": ["application/json"]},
    }
    verified = Verifier("token").verify(
        event["headers"] or event["multiValueHeaders"], b'{"id": "i", "status": "PAID"}'
    )
    assert verified.body == b'{"id": "i", "status": "PAID"}'
    with pytest.raises(WebhookTokenException):
        Verifier("token").verify({"x-callback-token": ["token", "other"], "content-type": ["application/json"]}, b"{}")
