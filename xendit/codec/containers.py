"""The kinds that hold others: lists, models, and what may be null; `uncommon.py` has dicts and unions. No I/O."""

from __future__ import annotations

from xendit.codec.jsontext import Surprise, json_text
from xendit.codec.kinds import Kind, Reading
from xendit.words import wrong_type

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.codec.plan import Plan
    from xendit.words import Path


class Container(Kind):
    """A kind that reads by way of its `receive`, so that the values inside it decide what becomes of a wrong type."""

    def read(self, value: object, path: Path) -> object:
        return self.receive(value, path, Reading(), strict=True)

    def given(self, value: object, path: Path, *, received: bool) -> object:
        # A model that comes from the wire may be constructed from parsed JSON: `Invoice(**body)`.
        return self.read(value, path) if received and _is_json(value) else self.take(value, path)


def _is_json(value: object) -> bool:
    """Whether a value is JSON as `json.loads` makes it, rather than a model or a list of models."""
    if isinstance(value, list):
        return all(isinstance(item, str) or _is_json(item) for item in value)
    return isinstance(value, dict)


class Array(Container):
    """A list."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self.label = f"list[{item}]"

    @property
    def inside(self) -> tuple[Kind, ...]:
        return (self.item,)

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        if type(value) is not list:
            return reading.wrong(wrong_type(value, "a list", path), value, self, path, strict=strict)
        receive = self.item.receive
        return [receive(item, (*path, index), reading, strict=strict) for index, item in enumerate(value)]

    def decode(self, value: object, path: Path, reading: Reading) -> object:
        if type(value) is not list:
            return reading.wrong(wrong_type(value, "a list", path), value, self, path, strict=True)
        return [self.item.decode(item, (*path, index), reading) for index, item in enumerate(value)]

    def reading(self) -> Reading:
        return self.item.reading()

    def read_fast(self, value: object) -> tuple[object, int]:
        if type(value) is not list:
            raise Surprise
        read = self.item.read_fast
        strings = 0
        for index, item in enumerate(value):
            value[index], count = read(item)  # replaces the parsed item in the list, so that it is freed at once
            strings += count
        return value, strings

    def take(self, value: Any, path: Path) -> object:
        # A dict or a model can be iterated too, over its names; where a list is expected, giving one is a mistake.
        odd = isinstance(value, (str, bytes, bytearray, set, frozenset)) or hasattr(value, "keys")
        if odd or not hasattr(value, "__iter__"):
            raise wrong_type(value, f"a list of {self.item}", path)
        return [self.item.take(item, (*path, index)) for index, item in enumerate(value)]

    def write(self, value: object, path: Path) -> str:
        if not isinstance(value, (list, tuple)):
            raise wrong_type(value, f"a list of {self.item}", path)
        return "[" + ",".join(self.item.write(item, (*path, index)) for index, item in enumerate(value)) + "]"

    def rewrite(self, value: object, path: Path) -> str:
        if not isinstance(value, (list, tuple)):
            return json_text(value, path)
        return "[" + ",".join(self.item.rewrite(item, (*path, index)) for index, item in enumerate(value)) + "]"

    def check(self, value: object, path: Path) -> None:
        if isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                self.item.check(item, (*path, index))

    def resembles(self, value: object) -> bool:
        return isinstance(value, list)

    def plain(self, value: object) -> object:
        return [self.item.plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    def fits(self, value: object) -> bool:
        return isinstance(value, list) and all(map(self.item.fits, value))


class Object(Container):
    """Another model."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.label = plan.name

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        return self.plan.receive(value, path, reading, strict=strict)

    def decode(self, value: object, path: Path, reading: Reading) -> object:
        return self.plan.decode(value, path, reading)

    def reading(self) -> Reading:
        return self.plan.reading()

    def read_fast(self, value: object) -> tuple[object, int]:
        compiled = self.plan.compiled or self.plan.warmed()
        if compiled is None:
            raise Surprise
        return compiled.read(value)

    def take(self, value: object, path: Path) -> object:
        return self.plan.take(value, path)

    def write(self, value: object, path: Path) -> str:
        return self.plan.write(value, path)

    def rewrite(self, value: object, path: Path) -> str:
        return self.plan.write(value, path) if isinstance(value, self.plan.cls) else json_text(value, path)

    def check(self, value: Any, path: Path) -> None:
        if isinstance(value, self.plan.cls):
            value.__plan__.check(value, path)

    def resembles(self, value: object) -> bool:
        return isinstance(value, (dict, self.plan.cls))

    def plain(self, value: Any) -> object:
        return self.plan.plain(value) if isinstance(value, self.plan.cls) else value

    def fits(self, value: object) -> bool:
        return isinstance(value, self.plan.cls)


class Nullable(Container):
    """An item of a list, a dict or a union that may be null. Fields do not need this kind: any field may be null."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self.label = f"{item} or None"

    @property
    def inside(self) -> tuple[Kind, ...]:
        return (self.item,)

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        return None if value is None else self.item.receive(value, path, reading, strict=strict)

    def take(self, value: object, path: Path) -> object:
        return None if value is None else self.item.take(value, path)

    def write(self, value: object, path: Path) -> str:
        return "null" if value is None else self.item.write(value, path)

    def rewrite(self, value: object, path: Path) -> str:
        return "null" if value is None else self.item.rewrite(value, path)

    def check(self, value: object, path: Path) -> None:
        if value is not None:
            self.item.check(value, path)

    def resembles(self, value: object) -> bool:
        return value is None or self.item.resembles(value)

    def plain(self, value: object) -> object:
        return None if value is None else self.item.plain(value)

    def fits(self, value: object) -> bool:
        return value is None or self.item.fits(value)
