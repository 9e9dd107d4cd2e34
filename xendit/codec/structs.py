"""Whole JSON texts read through structs of msgspec, for the extra `speed`. Loaded when msgspec is there, and only then.

Reading a text is two steps elsewhere: a parser makes dicts, and the compiled `read` of a class looks up, checks and stores
each field. Here msgspec does nearly all of it in C: for each model there is a struct, a class of msgspec's own with the same
fields, and a text is decoded into structs, which checks the types on the way. What is left to Python is to copy the
structs into models, and to make enum members and datetimes of texts; `StructReader` writes those lines.

Two things a struct cannot do, and a model must:

- Notice a key that came twice: a struct keeps its last value. So the structs are encoded again, which takes a seventh
  of the time of `json.loads`. Mostly the result is exactly the text that was read, which proves that nothing was
  dropped. Otherwise, because the text has spaces or another order, the strings of both texts are counted: where a key
  was dropped, the numbers differ.
- Keep a null or an undeclared field: a struct accepts neither. So a reader learns. A body that it refused is read the
  other way. Where nulls or unknown fields were found in it, the next reader has them in its structs, in the order in
  which they came. An API sends the same ones each time, so a reader soon has nothing more to learn. MOST_LESSONS makes
  sure that it stops, for a sender of ever new fields could make it learn for ever. A model keeps its unknown fields and
  its nulls in the order of the text. A struct does not keep that order; so where there are several, the body is
  refused, unless the text is exactly what the structs are encoded to.

A body that is refused, for whatever reason, is read the other way, which alone defines what is right. So this way may
refuse too much, but must never accept too much. A reader that refused MOST_REFUSED bodies in a row is given up.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import Any

from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.emitter import Emitter
from xendit.codec.filling import Filling
from xendit.codec.jsontext import Surprise, strings_in, strings_within
from xendit.codec.kinds import Boolean, Choice, FreeForm, Integer, Kind, Number, Text, Time
from xendit.codec.readers import LEVELS_INLINE, LONGEST_TEXT, time_lines
from xendit.codec.source import indented
from xendit.codec.uncommon import Dictionary

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from xendit.codec.plan import Plan
    from xendit.codec.source import FunctionText, Lines

    Run: TypeAlias = "Callable[[FunctionText, str], Any]"

READ_AFTER = 1_000_000
"""How many bytes of text of one kind are read the other way before structs are made for it. Making structs and their
reader takes some milliseconds; with so much text a reader would have saved as much."""

MOST_REFUSED = 8
"""How many bodies in a row a reader may refuse."""

MOST_LESSONS = 8
"""How often a reader is made anew because it learnt something."""

MOST_LEARNT = 32
"""How many unknown names of one model are learnt."""


class Unsuited(Exception):
    """A kind whose texts cannot be read through structs."""


class Learnt:
    """What bodies had in one model."""

    def __init__(self) -> None:
        self.order: list[str] = []
        """The names in JSON of all fields that came, in their order."""
        self.nulls: set[str] = set()
        """Those that are declared and were null."""
        self.unknown: set[str] = set()
        """Those that are not declared."""


class TextReader:
    """Decides when the texts of a kind are read through structs, and what the structs must know.

    Args:
        kind: a model, or a list of one.
        run: compiles a text and gives the function of a name in it.
    """

    def __init__(self, kind: Kind, run: Run) -> None:
        self._kind = kind
        self._run = run
        self._learnt: dict[Plan, Learnt] = {}
        self._bytes = 0
        self._lessons = 0
        self._given_up = False
        self._refused: list[None] = []
        """One item for each body that was refused since the last one that was read; the reader empties the list."""
        self._turn = allocate_lock()

    def note(self, data: str | bytes) -> None:
        """Take note of a body that was read the other way, and decide whether to make a reader or give one up."""
        self._bytes += len(data)
        if self._bytes <= READ_AFTER or self._given_up or not self._turn.acquire(blocking=False):
            return  # or another thread is doing this now
        try:
            if self._kind.read_text is not None:
                self._refused.append(None)
            if self._kind.read_text is None or self._lessons < MOST_LESSONS:
                from json import loads

                if self._learn(self._kind, loads(data)) or self._kind.read_text is None:
                    self._lessons += 1
                    self._refused.clear()
                    reader = StructReader(Structs(self._learnt), self._kind, self._refused)
                    self._kind.read_text = self._run(reader.text(), "read")
            self._given_up = len(self._refused) > MOST_REFUSED
        except Unsuited:
            self._given_up = True
        except Exception:  # a mistake in this package; the other way is right without a reader
            from logging import getLogger

            getLogger("xendit").warning("texts of %s are read without structs", self._kind, exc_info=True)
            self._given_up = True
        finally:
            if self._given_up:
                self._kind.read_text = None
            self._turn.release()

    def _learn(self, kind: Kind, value: Any) -> bool:
        """Learn from a body, or from a part of one; return whether there was anything new."""
        if isinstance(kind, Object):
            return isinstance(value, dict) and self._learn_object(kind.plan, value)
        if isinstance(kind, Nullable):
            return self._learn(kind.item, value)
        if isinstance(kind, Array) and isinstance(value, list):
            return sum([self._learn(kind.item, item) for item in value]) > 0  # `any` would stop too early
        if isinstance(kind, Dictionary) and isinstance(value, dict):
            return sum([self._learn(kind.item, item) for item in value.values()]) > 0
        return False

    def _learn_object(self, plan: Plan, value: dict[str, Any]) -> bool:
        learnt = self._learnt.setdefault(plan, Learnt())
        new, place = False, 0
        for name, item in value.items():
            field = plan.wires.get(name)
            if name not in learnt.order:
                if field is None:
                    if len(learnt.unknown) >= MOST_LEARNT or len(name) > 64 or not _can_be_named(name):
                        continue
                    learnt.unknown.add(name)
                learnt.order.insert(place, name)
                new = True
            place = learnt.order.index(name) + 1
            if field is not None and item is None:
                new = new or name not in learnt.nulls
                learnt.nulls.add(name)
            elif field is not None:
                new = self._learn(field.kind, item) or new
        return new


def _can_be_named(name: str) -> bool:
    """Whether a struct can have an attribute for this name in JSON: msgspec compares names without undoing escapes."""
    return name.isprintable() and '"' not in name and "\\" not in name


# ------------------------------------------------------------------------------------------ from kinds to structs


class Structs:
    """The structs of the models of a kind, and what msgspec does with them."""

    def __init__(self, learnt: dict[Plan, Learnt]) -> None:
        import msgspec

        self.unset = msgspec.UNSET
        """What the attribute of a field that could have been null holds when the field was absent."""
        self.encode = msgspec.json.Encoder().encode
        self._learnt = learnt
        self._made: dict[Plan, type] = {}
        self._names: dict[Plan, dict[str, str]] = {}
        self._around: list[Plan] = []

    def decode(self, kind: Kind) -> Callable[[str | bytes], Any]:
        """A function that makes structs of the texts of a kind."""
        from msgspec.json import Decoder

        return Decoder(self.type_of(kind)).decode

    def names(self, plan: Plan) -> dict[str, str]:
        """The names of a struct's attributes by their names in JSON, in the order in which they are encoded."""
        return self._names[plan]

    def learnt(self, plan: Plan) -> Learnt:
        """What bodies have taught about a model beside its declaration."""
        return self._learnt.get(plan) or Learnt()

    def type_of(self, kind: Kind) -> Any:
        """The type by which msgspec decodes a kind. It accepts right values alone, unless `StructReader` checks again."""
        if isinstance(kind, Object):
            return self._struct(kind.plan)
        if isinstance(kind, Array):
            return list[self.type_of(kind.item)]  # type: ignore[misc]
        if isinstance(kind, Dictionary):
            return dict[str, self.type_of(kind.item)]  # type: ignore[misc]
        if isinstance(kind, Nullable):
            return self.type_of(kind.item) | None
        if isinstance(kind, (Choice, Time)) or type(kind).read is Text.read:
            return str
        if type(kind).read in (Number.read, Integer.read):
            return int | float
        if isinstance(kind, Boolean):
            return bool
        return dict[str, Any] if isinstance(kind, FreeForm) else Any

    def _struct(self, plan: Plan) -> type:
        if plan in self._around:
            raise Unsuited("a model holds its own kind")
        if plan not in self._made:
            self._around.append(plan)
            self._made[plan] = self._made_for(plan)
            self._around.pop()
        return self._made[plan]

    def _made_for(self, plan: Plan) -> type:
        learnt = self.learnt(plan)
        ordered = dict.fromkeys((*learnt.order, *plan.wires))
        if not all(map(_can_be_named, ordered)):
            raise Unsuited("a name in JSON has a quote or a control character")
        names = self._names[plan] = {wire: f"field_{number}" for number, wire in enumerate(ordered, 1)}
        fields: list[tuple[str, Any, Any]] = []
        for wire, name in names.items():
            kind = Any if wire in learnt.unknown else self.type_of(plan.wires[wire].kind)
            if wire in learnt.nulls:
                kind |= None
            fields.append((name, kind, self.unset if wire in learnt.nulls or wire in learnt.unknown else None))
        from msgspec import defstruct

        return defstruct(
            plan.name,
            fields,
            rename={name: wire for wire, name in names.items()},
            omit_defaults=True,
            forbid_unknown_fields=True,
            gc=False,
        )


