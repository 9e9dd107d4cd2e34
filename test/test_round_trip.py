"""What the library gives out can be read back: dicts, JSON, rows of databases, and the models of pydantic and FastAPI."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.testclient import TestClient

from xendit.exceptions import ApiValueError
from xendit.models import (
    AddressObject,
    CreateInvoiceRequest,
    CustomerObject,
    Invoice,
    InvoiceCallback,
    InvoiceItem,
)

WIRE = {
    "id": "i",
    "external_id": "o",
    "amount": 99.95,
    "status": "PAID",
    "currency": "PHP",
    "created": "2026-01-31T09:00:00.123Z",
    "description": None,
    "customer": {"given_names": "Ayu"},
    "items": [{"name": "n", "price": 33.35, "quantity": 2.5}],
    "metadata": {"share": 0.25},
    "new_field": {"rate": 0.5},
}


def test_what_to_dict_gives_is_read_back() -> None:
    """A dict of Python values makes the same model, in its parts too."""
    invoice = Invoice.from_dict(dict(WIRE))
    assert Invoice.from_dict(invoice.to_dict()) == invoice
    callback = InvoiceCallback.from_dict({**WIRE, "items": [{"name": "n", "price": 1.5, "quantity": 1}]})
    assert InvoiceCallback.from_dict(callback.to_dict()) == callback
    request = CreateInvoiceRequest("o", Decimal("9.95"), items=[InvoiceItem(name="n", price=1, quantity=1)])
    assert CreateInvoiceRequest.from_dict(request.to_dict()) == request
    assert CreateInvoiceRequest(**request.to_dict()) == request


def test_json_that_was_read_with_decimals_is_read() -> None:
    """`parse_float=Decimal`, simplejson and DynamoDB give Decimals; they stay exact and go out again."""
    text = json.dumps(WIRE)
    invoice = Invoice.from_dict(json.loads(text, parse_float=Decimal))
    assert (invoice.amount, invoice.decimal("amount")) == (Decimal("99.95"), Decimal("99.95"))
    assert json.loads(invoice.to_json()) == WIRE
    dynamo = Invoice.from_dict(json.loads(text, parse_float=Decimal, parse_int=Decimal))
    assert json.loads(dynamo.to_json()) == WIRE
    for wrong in (Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999")):
        with pytest.raises(ApiValueError, match=r"Invoice\['amount'\]"):
            Invoice.from_dict({"amount": wrong})


def test_to_dict_as_json_is_what_a_json_column_takes() -> None:
    """Strings, numbers, lists and dicts alone: what goes on the wire, and is read back."""
    invoice = Invoice.from_dict(dict(WIRE))
    assert invoice.to_dict(mode="json") == WIRE
    with closing(sqlite3.connect(":memory:")) as database:
        stored = database.execute("select json(?)", [json.dumps(invoice.to_dict("json"))]).fetchone()[0]
    assert Invoice.from_dict(json.loads(stored)) == invoice
    request = CreateInvoiceRequest("o", Decimal("9.95"), reminder_time=1.5, metadata={"d": Decimal("0.5")})
    assert request.to_dict("json") == {
        "external_id": "o",
        "amount": 9.95,
        "reminder_time": 1.5,
        "metadata": {"d": 0.5},
    }


def test_to_dict_as_decimals_is_what_dynamodb_takes() -> None:
    """No float is in it, at any depth; the item that comes back, all numbers Decimals, is the same invoice."""
    invoice = Invoice.from_dict(dict(WIRE))
    item = invoice.to_dict(mode="decimal")
    assert item["amount"] == Decimal("99.95")
    assert "float" not in {type(each).__name__ for each in leaves(item)}
    assert {type(each) for each in leaves(item)} <= {str, int, bool, Decimal, type(None)}
    table = json.loads(json.dumps(WIRE), parse_float=Decimal, parse_int=Decimal)  # what boto3 gives back
    assert Invoice.from_dict(item) == Invoice.from_dict(table)
    assert Invoice.from_dict(table).to_dict("json") == WIRE


def leaves(value: Any) -> list[Any]:
    """All that is in plain data and holds nothing itself."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def test_a_mode_that_does_not_exist_is_told() -> None:
    """With those that do."""
    with pytest.raises(ApiValueError, match="mode must be 'python', 'json' or 'decimal', not 'Json'"):
        Invoice.from_dict({}).to_dict("Json")  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------ pydantic


class Order(BaseModel):
    """A shop's own model."""

    invoice: Invoice
    request: CreateInvoiceRequest | None = None


def an_order() -> Order:
    """One with an invoice as it was read and a request as it was made."""
    request = CreateInvoiceRequest(
        "o",
        Decimal("99.95"),
        customer=CustomerObject(given_names="Ayu", addresses=[AddressObject(city="Jakarta")]),
        items=[InvoiceItem(name="n", price=1.5, quantity=1), InvoiceItem(name="m", price=2, quantity=1)],
    )
    return Order(invoice=Invoice.from_dict(dict(WIRE)), request=request)


def test_what_pydantic_dumps_it_validates() -> None:
    """`model_dump`, its JSON mode and `model_dump_json` all make the same model again."""
    order = an_order()
    assert Order.model_validate(order.model_dump()) == order
    assert Order(**order.model_dump()) == order
    assert order.model_dump()["invoice"]["created"] == datetime(2026, 1, 31, 9, 0, 0, 123000, tzinfo=timezone.utc)
    for again in (
        Order.model_validate(order.model_dump(mode="json")),
        Order.model_validate_json(order.model_dump_json()),
    ):
        assert again.invoice == order.invoice
        assert again.request is not None
        assert again.request.decimal("amount") == Decimal("99.95")


