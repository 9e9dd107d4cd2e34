"""ApiClient and InvoiceApi over real sockets: options, arguments, failures, pools, threads, forks."""

from __future__ import annotations

import base64
import gc
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import traceback
import warnings
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from raw_server import RawServer, http, reset, silence
from recorded import KEY

import xendit
from xendit.apis import InvoiceApi
from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    ConfigurationException,
    ConnectionException,
    NotFoundException,
    OutcomeUnknownException,
    ResponseException,
    ServiceException,
    TimeoutException,
    XenditSdkException,
    XenditWarning,
)
from xendit.invoice.model import CreateInvoiceRequest, Invoice, InvoiceClientType, InvoiceItem, InvoiceStatus
from xendit.policy import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox import Sandbox

INVOICE = b'{"id":"x","external_id":"e","amount":1000,"status":"PENDING"}'
ORDER = {"external_id": "e", "amount": 1000}


def api_on(server: RawServer | str, **settings: Any) -> InvoiceApi:
    """An InvoiceApi on a server."""
    host = server if isinstance(server, str) else server.url
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(host, KEY, **settings)))


def query_of(server: RawServer) -> list[tuple[str, str]]:
    """The query of the last request."""
    return parse_qsl(urlsplit(server.requests[-1].split(b" ")[1].decode()).query)


# ------------------------------------------------------------------------------------------ the main job


def test_create_get_list_expire_on_the_sandbox(sandbox: Sandbox) -> None:
    """The contract's four operations, end to end."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    made = api.create_invoice(CreateInvoiceRequest("order/1 é", Decimal(50000), items=[InvoiceItem("a", 50000, 1)]))
    assert isinstance(made, Invoice)
    assert (made.status, made.amount, made.external_id) == (InvoiceStatus.PENDING, 50000, "order/1 é")
    assert api.get_invoice_by_id(made.id) == made
    other = api.create_invoice({"external_id": "order-2", "amount": 10000, "customer": {"given_names": "Ayu"}})
    assert [each.id for each in api.get_invoices()] == [other.id, made.id]
    assert [each.id for each in api.get_invoices(external_id="order/1 é")] == [made.id]
    assert api.expire_invoice(made.id).is_expired
    assert [each.id for each in api.get_invoices(statuses=["EXPIRED"])] == [made.id]
    with pytest.raises(NotFoundException, match="Could not find and update PENDING invoice"):
        api.expire_invoice(made.id)
    sandbox.pay(other.id)
    assert api.get_invoice_by_id(other.id).is_paid


def test_a_validation_error_names_the_fields(sandbox: Sandbox) -> None:
    """What the API found fault with stands in the error's text and in `errors`."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    with pytest.raises(xendit.BadRequestException) as caught:
        api.create_invoice({"external_id": "x", "amount": -5})
    assert caught.value.errorCode == "API_VALIDATION_ERROR"
    assert [path for path, _ in caught.value.errors] == ["amount"]
    assert "amount" in str(caught.value)
    assert caught.value.request_id
    assert isinstance(caught.value.model, xendit.models.BadRequestError)


