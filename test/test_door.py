"""The door for any path: client.request and call_api, in both worlds, over real sockets."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from raw_server import RawServer, http, reset
from recorded import KEY

import xendit
from xendit import ApiClient, AsyncApiClient, Configuration
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException, OutcomeUnknownException
from xendit.invoice.model import CreateInvoiceRequest, Invoice
from xendit.policy import RetryPolicy

if TYPE_CHECKING:
    from xendit.sandbox import Sandbox

WORLDS = ("sync", "async")
QUICK = RetryPolicy(retries=2, first_wait=0.01)
OK = http(200, b'{"balance":200000}', "Request-Id: r1")


def through(world: str, settings: Configuration, method: str, *arguments: Any, **keywords: Any) -> Any:
    """A call of a client's method in one of the two worlds."""
    if world == "sync":
        with ApiClient(settings) as client:
            return getattr(client, method)(*arguments, **keywords)

    async def call() -> Any:
        async with AsyncApiClient(settings) as client:
            return await getattr(client, method)(*arguments, **keywords)

    return asyncio.run(call())


def target_of(server: RawServer) -> str:
    """The target of the last request."""
    return server.requests[-1].split(b" ")[1].decode()


@pytest.mark.parametrize("world", WORLDS)
def test_a_read_of_any_path(world: str) -> None:
    """The answer is its JSON with status, headers and request id, as with_raw_response gives it."""
    with RawServer([OK]) as server:
        answer = through(
            world, Configuration(server.url, KEY), "request", "get", "/balance", query={"account_type": "CASH"}
        )
        assert (answer.data, answer.status, answer.request_id) == ({"balance": 200000}, 200, "r1")
        head = server.requests[0].decode().lower()
    assert head.startswith("get /balance?account_type=cash http/1.1\r\n")
    assert "authorization: basic " in head
    assert "accept: application/json" in head


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_other_methods(world: str, method: str) -> None:
    """Each goes out as it is, also without a body."""
    with RawServer([http(200, b"")]) as server:
        answer = through(world, Configuration(server.url, KEY, retries=0), "request", method, "/x")
        assert (answer.data, answer.status) == (None, 200)
        assert server.requests[0].startswith(f"{method} /x HTTP/1.1\r\n".encode())
        assert b"content-length: 0" in server.requests[0].lower()


@pytest.mark.parametrize("world", WORLDS)
def test_a_post_with_a_body(world: str) -> None:
    """JSON exactly as it is, headers of the caller's and the sub-account; an empty answer is None."""
    body = {"reference_id": "order-1", "amount": Decimal("150000.10"), "items": [{"name": "Kopi é"}], "note": None}
    with RawServer([http(201, b"")]) as server:
        settings = Configuration(server.url, KEY)
        answer = through(
            world,
            settings,
            "request",
            "POST",
            "/sessions",
            json=body,
            headers={"api-version": "2026-01-01"},
            for_user_id="5f9a",
        )
        assert (answer.data, answer.status) == (None, 201)
        head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert json.loads(sent, parse_float=Decimal) == body
    for line in (b"content-type: application/json", b"api-version: 2026-01-01", b"for-user-id: 5f9a"):
        assert line in head.lower()


def test_a_model_may_be_the_body(sandbox: Sandbox) -> None:
    """What has a declaration is checked and written by it."""
    client = ApiClient(Configuration(sandbox.url, sandbox.api_key))
    made = client.request("POST", "/v2/invoices", json=CreateInvoiceRequest("order-1", 10000)).data
    assert made["external_id"] == "order-1"
    listed = client.request("GET", "/v2/invoices", query={"external_id": "order-1"}).data
    assert [one["id"] for one in listed] == [made["id"]]
    got = client.request("GET", "/v2/invoices/{invoice_id}", ids={"invoice_id": made["id"]}).data
    assert got["id"] == made["id"]
    with pytest.raises(xendit.NotFoundException) as caught:
        client.request("GET", "/v2/invoices/{invoice_id}", ids={"invoice_id": "5f9a00000000000000000000"})
    assert caught.value.errorCode == "INVOICE_NOT_FOUND_ERROR"


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({"a": "x y&z"}, "a=x%20y%26z"),
        ({"limit": 10, "active": True, "none": None}, "limit=10&active=true"),
        ({"amount": Decimal("10.50")}, "amount=10.50"),
        ({"types": ["A", "B"]}, "types=A&types=B"),
        ([("types", "A"), ("types", "B")], "types=A&types=B"),
        (
            {"created": {"gte": datetime(2026, 1, 2, tzinfo=timezone.utc)}},
            "created%5Bgte%5D=2026-01-02T00%3A00%3A00.000Z",
        ),
        ({"on": date(2026, 1, 2)}, "on=2026-01-02"),
        ({"id": UUID(int=1)}, "id=00000000-0000-0000-0000-000000000001"),
        ({}, None),
    ],
    ids=repr,
)
def test_queries(query: Any, target: str | None) -> None:
    """Whatever a filter may be."""
    with RawServer([OK]) as server:
        ApiClient(Configuration(server.url, KEY)).request("GET", "/x", query=query)
        assert target_of(server) == ("/x" if target is None else f"/x?{target}")


