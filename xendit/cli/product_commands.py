"""The commands of a product, derived from its operations: `xendit <things> <verb>`, such as `xendit payouts get ID`.

A path parameter becomes an argument. The other parameters, and the fields of the body, become options (see
`xendit.cli.flags`). What cannot be derived is declared in the product's own module `command_line`: `EXTRAS` there adds
commands, replaces some, and says how one thing of the product is shown. Nothing here knows a product.
"""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.cli.connection import PATIENT, api_client, target
from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.flags import (
    Derived,
    JsonType,
    check_amounts,
    given,
    model_options,
    parameter_docs,
    parameter_options,
)
from xendit.cli.frame import Group, connection_options, group_name, json_option, zone_option
from xendit.cli.output import Output
from xendit.codec import Object
from xendit.display import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xendit.cli.frame import Home
    from xendit.model import Model
    from xendit.operation import Operation, Parameter
    from xendit.products import Product


class Extras(NamedTuple):
    """What a product's `command_line` says of its commands beyond what is derived."""

    summary: str
    """What the group is for, in a sentence."""
    homes: Mapping[str, Home] = {}
    """Commands to add, or to use in place of derived ones, in the form that `Group` takes."""
    aliases: Mapping[str, tuple[str, ...]] = {}
    """Shorter options for parameters and fields, by name."""
    examples: Mapping[str, Sequence[str]] = {}
    """Lines to copy, by command; `""` for the group's own."""
    columns: Sequence[str] = ()
    """The columns of a table, as of `Output.table`; without them they are derived."""
    row: Callable[[Any], Sequence[object]] | None = None
    """A model as a row of that table."""
    facts: Callable[[Any], Iterable[tuple[str, object]]] | None = None
    """A model as names and values, for people."""
    question: Callable[[Any], str] | None = None
    """What to ask before a request is sent with a live key."""
    arguments: Callable[[dict[str, Any]], dict[str, object]] = lambda values: values
    """Changes the parameters before a call, where options mean more than what was typed."""