def test_an_amount_that_will_be_cut_is_warned_of(sandbox: Sandbox) -> None:
    """IDR has no decimals: the invoice is over less than was asked for, and the developer hears of it."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    with pytest.warns(
        XenditWarning, match=r"CreateInvoiceRequest\['amount'\]: 10000\.5 has decimals .* will cut it to 10000,"
    ) as seen:
        invoice = api.create_invoice({"external_id": "x", "amount": 10000.5, "currency": "IDR"})
    assert invoice.amount == 10000
    assert seen[0].filename == __file__
    for amount in (10000, 10000.0, Decimal("10000.00")):
        api.create_invoice({"external_id": "x", "amount": amount})
    assert api.create_invoice({"external_id": "x", "amount": Decimal("134.40"), "currency": "PHP"}).amount == 134.4


# ------------------------------------------------------------------------------------------ arguments


def test_every_list_parameter_goes_out_as_documented() -> None:
    """Arrays are repeated, the limit is an integer, times are UTC with milliseconds, ids are text."""
    moment = datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=7)))
    with RawServer([http(200, b"[]")]) as server:
        api_on(server).get_invoices(
            "62efe4c33e45694d63f585f0",
            7,
            [InvoiceStatus.PAID, "SETTLED"],
            10.0,
            moment,
            date(2020, 1, 2),
            "2020-01-02",
            datetime(2020, 1, 2),
            "2016-08-29T09:12:33.001Z",
            "2016-08-29T16:12:33+07:00",
            "62efe4c33e45294d63f585f2",
            ("API_GATEWAY", InvoiceClientType.DASHBOARD),
            ["BNI", "B&I"],
            "link é",
            "r",
        )
        assert b"for-user-id: 62efe4c33e45694d63f585f0\r\n" in server.requests[0]
        assert query_of(server) == [
            ("external_id", "7"),
            ("statuses", "PAID"),
            ("statuses", "SETTLED"),
            ("limit", "10"),
            ("created_after", "2020-01-01T20:04:05.678Z"),
            ("created_before", "2020-01-02T00:00:00.000Z"),
            ("paid_after", "2020-01-02T00:00:00.000Z"),
            ("paid_before", "2020-01-02T00:00:00.000Z"),
            ("expired_after", "2016-08-29T09:12:33.001Z"),
            ("expired_before", "2016-08-29T09:12:33.000Z"),
            ("last_invoice", "62efe4c33e45294d63f585f2"),
            ("last_invoice_id", "62efe4c33e45294d63f585f2"),
            ("client_types", "API_GATEWAY"),
            ("client_types", "DASHBOARD"),
            ("payment_channels", "BNI"),
            ("payment_channels", "B&I"),
            ("on_demand_link", "link é"),
            ("recurring_payment_id", "r"),
        ]


@pytest.mark.parametrize("cursor", ["last_invoice", "last_invoice_id"])
def test_pages_are_walked_whichever_name_the_cursor_has(cursor: str) -> None:
    """Nobody outside Xendit knows which one counts, so both are sent."""
    from xendit.sandbox import Assumptions, Sandbox

    with Sandbox(assumptions=Assumptions(cursor_names=frozenset({cursor}))) as sandbox:
        api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
        made = [api.create_invoice({"external_id": str(number), "amount": 10000}).id for number in range(7)]
        seen: list[str] = []
        while page := api.get_invoices(limit=3, last_invoice=seen[-1] if seen else None):
            seen += [invoice.id for invoice in page]
        assert seen == made[::-1]


def test_fee_and_split_rules_are_headers_of_create() -> None:
    """xenPlatform's headers go with the request."""
    with RawServer([http(200, INVOICE)]) as server:
        api_on(server).create_invoice(ORDER, "62ef", "xpfeeru_1", "splitru_1", _headers={"X-Trace": "t"})
        for line in (b"for-user-id: 62ef", b"with-fee-rule: xpfeeru_1", b"with-split-rule: splitru_1", b"x-trace: t"):
            assert line + b"\r\n" in server.requests[0]


BAD_IDS = ["", " ", ".", "..", "a\rb", "a\nb", "a\x00b", "\x7f", "\x85", 5, None, b"x", ["x"], "\ud800"]
BAD_HEADERS = ["", " ", "a\r\nx: y", "a\x00", "é", "x" * 256, 5, ["x"]]


@pytest.mark.parametrize("value", BAD_IDS, ids=repr)
@pytest.mark.parametrize("method", ["get_invoice_by_id", "expire_invoice"])
def test_a_bad_id_is_refused_before_any_socket(method: str, value: Any) -> None:
    """The list is never asked for by mistake and nothing can be injected."""
    with RawServer([http(200, INVOICE)]) as server:
        with pytest.raises((ApiTypeError, ApiValueError), match="invoice_id"):
            getattr(api_on(server), method)(value)
        assert server.connections == 0


@pytest.mark.parametrize("value", BAD_HEADERS, ids=repr)
def test_a_bad_header_value_is_refused_before_any_socket(value: Any) -> None:
    """for_user_id, rules and own headers hold printable ASCII."""
    with RawServer([http(200, INVOICE)]) as server:
        api = api_on(server)
        calls: list[Callable[[], Any]] = [
            lambda: api.get_invoice_by_id("x", value),
            lambda: api.create_invoice(ORDER, with_split_rule=value),
            lambda: api.get_invoices(_headers={"x-trace": value}),
            lambda: api.api_client.set_default_header("x-trace", value),
        ]
        for call in calls:
            with pytest.raises((ApiTypeError, ApiValueError)):
                call()
        assert server.connections == 0