@pytest.mark.parametrize(
    ("arguments", "keywords", "problem"),
    [
        (("FETCH", "/x"), {}, "the method must be one of GET"),
        (("HEAD", "/x"), {}, "the method must be one of GET"),
        ((5, "/x"), {}, r"request\['method'\]: an int was given"),
        (("GET", "x"), {}, "must begin with one slash"),
        (("GET", "//evil.example/x"), {}, "must begin with one slash"),
        (("GET", "https://evil.example/x"), {}, "must begin with one slash"),
        (("GET", "/x?a=b"), {}, r"give query=\{\.\.\.\}"),
        (("GET", "/x#a"), {}, "fragment"),
        (("GET", "/x/../y"), {}, "segment of dots"),
        (("GET", "/x/%2e%2E/y"), {}, "segment of dots"),
        (("GET", "/x y"), {}, "no path has"),
        (("GET", "/x\r\nHost: y"), {}, "no path has"),
        (("GET", "/é"), {}, "no path has"),
        (("GET", "/x/{id}"), {}, r"needs ids=\{'id': \.\.\.\}"),
        (("GET", "/x/{id}"), {"ids": {"id": ""}}, r"request\['ids'\]\['id'\]: it is empty"),
        (("GET", "/x/{id}"), {"ids": {"id": ".."}}, "it is no id"),
        (("GET", "/x"), {"ids": {"id": "a"}}, r"the path has no \{id\}"),
        (("GET", "/x"), {"query": "a=b"}, r"request\['query'\]: a str was given, a dict or a list of pairs"),
        (("GET", "/x"), {"query": ["ab"]}, "a pair of a name and a value"),
        (("GET", "/x"), {"query": {"a": Ellipsis}}, r"request\['query'\]\['a'\]"),
        (("GET", "/x"), {"query": {"a": "b\x00"}}, "control character"),
        (("POST", "/x"), {"json": {"a": float("nan")}}, r"request\['json'\]\['a'\]"),
        (("POST", "/x"), {"json": {1: 2}}, r"request\['json'\]"),
        (("POST", "/x"), {"headers": {"Authorization": "x"}}, "is set by the client"),
        (("POST", "/x"), {"headers": {"a": "b\n"}}, r"request\['headers'\]\['a'\]: it holds a control"),
        (("POST", "/x"), {"idempotency_key": "k"}, "needs idempotency_header"),
        (("GET", "/x"), {"timeout": 0}, "timeout: it must be more than 0"),
        (("GET", "/x"), {"timeout": "5"}, "timeout: a str was given"),
    ],
    ids=repr,
)
def test_what_cannot_be_sent_is_named(arguments: Any, keywords: Any, problem: str) -> None:
    """Before any socket, by the name of the argument; a path stays what it is and goes to the client's host."""
    with pytest.raises((ApiTypeError, ApiValueError), match=problem):
        ApiClient(Configuration("http://127.0.0.1:9", KEY)).request(*arguments, **keywords)


# ------------------------------------------------------------------------------------------ what is repeated


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("fault", [reset, http(503, b"{}")], ids=["reset", "503"])
def test_a_get_is_repeated(world: str, fault: Any) -> None:
    """As every read is."""
    with RawServer([fault, OK]) as server:
        answer = through(world, Configuration(server.url, KEY, retries=QUICK), "request", "GET", "/balance")
        assert (answer.data["balance"], answer.attempts) == (200000, 2)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("fault", [reset, http(503, b"{}"), http(200, b"<html>")], ids=["reset", "503", "unreadable"])
