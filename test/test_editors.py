"""What editors and frameworks see without running a program: jedi's completions, and hints resolved at run time.

jedi stands behind IPython, Spyder, pylsp and the vim plug-ins. It takes a branch below `TYPE_CHECKING = False` for dead
and one below `TYPE_CHECKING: bool = False` for alive, so every module of the package declares it so.
"""

from __future__ import annotations

import inspect
import typing
from datetime import datetime

import jedi
import pytest

import xendit
from xendit import models, webhook
from xendit.invoice import model as invoice_models
from xendit.model import Model, fields


def completed(code):
    """The names that jedi offers at the end of a program."""
    line = code.count("\n") + 1
    return {each.name for each in jedi.Script(code).complete(line, len(code.rpartition("\n")[2]))}


def model_names():
    return {name for name in models.__all__ if not name.endswith("Dict")}


CREATED = "from xendit.apis import InvoiceApi\ninvoice = InvoiceApi().create_invoice({})\n"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from xendit.apis import ", {"InvoiceApi", "AsyncInvoiceApi", "PayoutApi"}),
        ("from xendit.models import ", set(models.__all__)),
        ("from xendit.invoice.model import ", set(invoice_models.__all__)),
        ("from xendit.webhook import ", set(webhook.__all__)),
        ("from xendit import ", {*xendit.__all__, "Invoice", "Xendit", "XenditError"}),
        ("import xendit\nxendit.", {*xendit.__all__, "apis", "models"}),
        ("import xendit\nxendit.apis.", {"InvoiceApi"}),
        ("from xendit.invoice import ", {"InvoiceApi", "CreateInvoiceRequest"}),
        ("from xendit.apis import InvoiceApi\nInvoiceApi().", {"create_invoice", "iter_invoices", "resolve"}),
        ("import xendit\nxendit.InvoiceApi().", {"create_invoice"}),
        (CREATED + "invoice.", {"invoice_url", "status", "is_paid", "to_json"}),
        (CREATED + "invoice.items[0].", {"price", "quantity"}),
        ("from xendit.apis import InvoiceApi\nfor each in InvoiceApi().iter_invoices():\n    each.", {"invoice_url"}),
        (
            "from xendit.apis import AsyncInvoiceApi\nasync def f():\n    (await AsyncInvoiceApi().create_invoice({})).",
            {"invoice_url"},
        ),
        ("from xendit.models import InvoiceStatus\nInvoiceStatus.", {"PAID", "PENDING"}),
        ("from xendit.models import CreateInvoiceRequest\nCreateInvoiceRequest(exter", {"external_id="}),
        ("import xendit\nxendit.Invoice.create(amount=1).", {"invoice_url"}),
    ],
)
def test_completions(code, names):
    """An editor offers what is loaded on first use, the methods of an API and the fields of what they return."""
    assert names <= completed(code)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("xendit.", set(xendit.__all__)),
        ("from xendit.apis import ", {"InvoiceApi"}),
        ("xendit.models.", set(models.__all__)),
        ("xendit.InvoiceApi().", {"create_invoice"}),
    ],
)
def test_completions_of_a_shell(code, names):
    """IPython, which asks the living objects, offers them too."""
    offered = {each.name for each in jedi.Interpreter(code, [{"xendit": xendit}]).complete()}
    assert names <= offered


@pytest.mark.parametrize("name", sorted(model_names()))
def test_hints_of_models(name):
    """`typing.get_type_hints` gives each field's type, with None where it is optional; `inspect` gives the same."""
    model = getattr(models, name)
    hints = typing.get_type_hints(model)
    if not issubclass(model, Model):
        return
    assert list(inspect.get_annotations(model).items()) == list(model.__annotations__.items())
    assert set(hints) == {each.name for each in fields(model)}
    for each in fields(model):
        optional = type(None) in typing.get_args(hints[each.name]) or hints[each.name] == typing.Optional[typing.Any]  # noqa: UP045
        assert optional is not each.required


def test_hints_in_full():
    """Of each kind of field one."""
    hints = typing.get_type_hints(models.Invoice)
    assert hints["external_id"] is str
    assert hints["amount"] is float
    assert hints["status"] is models.InvoiceStatus
    assert hints["created"] is datetime
    assert hints["available_banks"] == list[models.Bank]
    assert hints["items"] == (list[models.InvoiceItem] | None)
    assert hints["should_send_email"] is bool
    assert hints["metadata"] == (dict[str, typing.Any] | None)
    assert hints["customer"] == (models.CustomerObject | None)
    assert typing.get_type_hints(models.CreateInvoiceRequest)["invoice_duration"] == (int | None)


def test_hints_of_a_subclass():
    """A model of one's own has the hints of its base and its own."""

    class Order(models.CreateInvoiceRequest):
        table: int | None = None

    hints = typing.get_type_hints(Order)
    assert hints["external_id"] is str
    assert hints["table"] == (int | None)
    assert dict(Order.__annotations__) == {"table": int | None}
    assert Order.__annotations__.get("table") == Order.__annotations__.copy()["table"]
    assert Order.__annotations__.get("nothing") is None
    assert list(Order.__annotations__.values()) == [int | None]
    assert "table" in repr(Order.__annotations__)
