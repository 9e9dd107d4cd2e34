"""The commands of a product derive from what it declares: here from one that only these tests know."""

from __future__ import annotations

import json
import shutil
from datetime import datetime  # noqa: TC003  the model is compiled from it
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click
import pytest
from raw_server import RawServer, http

from xendit.cli.commands import WIDEST
from xendit.cli.ending import _width
from xendit.cli.frame import group_name, product_homes
from xendit.cli.product_commands import Extras, ProductCommands, command_names
from xendit.command_names import COMMANDS, GROUPS
from xendit.invoice.product import PRODUCT
from xendit.model import Model
from xendit.operation import Listing, Operation, Parameter
from xendit.products import Product, products
from xendit.sandbox.products import product_part

if TYPE_CHECKING:
    from xendit.model import Amount


class CreateParcel(Model):
    """A parcel to be sent."""

    reference_id: str
    """Your own id."""
    amount: Amount
    """What it costs."""
    currency: str | None = None
    """Of the amount."""
    is_fragile: bool | None = None
    """Whether it breaks."""


class Parcel(Model):
    """A parcel."""

    id: str
    """Its id."""
    reference_id: str
    """Your own id."""
    amount: Amount
    """What it costs."""
    currency: str | None = None
    """Of the amount."""
    created: datetime | None = None
    """When it was made."""
    labels: list[str] | None = None
    """What is on it."""


_ID = Parameter("parcel_id", "path", "str", required=True)
_USER = Parameter("for_user_id", "header", "str", wire="for-user-id")
OPERATIONS = (
    Operation(
        *("create_parcel", "POST", "/parcels"),
        (Parameter("create_parcel", "body", "CreateParcel", required=True), _USER),
        returns="Parcel",
        errors={},
        models=__name__,
    ),
    Operation(
        *("get_parcel_by_id", "GET", "/parcels/{parcel_id}", (_ID, _USER)),
        returns="Parcel",
        errors={},
        models=__name__,
        repeatable=True,
    ),
    Operation(
        *("get_parcels", "GET", "/parcels", (Parameter("limit", "query", "int", least=1), _USER)),
        returns="list[Parcel]",
        errors={},
        models=__name__,
        repeatable=True,
    ),
    Operation(
        *("stop_parcel", "POST", "/parcels/{parcel_id}/stop", (_ID,)),
        returns="Parcel",
        errors={},
        models=__name__,
    ),
)
CREATE, GET, LIST, STOP = OPERATIONS


class Page(Model):
    """A page of parcels."""

    has_more: bool
    """Whether there is another one."""
    data: list[Parcel]
    """The parcels."""


FOUND = Operation(
    *("get_found_parcels", "GET", "/parcels/found"),
    (Parameter("limit", "query", "int", least=1), Parameter("after_id", "query", "str")),
    returns="Page",
    errors={},
    models=__name__,
    repeatable=True,
    listing=Listing(),
)


