"""What a model may declare: with and without evaluated annotations, unions, names, defaults; and what is refused."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import types
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from xendit.codec import COMPILE_AFTER, Plan, loads
from xendit.codec.compiler import compiled
from xendit.codec.filling import Filling, FillingBySlots
from xendit.codec.jsontext import _new_decoder, _one_a_thread
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.invoice.model import CreateInvoiceRequest, CustomerObject, Invoice
from xendit.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

_numbers = itertools.count()
FUTURE = "from __future__ import annotations\n"
IMPORTS = """
from typing import ClassVar, Dict, List, Literal, Optional, Union
from datetime import date, datetime
from decimal import Decimal
from xendit.model import Amount, ExternalId, Duration, Given, Many, Model, One, OpenEnum, absent, field
from xendit.models import CreateInvoiceRequest, Invoice, InvoiceItem
"""


def module(source: str, *, future: bool = False) -> Any:
    """A module with this source, as a program has one."""
    made = types.ModuleType(f"declared_{next(_numbers)}")
    made.__package__ = made.__name__
    sys.modules[made.__name__] = made
    exec(
        compile((FUTURE if future else "") + IMPORTS + source, made.__name__, "exec", dont_inherit=True), made.__dict__
    )
    return made


def several(call: Callable[[], Any]) -> list[Any]:
    """What a call gives before a class is compiled and afterwards: it must be the same."""
    found = [call() for _ in range(COMPILE_AFTER + 4)]
    assert all(each == found[0] for each in found)
    return found


# ------------------------------------------------------------------------------------------ faults of before


@pytest.mark.parametrize("future", [False, True])
def test_a_model_that_holds_its_own_kind_inside_anothers_list(future: bool) -> None:
    """Read and written alike however often."""
    declared = module(
        "class Leg(Model, received=True):\n    id: str\n    legs: 'list[Leg] | None' = None\n"
        "class Trip(Model, received=True):\n    legs: list[Leg]\n",
        future=future,
    )
    text = '{"legs":[{"id":"a","legs":[{"id":"a1"}]},{"id":"b"}]}'
    several(lambda: declared.Trip.from_json(text))
    assert declared.Trip.from_json(text).to_json() == text
    assert [leg.id for leg in declared.Trip.from_json(text).legs] == ["a", "b"]


def test_lists_in_lists_to_any_depth() -> None:
    """Two levels and twenty, which is more blocks than Python nests."""
    for depth in (2, 3, 7, 20):
        declared = module(f"class Grid(Model):\n    rows: {'list[' * depth}float{']' * depth}\n").Grid
        rows: Any = 1.5
        for _ in range(depth):
            rows = [rows]
        text = json.dumps({"rows": rows}, separators=(",", ":"))
        assert several(lambda made=declared, rows=rows: made(rows=rows).to_json())[0] == text
        several(lambda made=declared, text=text: made.from_json(text).to_json())


def test_two_classes_of_one_name_within_one_object() -> None:
    """Models and enums: each is read as the one that its field declares."""
    first, second = (
        module(
            f"class Customer(Model, received=True):\n    id: str\n    kind: 'Kind | None' = None\n"
            f"class Kind(OpenEnum):\n    {name} = '{name}'\n"
        )
        for name in ("A", "B")
    )
    holder = module(
        "class Method(Model, received=True):\n    customer: One_ | None = None\n"
        "class Payment(Model, received=True):\n    customer: Two_ | None = None\n    method: Method | None = None\n"
        "    kinds: list[KindA] | None = None\n    others: list[KindB] | None = None\n",
        future=True,
    )
    holder.One_, holder.Two_, holder.KindA, holder.KindB = first.Customer, second.Customer, first.Kind, second.Kind
    body = {
        "customer": {"id": "1", "kind": "B"},
        "method": {"customer": {"id": "2", "kind": "B"}},
        "kinds": ["B"],
        "others": ["B"],
    }
    for _ in range(COMPILE_AFTER + 4):
        payment = holder.Payment.from_dict(json.loads(json.dumps(body)))
        assert type(payment.customer) is second.Customer
        assert type(payment.method.customer) is first.Customer
        assert (payment.customer.kind.is_known, payment.method.customer.kind.is_known) == (True, False)
        assert (payment.kinds[0].is_known, payment.others[0].is_known) == (False, True)


def test_a_model_inside_a_dict_is_taken_by_from_dict_always() -> None:
    """`dict(invoice)` holds models; from_dict reads it back the first time and the hundredth."""
    customer = CustomerObject(given_names="Ayu")
    body = {"id": "1", "external_id": "o", "status": "PAID", "amount": 1, "customer": customer}
    for invoice in several(lambda: Invoice.from_dict(body)):
        assert invoice.customer == customer
        assert Invoice.from_dict(dict(invoice)) == invoice


# ------------------------------------------------------------------------------------------ annotations


EVERYTHING = """
class Colour(OpenEnum):
    RED = "RED"