@pytest.mark.parametrize(
    "name", ["", "x y", "x:y", "x\r\n", "é", "Authorization", "HOST", "content-length", "Accept-Encoding", 5]
)
def test_a_bad_header_name_is_refused_before_any_socket(name: Any) -> None:
    """What the client sets itself cannot be set from outside."""
    with RawServer([http(200, INVOICE)]) as server:
        with pytest.raises((ApiTypeError, ApiValueError), match="_headers"):
            api_on(server).get_invoices(_headers={name: "x"})
        assert server.connections == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"limit": "10"}, r"get_invoices\['limit'\]: a str was given"),
        ({"limit": 1.5}, "whole number"),
        ({"limit": True}, "a bool was given"),
        ({"limit": 0}, "1 or more"),
        ({"statuses": "PAID"}, r"a str was given, a list of InvoiceStatus is needed"),
        ({"statuses": [5]}, r"\['statuses'\]\[0\]: an int was given"),
        ({"created_after": "soon"}, "no ISO 8601 date"),
        ({"created_after": 5}, "an int was given"),
        ({"external_id": ""}, "empty"),
        ({"last_invoice": "a\nb"}, "control character"),
        ({"payment_channels": [""]}, "empty"),
        ({"statues": ["PAID"]}, "no parameter 'statues'; did you mean 'statuses'"),
        ({"_request_timout": 5}, "no parameter '_request_timout'; did you mean '_request_timeout'"),
    ],
    ids=str,
)
def test_a_bad_list_argument_is_refused_before_any_socket(arguments: dict[str, Any], problem: str) -> None:
    """The error names the parameter, the type and what is right."""
    with RawServer([http(200, b"[]")]) as server:
        with pytest.raises((ApiTypeError, ApiValueError), match=problem):
            api_on(server).get_invoices(**arguments)
        assert server.connections == 0


@pytest.mark.parametrize(
    "request_body",
    [
        None,
        [],
        "x",
        5,
        {},
        {"external_id": "e"},
        {"amount": 1},
        {"external_id": "e", "amount": "1"},
        {"external_id": "e", "amount": float("nan")},
        {"external_id": "e", "amount": 1, "items": {}},
        {"external_id": "e", "amount": 1, 5: 6},
        CreateInvoiceRequest.from_dict({}),
        CreateInvoiceRequest.from_dict({"external_id": "", "amount": 1}),
        InvoiceItem("a", 1, 1),
    ],
    ids=repr,
)
def test_a_bad_request_is_refused_before_any_socket(request_body: Any) -> None:
    """As a dict or as a model, also one that was read tolerantly and lacks what is required."""
    with RawServer([http(200, INVOICE)]) as server:
        with pytest.raises((ApiTypeError, ApiValueError)):
            api_on(server).create_invoice(request_body)
        assert server.connections == 0


def test_a_dict_request_is_left_as_it_is() -> None:
    """The caller's dict and its parts are not changed by sending them."""
    item = {"name": "a", "price": 1, "quantity": 1}
    body: Any = {"external_id": 5, "amount": 1000, "items": [item], "payer_email": None}
    with RawServer([http(200, INVOICE.replace(b'"e"', b'"5"'))]) as server:
        api_on(server).create_invoice(body)
        assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2]) == {
            "external_id": "5",
            "amount": 1000,
            "items": [item],
        }
    assert body == {"external_id": 5, "amount": 1000, "items": [item], "payer_email": None}


# ------------------------------------------------------------------------------------------ official options


def test_data_status_and_headers_on_request() -> None:
    """`_return_http_data_only=False` gives all three."""
    with RawServer([http(200, INVOICE, "Request-Id: r1")]) as server:
        data, status, headers = api_on(server).get_invoice_by_id("x", _return_http_data_only=False)
    assert (data.id, status, headers["request-id"]) == ("x", 200, "r1")  # type: ignore[attr-defined, index]


def test_the_raw_answer_on_request() -> None:
    """`_preload_content=False` gives the answer as it came, whatever it holds."""
    with RawServer([http(200, b"<html>", "Request-Id: r1")]) as server:
        answer: Any = api_on(server).get_invoice_by_id("x", _preload_content=False)
    assert (answer.status, answer.data, answer.text, answer.getheader("Request-ID")) == (200, b"<html>", "<html>", "r1")
    assert repr(answer) == "Response(200, 6 bytes)"