# ------------------------------------------------------------------------------------------ from structs to models


class StructReader(Emitter):
    """Writes the function that reads a text. All lines turn the value in `v`, which msgspec made, into a model's value."""

    def __init__(self, structs: Structs, kind: Kind, refused: list[None]) -> None:
        super().__init__(f"read texts of {kind}", ("v", "data", "again", "same", "read"))
        self._structs = structs
        self._kind = kind
        self._refused = refused
        self._length = 0
        self._functions: dict[Plan, str] = {}
        """Models that are read by functions of their own."""

    def text(self) -> FunctionText:
        """The text of `read`, and of the functions that it calls."""
        decode = self.source.refer(self._structs.decode(self._kind), "decode")
        encode = self.source.refer(self._structs.encode, "encode")
        refused = self.source.refer(self._refused, "refused")
        strings, surprise = self.source.refer(strings_in, "strings_in"), self.source.refer(Surprise, "Surprise")
        body = [
            f"v = {decode}(data)",
            f"again = {encode}(v)",
            f"same = data.__class__ is {self.source.builtin(bytes)} and data == again",
            f"if not (same or -1 != {strings}(data) == {strings}(again)): raise {surprise}",
            *self.value(self._kind, 1),
            f"if {refused}: {refused}.clear()",
            "return v",
        ]
        functions: dict[Plan, Lines] = {}
        while len(functions) < len(self._functions):  # the lines of one function may ask for more functions
            plan = next(plan for plan in self._functions if plan not in functions)
            functions[plan] = [f"def {self._functions[plan]}(v, same):", *indented([*self.model(plan, 1), "return v"])]
        for lines in functions.values():
            self.source.lines += lines
        self.source.lines += ["def read(data):", *indented(body)]
        return self.source

    def value(self, kind: Kind, levels: int) -> Lines:
        """Lines for a value of a kind; none where the value from msgspec can stay as it is."""
        if isinstance(kind, Object):
            return self.object(kind.plan, levels)
        if isinstance(kind, Array):
            lines = self.value(kind.item, levels + 1)
            index = self.source.fresh("index")
            items = self.source.fresh("items")
            enumerate_ = self.source.builtin(enumerate)
            store = [*lines, f"{items}[{index}] = v"]  # replaces the struct in the list, so that it is freed at once
            if not lines:
                return []
            return [f"{items} = v", f"for {index}, v in {enumerate_}({items}):", *indented(store), f"v = {items}"]
        if isinstance(kind, Dictionary):
            lines = self.value(kind.item, levels + 1)
            name, items = self.source.fresh("name"), self.source.fresh("items")
            store = [*lines, f"{items}[{name}] = v"]
            if not lines:
                return []
            return [f"{items} = v", f"for {name}, v in {items}.items():", *indented(store), f"v = {items}"]
        if isinstance(kind, Nullable):
            lines = self.value(kind.item, levels)
            return ["if v is not None:", *indented(lines)] if lines else []
        return self.scalar(kind)

    def scalar(self, kind: Kind) -> Lines:
        """Lines for a value that holds none of ours."""
        if isinstance(kind, Choice):
            known = self.source.refer(kind.enum._value2member_map_, "known")
            make = self.source.refer(kind.enum, "enum")
            return [f"try: v = {known}[v]", f"except {self.source.builtin(KeyError)}: v = {make}(v)"]
        if isinstance(kind, Time):
            return time_lines(self.source)
        if type(kind).read is Text.read or type(kind).read is Number.read or isinstance(kind, Boolean):
            return []
        if type(kind).read is Integer.read:
            return [self.unless(f"{self.is_of('v', int)} or v.is_integer()")]
        within = self.source.refer(strings_within, "strings_within")  # refuses data that is nested too deeply
        if isinstance(kind, FreeForm) or type(kind) is Kind:
            return [f"{within}(v)"]
        return [f"{within}(v)", f"v = {self.source.refer(kind.read, 'read_slowly')}(v, ())"]

    def object(self, plan: Plan, levels: int) -> Lines:
        """Lines for a model inside another: its own lines, or a call of its function."""
        if levels <= LEVELS_INLINE and self._length <= LONGEST_TEXT and plan not in self._functions:
            return self.model(plan, levels)
        if plan not in self._functions:
            self._functions[plan] = self.source.fresh("read_model")
        return [f"v = {self._functions[plan]}(v, same)"]

    def model(self, plan: Plan, levels: int) -> Lines:
        """Lines that make an instance from the struct in `v`."""
        source, learnt = self.source, self._structs.learnt(plan)
        filling = Filling(source, plan)
        struct, made = source.fresh("struct"), source.fresh("made")
        names = self._structs.names(plan)
        self._length += 4 * len(names)
        nulls, unknown = source.fresh("nulls"), source.fresh("unknown")
        unset, within = source.refer(self._structs.unset, "UNSET"), source.refer(strings_within, "strings_within")
        lines = [f"{struct} = v", *filling.make(made)]
        if learnt.nulls:
            lines.append(f"{nulls} = ()")
        if learnt.unknown:
            lines.append(f"{unknown} = {{}}")
        for wire, name in names.items():
            field, value = plan.wires.get(wire), f"{struct}.{name}"
            if field is None:
                lines += [
                    f"if (v := {value}) is not {unset}:",
                    f"    if {self.is_of('v', dict, list)}: {within}(v)",
                    f"    {unknown}[{wire!r}] = v",
                ]
                continue
            read = self.value(field.kind, levels + 1)
            if wire in learnt.nulls:
                lines += [
                    f"if (v := {value}) is {unset}: v = None",
                    f"elif v is None: {nulls} += ({field.name!r},)",
                    *(["else:", *indented(read)] if read else []),
                    filling.store(made, field.name, "v"),
                ]
            elif read:
                lines += [f"if (v := {value}) is not None:", *indented(read), filling.store(made, field.name, "v")]
            else:
                lines.append(filling.store(made, field.name, value))
        for name, of in plan.texts.items():
            wire = plan.fields[of].wire
            lines.append(f"v = {struct}.{names[wire]}")
            if wire in learnt.nulls:
                lines.append(f"if v is {unset}: v = None")
            lines.append(filling.store(made, name, "v"))
        for several, some in ((nulls, learnt.nulls), (unknown, learnt.unknown)):
            if some:
                lines.append(self.unless(f"same or {source.refer(len, 'len')}({several}) < 2"))
        return [
            *lines,
            filling.store(made, "_untyped", nulls if learnt.nulls else "()"),
            filling.store(made, "_unknown", f"{unknown} or None" if learnt.unknown else "None"),
            *filling.end(made),
            f"v = {made}",
        ]