class Part(Model):
    name: str

class Whole(Model):
    limit: ClassVar[int] = 5
    text: str
    amount: Amount
    parts: List[Part]
    one: One[datetime, str]
    colours: Many[Colour, str]
    colour: Optional[Colour] = None
    by_name: Dict[str, Part] | None = None
    either: Union[Part, int, None] = None
    day: date | None = None
    exact: Decimal | None = None
    free: dict | None = None
    loose: Optional[dict[str, object]] = None
    maybe: list[str | None] | None = None
    later: "Later | None" = None
    external_id: ExternalId = absent
    pause: Duration = absent

class Later(Model):
    name: str
"""


@pytest.mark.parametrize("future", [False, True])
def test_annotations_may_be_texts_or_evaluated(future: bool) -> None:
    """A module with `from __future__ import annotations` and one without declare the same."""
    declared = module(EVERYTHING, future=future)
    body = {
        "text": "a",
        "amount": 1.5,
        "parts": [{"name": "b"}],
        "one": "2020-01-31T00:00:00.000Z",
        "colours": ["RED", "NEW"],
        "by_name": {"x": {"name": "c"}},
        "either": {"name": "d"},
        "day": "2020-01-31",
        "free": {"z": 1},
        "maybe": ["x", None],
        "later": {"name": "e"},
        "pause": 60,
    }
    for whole in several(lambda: declared.Whole.from_dict(body)):
        assert json.loads(whole.to_json()) == body
        assert isinstance(whole.either, declared.Part)
        assert whole.day == date(2020, 1, 31)
        assert whole.one == datetime(2020, 1, 31, tzinfo=timezone.utc)
        assert isinstance(whole.by_name["x"], declared.Part)
        assert whole.colours[0].is_known
        assert isinstance(whole.later, declared.Later)
    made = declared.Whole("a", Decimal("1.5"), [], "2020-01-31", ["RED"], external_id=5, pause="60", either=3)
    assert json.loads(made.to_json())["external_id"] == "5"
    assert declared.Whole.limit == 5
    assert "limit" not in declared.Whole.__plan__.fields


def test_a_subclass_of_a_request_in_an_ordinary_module() -> None:
    """A program that adds a field need not know how our modules are written."""
    for future in (False, True):
        mine = module("class Mine(CreateInvoiceRequest):\n    shelf: str | None = None\n", future=future).Mine
        texts = several(lambda mine=mine: mine(external_id="a", amount=1, shelf="x").to_json())
        assert texts[0] == '{"external_id":"a","amount":1,"shelf":"x"}'
        assert isinstance(mine("a", 1), CreateInvoiceRequest)


def test_annotations_of_python_3_14_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a class body holds a function in their place; `annotationlib` calls it, names that come later included."""

    class ForwardRef:
        def __init__(self, text: str) -> None:
            self.__forward_arg__ = text

        def __or__(self, other: object) -> Any:
            return ForwardRef(f"{self.__forward_arg__} | None")

    asked: list[Any] = []
    library: Any = types.ModuleType("annotationlib")
    library.Format = types.SimpleNamespace(FORWARDREF="forwardref")
    library.get_annotate_from_class_namespace = lambda namespace: namespace.get("__annotate_func__")

    def call(annotate: Any, form: str) -> Any:
        asked.append(form)
        return annotate(form)

    library.call_annotate_function = call
    monkeypatch.setitem(sys.modules, "annotationlib", library)

    def annotate(_: object) -> dict[str, Any]:
        return {"name": str, "items": list[ForwardRef("Node")], "next": ForwardRef("Node") | None}  # type: ignore[misc]

    home = module("")
    node: Any = type(Model)(
        "Node",
        (Model,),
        {"__module__": home.__name__, "__annotate_func__": annotate, "next": None, "items": None},
    )
    home.Node = node
    assert asked == ["forwardref"]
    assert "__annotate_func__" not in node.__dict__
    body = {"name": "a", "items": [{"name": "b"}], "next": {"name": "c", "next": {"name": "d"}}}
    for made in several(lambda: node.from_dict(body)):
        assert made.next.next.name == "d"
        assert json.loads(made.to_json()) == body