def test_unchecked_answers_and_requests() -> None:
    """`_check_return_type=False` keeps values of the wrong type; `_check_input_type=False` sends a dict as it is."""
    odd = b'{"id":"x","amount":"1000","user_id":5,"status":"PAID","available_banks":[{"bank_code":5},7],"customer":[]}'
    with RawServer([http(200, odd)]) as server:
        api = api_on(server)
        with pytest.raises(ResponseException, match=r"Invoice\['(amount|user_id)'\]"):
            api.get_invoice_by_id("x")
        invoice = api.get_invoice_by_id("x", _check_return_type=False)
        assert (invoice.user_id, invoice.amount, invoice.available_banks[0].bank_code, invoice.customer) == (
            5,
            "1000",
            5,
            [],
        )
        api.create_invoice({"amount": "1000", "new": [1]}, _check_input_type=False, _check_return_type=False)  # type: ignore[typeddict-item]
        assert server.requests[-1].endswith(b'{"amount":"1000","new":[1]}')


def test_a_call_in_the_background() -> None:
    """`async_req=True` gives a handle; bad arguments are told at once, failures by get()."""
    with RawServer([http(200, INVOICE), http(404)]) as server:
        api = api_on(server)
        handle: Any = api.get_invoice_by_id("x", async_req=True)
        assert handle.get(5).id == "x"
        assert handle.ready()
        assert handle.successful()
        failed: Any = api.get_invoice_by_id("x", async_req=True)
        with pytest.raises(NotFoundException):
            failed.get(5)
        assert not failed.successful()
        with pytest.raises(ApiValueError):
            api.get_invoice_by_id("", async_req=True)
    with RawServer([silence]) as server:
        slow: Any = api_on(server, timeout=0.5, retries=0).get_invoice_by_id("x", async_req=True)
        with pytest.raises(TimeoutError):
            slow.get(0.01)
        with pytest.raises(ValueError, match="not ended"):
            slow.successful()
        with pytest.raises(TimeoutException):
            slow.get(5)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"_return_http_data_only": "no"}, ApiTypeError),
        ({"async_req": 1}, ApiTypeError),
        ({"_host_index": 1}, ApiValueError),
        ({"_request_auths": [{"x": 1}]}, ApiValueError),
        ({"_request_timeout": 0}, ApiValueError),
        ({"_request_timeout": -1}, ApiValueError),
        ({"_request_timeout": True}, ApiTypeError),
        ({"_request_timeout": [1, 1]}, ApiTypeError),
        ({"_request_timeout": (1,)}, ApiValueError),
        ({"_request_timeout": (1, "2")}, ApiTypeError),
        ({"_request_timeout": float("nan")}, ApiValueError),
        ({"_headers": "x"}, ApiTypeError),
        ({"_content_type": "a\r\nb"}, ApiValueError),
    ],
    ids=str,
)
def test_a_bad_option_is_refused_before_any_socket(options: Any, error: type[Exception]) -> None:
    """Options are checked as arguments are."""
    with RawServer([http(200, INVOICE)]) as server:
        with pytest.raises(error, match=next(iter(options))):
            api_on(server).get_invoice_by_id("x", **options)
        assert server.connections == 0


def test_harmless_options_are_accepted() -> None:
    """What the official methods take does not break a call."""
    with RawServer([http(200, INVOICE)]) as server:
        api = api_on(server)
        api.get_invoice_by_id(
            "x", _host_index=0, _spec_property_naming=True, _request_auths=None, _check_input_type=True
        )
        api.create_invoice(ORDER, _content_type="application/json", _request_timeout=(1, 2))
        assert server.requests[1].count(b"content-type: application/json\r\n") == 1


def test_default_headers_of_the_client() -> None:
    """The official constructor's header and cookie, and set_default_header, go with every request."""
    with RawServer([http(200, INVOICE)]) as server:
        client = xendit.ApiClient(xendit.Configuration(server.url, KEY), "X-One", "1", "c=2", 3)
        client.set_default_header("X-Two", "2")
        client.user_agent = "my-shop/1.0"
        with pytest.raises(ApiValueError, match="user_agent"):
            client.user_agent = "a\r\nx: y"
        InvoiceApi(client).get_invoice_by_id("x")
        for line in (b"x-one: 1", b"x-two: 2", b"cookie: c=2", b"user-agent: my-shop/1.0"):
            assert line + b"\r\n" in server.requests[0]