def test_exclude_include_and_exclude_none_do_what_they_say() -> None:
    """At every depth, in Python and JSON; in free-form data a null is the user's own."""
    order = an_order()
    assert "metadata" not in order.model_dump(exclude={"invoice": {"metadata"}})["invoice"]
    dumped = order.model_dump(mode="json", exclude={"request": {"items": {"__all__": {"price"}}, "customer": True}})
    assert dumped["request"]["items"] == [{"name": "n", "quantity": 1}, {"name": "m", "quantity": 1}]
    assert "customer" not in dumped["request"]
    some = order.model_dump(include={"request": {"items": {0: {"name"}}, "customer": {"addresses"}}})
    assert some == {"request": {"customer": {"addresses": [{"city": "Jakarta"}]}, "items": [{"name": "n"}]}}
    assert json.loads(TypeAdapter(Invoice).dump_json(order.invoice, include={"id"})) == {"id": "i"}
    nulls = {"description": None, "customer": {"surname": None}, "items": [{"name": None}], "metadata": {"x": None}}
    invoice = Invoice.from_dict({"id": "i", **nulls, "new": None})
    assert TypeAdapter(Invoice).dump_python(invoice) == {"id": "i", **nulls, "new": None}
    lean = {"id": "i", "customer": {}, "items": [{}], "metadata": {"x": None}}
    assert TypeAdapter(Invoice).dump_python(invoice, exclude_none=True) == lean
    assert json.loads(TypeAdapter(list[Invoice]).dump_json([invoice], exclude_none=True)) == [lean]


def test_a_schema_names_each_model_and_allows_null_where_it_is_read() -> None:
    """In answers every field may be null; in a request the optional ones, for None means absent there."""
    for mode in ("validation", "serialization"):
        schema = TypeAdapter(InvoiceCallback).json_schema(mode=mode)  # type: ignore[arg-type]
        parts = schema["$defs"]
        assert parts.keys() >= {"InvoiceCallbackItem", "PaymentDetails", "InvoiceFee"}
        schema = parts["InvoiceCallback"] if "$ref" in schema else schema
        assert schema["properties"]["description"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
        assert schema["properties"]["amount"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}
        items, null = schema["properties"]["items"]["anyOf"]
        assert (items["items"], null) == ({"$ref": "#/$defs/InvoiceCallbackItem"}, {"type": "null"})
        assert schema["required"] == []
        assert schema["description"].startswith("The body of an invoice webhook")
    request = TypeAdapter(CreateInvoiceRequest).json_schema()
    assert request["properties"]["amount"] == {"type": "number"}
    assert request["properties"]["description"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert request["required"] == ["external_id", "amount"]


def test_what_the_schema_says_of_null_is_so() -> None:
    """What it allows is read, and what it does not is refused."""
    schema = TypeAdapter(CreateInvoiceRequest).json_schema()
    for name, described in schema["properties"].items():
        body: dict[str, Any] = {"external_id": "o", "amount": 1, name: None}
        if {"type": "null"} in described.get("anyOf", []) or not described:
            TypeAdapter(CreateInvoiceRequest).validate_python(body)
        else:
            with pytest.raises(ValidationError):
                TypeAdapter(CreateInvoiceRequest).validate_python(body)
    for name in TypeAdapter(Invoice).json_schema()["properties"]:
        TypeAdapter(Invoice).validate_python({name: None})


# ------------------------------------------------------------------------------------------ FastAPI

app = FastAPI()


@app.post("/invoices")
def create(request: Annotated[CreateInvoiceRequest, Body()]) -> Invoice:
    """A route with our models on both sides."""
    return Invoice.from_dict({**WIRE, "external_id": request.external_id})


@app.get("/dict", response_model=Invoice)
def as_dict() -> Any:
    """A route that returns what `to_dict` gives."""
    return Invoice.from_dict(dict(WIRE)).to_dict()


@app.get("/public", response_model=Invoice, response_model_exclude={"customer", "metadata"})
def public() -> Any:
    """A route that leaves out what is personal."""
    return Invoice.from_dict(dict(WIRE))


@app.get(
    "/lean", response_model=Invoice, response_model_exclude_none=True, response_model_include={"id", "description"}
)
def lean() -> Any:
    """A route without nulls."""
    return Invoice.from_dict(dict(WIRE))


def test_fastapi_returns_what_to_dict_gives_and_leaves_out_what_it_is_told_to() -> None:
    """By real requests."""
    with TestClient(app) as client:
        assert client.get("/dict").json() == WIRE
        told = client.get("/public").json()
        assert told == {name: value for name, value in WIRE.items() if name not in ("customer", "metadata")}
        assert client.get("/lean").json() == {"id": "i"}
        made = client.post("/invoices", json={"external_id": "mine", "amount": 5, "description": None})
        assert (made.status_code, made.json()["external_id"]) == (200, "mine")
        assert client.post("/invoices", json={"external_id": "mine", "amount": None}).status_code == 422


def test_models_are_named_components_in_fastapis_document() -> None:
    """Each once, under its name, referred to from the routes and from each other."""
    document = app.openapi()
    components = document["components"]["schemas"]
    assert components.keys() >= {"Invoice", "CreateInvoiceRequest", "InvoiceItem", "CustomerObject", "AddressObject"}
    operation = document["paths"]["/invoices"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/CreateInvoiceRequest"
    }
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Invoice"
    }
    assert components["Invoice"]["properties"]["customer"]["anyOf"] == [
        {"$ref": "#/components/schemas/CustomerObject"},
        {"type": "null"},
    ]
    for name in json.dumps(document).split('"#/components/schemas/')[1:]:
        assert name.partition('"')[0] in components
