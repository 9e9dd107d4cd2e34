"""Tools that ask a running program for the types of our annotations get them, although the names are there for checkers."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import subprocess
import sys
import typing
import uuid

import pydantic
import pytest
import typing_extensions
from dishka import Provider, Scope, make_container

import xendit
from xendit.apis import AsyncInvoiceApi, InvoiceApi
from xendit.late_types import type_of
from xendit.models import CreateInvoiceRequest, Invoice
from xendit.static_typing import hinted
from xendit.webhook import Inbox, InvoiceEvent, MemoryInbox, Webhook

FACES = (
    *("xendit", "xendit.apis", "xendit.models", "xendit.webhook", "xendit.bulk", "xendit.sandbox", "xendit.testing"),
    *("xendit.otel", "xendit.source", "xendit.invoice.dicts", "xendit.webhook.sql"),
    *("xendit.webhook.adapters.asgi", "xendit.webhook.adapters.wsgi", "xendit.webhook.adapters.flask"),
    "xendit.webhook.adapters.starlette",
)
#: What stands on the standard library alone, and whose names are not for programs to ask for.
LEFT_OUT = ("xendit.sandbox.state.", "xendit.static_typing")


def public(face):
    """The classes and functions that a module shows, and the public methods of the classes, each with its name."""
    module = importlib.import_module(face)
    for name in getattr(module, "__all__", None) or [name for name in vars(module) if name[0] != "_"]:
        value = getattr(module, name)
        home = getattr(value, "__module__", None) or ""
        if not home.startswith("xendit.") or home.startswith(LEFT_OUT):
            continue
        if inspect.isfunction(value) or isinstance(value, type):
            yield f"{face}.{name}", value
        if isinstance(value, type):
            for owner in value.__mro__:
                if owner.__module__.startswith("xendit.") and not owner.__module__.startswith(LEFT_OUT):
                    yield from methods(f"{face}.{name}", owner)


def methods(name, owner):
    """The public methods of a class, its constructor among them."""
    for each, value in vars(owner).items():
        if each[0] != "_" or each == "__init__":
            function = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if inspect.isfunction(function):
                yield f"{name}.{each}", function


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_has_types(face):
    """`typing.get_type_hints` works for every class, function and method that programs are shown."""
    failed = {}
    for name, value in public(face):
        try:
            typing.get_type_hints(value)
        except NameError as error:
            failed[name] = str(error)
    assert failed == {}, "each of these needs `@hinted` (xendit.static_typing)"


def test_the_types_are_those_that_are_written():
    """Models, unions, abbreviations, literals, functions and typed options are what the source says."""
    hints = typing.get_type_hints(InvoiceApi.create_invoice)
    assert hints["return"] is Invoice
    assert CreateInvoiceRequest in typing.get_args(hints["create_invoice_request"])
    assert typing.get_type_hints(AsyncInvoiceApi.get_invoices)["return"] == list[Invoice]
    assert typing.get_type_hints(InvoiceApi.get_invoices)["external_id"] == str | int | uuid.UUID | None
    assert typing.get_type_hints(xendit.set_api_key)["return"] is type(None)
    hints = typing.get_type_hints(xendit.Configuration.__init__)
    assert collections.abc.Callable[[], str] in typing.get_args(hints["api_key"])
    assert typing.get_args(hints["on_unknown"]) == ("lookup", "raise", "resend")
    assert Inbox[typing.Any] in typing.get_args(typing.get_type_hints(Webhook.__init__)["inbox"])
    assert typing.get_type_hints(InvoiceEvent)["callback"] is xendit.models.InvoiceCallback


def test_options_are_a_typed_dict():
    """The options that every method takes are named, with their types, although the class is there for checkers alone."""
    options = typing.get_type_hints(InvoiceApi.get_invoice_by_id)["options"]
    [fields] = typing.get_args(options)
    assert typing.get_type_hints(AsyncInvoiceApi.get_invoice_by_id)["options"] == options
    assert typing_extensions.is_typeddict(fields)
    assert {"_request_timeout", "_headers"} <= set(fields.__annotations__)
    assert (fields.__name__, fields.__module__) == ("RequestOptions", "xendit.client.options")


@pytest.mark.skipif(
    tuple(map(int, pydantic.VERSION.split(".")[:2])) < (2, 10), reason="this pydantic knows no typed keyword arguments"
)
def test_pydantic_checks_a_call():
    """`validate_call` refuses what the annotations exclude, before our method sees it."""
    checked = pydantic.validate_call(InvoiceApi("xnd_development_any").get_invoices)
    with pytest.raises(pydantic.ValidationError, match="limit"):
        checked(limit="many")


def test_a_container_makes_what_our_constructors_need():
    """dishka reads the constructor of a class of the shop's own that takes our objects, and of our own endpoint."""

    class Shop:
        def __init__(self, webhook: Webhook, inbox: Inbox) -> None:
            self.webhook, self.inbox = webhook, inbox

    provider = Provider(scope=Scope.APP)
    provider.provide(source=lambda: MemoryInbox(), provides=Inbox)  # noqa: PLW0108 - the class would be asked what it needs
    provider.provide(lambda: Webhook(MemoryInbox(), "token"), provides=Webhook)
    provider.provide(Shop)
    container = make_container(provider)
    assert isinstance(container.get(Shop).inbox, MemoryInbox)
    container.close()


def test_signatures_show_types():
    """`inspect.signature` gives types, and so do `inspect.get_annotations`, `get`, `items`, `values` and a copy."""
    parameters = inspect.signature(InvoiceApi.get_invoices).parameters
    assert parameters["limit"].annotation == float | None
    annotations = InvoiceApi.get_invoices.__annotations__
    whole = inspect.get_annotations(InvoiceApi.get_invoices)
    assert whole == dict(annotations) == annotations.copy() == dict(annotations.items())
    assert list(annotations.values()) == list(whole.values())
    assert annotations.get("limit") == annotations["limit"] == float | None
    assert annotations.get("nothing", 5) == 5


def test_what_cannot_be_found_is_any(monkeypatch):
    """A name that no source has, a library that is not installed, and a text without a type are Any."""
    assert type_of("NoSuchName", "xendit.configuration") is typing.Any
    assert type_of("dict[str, NoSuchName]", "xendit.configuration") == dict[str, typing.Any]
    assert type_of("NoSuchName", "xendit.no_such_module") is typing.Any
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert type_of("Engine", "xendit.webhook.sql") is typing.Any


def test_a_class_of_ones_own_is_left_alone():
    """`hinted` goes through our classes alone, so that a subclass in a program keeps its annotations as they are."""

    class Own(InvoiceApi):
        shop: str

        def find(self, order: str) -> Invoice:
            return self.get_invoices(external_id=order)[0]

    assert type(Own.find.__annotations__) is dict
    assert hinted(Own) is Own
    assert type(Own.__annotations__) is dict


def test_nothing_is_loaded_before_someone_asks():
    """An import of everything loads no module for hints, nor typing for the core."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import xendit\n"
        "xendit.Configuration, xendit.InvoiceApi\n"
        "print(sorted({'typing', 'ast', 'inspect', 'xendit.late_types'} & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