# ------------------------------------------------------------------------------------------ failures


def closed_port() -> str:
    """A URL at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_refused_connection_is_not_sent_and_tried_again() -> None:
    """Also for a create, which cannot have happened."""
    for call in (lambda api: api.get_invoice_by_id("x"), lambda api: api.create_invoice(ORDER)):
        with pytest.raises(ConnectionException, match="cannot connect") as caught:
            call(api_on(closed_port(), retries=1))
        assert (caught.value.outcome, caught.value.attempts, caught.value.http_status) == ("not_sent", 2, None)
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        lambda c: c.close(),
        lambda c: c.sendall(b"garbage\r\n\r\n"),
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    ],
    ids=["reset", "close", "garbage", "cut body", "cut chunk"],
)
def test_a_create_that_was_sent_is_never_sent_again(fault: Callable[[socket.socket], None]) -> None:
    """One request reaches the server; the error says that the invoice may exist."""
    with RawServer([fault]) as server:
        with pytest.raises(OutcomeUnknownException, match="the invoice may exist") as caught:
            api_on(server, retries=RetryPolicy(first_wait=0)).create_invoice(ORDER)
        assert (caught.value.outcome, caught.value.attempts) == ("unknown", 5)
        assert [request.partition(b" ")[0] for request in server.requests] == [b"POST", *[b"GET"] * 4]
        assert isinstance(caught.value.__cause__, ConnectionException)


def test_a_get_recovers_from_faults() -> None:
    """The same faults on a read are tried again."""
    with RawServer([reset, http(503), http(200, INVOICE)]) as server:
        assert api_on(server).get_invoice_by_id("x").id == "x"
        assert len(server.requests) == 3


def test_a_silent_server_is_given_up_in_time() -> None:
    """The call's budget bounds all attempts, by client and by call."""
    with RawServer([silence]) as server:
        for settings, options in (
            ({"timeout": 0.4}, {}),
            ({"read_timeout": 0.2, "retries": 0}, {}),
            ({}, {"_request_timeout": 0.4}),
            ({"retries": 0}, {"_request_timeout": (0.2, 0.2)}),
        ):
            begun = time.monotonic()
            with pytest.raises(OutcomeUnknownException, match="no answer in time") as caught:
                api_on(server, **settings).create_invoice(ORDER, on_unknown="raise", **options)
            assert isinstance(caught.value.__cause__, TimeoutException)
            assert time.monotonic() - begun < 2
            assert caught.value.outcome == "unknown"


def test_a_redirect_is_not_followed() -> None:
    """Neither the key nor the order goes to another place."""
    with RawServer([http(200, INVOICE)]) as other:
        for status in (301, 302, 303, 307, 308):
            with RawServer([http(status, b"", f"Location: {other.url}/v2/invoices/")]) as server:
                with pytest.raises(XenditSdkException, match="redirect") as caught:
                    api_on(server).create_invoice(ORDER)
                assert caught.value.http_status == status
        assert other.connections == 0


def test_an_answer_that_is_too_long_or_encoded_is_not_read() -> None:
    """The limit is 4 MiB for answers, 64 KiB for errors; of what was not asked for gzip alone is read."""
    with RawServer([http(200, b" " * (4 * 1024 * 1024 + 1))]) as server:
        with pytest.raises(ResponseException, match="longer than 4096 KiB"):
            api_on(server).get_invoice_by_id("x")
    with RawServer([http(200, INVOICE, "Content-Encoding: br")]) as server:
        with pytest.raises(ResponseException, match=r"compressed with brotli \(Content-Encoding: br\), .* gateway"):
            api_on(server).get_invoice_by_id("x")
        assert b"accept-encoding: identity\r\n" in server.requests[0]
    with RawServer([http(400, b"x" * 200_000)]) as server:
        with pytest.raises(XenditSdkException) as caught:
            api_on(server).get_invoice_by_id("x")
        assert len(caught.value.body or "") == 64 * 1024


