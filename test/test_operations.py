"""Every operation of every product, as its declaration says: a method in each world, and what it puts on the wire.

Nothing here knows a product: values and answers are made from the types that the operation declares. What a product's
API is known to do beside that is in the tests of the product.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

import xendit
from xendit.codec import Array, Boolean, Choice, FreeForm, Integer, Number, Object, Time
from xendit.operation import ApiResponse
from xendit.products import products

sys.path.insert(0, str(Path(__file__).parent / "contract"))

from recorder import KEY, Answer, Recorder

OPERATIONS = [(product, operation) for product in products() for operation in product.operations]
every_operation = pytest.mark.parametrize(
    ("product", "operation"), OPERATIONS, ids=[f"{product.folder}-{each.name}" for product, each in OPERATIONS]
)

#: Every text is this one, so that an answer has the ids that were asked for.
TEXT = "same-1"
MOMENT = datetime(2026, 11, 23, 15, 14, 2, 404000, tzinfo=timezone.utc)
MOMENT_ON_THE_WIRE = "2026-11-23T15:14:02.404Z"


def sample(kind):
    """A value of a kind, as a program gives it; models as dicts of what they require, under the names of JSON."""
    if isinstance(kind, Object):
        return {field.wire: sample(field.kind) for field in kind.plan.fields.values() if field.required}
    if isinstance(kind, Array):
        return [sample(kind.item)]
    if isinstance(kind, Choice):
        return next(iter(kind.enum))
    for cls, value in ((Boolean, True), (Integer, 5), (Number, 1000), (Time, MOMENT), (FreeForm, {"a": TEXT})):
        if isinstance(kind, cls):
            return value
    return TEXT


def on_the_wire(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {name: on_the_wire(each) for name, each in value.items()}
    if isinstance(value, list):
        return [on_the_wire(each) for each in value]
    return MOMENT_ON_THE_WIRE if value is MOMENT else value


def answer_to(operation):
    """A good answer of an operation, with an id."""

    def one(value):
        return {"id": TEXT, **value} if isinstance(value, dict) else value

    made = on_the_wire(sample(operation.kind(operation.returns)))
    return [one(each) for each in made] if isinstance(made, list) else one(made)


def api_class(product, operation, *, asynchronous=False):
    """The API class that has the operation's method; just one has."""
    prefix = "Async" if asynchronous else ""
    homes = {name: home for name, home in product.api_homes.items() if name.startswith("Async") is asynchronous}
    found = [name for name in homes if hasattr(getattr(xendit, name), operation.name)]
    assert len(found) == 1, f"{operation.name} is a method of {found}"
    assert found[0].startswith(prefix)
    return getattr(xendit, found[0])


def arguments_of(operation):
    """A value for every parameter."""
    return {each.name: sample(operation.kind(each.annotation)) for each in operation.parameters}


@pytest.fixture
def recorder():
    """A fresh recording server on loopback."""
    with Recorder() as running:
        yield running


@every_operation
def test_method(product, operation):
    """The method takes the operation's parameters, in its order, required ones first, and says what it calls."""
    method = getattr(api_class(product, operation), operation.name)
    parameters = inspect.signature(method).parameters
    declared = [each.name for each in operation.parameters]
    assert [name for name in parameters if name in declared] == declared
    for each in operation.parameters:
        if not each.required:
            assert parameters[each.name].default is None
    text = inspect.getdoc(method)
    assert f"{operation.method} {operation.path}" in text
    assert [name for name in declared if name not in text] == []


@every_operation
def test_method_for_asyncio(product, operation):
    """It is the same for asyncio, awaited; the classes for raw answers have it too."""
    plain, awaited = (api_class(product, operation, asynchronous=each) for each in (False, True))
    method, twin = getattr(plain, operation.name), getattr(awaited, operation.name)
    assert inspect.iscoroutinefunction(twin)
    assert inspect.signature(method) == inspect.signature(twin)
    assert hasattr(plain("xnd_development_k").with_raw_response, operation.name)


@every_operation
def test_wire(product, operation, recorder):
    """Both worlds send what is declared: method, path, query, headers, body; and read what is declared to come."""
    answer, given = answer_to(operation), arguments_of(operation)
    recorder.answers.extend([Answer(body=answer)] * 4)
    configuration = xendit.Configuration(host=recorder.url, api_key=KEY)

    api = api_class(product, operation)(xendit.ApiClient(configuration))
    data = getattr(api, operation.name)(**given)
    raw = getattr(api.with_raw_response, operation.name)(**given)

    async def in_asyncio():
        async with xendit.AsyncApiClient(configuration) as client:
            api = api_class(product, operation, asynchronous=True)(client)
            plain = await getattr(api, operation.name)(**given)
            return plain, await getattr(api.with_raw_response, operation.name)(**given)

    awaited, awaited_raw = asyncio.run(in_asyncio())
    assert isinstance(raw, ApiResponse)
    assert isinstance(awaited_raw, ApiResponse)
    assert data == raw.data == awaited == awaited_raw.data
    shown = [each.to_json() for each in data] if isinstance(data, list) else [data.to_json()]
    wanted = answer if isinstance(answer, list) else [answer]
    assert [json.loads(each) for each in shown] == wanted

    path, query, headers, body = operation.path, [], {}, None
    for each in operation.parameters:
        value = on_the_wire(given[each.name])
        if each.location == "path":
            path = path.replace("{" + each.name + "}", TEXT)
        elif each.location == "header":
            headers[each.wire] = value
        elif each.location == "query":
            if isinstance(operation.kind(each.annotation), Object):  # a pair for each of its fields
                continue
            for wire in filter(None, (each.wire, each.twin)):
                query += [[wire, str(part)] for part in (value if isinstance(value, list) else [value])]
        else:
            body = value
    assert len(recorder.requests) == 4
    for request in recorder.requests:
        assert (request.method, request.path) == (operation.method, path)
        assert request.query == query
        assert {name: request.header(name) for name in headers} == headers
        assert request.json == body
        assert request.key == KEY


@every_operation
def test_models_of_an_operation(product, operation):
    """What is sent and answered is what the product declares, and every model of it has a home."""
    sent = {each.annotation for each in operation.parameters if each.location == "body"}
    assert sent <= set(product.requests)
    answered = operation.returns.removeprefix("list[").removesuffix("]")
    assert answered in {*product.answers, *product.model_homes}
    for name in {*product.requests, *product.answers, *product.callbacks, *operation.errors.values()}:
        assert name in product.model_homes


@pytest.mark.parametrize("product", list(products()), ids=lambda product: product.folder)
def test_names_of_operations(product):
    """No two operations of a product have one name, and no two products an API class of one name."""
    names = [each.name for each in product.operations]
    assert len(set(names)) == len(names)
    others = [name for other in products() if other != product for name in other.apis]
    assert not set(product.apis) & set(others)
    assert product.folder.isidentifier()
    assert product.noun == product.noun.lower()
