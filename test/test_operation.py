"""Operation: any body, any filter, headers of its own, lists with a cursor, and keys that make a create repeatable."""

from __future__ import annotations

import asyncio
import pickle
import sys
import types
from datetime import date, datetime, timezone
from typing import Any

import pytest
from raw_server import RawServer, http, reset
from recorded import KEY

import xendit
from xendit import ApiClient, AsyncApiClient, Configuration
from xendit.exceptions import ApiTypeError, ApiValueError, ResponseException
from xendit.operation import Listing, Operation, Parameter
from xendit.policy import RetryPolicy
from xendit.source import Source

MODELS = """
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from xendit.model import Model, field


class Range(Model):
    gte: datetime | None = None
    lte: datetime | None = None


class Days(Model):
    begin: date | None = field(default=None, wire="from")
    end: date | None = field(default=None, wire="to")


class Patch(Model):
    name: str | None = None
    count: int | None = None


class Thing(Model, received=True):
    id: str
    name: str | None = None


class Things(Model, received=True):
    has_more: bool | None = None
    data: list[Thing] | None = None
    links: Any = None
"""


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A product's models, as a module."""
    module = types.ModuleType("things")
    monkeypatch.setitem(sys.modules, "things", module)
    exec(compile(MODELS, "things.py", "exec"), module.__dict__)
    return module


def operation(method: str, path: str, *parameters: Parameter, returns: str = "Thing", **more: Any) -> Operation:
    """An operation of that product."""
    return Operation("act", method, path, parameters, returns=returns, errors={}, models="things", **more)


UPDATE = (Parameter("id", "path", "str", required=True), Parameter("patch", "body", "Patch"))


# ------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_any_method_takes_a_body(method: str) -> None:
    """With its content type; without a body only a POST says one, as the official client does."""
    request = operation(method, "/things/{id}", *UPDATE).request({"id": "a/b", "patch": {"name": "x", "count": 2}})
    assert (request.method, request.target, request.body) == (method, "/things/a%2Fb", b'{"name":"x","count":2}')
    assert request.headers["content-type"] == "application/json"
    bare = operation(method, "/things/{id}", *UPDATE).request({"id": "a"})
    assert bare.body is None
    assert ("content-type" in bare.headers) == (method == "POST")


def test_a_body_is_sent_over_the_wire_with_its_length() -> None:
    """A PATCH as any server reads it."""
    with RawServer([http(200, b'{"id":"t"}')]) as server:
        client = ApiClient(Configuration(server.url, KEY))
        made = client.call(operation("PATCH", "/things/{id}", *UPDATE), {"id": "t", "patch": {"count": 1}}, {})
        assert made.id == "t"
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PATCH /things/t HTTP/1.1\r\n")
    assert b"content-length: 11" in head.lower()
    assert body == b'{"count":1}'


def test_a_body_may_be_a_list_or_free_form() -> None:
    """Not only a model."""
    many = operation("POST", "/things", Parameter("things", "body", "list[Patch]"))
    assert many.request({"things": [{"name": "a"}, {"name": "b"}]}).body == b'[{"name":"a"},{"name":"b"}]'
    free = operation("POST", "/things", Parameter("thing", "body", "dict"))
    assert free.request({"thing": {"a": [1, None]}}).body == b'{"a":[1,null]}'
    with pytest.raises(ApiTypeError, match=r"act\['things'\]"):
        many.request({"things": 5})


# ------------------------------------------------------------------------------------------ queries


