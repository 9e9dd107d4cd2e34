"""Writes the fast `read` of a model; `compiler.py` explains it. No I/O."""

from __future__ import annotations

import sys

from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.emitter import Emitter
from xendit.codec.jsontext import LEVELS_COUNTED, Surprise, strings_within
from xendit.codec.kinds import Boolean, Choice, FreeForm, Integer, Kind, Number, Text, Time
from xendit.codec.source import indented
from xendit.codec.uncommon import Dictionary

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.filling import Filling
    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText, Lines


LEVELS_CALLED = 32
"""How many levels may be around a value whose function is called."""

LEVELS_INLINE = 6
"""How many levels the lines of one function go down."""

LONGEST_TEXT = 3000
"""How many lines one text may have, roughly: Python needs a millisecond to compile a hundred."""

MOST_NULLS = 2
"""Fields whose being null is foreseen: of two, the first one says in which order both stand."""

assert LEVELS_CALLED + 2 * LEVELS_INLINE + LEVELS_COUNTED < 64


def is_one_string(kind: Kind) -> bool:
    """Whether every value of this kind that the fast lines accept is one string of the text."""
    return isinstance(kind, (Choice, Time)) or type(kind).read is Text.read


class Reader(Emitter):
    """Writes `read`. All lines work on the variable `v`, and count strings in the variable `strings`."""

    def __init__(self, plan: Plan, filling: type[Filling]) -> None:
        super().__init__(f"read {plan.name}", ("v", "strings", "depth", "count"))
        self._filling = filling
        self._functions: dict[Plan, str] = {plan: self.source.fresh("read")}
        self._called: set[Plan] = set()
        """The models whose function is called by other functions, or by itself."""
        self._length = 0

    def text(self) -> FunctionText:
        """The text of `read` and of the functions that it calls."""
        bodies: dict[Plan, Lines] = {}
        while len(bodies) < len(self._functions):  # a body may ask for more functions
            plan = next(plan for plan in self._functions if plan not in bodies)
            bodies[plan] = self.model(plan, (plan,), 1)
        text = self.source.lines
        for plan, body in bodies.items():
            if plan in self._called:
                surprise = self.source.refer(Surprise, "Surprise")
                text.append(f"def {self._functions[plan]}(v, depth=0):")
                text.append(f"    if depth > {LEVELS_CALLED}: raise {surprise}")
            else:
                text.append(f"def {self._functions[plan]}(v):")
                text.append("    depth = 0")
            text += indented(["strings = 0", *body, "return v, strings"])
        return self.source

    def counting(self, number: str) -> str:
        """A line that counts strings."""
        return f"strings += {number}"

    def value(self, kind: Kind, around: tuple[Plan, ...], levels: int) -> Lines:
        """Lines that read the value in `v`.

        Args:
            kind: what it is.
            around: the models whose lines these lines stand among, the outermost first.
            levels: how many levels of lists, dicts and models are around the value in this function.
        """
        if isinstance(kind, Object):
            return self.object(kind.plan, around, levels)
        if is_one_string(kind):
            return [*self.scalar(kind), self.counting("1")]
        if levels <= LEVELS_INLINE:
            if isinstance(kind, Array):
                return self.each("v", self.value(kind.item, around, levels + 1))
            if isinstance(kind, Dictionary):
                return self.dictionary(kind, around, levels)
            if isinstance(kind, Nullable):
                return ["if v is not None:", *indented(self.value(kind.item, around, levels) or ["pass"])]
        return self.scalar(kind)

    def scalar(self, kind: Kind) -> Lines:
        """Lines that read a value without models, lists or dicts of ours in it. They do not count it where
        `is_one_string`.

        A value that these lines do not know is read by the slow walk.
        """
        if isinstance(kind, Choice):
            known = self.source.refer(kind.enum._value2member_map_, "known")
            make = self.source.refer(kind.enum, "enum")
            return [f"try: v = {known}[v]", f"except {self.source.builtin(KeyError)}: v = {make}(v)"]
        if type(kind).read is Text.read:
            return [self.unless(self.is_of("v", str))]
        if isinstance(kind, Integer) and type(kind).read is Integer.read:
            return [self.unless(f"{self.is_of('v', int)} or {self.is_of('v', float)} and v.is_integer()")]
        if isinstance(kind, Number) and type(kind).read is Number.read:
            return [self.unless(self.is_finite_number("v"))]
        if isinstance(kind, Boolean):
            return [self.unless("v is True or v is False")]
        if isinstance(kind, Time):
            return [self.unless(self.is_of("v", str)), *time_lines(self.source)]
        within = self.source.refer(strings_within, "strings_within")
        if isinstance(kind, FreeForm):
            return [self.unless(self.is_of("v", dict)), self.counting(f"{within}(v)")]
        if type(kind) is Kind:
            return [self.counting(f"{within}(v)")]
        return [self.counting(f"{within}(v)"), f"v = {self.source.refer(kind.read, 'read_slowly')}(v, ())"]

    def count_values(self, variable: str) -> Lines:
        """Lines that count the strings in the values of a dict whose keys are counted already."""
        within = self.source.refer(strings_within, "strings_within")
        return [
            f"for v in {variable}.values():",
            f"    if {self.is_of('v', str)}: {self.counting('1')}",
            f"    elif {self.is_of('v', dict, list)}: {self.counting(f'{within}(v)')}",
        ]

    def dictionary(self, kind: Dictionary, around: tuple[Plan, ...], levels: int) -> Lines:
        """Lines that read a dict whose values are of one kind."""
        found, name = self.source.fresh("found"), self.source.fresh("name")
        return [
            self.unless(self.is_of("v", dict)),
            self.counting(f"{self.source.refer(len, 'len')}(v)"),
            f"{found} = {{}}",
            f"for {name}, v in v.items():",
            *indented([self.unless(self.is_of(name, str)), *self.value(kind.item, around, levels + 1)]),
            f"    {found}[{name}] = v",
            f"v = {found}",
        ]

    def object(self, plan: Plan, around: tuple[Plan, ...], levels: int) -> Lines:
        """Lines that read a model inside another: either its own lines, written in place, or a call of its function."""
        apart = plan in around or plan in self._called or levels > LEVELS_INLINE or self._length > LONGEST_TEXT
        if not apart:
            return self.model(plan, (*around, plan), levels + 1)
        self._called.add(plan)
        name = self._functions.get(plan)
        if name is None:
            name = self._functions[plan] = self.source.fresh("read")
        return [f"v, count = {name}(v, depth + {levels})", self.counting("count")]

    def model(self, plan: Plan, around: tuple[Plan, ...], levels: int) -> Lines:
        """Lines that make an instance from the dict in `v`; `levels` is how many levels are around its fields."""
        source, fields = self.source, plan.wires.items()
        filling = self._filling(source, plan)
        data, made, present = source.fresh("data"), source.fresh("made"), source.fresh("present")
        size, missing = source.fresh("size"), source.builtin(KeyError)
        texts = sum(is_one_string(field.kind) for _, field in fields)
        lines = [
            self.unless(self.is_of("v", dict)),
            f"{data} = v",
            f"{size} = {source.refer(len, 'len')}(v)",
            self.counting(f"{size} + {texts}"),
            *filling.make(made),
            f"{present} = {len(fields)}",
        ]
        get = f"{data}.get"
        if len(fields) > 8:  # then binding `data.get` to a name pays
            get = source.fresh("get")
            lines.append(f"{get} = {data}.get")
        texts_of = {plan.fields[of].wire: name for name, of in plan.texts.items()}
        for wire, field in fields:
            if field.required:  # it is mostly present, and then an index is faster than a call of `get`
                lines += [f"try: v = {data}[{wire!r}]", f"except {missing}: v = None"]
            if wire in texts_of:
                lines += [] if field.required else [f"v = {get}({wire!r})"]
                lines.append(filling.store(made, texts_of[wire], "v"))
            if field.required or wire in texts_of:
                lines.append("if v is None:")
            else:
                lines.append(f"if (v := {get}({wire!r})) is None:")
            lines.append(f"    {present} -= 1")
            if is_one_string(field.kind):
                lines.append(f"    {self.counting('-1')}")
                read = self.scalar(field.kind)
            else:
                read = self.value(field.kind, around, levels)
            if read:
                lines += ["else:", *indented(read)]
            lines.append(filling.store(made, field.name, "v"))
        self._length += 6 * len(fields)
        untyped, unknown = source.fresh("untyped"), source.fresh("unknown")
        return [
            *lines,
            f"if {present} == {size}:",
            f"    {filling.store(made, '_untyped', '()')}",
            f"    {filling.store(made, '_unknown', 'None')}",
            *self.usual(plan, filling, made, (data, get, size, present)),
            "else:",
            f"    {untyped}, {unknown} = {source.refer(plan.rest, 'rest')}({data}, {present})",
            f"    {filling.store(made, '_untyped', untyped)}",
            f"    {filling.store(made, '_unknown', unknown)}",
            f"    if {unknown}:",
            *indented(self.count_values(unknown), 2),
            *filling.end(made),
            f"v = {made}",
        ]

    def usual(self, plan: Plan, filling: Filling, made: str, names: tuple[str, str, str, str]) -> Lines:
        """Lines for an object in which the same fields are null as in those that were read before, in the same order.

        They say at once what `plan.rest` would find out.
        """
        data, get, size, present = names
        if plan.usual_nulls is None or len(plan.usual_nulls[0]) > MOST_NULLS:
            return []
        wires, known, is_usual = plan.usual_nulls
        source = self.source
        others = [f"{get}({wire!r}, 0) is None" for wire in wires]
        if len(wires) > 1:
            first = (
                f"{source.refer(next, 'next')}({source.builtin(filter)}({source.refer(is_usual, 'is_usual')}, {data}))"
            )
            others.append(f"{first} == {wires[0]!r}")
        return [
            f"elif {size} - {present} == {len(wires)} and {' and '.join(others)}:",
            f"    {filling.store(made, '_untyped', repr(known))}",
            f"    {filling.store(made, '_unknown', 'None')}",
        ]


def time_lines(source: FunctionText) -> Lines:
    """Lines that make a time from the text in `v`. Python before 3.11 does not understand a `Z` at its end."""
    from datetime import datetime, timezone

    parse = source.refer(datetime.fromisoformat, "fromisoformat")
    text = "v" if sys.version_info >= (3, 11) else "v[:-1] + '+00:00' if v[-1:] == 'Z' else v"
    return [
        f"v = {parse}({text})",
        f"if v.tzinfo is None: v = v.replace(tzinfo={source.refer(timezone.utc, 'utc')})",
    ]
