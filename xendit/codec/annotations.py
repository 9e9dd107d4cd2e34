"""From the annotations of a class to the kinds of its fields. No I/O.

An annotation comes in one of three forms. Where its module has `from __future__ import annotations`, as ours have, it
is a text. Elsewhere it is the object that Python evaluated it to: a class, `list[Bank]`, `str | None`, or a word of
`xendit.model`. From Python 3.14 on, a class has a function that returns its annotations instead, and `annotationlib`
knows how to call it.

All forms are first turned into a tree: a name or a class, and its arguments. The arguments of the name `|` are the
parts of a union. The classes that a tree names are looked up only when the kind of a field is first needed, because
they may be declared later, and because every program would pay for importing them.
"""

from __future__ import annotations

import builtins
import sys

from xendit.codec.containers import Array, Nullable
from xendit.codec.kinds import (
    Boolean,
    Choice,
    Date,
    FreeForm,
    Identifier,
    Integer,
    Kind,
    Money,
    Number,
    Seconds,
    Text,
    Time,
)
from xendit.codec.scalars import is_decimal
from xendit.words import wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
    from typing import Any, TypeAlias, TypedDict

    from xendit.words import Path

    Tree: TypeAlias = "tuple[object, list[Tree]]"
    Lookup: TypeAlias = "Callable[[str], Any]"

    class Rules(TypedDict, total=False):
        """What `xendit.model.field` was given; it says what each rule means."""

        ge: float
        min_length: int
        max_properties: int
        personal: bool
        spelling_of: str
        strict: bool
        text_of: str
        wire: str

    _Dict = dict[str, Any]
else:
    _Dict = dict


_NUMBER = Number()
_MONEY = Money()
_ANYTHING = Kind()
_SIMPLE: dict[str, Kind] = {
    "str": Text(),
    "int": Integer(),
    "float": _NUMBER,
    "Decimal": _NUMBER,
    "Amount": _MONEY,
    "MoneyAmount": _MONEY,
    "Quantity": _NUMBER,
    "bool": Boolean(),
    "datetime": Time(),
    "date": Date(),
    "dict": FreeForm(),
    "Any": _ANYTHING,
    "object": _ANYTHING,
    "ExternalId": Identifier(),
    "Duration": Seconds(),
}
_MODULES = ("builtins", "datetime", "decimal", "typing", "typing_extensions")
"""The modules of the classes that the names in _SIMPLE mean. A class of the same name in another module is another
class."""
_LISTS = ("Many", "list", "List", "Sequence")
_DICTS = ("dict", "Dict", "Mapping")
_NONE: Tree = ("None", [])


class Word:
    """A word of declarations at run time, such as `Amount` or `One`, for modules whose annotations are evaluated."""

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, arguments: tuple[object, ...] = ()) -> None:
        self.name = name
        self.arguments = arguments

    def __getitem__(self, arguments: object) -> Word:
        return Word(self.name, arguments if isinstance(arguments, tuple) else (arguments,))

    def __or__(self, other: object) -> Word:
        return Word("|", (self, other))

    def __ror__(self, other: object) -> Word:
        return Word("|", (other, self))

    def __call__(self) -> object:
        """Exists because `typing.Optional[...]` accepts only things that can be called."""
        raise TypeError(f"{self.name} is for annotations and makes no values")

    def __repr__(self) -> str:
        return self.name if not self.arguments else f"{self.name}[{', '.join(map(repr, self.arguments))}]"


# ------------------------------------------------------------------------------------------ from annotations to trees


def annotations_of(namespace: Mapping[str, Any]) -> dict[str, object]:
    """The annotations in the namespace of a class that is being made, by name, class variables left out."""
    found: Mapping[str, object] | None = namespace.get("__annotations__")
    if found is None and ("__annotate_func__" in namespace or "__annotate__" in namespace):
        # Python 3.14 and later. A name that cannot be found yet comes as a ForwardRef, which holds its text.
        import annotationlib  # type: ignore[import-not-found, unused-ignore]

        annotate = annotationlib.get_annotate_from_class_namespace(namespace)
        if annotate is not None:
            found = annotationlib.call_annotate_function(annotate, annotationlib.Format.FORWARDREF)
    return {name: each for name, each in (found or {}).items() if not _is_class_variable(each)}