LIST = operation(
    "GET",
    "/things",
    Parameter("active", "query", "bool"),
    Parameter("created", "query", "Range"),
    Parameter("types", "query", "list[str]"),
    Parameter("categories", "query", "list[str]", wire="channel_category", separator=","),
    Parameter("from_", "query", "datetime", wire="from"),
    Parameter("on", "query", "date"),
    Parameter("days", "query", "Days"),
    Parameter("either", "query", "str | int"),
    Parameter("metadata", "query", "dict"),
    Parameter("limit", "query", "int"),
    returns="Things",
)


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"active": True}, "active=true"),
        ({"active": False}, "active=false"),
        (
            {"created": {"gte": datetime(2026, 1, 2, tzinfo=timezone.utc), "lte": "2026-02-01"}},
            "created%5Bgte%5D=2026-01-02T00%3A00%3A00.000Z&created%5Blte%5D=2026-02-01T00%3A00%3A00.000Z",
        ),
        ({"created": {"gte": "2026-01-01"}}, "created%5Bgte%5D=2026-01-01T00%3A00%3A00.000Z"),
        ({"types": ["A", "B"]}, "types=A&types=B"),
        ({"categories": ["BANK", "EWALLET"]}, "channel_category=BANK%2CEWALLET"),
        ({"categories": []}, ""),
        ({"on": date(2026, 1, 2)}, "on=2026-01-02"),
        ({"on": "2026-01-02"}, "on=2026-01-02"),
        (
            {"days": {"begin": "2026-01-01", "end": date(2026, 2, 1)}},
            "days%5Bfrom%5D=2026-01-01&days%5Bto%5D=2026-02-01",
        ),
        ({"either": 5}, "either=5"),
        ({"either": "a"}, "either=a"),
        ({"metadata": {"a": 1, "b": ["x", "y"]}}, "metadata%5Ba%5D=1&metadata%5Bb%5D=x&metadata%5Bb%5D=y"),
        ({"from_": "2026-01-01T07:00:00+07:00"}, "from=2026-01-01T00%3A00%3A00.000Z"),
    ],
    ids=repr,
)
def test_a_query_holds_any_filter(arguments: dict[str, Any], query: str) -> None:
    """Booleans, ranges, repeated and joined lists, and names that Python cannot have."""
    assert LIST.request(arguments).target == "/things" + (f"?{query}" if query else "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"active": "yes"}, r"act\['active'\]: a str was given, bool is needed"),
        ({"created": {"gte": 5}}, "gte"),
        ({"created": "2026-01-01"}, "created"),
        ({"categories": ["A,B"]}, "separates the items"),
        ({"types": [""]}, "empty"),
    ],
    ids=repr,
)
def test_a_filter_that_cannot_be_sent_is_named(arguments: dict[str, Any], problem: str) -> None:
    """Before anything is sent."""
    with pytest.raises((ApiTypeError, ApiValueError), match=problem):
        LIST.request(arguments)


def test_headers_of_an_operation() -> None:
    """Each request bears them, and the caller's own come first."""
    versioned = operation("GET", "/customers", headers={"api-version": "2020-10-31"})
    assert versioned.request({}).headers["api-version"] == "2020-10-31"
    assert versioned.request({}, {"API-Version": "2020-05-19"}).headers["api-version"] == "2020-05-19"
    assert versioned.request({}).headers["api-version"] == "2020-10-31"


# ------------------------------------------------------------------------------------------ lists


CURSOR = operation(
    "GET",
    "/things",
    Parameter("limit", "query", "int"),
    Parameter("after_id", "query", "str"),
    returns="Things",
    repeatable=True,
    listing=Listing(),
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"has_more":false,"data":[{"id":"a"},{"id":"b"}],"links":[]}',
        b'{"has_more":false,"data":[{"id":"a"},{"id":"b"}],"links":{"href":"/x"}}',
        b'{"data":[{"id":"a"},{"id":"b"}]}',
        b'[{"id":"a"},{"id":"b"}]',
        b' \n[{"id":"a"},{"id":"b"}] ',
    ],
    ids=repr,
)
@pytest.mark.parametrize("options", [{}, {"_check_return_type": False}], ids=["checked", "unchecked"])
def test_a_list_is_read_with_and_without_its_envelope(body: bytes, options: Any) -> None:
    """Documents and servers disagree about some lists: either way it is the same answer."""
    with RawServer([http(200, body)]) as server:
        answer = ApiClient(Configuration(server.url, KEY)).call(CURSOR, {}, options)
    assert [thing.id for thing in answer.data] == ["a", "b"]
    assert not answer.has_more


@pytest.mark.parametrize(
    ("body", "arguments", "following"),
    [
        (b'{"has_more":true,"data":[{"id":"a"},{"id":"b"}]}', {"limit": 2}, {"limit": 2, "after_id": "b"}),
        (b'{"has_more":true,"data":[{"id":"a"}]}', {"limit": 2}, {"limit": 2, "after_id": "a"}),
        (b'{"has_more":false,"data":[{"id":"a"}]}', {"limit": 1}, None),
        (b'[{"id":"a"},{"id":"b"}]', {"limit": 2}, {"limit": 2, "after_id": "b"}),
        (b'[{"id":"a"}]', {"limit": 2}, None),
        (b'[{"id":"a"}]', {}, None),
        (b'{"has_more":false,"data":[]}', {}, None),
    ],
    ids=repr,
)
def test_which_page_follows(body: bytes, arguments: dict[str, Any], following: dict[str, Any] | None) -> None:
    """By what the server says, else by the length of the page."""
    with RawServer([http(200, body)]) as server:
        answer = ApiClient(Configuration(server.url, KEY)).call(CURSOR, arguments, {})
    assert CURSOR.listing is not None
    assert CURSOR.listing.following(arguments, answer) == following


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        (b'{"has_more":true,"data":[]}', {}),
        (b'{"has_more":true,"data":[{"id":"a"}]}', {"after_id": "a"}),
    ],
    ids=["nothing", "the same again"],
)
def test_a_list_that_cannot_go_on_is_no_end(body: bytes, arguments: dict[str, Any]) -> None:
    """A cut list would pass for a whole one, and a cursor that stands still would never end."""
    with RawServer([http(200, body)]) as server:
        answer = ApiClient(Configuration(server.url, KEY)).call(CURSOR, arguments, {})
    assert CURSOR.listing is not None
    with pytest.raises(ResponseException, match="nothing says where the next one begins"):
        CURSOR.listing.following(arguments, answer)