def test_classes_declared_in_functions_find_each_other() -> None:
    """And themselves, as tests and notebooks declare them."""

    class Leaf(Model):
        name: str

    class Twig(Model):
        leaves: list[Leaf]
        twigs: list[Twig] | None = None

    body = {"leaves": [{"name": "a"}], "twigs": [{"leaves": []}]}
    for twig in several(lambda: Twig.from_dict(body)):
        assert isinstance(twig.leaves[0], Leaf)
        assert json.loads(twig.to_json()) == body


# ------------------------------------------------------------------------------------------ unions

UNIONS = """
class Card(Model, received=True):
    number: str
    name: str | None = None
class Bank(Model, received=True):
    account: str
    name: str | None = None
class Wallet(Model, received=True):
    account: int
class Colour(OpenEnum):
    RED = "RED"
class Size(OpenEnum):
    LARGE = "LARGE"
class Holder(Model, received=True):
    method: Card | Bank | Wallet | None = None
    value: int | str | None = None
    time: datetime | str | None = None
    word: Colour | Size | None = None
    many: list[Card] | Card | None = None
    lists: list[int] | list[Bank] | None = None
    free: Card | dict | None = None
"""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"method": {"number": "4"}}, "Card"),
        ({"method": {"account": "4"}}, "Bank"),
        ({"method": {"account": 4}}, "Wallet"),
        ({"method": {"account": "4", "name": "x", "new": 1}}, "Bank"),
        ({"method": {}}, "Card"),
        ({"value": 5}, "int"),
        ({"value": "5"}, "str"),
        ({"time": "2020-01-31T00:00:00.000Z"}, "datetime"),
        ({"time": "tomorrow"}, "str"),
        ({"word": "RED"}, "Colour"),
        ({"word": "LARGE"}, "Size"),
        ({"word": "NEW"}, "Colour"),
        ({"many": {"number": "4"}}, "Card"),
        ({"many": [{"number": "4"}]}, "list"),
        ({"lists": [{"account": "4"}]}, "list"),
        ({"lists": [1, 2]}, "list"),
        ({"free": {"z": 1}}, "Card"),
    ],
    ids=str,
)
def test_a_union_is_the_member_that_a_value_resembles(body: dict[str, Any], kind: str) -> None:
    """In the declared order; of models the one whose fields are there. It is written as it came."""
    declared = module(UNIONS, future=True)
    [name] = body
    for holder in several(lambda: declared.Holder.from_dict(json.loads(json.dumps(body)))):
        assert type(holder[name]).__name__ == kind
        assert json.loads(holder.to_json()) == body
        assert declared.Holder(**{name: holder[name]})[name] == holder[name]
        assert holder.to_dict(mode="json") == body