def test_neither_key_nor_personal_data_leaks_through_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    """Texts, reprs, tracebacks with variables and all logs at DEBUG are searched for both."""
    caplog.set_level(logging.DEBUG)
    secrets = [KEY, base64.b64encode(f"{KEY}:".encode()).decode(), "ayu@example.com"]
    body: Any = {**ORDER, "payer_email": "ayu@example.com"}
    answers = [
        http(400, b'{"message":"ayu@example.com is bad"}'),
        http(502, b"<html>"),
        reset,
        http(200, b"<html>ayu@example.com"),
        silence,
    ]
    for answer in answers:
        with RawServer([answer]) as server, pytest.raises(XenditSdkException) as caught:
            api_on(server, timeout=0.5, retries=0).create_invoice(body)
        error: BaseException | None = caught.value
        while error is not None:
            shown = "".join(traceback.format_exception(error, chain=False)) + repr(error) + str(error)
            frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
            ours = [frame for frame in frames if frame.filename != __file__ and "request_body" not in str(frame.locals)]
            assert all(secret not in shown for secret in secrets)
            for frame in ours:
                assert all(secret not in str(frame.locals) for secret in secrets[:2]), frame
            error = error.__cause__ or error.__context__
    assert all(secret not in caplog.text for secret in secrets)


# ------------------------------------------------------------------------------------------ clients and pools


def test_a_client_a_call_costs_no_new_connection() -> None:
    """Clients with equal settings share connections; closing one leaves the others theirs."""
    with RawServer([http(200, INVOICE)]) as server:
        for _ in range(10):
            with xendit.ApiClient(xendit.Configuration(server.url, KEY)) as client:
                InvoiceApi(client).get_invoice_by_id("x")
        assert (len(server.requests), server.connections) == (10, 1)


def test_a_closed_client_says_so() -> None:
    """Use after close is our error."""
    client = xendit.ApiClient(xendit.Configuration(api_key=KEY))
    client.close()
    client.close()
    with pytest.raises(ConfigurationException, match="closed"):
        InvoiceApi(client).get_invoice_by_id("x")


@pytest.mark.parametrize(
    "given", [KEY, {"api_key": KEY}, xendit.Configuration(api_key=KEY)], ids=["str", "dict", "Configuration"]
)
def test_what_is_no_client_is_refused(given: Any) -> None:
    """What is neither a client nor, for an API, a key is told with what to write, and shown nowhere."""
    if not isinstance(given, str):
        with pytest.raises(
            ConfigurationException, match=r"InvoiceApi takes an ApiClient or a key, a \w+ was"
        ) as caught:
            InvoiceApi(given)
        assert KEY not in repr(caught.value)
    if not isinstance(given, xendit.Configuration):
        with pytest.raises(ConfigurationException, match="ApiClient takes a Configuration"):
            xendit.ApiClient(given)


def test_a_rotating_key_is_asked_for_every_attempt() -> None:
    """A function as key gives each attempt the newest one."""
    keys = iter(["xnd_development_one", "xnd_development_two"])
    with RawServer([http(503), http(200, INVOICE)]) as server:
        client = xendit.ApiClient(xendit.Configuration(server.url, lambda: next(keys)))
        InvoiceApi(client).get_invoice_by_id("x")
        sent = [base64.b64decode(request.split(b"Basic ")[1].split(b"\r\n")[0]) for request in server.requests]
    assert sent == [b"xnd_development_one:", b"xnd_development_two:"]


def test_sixteen_threads_share_one_client(sandbox: Sandbox) -> None:
    """Every thread gets the answers to its own requests."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    wrong: list[str] = []

    def work(number: int) -> None:
        for turn in range(10):
            name = f"{number}-{turn}"
            made = api.create_invoice({"external_id": name, "amount": 10000 + number})
            if made.external_id != name or api.get_invoice_by_id(made.id).external_id != name:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
def test_a_forked_child_has_connections_of_its_own(sandbox: Sandbox) -> None:
    """After a warm-up, children and parent read only their own answers."""
    program = """
import os, sys, xendit
from xendit.apis import InvoiceApi
api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sys.argv[1], sys.argv[2])))
ids = [api.create_invoice({"external_id": str(n), "amount": 10000}).id for n in range(4)]
children = []
for n in range(4):
    child = os.fork()
    if child == 0:
        good = all(api.get_invoice_by_id(ids[n]).id == ids[n] for _ in range(50))
        os._exit(0 if good else 1)
    children.append(child)