class ProductCommands:
    """The derived commands of one product.

    Args:
        product: what it declares.
        api: one of its API classes, where each of them has commands of its own.
    """

    def __init__(self, product: Product, api: str | None = None) -> None:
        self.product = product
        self.api = api
        self.name = group_name(product.noun) if api is None else product.groups[api]
        module = product.optional_module("command_line")
        self.extras: Extras = Extras(f"The {product.title}, from a shell.") if module is None else module.EXTRAS

    def group(self) -> click.Command:
        """The group of all commands of the product; of an API class with one operation, the command of that."""
        names = self._names()
        if self.api is not None and len(names) == 1:
            (operation,) = names.values()
            return self._command(self.name, operation)
        group = Group(
            self.name,
            homes=dict(self.extras.homes),
            examples=self.extras.examples.get("", [f"xendit {self.name} {'list' if 'list' in names else min(names)}"]),
            help=f"{self.extras.summary}\n\n{_KEY}",
        )
        for name, operation in names.items():
            if name not in self.extras.homes:
                group.add_command(self._command(name, operation))
        return group

    def _names(self) -> dict[str, Operation]:
        """The operations by the names of their commands: those of the API class, where there is one."""
        if self.api is None:
            return command_names(self.product)
        api = getattr(self.product.module(self.product.apis[self.api]), self.api)
        own = [each for each in self.product.operations if hasattr(api, each.name)]
        return command_names(self.product, self.name, own)

    def _command(self, name: str, operation: Operation) -> click.Command:
        """The command of an operation."""
        places = [each for each in operation.parameters if each.location == "path"]
        body = next((each for each in operation.parameters if each.location == "body"), None)
        others = [each for each in operation.parameters if each.location in ("query", "header")]

        def derive() -> list[click.Option]:
            function = getattr(self._api(operation), operation.name)
            fields = [] if body is None else model_options(_model(operation, body), self.extras.aliases)
            return [*fields, *parameter_options(operation, others, parameter_docs(function), self.extras.aliases)]

        def run(**values: object) -> int:
            return self._run(operation, body, values)

        command = Derived(
            name,
            callback=run,
            derive=derive,
            params=[click.Argument([each.name]) for each in places],
            examples=self.extras.examples.get(name) or [_example(self.product, self.name, name, places, body)],
            help=_help(getattr(self._api(operation), operation.name)),
        )
        if body is not None:
            command.params += [
                click.Option(
                    ["--data"], type=JsonType(), metavar="JSON|@FILE|-", help="The request as JSON; flags win over it."
                ),
                click.Option(["--yes", "-y"], is_flag=True, help="Do not ask, also with a live key."),
            ]
        if operation.listing is not None:
            command.params.append(
                click.Option(["--all", "every"], is_flag=True, help="Every page, as one JSON object a line.")
            )
        decorated: click.Command = zone_option(json_option(connection_options(command)))
        return decorated

    def _api(self, operation: Operation) -> Any:
        """The API class that has the operation's method."""
        for name, module in self.product.apis.items():
            found = getattr(self.product.module(module), name)
            if hasattr(found, operation.name):
                return found
        raise LookupError(f"{self.product.folder}: no API class has {operation.name}")

    def _run(self, operation: Operation, body: Parameter | None, values: dict[str, Any]) -> int:
        """Call the operation and show what came of it."""
        output = Output(as_json=values.pop("as_json"))
        base_url, to_sandbox = values.pop("base_url"), values.pop("to_sandbox")
        arguments = {each.name: values.pop(each.name) for each in operation.parameters if each is not body}
        request = None
        if body is not None:
            yes, data = values.pop("yes"), values.pop("data")
            request = arguments[body.name] = request_of(_model(operation, body), data, values)
            where = target(base_url, to_sandbox=to_sandbox)
            if not yes and not self.confirmed(output, where.mode, request):
                return OK
        else:
            where = target(base_url, to_sandbox=to_sandbox)
        every, first = values.pop("every", False), True
        client = api_client(where, **(PATIENT if every else {}))
        call = getattr(self._api(operation)(client), operation.name)
        asked: dict[str, Any] | None = self.extras.arguments(given(arguments))
        while asked is not None:
            answer = call(**asked)
            asked = operation.listing.following(asked, answer) if every and operation.listing is not None else None
            if every and not output.for_people:
                for each in _page(operation, answer):
                    output.line(as_sent(each))
            else:
                self.show(output, answer, operation, header=first)
                if not every and operation.listing is not None and arguments.get("limit") is None:
                    tell_of_more(output, there_are=answer.get(operation.listing.has_more) is True)
            first = False
        return OK

    def confirmed(self, output: Output, mode: str, request: object) -> bool:
        """Whether to send a request: with a live key, a person at a terminal is asked."""
        if mode != "live" or not sys.stdin.isatty():
            return True
        asked = self.extras.question(request) if self.extras.question else f"Create a live {self.product.noun}?"
        if click.confirm(asked, err=True):
            return True
        output.say("nothing was created")
        return False

    def show(self, output: Output, answer: Any, operation: Operation, *, header: bool = True) -> None:
        """Show what an operation gave: a thing, or a page of them, which can be set below the pages before it."""
        if is_list(operation) and output.for_people:
            page = _page(operation, answer)
            columns, row = self.table(page)
            output.table(columns, map(row, page), f"no {self.product.noun} fits" if header else "", header=header)
        elif isinstance(answer, list):
            output.json([as_sent(each) for each in answer])
        elif hasattr(answer, "to_json"):
            facts = self.extras.facts or derived_facts
            output.record(facts(answer), None if output.for_people else as_sent(answer))
        else:
            output.json(answer)

    def table(self, page: Sequence[Any]) -> tuple[Sequence[str], Callable[[Any], Sequence[object]]]:
        """The columns of a table of these, and what makes one a row."""
        if self.extras.row is not None:
            return self.extras.columns, self.extras.row
        if not page:
            return (), lambda _: ()
        plan = type(page[0]).__plan__
        marks = {**dict.fromkeys(("created", "created_at"), "@"), **dict.fromkeys(plan.amounts[0], ">")}
        names = [name for name in _COLUMNS if name in plan.fields]
        return [f"{marks.get(name, '')}{name.replace('_', ' ')}" for name in names], lambda each: [
            _shown(each, name) for name in names
        ]