def test_what_no_member_of_a_union_resembles() -> None:
    """It is an error in a strict field, with all that would be right, and kept in others; inside it the smallest."""
    declared = module(UNIONS + "    must: int | str = field(default=None, strict=True)\n", future=True).Holder
    for _ in range(COMPILE_AFTER + 4):
        with pytest.raises(ApiTypeError, match=r"Holder\['must'\]: a list was given, integer or str is needed"):
            declared.from_dict({"must": []})
        with pytest.raises(ApiTypeError, match=r"Holder\['value'\]: a float was given, integer or str is needed"):
            declared(value=1.5)
        odd = declared.from_dict({"method": {"account": "4", "name": 5}, "value": []})
        assert (odd.method.name, odd.value) == (5, [])
        assert json.loads(odd.to_json()) == {"method": {"account": "4", "name": 5}, "value": []}


def test_a_union_of_its_own_kind_takes_no_time_that_doubles() -> None:
    """Sixty levels with a fault at the bottom."""
    declared = module(
        "class A(Model, received=True):\n    inside: 'A | B | None' = None\n"
        "class B(Model, received=True):\n    inside: 'A | B | None' = None\n"
    ).A
    text = '{"inside":' * 60 + "5" + "}" * 60
    for _ in range(COMPILE_AFTER + 4):
        assert declared.from_json(text).to_json() == text


@pytest.mark.parametrize(
    "holder", ["list[Line]", "dict[str, Line]", "Line | str", "list[Line | str]", "list[list[Line]]"]
)
def test_amounts_are_exact_however_deep_they_stand(holder: str) -> None:
    """The noise of a float is taken off an amount inside a list, a dict and a union, before and after compiling."""
    declared = module(
        f"class Line(Model):\n    price: Amount\nclass Bill(Model):\n    currency: str\n    lines: {holder}\n"
    )
    line: Any = declared.Line(0.1 + 0.2)
    for opening in ("list[", "list[", "dict["):
        if holder.startswith(opening):
            line = {"k": line} if opening == "dict[" else [line]
            holder = holder.removeprefix(opening)
    assert "0.30000000000000004" not in several(lambda: declared.Bill("PHP", line).to_json())[0]


# ------------------------------------------------------------------------------------------ names and refusals


def test_a_field_may_have_another_name_in_json() -> None:
    """Python's keywords, and what is no name at all."""
    for future in (False, True):
        declared = module(
            "class Period(Model):\n    from_: date = field(wire='from')\n    a_b: str = field(default=None, wire='a\"{b}')\n",
            future=future,
        ).Period
        body = {"from": "2020-01-31", 'a"{b}': "x"}
        for made in several(lambda declared=declared, body=body: declared.from_dict(body)):
            assert (made.from_, made["from"], made["from_"], "from" in made) == (date(2020, 1, 31),) * 3 + (True,)
            assert json.loads(made.to_json()) == body
            assert list(made) == ["from_", "a_b"]
            assert declared.from_dict(made.to_dict()) == made
            assert declared(**made.to_dict()) == declared(**dict(made)) == made
        with pytest.raises(ApiTypeError, match=r"Period\['from'\]: an int was given"):
            declared.from_dict({"from": 5})
        made["from"] = "2020-02-01"
        assert made.from_ == date(2020, 2, 1)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x: tuple[int, str]", r"Bad\.x: a field cannot be a tuple: declare a list"),
        ("x: Literal['a']", r"Bad\.x: a field cannot be a Literal: declare an OpenEnum"),
        ("x: bytes", r"Bad\.x: a field cannot be a bytes: a Model, an OpenEnum, str"),
        ("x: dict[int, str]", r"Bad\.x: the keys of a dict must be str"),
        ("x: 'Nobody'", r"Bad\.x: no class 'Nobody' is found"),
        ("x: 'list[str'", r"Bad\.x: cannot read the annotation"),
        ("x: str = 'default'", r"Bad\.x: a default can be None or absent"),
        ("_unknown: str", r"Bad\._unknown: a field cannot have this name"),
        ("a: str = field(wire='b')\n    b: str", r"Bad: a and b have the same name 'b' in JSON"),
    ],
    ids=lambda value: value[:20],
)
@pytest.mark.parametrize("future", [False, True])
def test_what_cannot_be_a_field_is_refused_with_a_sentence(line: str, problem: str, future: bool) -> None:
    """When the class is declared, or at its first use where its types are texts."""
    with pytest.raises(TypeError, match=problem):
        module(f"class Bad(Model):\n    {line}\n", future=future).Bad.from_dict({"x": 1})