class ParcelApi:
    """Parcels."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def create_parcel(self, create_parcel: Any, **given: Any) -> Any:
        """Send a parcel.

        Args:
            create_parcel: what to send.
            for_user_id: business id of the sub-account.
        """
        return self._client.call(CREATE, {"create_parcel": create_parcel, **given}, {})

    def get_parcel_by_id(self, parcel_id: str, **given: Any) -> Any:
        """Read a parcel."""
        return self._client.call(GET, {"parcel_id": parcel_id, **given}, {})

    def get_parcels(self, **given: Any) -> Any:
        """List parcels.

        Args:
            limit: parcels a page. There are more.
        """
        return self._client.call(LIST, given, {})

    def get_found_parcels(self, **given: Any) -> Any:
        """List parcels that were found."""
        return self._client.call(FOUND, given, {})

    def stop_parcel(self, parcel_id: str) -> Any:
        """Stop a parcel."""
        return self._client.call(STOP, {"parcel_id": parcel_id}, {})


class Declared(Product):
    """The product, whose modules are here."""

    __slots__ = ()
    modules: dict[str, Any] = {  # noqa: RUF012
        "operations": SimpleNamespace(OPERATIONS=(*OPERATIONS, FOUND)),
        "parcel_api": SimpleNamespace(ParcelApi=ParcelApi),
    }

    def module(self, name: str) -> Any:
        if name not in self.modules:
            raise ModuleNotFoundError(name, name=f"{self.package}.{name}")
        return self.modules[name]


PARCELS = Declared(folder="parcel", noun="parcel", title="Parcel API", apis={"ParcelApi": "parcel_api"})
ONE = {"id": "p-1", "reference_id": "r-1", "amount": 1500.5, "currency": "PHP", "created": "2026-01-31T09:00:00.000Z"}


def run(server: RawServer, arguments: list[str], monkeypatch: pytest.MonkeyPatch, product: Product = PARCELS) -> object:
    """Run a command of the group, as its process would."""
    monkeypatch.setenv("XENDIT_API_KEY", "xnd_development_k")
    monkeypatch.setenv("XENDIT_BASE_URL", server.url)
    return ProductCommands(product).group().main(arguments, standalone_mode=False)


def test_commands_are_named_by_their_verbs() -> None:
    """The noun goes, in either number; what gives several is `list`; the group is the noun in the plural."""
    assert list(command_names(PARCELS)) == ["create", "get", "list", "stop", "get-found"]
    assert list(command_names(PRODUCT)) == ["create", "get", "list", "expire"]
    assert [group_name(noun) for noun in ("invoice", "payment method", "party", "key")] == [
        *("invoices", "payment-methods", "parties", "keys")
    ]


def test_a_body_is_made_of_flags_and_data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Flags win; headers are flags too; the answer goes out as JSON, as it came."""
    with RawServer([http(200, json.dumps(ONE).encode())]) as server:
        data = '{"reference_id": "r-0", "amount": 2, "is_fragile": true}'
        flags = ["--reference-id", "r-1", "--amount", "1500.50", "--currency", "PHP", "--for-user-id", "u-1"]
        assert run(server, ["create", "--data", data, *flags], monkeypatch) == 0
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /parcels HTTP/1.1")
    assert b"for-user-id: u-1" in head
    assert json.loads(body) == {"reference_id": "r-1", "amount": 1500.5, "currency": "PHP", "is_fragile": True}
    assert json.loads(capsys.readouterr().out) == ONE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "--amount", "1"], "missing --reference-id"),
        (["create", "--data", "[]"], "--data must be a JSON object"),
        (["create", "--reference-id", "r", "--amount", "1.500"], "1500 or as 1.50"),
        (["create", "--reference-id", "r", "--amount", "1.5", "--currency", "IDR"], "15 or as 1;"),
        (["get"], "PARCEL_ID"),
        (["list", "--limit", "many"], "--limit"),
        (["lst"], "did you mean 'list'"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As wrong usage, with what is wrong."""
    with RawServer([http(500)]) as server:
        with pytest.raises(click.UsageError) as raised:
            run(server, arguments, monkeypatch)
        assert said in raised.value.format_message()
        assert server.requests == []


def test_reading_and_listing_are_for_people_and_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON in a pipe; on a terminal the fields that hold something, or a table of those that matter."""
    answers = [http(200, json.dumps(each).encode()) for each in (ONE, [ONE], ONE, {**ONE, "labels": ["a"]}, [ONE], [])]
    with RawServer(answers) as server:
        run(server, ["get", "p-1"], monkeypatch)
        assert json.loads(capsys.readouterr().out) == ONE
        run(server, ["list", "--limit", "5"], monkeypatch)
        assert json.loads(capsys.readouterr().out) == [ONE]
        run(server, ["stop", "p-1"], monkeypatch)
        assert json.loads(capsys.readouterr().out) == ONE
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("NO_COLOR", "1")
        run(server, ["get", "p-1"], monkeypatch)
        lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
        assert ["amount", "PHP 1,500.50"] in lines
        assert ["created", "2026-01-31 09:00:00 UTC"] in lines
        assert ["labels", '["a"]'] in lines
        run(server, ["list"], monkeypatch)
        header, row = capsys.readouterr().out.splitlines()
        assert header.split() == ["id", "reference", "id", "amount", "created", "(UTC)"]
        assert row.split()[:4] == ["p-1", "r-1", "PHP", "1,500.50"]
        assert header.index("amount") + len("amount") == row.index("1,500.50") + len("1,500.50")  # to the right
        run(server, ["list"], monkeypatch)
        assert "no parcel fits" in capsys.readouterr().err
        assert [each.split(b" HTTP")[0] for each in server.requests[:3]] == [
            *(b"GET /parcels/p-1", b"GET /parcels?limit=5", b"POST /parcels/p-1/stop")
        ]


def test_pages_follow_one_another(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One page, or with --all every page, asked for as the operation declares it; one table for people."""
    pages = [{"has_more": True, "data": [ONE]}, {"has_more": False, "data": [{**ONE, "id": "p-2"}]}]
    bodies = [http(200, json.dumps(each).encode()) for each in (pages[0], *pages, *pages, pages[0], pages[0], pages[1])]
    with RawServer(bodies) as server:
        run(server, ["get-found", "--limit", "1"], monkeypatch)
        assert json.loads(capsys.readouterr().out) == pages[0]
        run(server, ["get-found", "--limit", "1", "--all"], monkeypatch)
        assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["p-1", "p-2"]
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setenv("NO_COLOR", "1")
        run(server, ["get-found", "--all"], monkeypatch)
        told = capsys.readouterr()
        assert [line.split()[0] for line in told.out.splitlines()] == ["id", "p-1", "p-2"]
        assert "there may be more" not in told.err
        for arguments, goes_on in ([], True), (["--limit", "1"], False), ([], False):
            run(server, ["get-found", *arguments], monkeypatch)
            assert ("there may be more: --limit N" in capsys.readouterr().err) == goes_on
        asked = [each.split(b" HTTP")[0] for each in server.requests]
    assert asked[2:5] == [
        *(b"GET /parcels/found?limit=1&after_id=p-1", b"GET /parcels/found", b"GET /parcels/found?after_id=p-1")
    ]


def test_a_product_says_what_cannot_be_derived(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its module `command_line` is found by its name: shorter flags, commands of its own, how one is shown."""

    class Extended(Declared):
        __slots__ = ()
        modules = {  # noqa: RUF012
            **Declared.modules,
            "command_line": SimpleNamespace(
                EXTRAS=Extras(
                    "Parcels that are sent.",
                    homes={"stop": ("completion", "completion", "Its own.")},
                    aliases={"reference_id": ("--ref",)},
                    examples={"create": ["xendit parcels create --ref r-1"]},
                    facts=lambda parcel: [("number", parcel.id)],
                    question=lambda parcel: f"Send {parcel.reference_id}?",
                )
            ),
        }

    extended = Extended(folder="parcel", noun="parcel", title="Parcel API", apis={"ParcelApi": "parcel_api"})
    group = ProductCommands(extended).group()
    context = click.Context(group)
    assert group.list_commands(context) == ["create", "get", "list", "get-found", "stop"]
    stop = group.get_command(context, "stop")
    assert stop is not None
    assert stop.name == "completion"
    assert "Parcels that are sent." in group.get_help(context)
    with RawServer([http(200, json.dumps(ONE).encode())]) as server:
        assert run(server, ["create", "--ref", "r-1", "--amount", "5"], monkeypatch, extended) == 0
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("xendit.cli.product_commands.target", lambda *_, **__: SimpleNamespace(mode="live"))
        asked: list[str] = []
        monkeypatch.setattr("click.confirm", lambda text, **_: asked.append(text))
        assert run(server, ["create", "--ref", "r-2", "--amount", "5"], monkeypatch, extended) == 0
        assert asked == ["Send r-2?"]
        assert "nothing was created" in capsys.readouterr().err
        assert len(server.requests) == 1


def test_the_help_of_a_derived_command_says_what_the_declarations_say(capsys: pytest.CaptureFixture[str]) -> None:
    """The method's docstring, the fields' sentences, and an example to copy."""
    group = ProductCommands(PARCELS).group()
    group.main(["create", "--help"], standalone_mode=False, prog_name="xendit parcels")
    said = capsys.readouterr().out
    for each in ("Send a parcel.", "--reference-id TEXT", "Your own id.", "--for-user-id TEXT", "--data JSON|@FILE|-"):
        assert each in said
    assert "xendit parcels create --data @parcel.json" in said


def test_a_product_adds_commands_to_the_groups_of_all_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a product declares under `commands` stands in that group with its line of help; others do not show it."""
    parcel = Product(
        folder="parcel",
        noun="parcel",
        title="Parcel API",
        apis={"ParcelApi": "parcel_api"},
        commands={"sandbox": {"deliver": ("commands", "deliver", "Deliver a parcel.")}},
    )
    monkeypatch.setattr("xendit.products.products", lambda: iter([parcel]))
    assert product_homes("sandbox") == {"deliver": ("xendit.parcel.commands", "deliver", "Deliver a parcel.")}
    assert product_homes("webhooks") == product_homes("") == {}


@pytest.mark.parametrize(("kind", "found"), [(PRODUCT.noun, True), ("parcel", False)])
def test_a_part_of_a_product_is_found_by_the_kind_of_its_records(kind: str, found: bool) -> None:
    """The stream of a sandbox names kinds; one without a product of its own is told of as it came."""
    assert (product_part(kind, "sandbox_events") is not None) is found
    assert product_part(kind, "nothing_of_this_name") is None


def test_the_top_level_is_what_the_products_declare() -> None:
    """`xendit --help` reads it from a table, which holds for each product its groups and the commands that it adds."""
    groups: dict[str, tuple[str, str | None, str]] = {}
    for each in products():
        for api, name in each.groups.items():
            groups[name] = (each.folder, api, f"The {api.removesuffix('Api')} API, from a shell.")
        if not each.groups:
            groups[group_name(each.noun)] = (each.folder, None, f"The {each.title}, from a shell.")
    assert [*GROUPS.items()] == [*groups.items()]
    assert [*COMMANDS.items()] == [*product_homes("").items()]


@pytest.mark.parametrize("columns", ["", "x", "-5", "0", "1", "40", "80", "99", "101", "400"])
def test_help_is_as_wide_as_click_has_it(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By COLUMNS, else (where there is no terminal) for 80 columns; never wider than is good to read."""
    monkeypatch.setattr("sys.__stdout__", None)
    monkeypatch.setenv("COLUMNS", columns)
    assert _width(WIDEST) == max(min(shutil.get_terminal_size().columns, WIDEST) - 2, 50)


def test_every_command_that_a_product_declares_is_there() -> None:
    """The module and the function that a product names for a command exist, and the command is a command."""
    for group in PRODUCT.commands:
        for module, function, _ in product_homes(group).values():
            assert isinstance(getattr(import_module(module), function), click.Command)