good = all(api.get_invoice_by_id(ids[0]).id == ids[0] for _ in range(50))
codes = [os.waitpid(child, 0)[1] for child in children]
sys.exit(0 if good and not any(codes) else 1)
"""
    ran = subprocess.run([sys.executable, "-c", program, sandbox.url, sandbox.api_key], timeout=60, check=False)
    assert ran.returncode == 0


def test_nothing_is_left_open() -> None:
    """Dropping clients and the pool's host leaves no warning of an unclosed socket."""
    with RawServer([http(200, INVOICE)]) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        api = api_on(server)
        api.get_invoice_by_id("x")
        api.api_client.close()
        del api
        gc.collect()


def test_a_background_call_does_not_keep_the_interpreter() -> None:
    """A program that ends while a call hangs, ends."""
    program = """
import sys, xendit
from xendit.apis import InvoiceApi
InvoiceApi(xendit.ApiClient(xendit.Configuration(sys.argv[1], sys.argv[2]))).get_invoice_by_id("x", async_req=True)
"""
    with RawServer([silence]) as server:
        begun = time.monotonic()
        ran = subprocess.run([sys.executable, "-c", program, server.url, KEY], timeout=30, check=False)
        assert ran.returncode == 0
        assert time.monotonic() - begun < 8


def test_an_html_gateway_page_keeps_its_status() -> None:
    """The commonest answer of a bad day keeps its status and its text."""
    with RawServer([http(502, b"<html>Bad gateway</html>", "Request-Id: r")]) as server:
        with pytest.raises(OutcomeUnknownException) as caught:
            api_on(server).create_invoice(ORDER, on_unknown="raise")
    assert isinstance(caught.value.__cause__, ServiceException)
    assert (caught.value.status, caught.value.rawResponse, caught.value.request_id) == (
        "502",
        "<html>Bad gateway</html>",
        "r",
    )
    assert caught.value.outcome == "unknown"


def test_a_subclass_of_a_request_is_sent_whole_and_checked() -> None:
    """Its own fields go out, before and after the declared class is compiled."""

    class Order(CreateInvoiceRequest):
        loyalty: str | None = None

    with RawServer([http(200, INVOICE)]) as server:
        for _ in range(2):
            api_on(server).create_invoice(Order("e", 1000, loyalty="gold"))
            assert server.requests[-1].endswith(b'"loyalty":"gold"}')
            CreateInvoiceRequest.__plan__.compile()


def test_a_negative_chunk_and_a_packed_error_are_ours() -> None:
    """Nothing foreign escapes, and an error keeps its status whatever its encoding."""
    with RawServer([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n"]) as server:
        with pytest.raises(ConnectionException) as caught:
            api_on(server, retries=0).get_invoice_by_id("x")
        assert caught.value.outcome == "unknown"
    with RawServer([http(503, b"\x1f\x8b", "Content-Encoding: gzip")]) as server:
        with pytest.raises(ServiceException):
            api_on(server, retries=0).get_invoice_by_id("x")


def test_the_text_of_an_error_is_quick_and_printable() -> None:
    """A hostile body can neither stall, forge nor reveal."""
    hostile = XenditSdkException(
        errorCode="a" * 60000,
        errorMessage="x\n\x1b[31m\ud800 eG5kX2RldmVsb3BtZW50",
        headers={"request-id": "a" * 60000},
    )
    begun = time.monotonic()
    assert str(hostile).isprintable()
    assert "eG5k" not in str(hostile)
    assert time.monotonic() - begun < 2


def test_async_req_without_a_thread_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the interpreter ends, or when the system has no thread left: the call is made, and get() brings it."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "xendit-async_req":
            raise RuntimeError("can't create new thread at interpreter shutdown")
        start(thread)  # the server's own

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with RawServer([http(200, INVOICE)]) as server:
        deferred = api_on(server).get_invoice_by_id("x", async_req=True)
        deferred.wait()
        assert (deferred.ready(), deferred.successful(), deferred.get().id) == (True, True, "x")
    with pytest.raises(ConnectionException):
        api_on("http://127.0.0.1:9", retries=0).get_invoice_by_id("x", async_req=True).get()