def test_a_field_can_be_declared_anew_and_not_be_given_a_value() -> None:
    """A subclass may say more of a field; a class attribute in its place would hide it."""
    declared = module("class Mine(CreateInvoiceRequest):\n    description: str\n").Mine
    with pytest.raises(ApiTypeError, match="missing required field 'description'"):
        declared("a", 1)
    assert declared.__match_args__.count("description") == 1
    assert declared("a", 1, description="x").to_json() == '{"external_id":"a","amount":1,"description":"x"}'
    with pytest.raises(TypeError, match=r"Mine\.currency: a field of a model above it can be declared anew"):
        module("class Mine(CreateInvoiceRequest):\n    currency = 'IDR'\n")


def test_a_constructor_of_its_own_is_inherited() -> None:
    """Compiling a class does not put ours in place of one that a class above it wrote."""

    class Loud(Model):
        name: str

        def __init__(self, name: str) -> None:
            super().__init__(name=name.upper())

    class Louder(Loud):
        age: int | None = None

    for _ in range(COMPILE_AFTER + 4):
        assert Louder("a").name == "A"
    Louder.__plan__.compile()
    assert Louder("a").name == "A"


# ------------------------------------------------------------------------------------------ depth


def test_nesting_is_bounded_alike_for_models_that_hold_their_own_kind() -> None:
    """`loads` counts the levels, the compiled reader bounds them: 64 are read, 65 are not, before and after."""
    declared = module(
        "class Node(Model, received=True):\n    next: 'Node | None' = None\n    any: list[object] = None\n"
    ).Node
    for _ in range(2):
        for levels in (1, 30, 33, 34, 63):
            text = '{"next":' * levels + "{}" + "}" * levels
            assert declared.from_json(text).to_json() == text
            free = '{"new":' + "[" * levels + "]" * levels + "}"
            assert declared.from_json(free).to_json() == free
        for levels in (65, 200, 5000):
            text = '{"next":' * levels + "{}" + "}" * levels
            with pytest.raises(ApiValueError, match="nested too deeply"):
                declared.from_json(text)
        declared.__plan__.compile()


def test_what_is_within_itself_ends_with_our_error() -> None:
    """Reading, constructing and writing; not with a RecursionError."""
    declared = module("class Node(Model):\n    nodes: 'list[Node] | None' = None\n").Node
    body: dict[str, Any] = {}
    body["nodes"] = [body]
    node = declared(nodes=[])
    node.nodes.append(node)
    for _ in range(2):
        for call in (lambda: declared.from_dict(body), lambda: declared(**body), node.to_json):
            with pytest.raises(ApiValueError, match="nested too deeply"):
                call()
        declared.__plan__.compile()


# ------------------------------------------------------------------------------------------ threads and builds


@pytest.mark.parametrize("filling", [Filling, FillingBySlots])
def test_both_ways_of_filling_make_the_same(filling: type[Filling], monkeypatch: pytest.MonkeyPatch) -> None:
    """The one for free-threaded builds is tested on ordinary ones: no class is ever assigned by it."""
    monkeypatch.setattr("xendit.codec.compiler.FILLING", filling)
    declared = module(EVERYTHING).Whole
    plan: Plan = declared.__plan__
    plan.compile()
    body = {"text": "a", "amount": 1, "parts": [{"name": "b"}], "one": "2020-01-31T00:00:00Z", "colours": [], "new": 1}
    assert plan.compiled is not None
    read, _ = plan.compiled.read(json.loads(json.dumps(body)))
    assert read == plan.read(body)
    assert type(read) is declared
    assert type(declared("a", 1, [], "2020-01-31", [])) is declared
    source = "".join("".join(lines) for lines in _texts("Whole"))
    assert ("__class__ = " in source) is (filling is Filling)


def _texts(name: str) -> list[list[str]]:
    import linecache

    newest: dict[str, list[str]] = {}
    for filename, entry in linecache.cache.items():
        words = filename.strip("<>").split()
        if words[:1] == ["xendit"] and words[2:3] == [name]:
            newest[words[1]] = entry[2]  # type: ignore[misc]
    return list(newest.values())


