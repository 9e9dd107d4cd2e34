"""Declarations and bodies that nobody would think of: what the proof of the codec is fed with.

`shapes()` is a hypothesis strategy. It draws a few models that hold each other, themselves, lists in lists, unions, two
classes of one name, names that are Python's or the compiler's own; it writes them as modules, half of them without
`from __future__ import annotations`, and runs these. `Bodies` makes what could be sent for them, or given to them: mostly
what is declared, now and then something else.
"""

from __future__ import annotations

import itertools
import sys
import types
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from xendit.codec import (
    Array,
    Boolean,
    Choice,
    Date,
    Dictionary,
    FreeForm,
    Identifier,
    Integer,
    Nullable,
    Number,
    Object,
    Seconds,
    Text,
    Time,
    Union,
)
from xendit.model import Model, OpenEnum

if TYPE_CHECKING:
    import random

    from xendit.codec import Kind, Plan

CLASS_NAMES = ("Item", "Bank", "Customer")
FIELD_NAMES = (
    *("name", "price", "amount", "currency", "created", "items_", "größe", "a1"),
    *("v", "data", "made", "strings", "depth", "count", "present", "size", "found", "get", "self", "text", "instance"),
    *("str", "int", "len", "list", "dict", "read", "write", "closed", "opened", "Surprise", "known", "more", "extra"),
    *("set_slot", "Exception", "Decimal", "item", "quoted", "_private", "keys", "items", "values", "copy"),
)
WIRE_NAMES = ("from", "class", "None", 'a"{b}', "it's", "ключ", "x y", "\\", "{v}", "")
SCALARS = (
    *("str", "int", "float", "bool", "datetime", "date", "Decimal", "Any", "dict", "object", "dict[str, Any]"),
    *("Amount", "ExternalId", "Duration", "Colour", "Size", "One[datetime, str]", "Many[str, str]", "Quantity"),
)
RULES = {
    "float": "ge=0",
    "int": "ge=1.5",
    "Amount": "ge=0",
    "Quantity": "ge=1",
    "str": "min_length=1",
    "ExternalId": "min_length=1",
    "dict": "max_properties=2",
    "dict[str, Any]": "max_properties=1",
}
HEAD = """
from typing import Any, Dict, List, Optional, Union
from datetime import date, datetime
from decimal import Decimal
from xendit.model import Amount, Duration, ExternalId, Many, Model, One, OpenEnum, Quantity, absent, field

class Colour(OpenEnum):
    RED = "RED"
    BLUE = "BLUE"

class Size(OpenEnum):
    LARGE = "LARGE"
    RED = "RED"
"""

_numbers = itertools.count()


class Declared(NamedTuple):
    """One field of a model that is to be made."""

    name: str
    annotation: str
    default: str


class Drawn(NamedTuple):
    """One model that is to be made."""

    module: int
    name: str
    base: int | None
    received: bool
    fields: tuple[Declared, ...]


class Shape:
    """Some models that hold each other, made as a program would make them."""

    def __init__(self, models: list[Drawn], future: tuple[bool, bool]) -> None:
        self.sources = [self._source(models, number, future=future[number]) for number in (0, 1)]
        stem = f"shape_{next(_numbers)}"
        self.names = [f"{stem}_{number}" for number in (0, 1)]
        modules = [types.ModuleType(name) for name in self.names]
        for module in modules:
            module.__package__ = module.__name__
            sys.modules[module.__name__] = module
            exec(
                ("from __future__ import annotations\n" if future[modules.index(module)] else "") + HEAD,
                module.__dict__,
            )
        self.classes: list[Any] = []
        for index, model in enumerate(models):
            namespace = modules[model.module].__dict__
            exec(compile(self.sources[model.module][index], "<shape>", "exec", dont_inherit=True), namespace)
            self.classes.append(namespace[f"M{index}"])
            for module in modules:
                module.__dict__[f"M{index}"] = self.classes[-1]

    def forget(self) -> None:
        """Take its modules away."""
        for name in self.names:
            sys.modules.pop(name, None)

    @staticmethod
    def _source(models: list[Drawn], module: int, *, future: bool) -> dict[int, str]:
        texts = {}
        for index, model in enumerate(models):
            if model.module != module:
                continue
            base = "Model" if model.base is None else f"M{model.base}"
            received = ", received=True" if model.received else ""
            lines = [f"class {model.name}({base}{received}):", "    'A model.'"]
            for each in model.fields:
                # As a text where a class comes later, or where a field hides the name of a type.
                later = any(f"M{number}" in each.annotation for number in range(index, len(models)))
                later = later or any(field.name in ("str", "int", "list", "dict", "Decimal") for field in model.fields)
                annotation = repr(each.annotation) if later and not future else each.annotation
                lines.append(f"    {each.name}: {annotation}{each.default}")
            text = "\n".join([*lines, f"M{index} = {model.name}"])
            texts[index] = ("from __future__ import annotations\n" if future else "") + text
        return texts

    def __repr__(self) -> str:
        return "\n".join(itertools.chain(*(source.values() for source in self.sources)))