_KEY = """\
The key is read from XENDIT_API_KEY. With --sandbox, the sandbox that runs on this machine is called.
"""
#: The fields of a table that is derived, where a model has them. An amount is shown with its currency.
_COLUMNS = ("id", "external_id", "reference_id", "type", "status", "amount", "created", "created_at")


def command_names(
    product: Product, group: str = "", operations: Sequence[Operation] | None = None
) -> dict[str, Operation]:
    """The operations of a product by the names of their commands: the method's name without the noun.

    `get_payout_by_id` becomes `get`, and `get_payouts`, which gives several, becomes `list`. If two operations would
    have the same name, each keeps its whole name.
    """
    words = {word for name in (product.noun, product.folder, group) for word in name.replace("_", " ").lower().split()}
    plurals = words | {f"{word}s" for word in words} | {f"{word[:-1]}ies" for word in words if word.endswith("y")}
    found: dict[str, Operation] = {}
    for operation in product.operations if operations is None else operations:
        rest = [word for word in operation.name.removesuffix("_by_id").split("_") if word not in plurals]
        name = "-".join(rest) or operation.name
        if name in ("get", "get-all") and is_list(operation):
            name = "list"
        if name in found:
            name = operation.name.replace("_", "-")
        found[name] = operation
    return found


def tell_of_more(output: Output, *, there_are: bool) -> None:
    """Say to a person that the list goes on, who has not said how many are wanted and may take the page for all."""
    if there_are and output.for_people:
        output.hint("these are the newest; there may be more: --limit N for a longer page, --all for every one")


def is_list(operation: Operation) -> bool:
    """Whether it gives several things: an array, or a page that says how the next one is asked for."""
    return operation.listing is not None or operation.returns.startswith("list[")


def _page(operation: Operation, answer: Any) -> list[Any]:
    """The things of a page."""
    page: list[Any] = answer if operation.listing is None else answer.get(operation.listing.items) or []
    return page


def request_of(model: type[Model], data: object, flags: Mapping[str, object]) -> object:
    """A request from `--data` and the flags, which win over it.

    Raises:
        click.UsageError: `--data` is no object, a required field is missing, an amount has two readings.
        ApiTypeError, ApiValueError: a value cannot be sent.
    """
    if data is not None and not isinstance(data, dict):
        raise click.UsageError("--data must be a JSON object")
    values = {**(data or {}), **given(flags)}
    required = [field.name for field in model.__plan__.fields.values() if field.required]
    missing = [f"--{name.replace('_', '-')}" for name in required if name not in values]
    if missing:
        raise click.UsageError(f"missing {' and '.join(missing)} (or give them in --data)")
    check_amounts(values, model)
    return model(**values)


def as_sent(model: Model) -> dict[str, object]:
    """A model as the API sent it, numbers as they were written."""
    return model.to_dict(mode="json")


def derived_facts(model: Model) -> list[tuple[str, object]]:
    """The fields of a model that hold something, in their order; what is no scalar as JSON."""
    return [(name.replace("_", " "), _shown(model, name)) for name in model if model[name] is not None]


def _shown(model: Model, name: str) -> object:
    """A field for people: amounts with their currency."""
    from datetime import datetime

    value = model.get(name)
    if value is None:
        return ""
    if name in model.__plan__.amounts[0]:
        return money(value, model.get("currency"))
    return (
        value
        if isinstance(value, (str, int, float, datetime))
        else json.dumps(as_sent(model)[name], ensure_ascii=False)
    )


def _model(operation: Operation, body: Parameter) -> type[Model]:
    """The model of an operation's body."""
    kind = operation.kind(body.annotation)
    assert isinstance(kind, Object)  # a body is a model
    model: type[Model] = kind.plan.cls
    return model


def _help(function: object) -> str:
    """What a method's docstring says before its arguments."""
    said = (inspect.getdoc(function) or "").partition("\n\nArgs:")[0].partition("\n\nReturns:")[0]
    return said.partition("\n\nRaises:")[0].replace("`", "")


def _example(product: Product, group: str, name: str, places: Sequence[Parameter], body: Parameter | None) -> str:
    """A line to copy."""
    words = ["xendit", *dict.fromkeys((group, name)), *(each.name.upper() for each in places)]
    return " ".join([*words, *([] if body is None else ["--data", f"@{product.folder}.json"])])