def _is_class_variable(annotation: object) -> bool:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", "")
    if text:
        return text.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    shown = repr(getattr(annotation, "__origin__", annotation))
    return shown in ("typing.ClassVar", "typing_extensions.ClassVar")


def parse_annotation(text: str) -> Tree:
    """`list[Bank] | None` as a tree (name, arguments), without the None of the outermost union.

    Raises:
        TypeError: it is no annotation that a field can have.
    """
    return _without_none(_parsed(text))


def _parsed(text: str) -> Tree:
    if text.isidentifier():  # the name of a class and no more, as of most fields that no kind here stands for
        return text, []
    for sign in "[]|,":
        text = text.replace(sign, f" {sign} ")
    tokens = text.split()

    def union() -> Tree:
        parts = [term()]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            parts.append(term())
        return _union_of(parts)

    def term() -> Tree:
        name, arguments = tokens.pop(0).strip("\"'"), []
        if tokens and tokens[0] == "[":
            while tokens.pop(0) != "]":
                arguments.append(union())
        return _generic(name, arguments)

    problem = f"cannot read the annotation {' '.join(text.split())!r}"
    try:
        tree = union()
    except IndexError:  # the text ends too early
        raise TypeError(problem) from None
    if tokens:
        raise TypeError(problem)
    return tree


def _generic(name: str, arguments: list[Tree]) -> Tree:
    """A name and its arguments; `Optional` and `Union` as what they stand for."""
    last = name.rpartition(".")[2]
    if last in ("Optional", "Union") and arguments:
        return _union_of([*arguments, _NONE] if last == "Optional" else arguments)
    if last in ("Annotated", "Required", "NotRequired", "Final", "ReadOnly") and arguments:
        return arguments[0]
    return name, arguments


def _union_of(parts: list[Tree]) -> Tree:
    """A union whose parts are no unions and occur once each; if only one part is left, that part alone."""
    flat: list[Tree] = []
    for part in parts:
        for each in part[1] if part[0] == "|" else [part]:
            if each not in flat:
                flat.append(each)
    return flat[0] if len(flat) == 1 else ("|", flat)


def _without_none(tree: Tree) -> Tree:
    if tree[0] != "|":
        return tree
    return _union_of([part for part in tree[1] if part != _NONE])


def tree_of(annotation: object) -> Tree:
    """The tree of an annotation of any form: a text, a class, a generic type, a union, a word, a forward reference."""
    if isinstance(annotation, str):
        return _parsed(annotation)
    if annotation is None or annotation is type(None):
        return _NONE
    if isinstance(annotation, Word):
        arguments = [tree_of(each) for each in annotation.arguments]
        return _union_of(arguments) if annotation.name == "|" else (annotation.name, arguments)
    forward = getattr(annotation, "__forward_arg__", None)
    if isinstance(forward, str):
        return _parsed(forward)
    arguments = [tree_of(each) for each in getattr(annotation, "__args__", ()) if not isinstance(each, (list, tuple))]
    if type(annotation).__name__ in ("UnionType", "Union", "_UnionGenericAlias"):
        return _union_of(arguments)
    origin = getattr(annotation, "__origin__", annotation)
    name = getattr(origin, "__name__", None) or getattr(origin, "_name", None)
    if isinstance(name, str) and getattr(origin, "__module__", None) in (*_MODULES, "collections.abc"):
        return _generic(name, arguments)
    return origin, arguments


# ------------------------------------------------------------------------------------------ from trees to kinds