# ------------------------------------------------------------------------------------------ keys


CREATE = operation(
    "POST",
    "/things",
    Parameter("idempotency_key", "header", "str", wire="Idempotency-key"),
    Parameter("thing", "body", "Patch", required=True),
    idempotency="idempotency_key",
)
ONCE = operation("POST", "/things", Parameter("thing", "body", "Patch", required=True))
QUICK = RetryPolicy(retries=2, first_wait=0.01)


def test_a_key_is_made_where_the_api_documents_one() -> None:
    """A new one for each request; the caller's own is used as it is, as an argument or a header."""
    body = {"thing": {"name": "x"}}
    first, second = CREATE.request(body), CREATE.request(body)
    assert first.repeatable
    assert first.headers["idempotency-key"] == first.idempotency_key != second.idempotency_key
    for given in (CREATE.request({**body, "idempotency_key": "k"}), CREATE.request(body, {"Idempotency-Key": "k"})):
        assert (given.headers["idempotency-key"], given.idempotency_key, given.repeatable) == ("k", "k", True)
    once = ONCE.request(body)
    assert (once.repeatable, once.idempotency_key) == (False, None)
    with pytest.raises(ApiValueError, match=r"act\['idempotency_key'\]: it is empty"):
        CREATE.request({**body, "idempotency_key": ""})


def calling(world: str, settings: Configuration, of: Operation, arguments: dict[str, Any]) -> Any:
    """A call in one of the two worlds."""
    if world == "sync":
        return ApiClient(settings).call(of, arguments, {})

    async def call() -> Any:
        return await AsyncApiClient(settings).call(of, arguments, {})

    return asyncio.run(call())


@pytest.mark.parametrize("world", ["sync", "async"])
@pytest.mark.parametrize("fault", [reset, http(503, b"{}")], ids=["reset", "503"])
def test_a_create_with_a_key_is_repeated_with_that_key(world: str, fault: Any) -> None:
    """A lost answer costs one more request, which bears the same key and body."""
    with RawServer([fault, fault, http(200, b'{"id":"t"}')]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        assert calling(world, settings, CREATE, {"thing": {"name": "x"}}).id == "t"
        requests = [request.lower().split(b"\r\n") for request in server.requests]
    keys = [[line for line in lines if line.startswith(b"idempotency-key: ")] for lines in requests]
    assert len(keys) == 3
    assert keys[0] == keys[1] == keys[2]
    assert len(keys[0]) == 1


@pytest.mark.parametrize("world", ["sync", "async"])
def test_a_create_without_a_key_is_not_repeated(world: str) -> None:
    """Where the API documents none, a second request could make a second thing."""
    with RawServer([reset, http(200, b'{"id":"t"}')]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        with pytest.raises(xendit.ConnectionException) as caught:
            calling(world, settings, ONCE, {"thing": {"name": "x"}})
        assert len(server.requests) == 1
    assert (caught.value.outcome, caught.value.idempotency_key) == ("unknown", None)


@pytest.mark.parametrize("world", ["sync", "async"])
def test_an_error_tells_the_key_with_which_to_go_on(world: str) -> None:
    """When all attempts fail, the same call with that key cannot make a second thing; also after pickling."""
    with RawServer([http(503, b"{}")] * 3 + [http(200, b'{"id":"t"}')]) as server:
        settings = Configuration(server.url, KEY, retries=QUICK)
        with pytest.raises(xendit.ServiceException) as caught:
            calling(world, settings, CREATE, {"thing": {"name": "x"}})
        key = pickle.loads(pickle.dumps(caught.value)).idempotency_key
        assert key is not None
        assert calling(world, settings, CREATE, {"thing": {"name": "x"}, "idempotency_key": key}).id == "t"
        assert f"idempotency-key: {key}".encode() in server.requests[0].lower()
        assert f"idempotency-key: {key}".encode() in server.requests[3].lower()


def test_a_key_is_drawn_from_the_source_of_the_client() -> None:
    """So that a simulated world makes the same keys again."""
    source = Source(entropy=lambda size: b"\x07" * size)
    with RawServer([http(200, b'{"id":"t"}')]) as server:
        calling("sync", Configuration(server.url, KEY, source=source), CREATE, {"thing": {"name": "x"}})
        assert b"idempotency-key: 07070707-0707-4707-8707-070707070707" in server.requests[0].lower()