def test_sixteen_threads_that_first_use_a_class_at_once() -> None:
    """Each gets whole and equal objects, whatever is compiled meanwhile; the class is compiled once."""
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            declared = module(EVERYTHING).Whole
            body = {
                "text": "a",
                "amount": 1,
                "parts": [{"name": "b"}],
                "one": "2020-01-31T00:00:00.000Z",
                "colours": [],
            }
            text, faults, start = json.dumps(body), [], threading.Barrier(16)

            def work(declared: Any = declared, text: str = text, start: Any = start, faults: Any = faults) -> None:
                start.wait()
                for _ in range(30):
                    try:
                        read = declared.from_json(text)
                        made = declared("a", 1, [{"name": "b"}], "2020-01-31T00:00:00Z", [])
                        assert read == made
                        assert json.loads(read.to_json()) == json.loads(made.to_json()) == json.loads(text)
                    except Exception as error:  # noqa: BLE001 - told by the test
                        faults.append(error)

            threads = [threading.Thread(target=work) for _ in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert faults == []
            assert declared.__plan__.compiled is not None
    finally:
        sys.setswitchinterval(switch)


def test_each_thread_has_its_decoder_where_there_is_no_lock() -> None:
    """One for all threads otherwise."""
    for make, distinct in ((_one_a_thread(_new_decoder), 3), (cache(_new_decoder), 1)):
        found: list[Any] = []

        def work(make: Any = make, found: Any = found) -> None:
            found.append(make())
            assert make() is found[-1] or len(found) > 1

        for _ in range(2):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        work()
        assert len({id(each) for each in found}) == distinct
        assert all(each.decode('{"a":1}') == {"a": 1} for each in found)
    assert loads("[1]") == [1]


def test_a_class_that_cannot_be_compiled_is_read_slowly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of the compiler is told once in the log, and costs no invoice."""

    def fail(*_: object) -> None:
        raise SyntaxError("too many statically nested blocks")

    monkeypatch.setattr("xendit.codec.compiler.compiled", fail)
    declared = module("class Small(Model):\n    name: str\n").Small
    several(lambda: declared.from_json('{"name":"a"}').to_json())
    assert [record.message for record in caplog.records] == ["Small could not be compiled; it is read slowly"]
    monkeypatch.undo()
    assert compiled(declared.__plan__).read({"name": "a"})[0].name == "a"


def test_the_compiler_is_not_loaded_before_it_is_needed() -> None:
    """A short process pays neither for it nor for what it needs."""
    program = (
        'import sys\nfrom xendit.models import Invoice\nInvoice.from_json(\'{"id":"x"}\').to_json()\n'
        "print([name for name in sys.modules if name.startswith('xendit.codec.') or name == 'decimal'])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "compiler" not in ran.stdout
    assert "decimal" not in ran.stdout


def test_no_module_of_the_codec_is_long() -> None:
    """500 lines at most, and the only exec is in the compiler."""
    from xendit import codec

    for path in Path(codec.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 500
        assert ("exec(" in text) is (path.name == "compiler.py")


def test_hints_and_schemas_know_every_kind() -> None:
    """What asks a class for its types is told of unions, dicts, dates and what may be null."""
    import typing

    from pydantic import BaseModel

    declared = module(EVERYTHING).Whole
    hints = typing.get_type_hints(declared)
    assert hints["day"] == date | None
    assert hints["by_name"] == dict[str, sys.modules[declared.__module__].Part] | None
    assert hints["maybe"] == list[str | None] | None

    class Order(BaseModel):
        whole: declared  # type: ignore[valid-type]

    schema = Order.model_json_schema()
    described = schema["$defs"]["Whole"]["properties"]
    assert {"type": "string", "format": "date"} in described["day"]["anyOf"]
    assert Order.model_validate({"whole": {"text": "a", "amount": 1, "parts": [], "one": "2020-01-31", "colours": []}})