def kind_of(tree: Tree, lookup: Lookup, *, received: bool) -> Kind:
    """The kind that an annotation stands for; `lookup` finds models and enums by name.

    Raises:
        TypeError: a field cannot have this type; the text says why.
    """
    return _kind(_without_none(tree), lookup, received=received)


def _kind(tree: Tree, lookup: Lookup, *, received: bool) -> Kind:
    head, arguments = tree
    if head == "|":
        kinds = [_kind(part, lookup, received=received) for part in _without_none_parts(arguments)]
        distinct = [each for number, each in enumerate(kinds) if each not in kinds[:number]]
        kind = distinct[0] if len(distinct) == 1 else _union(distinct)
        return Nullable(kind) if _NONE in arguments else kind
    last = head.rpartition(".")[2] if isinstance(head, str) else ""
    if last in ("Given", "One"):
        return kind_of(arguments[0], lookup, received=received)
    if last in _LISTS:
        return Array(_kind(arguments[0], lookup, received=received) if arguments else _ANYTHING)
    if last in _DICTS and arguments:
        return _kind_of_dict(arguments, lookup, received=received)
    if last in _SIMPLE and not arguments:
        return _SIMPLE[last]
    if arguments:
        raise TypeError(f"a field cannot be a {head}: {_INSTEAD.get(last, 'a list, a dict or a class is needed')}")
    cls = lookup(head) if isinstance(head, str) else head
    plan = getattr(cls, "__plan__", None)
    if plan is not None:
        kind = plan.kind
        assert isinstance(kind, Kind)
        return kind
    if isinstance(cls, type) and issubclass(cls, str) and hasattr(cls, "_value2member_map_"):
        return Choice(cls, received=received)
    raise TypeError(f"a field cannot be a {getattr(cls, '__name__', head)}: {_INSTEAD.get(last, _POSSIBLE)}")


_POSSIBLE = "a Model, an OpenEnum, str, int, float, bool, datetime, date, a list, a dict or Any is needed"
_INSTEAD = {"Literal": "declare an OpenEnum", "tuple": "declare a list", "set": "declare a list"}


def _without_none_parts(parts: list[Tree]) -> list[Tree]:
    return [part for part in parts if part != _NONE]


def _kind_of_dict(arguments: list[Tree], lookup: Lookup, *, received: bool) -> Kind:
    key, value = arguments
    if key[0] != "str":
        raise TypeError("the keys of a dict must be str, for JSON has no others")
    kind = _kind(value, lookup, received=received)
    if kind is _ANYTHING:
        return _SIMPLE["dict"]
    from xendit.codec.uncommon import Dictionary

    return Dictionary(kind)


def _union(members: list[Kind]) -> Kind:
    from xendit.codec.uncommon import Union

    return Union(members)