def test_what_may_have_acted_is_never_repeated(world: str, method: str, fault: Any) -> None:
    """The error says that it is not known, and shows what went wrong as its cause."""
    with RawServer([fault, OK]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        with pytest.raises(OutcomeUnknownException, match="may exist") as caught:
            through(world, settings, "request", method, "/sessions", json={"a": 1})
        assert len(server.requests) == 1
    assert caught.value.__cause__ is not None
    assert "invoice" not in str(caught.value)


@pytest.mark.parametrize("world", WORLDS)
def test_what_was_not_sent_or_refused_is_told_as_that(world: str) -> None:
    """A refusal is its own error; a 429 is waited out, since nothing was done."""
    with RawServer([http(429, b"{}"), http(400, b'{"error_code":"API_VALIDATION_ERROR","message":"no"}')]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        with pytest.raises(xendit.BadRequestException) as caught:
            through(world, settings, "request", "POST", "/sessions", json={})
        assert len(server.requests) == 2
    assert (caught.value.errorCode, caught.value.outcome) == ("API_VALIDATION_ERROR", "rejected")


@pytest.mark.parametrize("world", WORLDS)
def test_a_post_is_repeated_where_the_caller_names_the_header(world: str) -> None:
    """With one key, made or given; the error that ends it bears the key."""
    with RawServer([reset, http(503, b"{}"), OK]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        through(world, settings, "request", "POST", "/customers", json={}, idempotency_header="Idempotency-key")
        lines = [
            [line for line in request.lower().split(b"\r\n") if line.startswith(b"idempotency-key: ")]
            for request in server.requests
        ]
    assert len(lines) == 3
    assert lines[0] == lines[1] == lines[2] != [[]]
    with RawServer([http(503, b"{}")] * 3) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        with pytest.raises(xendit.ServiceException) as caught:
            through(
                world,
                settings,
                "request",
                "POST",
                "/customers",
                json={},
                idempotency_header="idempotency-key",
                idempotency_key="k-1",
            )
        assert caught.value.idempotency_key == "k-1"
        assert all(b"idempotency-key: k-1" in request.lower() for request in server.requests)


@pytest.mark.parametrize("world", WORLDS)
def test_time_limits_and_settings_are_the_clients(world: str) -> None:
    """A call without a key of its own finds one, and its time ends."""
    with pytest.raises(ConfigurationException, match="no API key"):
        through(world, Configuration("http://127.0.0.1:9"), "request", "GET", "/balance")
    with RawServer([lambda connection: connection.recv(1)]) as server:
        settings = Configuration(server.url, KEY, retries=0)
        with pytest.raises(xendit.ConnectionException):
            through(world, settings, "request", "GET", "/balance", timeout=0.2)


def test_events_name_the_route_and_no_id() -> None:
    """What may be an id is not in an event or a log line, also where the caller wrote it into the path."""
    events: list[Any] = []
    with RawServer([OK] * 4) as server:
        client = ApiClient(Configuration(server.url, KEY, on_event=events.append))
        client.request("GET", "/v2/payouts/disb-7e5ad6a0/cancel")
        client.request("GET", "/sessions/{session_id}", ids={"session_id": "ps-5f9a"})
        client.request("GET", "/v3/x/a%20b")
        assert target_of(server) == "/v3/x/a%20b"
    told = [(event.operation, event.method, event.route) for event in events if event.kind == "finished"]
    assert told == [
        ("request", "GET", "/v2/payouts/{id}/cancel"),
        ("request", "GET", "/sessions/{session_id}"),
        ("request", "GET", "/v3/x/{id}"),
    ]


# ------------------------------------------------------------------------------------------ call_api


@pytest.mark.parametrize("world", WORLDS)
def test_call_api_as_the_official_methods_call_it(world: str, sandbox: Sandbox) -> None:
    """By position and by name; the data alone, or with status and headers; read as a model where one is named."""
    settings = Configuration(sandbox.url, sandbox.api_key)
    header = {"Accept": "application/json", "Content-Type": "application/json", "for-user-id": None}
    body = {"external_id": "order-1", "amount": 10000}
    data, status, headers = through(
        world, settings, "call_api", "/v2/invoices/", "POST", {}, [], header, body, response_type=(Invoice,)
    )
    assert isinstance(data, Invoice)
    assert (data.external_id, status, "content-type" in headers) == ("order-1", 200, True)
    listed = through(
        world,
        settings,
        "call_api",
        "/v2/invoices",
        "GET",
        query_params=[("external_id", "order-1"), ("statuses", ["PENDING", "PAID"]), ("limit", None)],
        header_params=header,
        response_type=([Invoice],),
        auth_settings=["XenditAPIKey"],
        _return_http_data_only=True,
        collection_formats={"statuses": "multi"},
        _check_type=True,
    )
    assert [type(one) for one in listed] == [Invoice]
    plain = through(
        world,
        settings,
        "call_api",
        "/v2/invoices/{invoice_id}",
        "GET",
        path_params={"invoice_id": data.id},
        _return_http_data_only=True,
        response_type=(dict,),
    )
    assert plain["id"] == data.id
    raw = through(world, settings, "call_api", "/v2/invoices", "GET", _preload_content=False)
    assert raw.json()[0]["id"] == data.id


def test_call_api_joins_and_defers() -> None:
    """`csv` joins a list; `async_req` gives a handle in threads, and is refused in asyncio."""
    with RawServer([OK] * 2) as server:
        client = ApiClient(Configuration(server.url, KEY))
        formats = {"channel_category": "csv"}
        query = {"channel_category": ["BANK", "EWALLET"]}
        client.call_api("/payouts_channels", "GET", query_params=query, collection_formats=formats)
        assert target_of(server) == "/payouts_channels?channel_category=BANK%2CEWALLET"
        handle = client.call_api("/balance", "GET", async_req=True, _return_http_data_only=True)
        assert handle.get() == {"balance": 200000}
    with pytest.raises(ApiValueError, match="async_req"):
        through("async", Configuration("http://127.0.0.1:9", KEY), "call_api", "/balance", "GET", async_req=True)


@pytest.mark.parametrize(
    ("keywords", "problem"),
    [
        ({"post_params": [("a", "b")]}, "post_params would be sent as a form"),
        ({"files": {"a": []}}, "files would be sent as a form"),
        ({"_host": "https://other.example"}, "_host is the client's"),
        ({"_request_timeout": -1}, "_request_timeout: it must be more than 0"),
    ],
    ids=repr,
)
def test_what_call_api_cannot_follow_is_refused(keywords: Any, problem: str) -> None:
    """Rather than sent as something else, or to somebody else."""
    with pytest.raises(ApiValueError, match=problem):
        ApiClient(Configuration("http://127.0.0.1:9", KEY)).call_api("/x", "POST", **keywords)


def test_call_api_never_repeats_what_may_have_acted() -> None:
    """It goes through the same door."""
    with RawServer([reset, OK]) as server:
        client = ApiClient(Configuration(server.url, KEY, retries=QUICK))
        with pytest.raises(OutcomeUnknownException):
            client.call_api("/v2/payouts", "POST", body={})
        assert len(server.requests) == 1


@pytest.mark.parametrize("world", WORLDS)
def test_a_read_with_a_body_says_how_long_it_is(world: str, sandbox: Sandbox) -> None:
    """Without its length a server would take the body for the beginning of the next request on the connection."""
    settings = Configuration(sandbox.url, sandbox.api_key)

    async def call() -> None:
        async with AsyncApiClient(settings) as client:
            for _ in range(3):
                assert (await client.request("GET", "/v2/invoices", json={"a": 1})).data == []

    if world == "async":
        asyncio.run(call())
        return
    with ApiClient(settings) as client:
        for _ in range(3):
            assert client.request("GET", "/v2/invoices", json={"a": 1}).data == []


def test_an_idempotency_key_is_given_once() -> None:
    """A key as a header and another as an argument is a mistake that is told before anything is sent."""
    with RawServer([OK]) as server:
        with pytest.raises(ApiValueError, match="idempotency_key"):
            through(
                "sync",
                Configuration(server.url, KEY),
                *("request", "POST", "/payouts"),
                json={},
                headers={"Idempotency-Key": "one"},
                idempotency_header="idempotency-key",
                idempotency_key="two",
            )
        assert not server.requests