@lru_cache
def annotations(models: int) -> st.SearchStrategy[str]:
    """Types of fields. Made once, for hypothesis takes longer to make a strategy than to draw from it."""
    plain = st.sampled_from(SCALARS) | st.integers(0, models - 1).map(lambda number: f"M{number}")
    inner = st.recursive(
        plain,
        lambda item: st.one_of(
            item.map(lambda each: f"list[{each}]"),
            item.map(lambda each: f"dict[str, {each}]"),
            item.map(lambda each: f"Optional[{each}]"),
            st.lists(item, min_size=2, max_size=3, unique=True).map(lambda each: f"Union[{', '.join(each)}]"),
        ),
        max_leaves=4,
    )
    deep = st.tuples(st.integers(2, 9), plain).map(lambda each: "list[" * each[0] + each[1] + "]" * each[0])
    return inner | inner.map(lambda each: f"Optional[{each}]") | deep


#: Bits that say what is special about a field: of eight fields one is strict, one has another name in JSON …
_flags = st.integers(0, 255)
_names = st.lists(st.sampled_from(FIELD_NAMES), min_size=0, max_size=6, unique=True)
_numbers_up_to = [st.integers(0, number) for number in range(256)]


def fields_of(draw: st.DrawFn, models: int, index: int) -> tuple[Declared, ...]:
    """The fields of a model; names in JSON are its own, for those of one model must differ."""
    found = []
    first = draw(_numbers_up_to[len(WIRE_NAMES) - 1])
    for number, name in enumerate(draw(_names)):
        annotation, flags = draw(annotations(models)), draw(_flags)
        rules = []
        if flags % 4 == 3:
            rules.append("strict=True")
        if flags // 4 % 4 == 3:
            wire = WIRE_NAMES[(first + number) % len(WIRE_NAMES)]
            rules.append(f"wire={wire + '_' * index!r}")
        if flags & 16 and annotation in RULES:
            rules.append(RULES[annotation])
        if flags & 32:
            found.append(Declared(name, annotation, f" = field({', '.join(rules)})" if rules else ""))
        elif rules:
            found.append(Declared(name, annotation, f" = field(default=None, {', '.join(rules)})"))
        else:
            found.append(Declared(name, annotation, " = None" if flags & 64 else " = absent"))
    return tuple(found)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Models that hold each other, in two modules."""
    count = 1 + draw(_numbers_up_to[3])
    models: list[Drawn] = []
    for index in range(count):
        flags, base = draw(_flags), draw(_numbers_up_to[index])
        models.append(
            Drawn(
                module=flags % 2,
                name=CLASS_NAMES[flags // 2 % len(CLASS_NAMES)],
                base=base - 1 if base else None,
                received=bool(flags & 128),
                fields=fields_of(draw, count, index),
            )
        )
    flags = draw(_numbers_up_to[3])
    return Shape(models, (bool(flags & 1), bool(flags & 2)))


# ------------------------------------------------------------------------------------------ bodies

JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, -0.0, 2.0, 10**30, 10**400, "", "x", "RED", "\ud800", '"', "\\", "2020-01-31"),
    *(
        "2020-01-31T10:00:00Z",
        "2020-01-31T10:00:00+07:00",
        "9999-12-31T24:00:00Z",
        [],
        {},
        [None],
        {"a": {}},
        [[]],
        {"": 0},
    ),
    *([1, "x"], {"from": 1, "name": "x"}, [[[[[1]]]]]),
)
GIVEN_JUNK: tuple[Any, ...] = (
    *(float("nan"), float("inf"), Decimal("1.10"), Decimal("NaN"), Decimal("1E+5"), 1 + 2j, b"x", (1, "a"), {1, 2}),
    *(date(2020, 1, 31), datetime(2020, 1, 31), datetime(2020, 1, 31, tzinfo=timezone(timedelta(hours=7)))),
    *(timedelta(hours=1), timedelta(milliseconds=1), UUID(int=7), {5: 1}, object(), 0.1 + 0.2, range(3)),
)


class Bodies:
    """Makes bodies and arguments for plans, by the dice that it is given."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.odd = 0.0
        """How often a value is another one than declared."""

    def body(self, plan: Plan, depth: int = 0) -> dict[str, Any]:
        """What could be sent for a model."""
        found: dict[str, Any] = {}
        for wire, field in plan.wires.items():
            if self.dice.random() < (0.1 if field.required else 0.4 + 0.1 * depth):
                continue
            found[wire] = None if self.dice.random() < 0.05 else self.value(field.kind, depth + 1)
        while self.dice.random() < 0.15:
            found[self.dice.choice(("new", "zz", "self", "to_dict", "__class__", ""))] = self.dice.choice(JUNK)
        if self.dice.random() < 0.2:
            items = list(found.items())
            self.dice.shuffle(items)
            found = dict(items)
        return found

    def value(self, kind: Kind, depth: int) -> Any:
        """What could be sent for a field."""
        dice = self.dice
        if dice.random() < self.odd:
            return dice.choice(JUNK)
        if isinstance(kind, Object):
            return self.body(kind.plan, depth) if depth < 6 else {}
        if isinstance(kind, (Array, Dictionary)):
            items = [self.value(kind.item, depth + 1) for _ in range(dice.randrange(4 if depth < 4 else 2))]
            return items if isinstance(kind, Array) else {f"k{number}": item for number, item in enumerate(items)}
        if isinstance(kind, Nullable):
            return None if dice.random() < 0.3 else self.value(kind.item, depth)
        if isinstance(kind, Union):
            return self.value(dice.choice(kind.members), depth)
        return self.scalar(kind)

    def scalar(self, kind: Kind) -> Any:
        """A value that holds no other."""
        dice = self.dice
        if isinstance(kind, Choice):
            return dice.choice(("RED", "BLUE", "LARGE", "NEW"))
        if isinstance(kind, Text):
            return dice.choice(("a", "", "long " * 9, "é\u2028", 'q"\\', "RED", "2020-01-31"))
        if isinstance(kind, Integer):
            return dice.choice((0, 1, 60, -3, 10**20, 5.0, 1.5 if self.odd else 2))
        if isinstance(kind, Number):
            return dice.choice((0, 1, 2.5, 1150.35, 10**17, 0.1, 1e-7, 1e22, -4))
        if isinstance(kind, Boolean):
            return dice.random() < 0.5
        if isinstance(kind, Date):
            return dice.choice(("2020-01-31", "1999-12-01"))
        if isinstance(kind, Time):
            return dice.choice(("2020-01-31T10:00:00.123Z", "2020-01-31T10:00:00+07:00", "2020-01-31"))
        if isinstance(kind, FreeForm):
            return dice.choice(({}, {"a": "b"}, {"a": 1, "b": [None, {"c": "d"}], "": "x"}, {"a": 1, "b": 2, "c": 3}))
        return dice.choice(JUNK[:14])

    def given(self, plan: Plan, depth: int = 0) -> dict[str, Any]:
        """Arguments of a constructor."""
        found: dict[str, Any] = {}
        for name, field in plan.fields.items():
            if self.dice.random() < (0.03 if field.required else 0.4 + 0.1 * depth):
                continue
            key = field.wire if self.dice.random() < 0.05 else name
            found[key] = None if self.dice.random() < 0.05 else self.argument(field.kind, depth + 1)
        while self.dice.random() < 0.05:
            found[self.dice.choice(("new", "zz", "self", "to_dict"))] = self.dice.choice(JUNK)
        return found

    def argument(self, kind: Kind, depth: int) -> Any:
        """A value as a program gives it."""
        dice = self.dice
        if dice.random() < self.odd:
            return dice.choice(GIVEN_JUNK + JUNK)
        if isinstance(kind, Object):
            given = self.given(kind.plan, depth) if depth < 5 else {}
            return given if dice.random() < 0.4 else made(kind.plan, given)
        if isinstance(kind, (Array, Dictionary)):
            items = [self.argument(kind.item, depth + 1) for _ in range(dice.randrange(3))]
            if isinstance(kind, Dictionary):
                return {f"k{number}": item for number, item in enumerate(items)}
            return tuple(items) if dice.random() < 0.1 else items
        if isinstance(kind, Nullable):
            return None if dice.random() < 0.3 else self.argument(kind.item, depth)
        if isinstance(kind, Union):
            return self.argument(dice.choice(kind.members), depth)
        wide: tuple[Any, ...] = ()
        if isinstance(kind, Identifier):
            wide = (UUID(int=5), 7)
        elif isinstance(kind, Seconds):
            wide = ("60", timedelta(hours=1), 60.0)
        elif isinstance(kind, Number):
            wide = (Decimal("1.50"), Decimal(7), 0.1 + 0.2, 3)
        elif isinstance(kind, Time):
            wide = (datetime(2020, 1, 31, tzinfo=timezone.utc), date(2020, 1, 31), datetime(2020, 1, 31))
        elif isinstance(kind, Date):
            wide = (date(2020, 1, 31),)
        elif isinstance(kind, Choice):
            wide = tuple(kind.enum)
        return dice.choice(wide) if wide and dice.random() < 0.5 else self.scalar(kind)


def made(plan: Plan, given: dict[str, Any]) -> Any:
    """An instance of a plan's class, or the arguments where it cannot be made of them."""
    from xendit.exceptions import OpenApiException

    instance = object.__new__(plan.cls)
    try:
        plan._fill(instance, given, (plan.name,))
    except OpenApiException:
        return given
    return instance


def spelt(value: Any) -> Any:
    """A value with all that the two ways must agree on, in a form that compares by value and by type."""
    if isinstance(value, Model):
        names = [*type(value).__plan__.names, "_untyped", "_unknown"]
        slots = {name: spelt(object.__getattribute__(value, name)) for name in names}
        return "model", id(type(value)), slots
    if isinstance(value, OpenEnum):
        return "enum", id(type(value)), str(value), value.is_known
    if isinstance(value, dict):
        return "dict", [(spelt(key), spelt(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [spelt(item) for item in value]
    return type(value).__name__, repr(value)
