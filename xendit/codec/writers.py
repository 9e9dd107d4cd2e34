"""Writes the fast `write` of a model; `compiler.py` explains it. No I/O."""

from __future__ import annotations

from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.emitter import Emitter
from xendit.codec.jsontext import Surprise, json_text, quoted
from xendit.codec.kinds import Boolean, Choice, FreeForm, Integer, Kind, Money, Number, Text, Time, kinds_within
from xendit.codec.scalars import number_text, time_text
from xendit.codec.source import attribute, indented
from xendit.codec.uncommon import Dictionary, Union

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.annotations import Field
    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText, Lines


class Writer(Emitter):
    """Writes `write`. All lines turn the value in `v` into its JSON text."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"write {plan.name}", ("v", "text", "instance", "write"))
        self._plan = plan

    def text(self) -> FunctionText:
        """The text of `write`."""
        closed = self.source.refer(self._plan.cls, "closed")
        get = self.source.refer(getattr, "getattr")
        lines = [
            self.unless(f"instance.__class__ is {closed} and not instance._untyped and not instance._unknown"),
            "text = ''",
        ]
        for name, field in self._plan.fields.items():
            dotted = attribute(name)
            value = self.value(field.kind)
            kept = next((text for text, of in self._plan.texts.items() if of == name), None)
            if kept is not None:  # a time that was read is written with its own text
                read = f"{get}(instance, {kept!r})"
                value = [f"if {read} is not None: v = {self.quote()}({read})", "else:", *indented(value)]
            lines += [
                f"v = {get}(instance, {name!r})" if dotted is None else f"v = instance{dotted}",
                "if v is not None:",
                *indented(value),
                f"    text += f{self.before(field) + '{v}'!r}",
            ]
        self.source.lines += ["def write(instance):", *indented([*lines, "return f'{{{text[1:]}}}'"])]
        return self.source

    @staticmethod
    def before(field: Field) -> str:
        """The comma, the name and the colon that stand before the value of a field, as part of an f-string."""
        return f",{quoted(field.wire)}:".replace("{", "{{").replace("}", "}}")

    def value(self, kind: Kind) -> Lines:
        """Lines for a value of a kind. A value that they do not know is written by the slow walk."""
        if isinstance(kind, Array):
            return [*self.each("v", self.value(kind.item)), "v = '[' + ','.join(v) + ']'"]
        if isinstance(kind, Nullable):
            return ["if v is None: v = 'null'", "else:", *indented(self.value(kind.item))]
        if isinstance(kind, Object):
            return self.object(kind.plan)
        if isinstance(kind, Dictionary):
            return self.dictionary(kind)
        if isinstance(kind, Union):
            return self.union(kind)
        if isinstance(kind, FreeForm):
            return self.free_form()
        quote = self.quote()
        if isinstance(kind, Choice):
            return [self.unless(f"v.__class__ is {self.source.refer(kind.enum, 'enum')}"), f"v = {quote}(v)"]
        if isinstance(kind, Text):
            return [self.unless(self.is_of("v", str)), f"v = {quote}(v)"]
        if isinstance(kind, Integer):
            return [self.unless(self.is_bounded_integer("v")), f"v = {self.source.builtin(str)}(v)"]
        if isinstance(kind, Number):
            other = plain_amount_text if isinstance(kind, Money) else plain_number_text
            return [
                f"if {self.is_bounded_integer('v')}: v = {self.source.builtin(str)}(v)",
                f"else: v = {self.source.refer(other, 'number_text')}(v)",
            ]
        if isinstance(kind, Boolean):
            return [self.unless("v is True or v is False"), "v = 'true' if v else 'false'"]
        if isinstance(kind, Time):
            from datetime import datetime

            text = self.source.refer(time_text, "time_text")
            return [self.unless(self.is_of("v", datetime)), f"""v = '"' + {text}(v) + '"'"""]
        return [f"v = {self.source.refer(kind.write, 'write_slowly')}(v, ())"]

    def quote(self) -> str:
        """The name of what writes a str as a JSON string."""
        from json.encoder import encode_basestring_ascii

        return self.source.refer(encode_basestring_ascii, "quoted")

    def object(self, plan: Plan) -> Lines:
        """Lines for a model. While it is still being compiled, here or by another thread, its plan is called instead."""
        if plan is self._plan:
            return ["v = write(v)"]
        plan.compile()
        closed = self.source.refer(plan.cls, "closed")
        write = plan.encode_within if plan.compiled is None else plan.compiled.write
        return [self.unless(f"v.__class__ is {closed}"), f"v = {self.source.refer(write, 'write')}(v)"]

    def dictionary(self, kind: Dictionary) -> Lines:
        """Lines for a dict whose values are of one kind."""
        found, name = self.source.fresh("found"), self.source.fresh("name")
        return [
            self.unless(self.is_of("v", dict)),
            f"{found} = []",
            f"for {name}, v in v.items():",
            *indented([self.unless(self.is_of(name, str)), *self.value(kind.item)]),
            f"    {found}.append({self.quote()}({name}) + ':' + v)",
            f"v = '{{' + ','.join({found}) + '}}'",
        ]

    def union(self, kind: Union) -> Lines:
        """Lines for one of several kinds. A model is written by its own function, because its amounts may need thought;
        a list or a dict that holds models goes the slow way as a whole.
        """
        lines: Lines = []
        for member in kind.members:
            if isinstance(member, Object):
                closed = self.source.refer(member.plan.cls, "closed")
                lines += [f"{'el' if lines else ''}if v.__class__ is {closed}:", *indented(self.object(member.plan))]
        others = [each for each in kind.members if not isinstance(each, Object)]
        if any(isinstance(each, Object) for other in others for each in kinds_within(other)):
            rest = [self.unless("False")]
        else:
            has = self.source.refer(hasattr, "hasattr")
            rest = [
                self.unless(f"not {has}(v, '__plan__')"),
                f"v = {self.source.refer(kind.write, 'write_slowly')}(v, ())",
            ]
        return [*lines, "else:", *indented(rest)] if lines else rest

    def free_form(self) -> Lines:
        """Lines for free-form data: texts by texts are written here, all others by the encoder."""
        found, name, item = (self.source.fresh(stem) for stem in ("found", "name", "item"))
        quote = self.quote()
        return [
            self.unless(self.is_of("v", dict)),
            f"{found} = []",
            f"for {name}, {item} in v.items():",
            f"    if {self.is_of(name, str)} and {self.is_of(item, str)}:",
            f"        {found}.append({quote}({name}) + ':' + {quote}({item}))",
            "    else:",
            f"        v = {self.source.refer(json_text, 'json_text')}(v, ())",
            "        break",
            f"else: v = '{{' + ','.join({found}) + '}}'",
        ]


def plain_number_text(value: object) -> str:
    """A number as JSON text."""
    return number_text(value, ())


def plain_amount_text(value: object) -> str:
    """The same for an amount that needs no thought. Raises Surprise for a float that may hold binary noise."""
    if isinstance(value, float) and not value.is_integer() and (round(value, 2) != value or abs(value) > 1e9):
        raise Surprise
    return number_text(value, ())