class Field:
    """One declared field: its name, annotation and rules. `kind` is found on first use.

    Args:
        name: its name in Python.
        annotation: its type, as a text or as Python evaluated it.
        rules: what `field()` was given.
        lookup: finds a class by the name that the annotation gives it.
        required: whether a constructor must be given it.
        received: whether its model comes from the wire.
        owner: the name of its model, for messages.
    """

    __slots__ = ("_lookup", "_received", "annotation", "kind", "name", "owner", "required", "rules", "wire")

    kind: Kind

    def __init__(
        self,
        name: str,
        annotation: object,
        rules: Rules,
        lookup: Lookup,
        *,
        required: bool,
        received: bool,
        owner: str = "",
    ) -> None:
        self.name = name
        self.annotation = annotation
        self.required = required
        self.rules = rules
        self.owner = owner
        self.wire: str = rules.get("wire", name)
        """Its name in JSON."""
        self._lookup = lookup
        self._received = received

    def __getattr__(self, name: str) -> Any:
        if name != "kind":
            raise AttributeError(name)
        if isinstance(self.annotation, str):
            simple = _SIMPLE.get(self.annotation.removesuffix(" | None"))  # most annotations are simple: no parsing
            if simple is not None:
                self.kind = simple
                return simple
        problem = ""
        try:
            self.kind = kind_of(tree_of(self.annotation), self._lookup, received=self._received)
        except TypeError as error:
            problem = str(error)
        if problem:
            raise TypeError(f"{self.owner}.{self.name}: {problem}")
        return self.kind

    def __repr__(self) -> str:
        return f"Field({self.name}: {self.annotation})"

    @property
    def personal(self) -> bool:
        """Whether the value is personal data, which repr masks."""
        return bool(self.rules.get("personal"))

    @property
    def strict(self) -> bool:
        """Whether a value of the wrong type in an answer is an error: the program cannot do without this field."""
        return bool(self.rules.get("strict"))

    def take(self, value: object, path: Path, *, received: bool = False) -> object:
        """What a user gave for this field, checked by its kind and its rules."""
        value = self.kind.given(value, path, received=received)
        self.check(value, path)
        return value

    def check(self, value: Any, path: Path) -> None:
        """Raise ApiValueError when a rule is broken."""
        least, length, most = self.rules.get("ge"), self.rules.get("min_length"), self.rules.get("max_properties")
        size = value.__len__() if hasattr(value, "__len__") else None
        is_number = is_decimal(value) or isinstance(value, (int, float))
        if least is not None and is_number and value < least:
            raise wrong_value(f"it must be {least} or more", path)
        if length is not None and size is not None and size < length:
            raise wrong_value("it must not be empty" if length == 1 else f"at least {length} are needed", path)
        if most is not None and size is not None and size > most:
            raise wrong_value(f"it has {size} keys, {most} are allowed", path)


class NameLookup:
    """How the annotations of a class find other models: by name, where the class is declared.

    A name is looked for in four places: in the function or class around the class (among what had been defined there so
    far), in its module, in the face of its package, and in the class itself, which no scope holds while it is being
    made.
    """

    __slots__ = ("_around", "_module", "cls")

    def __init__(self, module: str, around: Mapping[str, object]) -> None:
        self._module = module
        self._around = around
        self.cls: type | None = None

    def __call__(self, name: str) -> Any:
        first, *others = name.split(".")
        home = sys.modules[self._module]
        found = self._around.get(first, home.__dict__.get(first))
        if found is None and self.cls is not None and first == self.cls.__name__:
            found = self.cls
        if found is None:
            found = getattr(sys.modules[home.__package__ or self._module], first, getattr(builtins, first, None))
        for each in others:
            found = getattr(found, each, None)
        if found is None:
            raise TypeError(f"no class {name!r} is found in {self._module}")
        return found


def classes_around(depth: int) -> dict[str, object]:
    """The classes defined so far in the function or class whose body declares a model; empty when that is a module."""
    frame = sys._getframe(depth + 1)
    if frame.f_locals is frame.f_globals:
        return {}
    return {name: each for name, each in frame.f_locals.items() if isinstance(each, type)}


class Hints(_Dict):
    """The annotations of the fields that a class declares. Reading one loads the classes that its type names.

    `__iter__` stands here so that `dict(hints)` copies what is read, not what is stored.
    """

    def __init__(self, declared: Iterable[Field]) -> None:
        super().__init__({each.name: each for each in declared})

    def __getitem__(self, name: str) -> object:
        from xendit.codec.hints import hint_of

        return hint_of(super().__getitem__(name))

    def get(self, name: str, default: object = None) -> object:
        """The type of a field, or the default."""
        return self[name] if name in self else default  # noqa: SIM401 - that would call itself

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def values(self) -> ValuesView[object]:  # type: ignore[override] # of a dict that holds the fields
        """The types."""
        return {name: self[name] for name in self}.values()

    def items(self) -> ItemsView[str, object]:  # type: ignore[override]
        """The fields and their types."""
        return {name: self[name] for name in self}.items()

    def copy(self) -> dict[str, object]:
        """A plain dict of the types."""
        return dict(self)

    def __repr__(self) -> str:
        return repr(dict(self))
