"""The kinds that hold others and that few models have: dicts whose values are of one kind, and unions. No I/O.

Loaded when an annotation asks for one, or when a class is compiled.
"""

from __future__ import annotations

from xendit.codec.containers import Array, Container, Object
from xendit.codec.jsontext import json_text, quoted
from xendit.codec.kinds import Kind, Reading, Text
from xendit.codec.scalars import as_dict
from xendit.words import wrong_key, wrong_type

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xendit.words import Path


class Dictionary(Container):
    """A JSON object with names of the user's own and values of one kind."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self.label = f"dict[str, {item}]"

    @property
    def inside(self) -> tuple[Kind, ...]:
        return (self.item,)

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        value = as_dict(value)
        if not isinstance(value, dict):
            return reading.wrong(wrong_type(value, "an object", path), value, self, path, strict=strict)
        receive = self.item.receive
        return {name: receive(item, step, reading, strict=strict) for name, item, step in _entries(value, path)}

    def take(self, value: object, path: Path) -> object:
        value = as_dict(value)
        if not isinstance(value, dict):
            raise wrong_type(value, f"a dict of {self.item}", path)
        return {name: self.item.take(item, step) for name, item, step in _entries(value, path)}

    def write(self, value: object, path: Path) -> str:
        if not isinstance(value, dict):
            raise wrong_type(value, f"a dict of {self.item}", path)
        return "{" + ",".join(f"{quoted(n)}:{self.item.write(each, at)}" for n, each, at in _entries(value, path)) + "}"

    def rewrite(self, value: object, path: Path) -> str:
        if not isinstance(value, dict):
            return json_text(value, path)
        rewrite = self.item.rewrite
        return "{" + ",".join(f"{quoted(name)}:{rewrite(each, at)}" for name, each, at in _entries(value, path)) + "}"

    def check(self, value: object, path: Path) -> None:
        if isinstance(value, dict):
            for _, item, step in _entries(value, path):
                self.item.check(item, step)

    def resembles(self, value: object) -> bool:
        return isinstance(value, dict)

    def plain(self, value: object) -> object:
        return {name: self.item.plain(item) for name, item in value.items()} if isinstance(value, dict) else value

    def fits(self, value: object) -> bool:
        return isinstance(value, dict) and all(map(self.item.fits, value.values()))


def _entries(value: dict[object, object], path: Path) -> Iterator[tuple[str, object, Path]]:
    """The names, the values and their paths. Raises for a name that is no str, which JSON cannot hold."""
    for name, item in value.items():
        if not isinstance(name, str):
            raise wrong_key(name, path)
        yield str.__str__(name), item, (*path, str.__str__(name))


class Union(Container):
    """One of several kinds. A value is read as the first member that it resembles, in the order of the declaration.

    Three rules refine that order. They are needed because nearly every object can be read as any model (fields may be
    absent, and unknown ones are kept), and every text as any enum:

    - Where several members are models, an object is read as the one of which the fewest required fields are missing.
      Where that is equal, the number of fields of another type decides, and then the number of names that the model
      lacks.
    - Where several members are lists, a list is read as the first of them whose item kind all its items resemble.
    - A text that no member resembles, such as a new value of an enum, is read as the first member that takes any text.

    The member is chosen by what can be seen without reading the values inside, and only the chosen one is read. Trying
    all members would take a time that doubles with each level, where a model holds such a union of its own kind.
    """

    def __init__(self, members: Sequence[Kind]) -> None:
        self.members = tuple(members)
        self.label = " or ".join(map(str, members))

    @property
    def inside(self) -> tuple[Kind, ...]:
        return self.members

    def chosen(self, value: object) -> Kind | None:
        """The member that a value from the wire belongs to; None when it belongs to none."""
        alike = [member for member in self.members if member.resembles(value)]
        if len(alike) > 1 and isinstance(value, dict) and isinstance(alike[0], Object):
            models = [member for member in alike if isinstance(member, Object)]
            return min(models, key=lambda member: member.plan.distance(value))
        if len(alike) > 1 and isinstance(value, list):
            lists = (each for each in alike if isinstance(each, Array) and all(map(each.item.resembles, value)))
            return next(lists, alike[0])
        if alike:
            return alike[0]
        return next((each for each in self.members if isinstance(value, str) and isinstance(each, Text)), None)

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        value = as_dict(value)
        member = self.chosen(value)
        if member is None:
            return reading.wrong(wrong_type(value, self.label, path), value, self, path, strict=strict)
        return member.receive(value, path, reading, strict=strict)

    def take(self, value: object, path: Path) -> object:
        value = list(value) if isinstance(value, tuple) else as_dict(value)
        chosen = self.chosen(value) if isinstance(value, (dict, list, str)) else None
        # A program may give types that no JSON has: a model, a Decimal, a date, a lazy text.
        taker = chosen or next((member for member in self.members if member.fits(value)), None)
        if taker is None:
            raise wrong_type(value, self.label, path)
        return taker.take(value, path)

    def _holding(self, value: object) -> Kind | None:
        """The member that a Python value fits; else the first member of its shape, whose error then says what is wrong."""
        fitting = (member for member in self.members if member.fits(value))
        return next(fitting, None) or next((member for member in self.members if member.resembles(value)), None)

    def write(self, value: object, path: Path) -> str:
        member = self._holding(value)
        if member is None:
            raise wrong_type(value, self.label, path)
        return member.write(value, path)

    def rewrite(self, value: object, path: Path) -> str:
        member = self._holding(value)
        return json_text(value, path) if member is None else member.rewrite(value, path)

    def check(self, value: object, path: Path) -> None:
        member = self._holding(value)
        if member is not None:
            member.check(value, path)

    def plain(self, value: object) -> object:
        member = self._holding(value)
        return value if member is None else member.plain(value)

    def resembles(self, value: object) -> bool:
        return any(member.resembles(value) for member in self.members)

    def fits(self, value: object) -> bool:
        return any(member.fits(value) for member in self.members)
