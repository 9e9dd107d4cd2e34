"""Writes the fast constructor of a model; `compiler.py` explains it. No I/O."""

from __future__ import annotations

from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.emitter import Emitter
from xendit.codec.jsontext import Surprise, check_free_form
from xendit.codec.kinds import Boolean, Choice, Date, FreeForm, Integer, Kind, Number, Text, Time
from xendit.codec.scalars import parse_time
from xendit.codec.source import attribute, indented
from xendit.codec.uncommon import Dictionary, Union

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.annotations import Field
    from xendit.codec.filling import Filling
    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText, Lines


class Filler(Emitter):
    """Writes `fill`, the constructor. Its parameters are named like the fields, so all other names avoid those."""

    def __init__(self, plan: Plan, filling: type[Filling]) -> None:
        super().__init__(f"__init__ {plan.name}", (*plan.names, *plan.spellings, "__init__"))
        self._plan = plan
        self._filling = filling

    def text(self) -> FunctionText | None:
        """The text of `__init__`; None when a field has a name that no parameter can have."""
        plan, source = self._plan, self.source
        if not all(attribute(name) for name in (*plan.names, *plan.spellings)):
            return None
        made, extra, more = source.fresh("self"), source.fresh("extra"), source.fresh("more")
        v = source.fresh("v")
        filling = self._filling(source, plan)
        lines: Lines = []
        for name, field in plan.fields.items():
            lines += [f"{v} = {name}", *self.field(field, v), filling.store(made, name, v)]
        lines += [filling.store(made, name, "None") for name in plan.texts]
        surprise = source.refer(Surprise, "Surprise")
        lines += [f"if {old} is not None: raise {surprise}" for old in plan.spellings]
        parameters = "".join(f", {name}=None" for name in plan.names)
        old_parameters = "".join(f", {name}=None" for name in plan.spellings)
        positional = "".join(f"{name}, " for name in plan.names)
        old_given = "".join(f"{name!r}: {name}, " for name in plan.spellings)
        names = (*plan.names, *plan.spellings)
        given = "".join(f"{name!r}: {name}, " for name in names)
        # What was given is handed on out of a list: the frame of an error shows its variables, and they are gone by then.
        forget = [f"del {', '.join(names)}"] if names else []
        source.lines += [
            f"def __init__({made}, /{parameters}, *{extra}{old_parameters}, **{more}):",
            f"    if {extra} or {more} or {made}.__class__ is not {filling.closed}:",
            f"        {v} = [{{{old_given}**{more}}}, ({positional}*{extra},)]",
            *indented([*forget, f"del {extra}, {more}"], 2),
            f"        return {made}.__plan__.construct({made}, {v}.pop(), {v}.pop())",
            *indented(filling.begin(made)),
            "    try:",
            *indented(lines, 2),
            f"        {filling.store(made, '_untyped', '()')}",
            f"        {filling.store(made, '_unknown', 'None')}",
            *indented(filling.end(made), 2),
            "        return",
            f"    except {source.builtin(Exception)}: pass",
            f"    {v} = [{{{given}}}]",
            *indented(forget),
            f"    {source.refer(plan.fill_slowly, 'fill_slowly')}({made}, {v}.pop())",
        ]
        return source

    def field(self, field: Field, v: str) -> Lines:
        """Lines that check what was given for a field. None means absent; no kind accepts it as a value."""
        lines = self.value(field.kind, v)
        rules = field.rules
        if "ge" in rules:
            lines.append(self.unless(f"{v} >= {self.source.refer(rules['ge'], 'least')}"))
        length = f"{self.source.refer(len, 'len')}({v})"
        if "min_length" in rules:
            lines.append(self.unless(f"{length} >= {rules['min_length']!r}"))
        if "max_properties" in rules:
            lines.append(self.unless(f"{length} <= {rules['max_properties']!r}"))
        return lines if field.required else [f"if {v} is not None:", *indented(lines)]

    def value(self, kind: Kind, v: str) -> Lines:
        """Lines that take the value in a variable. What they do not know is left to the slow walk, which may warn."""
        if isinstance(kind, Array):
            return self.list(kind, v)
        if isinstance(kind, Dictionary):
            return self.dictionary(kind, v)
        if isinstance(kind, Nullable):
            return [f"if {v} is not None:", *indented(self.value(kind.item, v))]
        if isinstance(kind, (Object, Union)):
            plans = [
                each.plan for each in (kind.members if isinstance(kind, Union) else [kind]) if isinstance(each, Object)
            ]
            classes = [self.source.refer(plan.cls, "closed") for plan in plans]
            return [self.unless(" or ".join(f"{v}.__class__ is {cls}" for cls in classes) or "False")]
        if isinstance(kind, FreeForm):
            return self.free_form(v)
        return self.scalar(kind, v)

    def scalar(self, kind: Kind, v: str) -> Lines:
        """Lines that take a value that holds no other."""
        if isinstance(kind, Choice):
            known = self.source.refer(kind.enum._value2member_map_, "known")
            enum = self.source.refer(kind.enum, "enum")
            return [
                f"if {self.is_of(v, str)}: {v} = {known}[{v}]",
                "el" + self.unless(f"{v}.__class__ is {enum} and {v}._name_ is not None"),
            ]
        if isinstance(kind, Text):
            return [self.unless(self.is_of(v, str))]
        if isinstance(kind, Integer):
            return [self.unless(self.is_bounded_integer(v))]
        if isinstance(kind, Number):
            from decimal import Decimal

            return [
                f"if {self.is_of(v, int)}:",
                f"    {self.unless(self.is_bounded_integer(v))}",
                f"elif {self.is_of(v, Decimal)}:",
                f"    {self.unless(f'{v}.is_finite() and -300 < {v}.adjusted() < 300')}",
                "el" + self.unless(f"{self.is_of(v, float)} and {v} - {v} == 0.0"),
            ]
        if isinstance(kind, Boolean):
            return [self.unless(f"{v} is True or {v} is False")]
        if isinstance(kind, Time):
            from datetime import datetime

            parse = self.source.refer(parse_time, "parse_time")
            return [
                f"if {self.is_of(v, str)}: {v} = {parse}({v})",
                "el" + self.unless(f"{self.is_of(v, datetime)} and {v}.tzinfo is not None"),
            ]
        if isinstance(kind, Date):
            from datetime import date

            return [self.unless(self.is_of(v, date))]
        return [self.unless("False")]

    def list(self, kind: Array, v: str) -> Lines:
        """Lines that take a list. Where its items are kept as they are, they are only checked, and the list is copied."""
        if isinstance(kind.item, (Object, Boolean, Date)) or type(kind.item) is Text:
            item = self.source.fresh("item")
            checks = indented(self.value(kind.item, item))
            return [self.unless(self.is_of(v, list)), f"for {item} in {v}:", *checks, f"{v} = {v}[:]"]
        return self.each(v, self.value(kind.item, v))

    def dictionary(self, kind: Dictionary, v: str) -> Lines:
        """Lines that take a dict whose values are of one kind."""
        found, name = self.source.fresh("found"), self.source.fresh("name")
        return [
            self.unless(self.is_of(v, dict)),
            f"{found} = {{}}",
            f"for {name}, {v} in {v}.items():",
            *indented([self.unless(self.is_of(name, str)), *self.value(kind.item, v), f"{found}[{name}] = {v}"]),
            f"{v} = {found}",
        ]

    def free_form(self, v: str) -> Lines:
        """Lines that take free-form data: a dict from texts to texts needs no walk."""
        name, check = self.source.fresh("name"), self.source.refer(check_free_form, "check_free_form")
        is_text = f"{self.is_of(name, str)} and {self.is_of(f'{v}[{name}]', str)}"
        return [
            self.unless(self.is_of(v, dict)),
            f"for {name} in {v}:",
            f"    if not ({is_text}):",
            f"        {check}({v}, ())",
            "        break",
        ]
