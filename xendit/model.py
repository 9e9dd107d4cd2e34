"""Model, OpenEnum and the words in which a declaration is written. `codec` has what they compile to.

A model is declared once. Each field is one line, with a sentence about it below:

    class InvoiceItem(Model):
        "A line of an invoice."
        name: str
        "What the payer reads, up to 256 characters."
        reference_id: str | None = None
        "Your own id for the item."

Constructor, validation, decoding, encoding, pages of documentation and typed dicts all derive from it.
"""

from __future__ import annotations

import enum
from operator import attrgetter

from xendit.codec import Field, Hints, NameLookup, Plan, Word, absent, annotations_of, classes_around, read_json
from xendit.exceptions import ApiAttributeError, ApiTypeError, ApiValueError, OpenApiException
from xendit.static_typing import hinted
from xendit.words import nearest, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta
    from decimal import Decimal
    from typing import Any, Generic, Literal, SupportsIndex, TypeAlias, TypeVar, overload
    from uuid import UUID

    from typing_extensions import Self, dataclass_transform

    from xendit.amounts import MoneyValue
    from xendit.codec.annotations import Rules

    R = TypeVar("R", covariant=True)
    W = TypeVar("W", contravariant=True)
    T = TypeVar("T")
    D = TypeVar("D")

    class Given(Generic[R, W]):
        """A field that reads as R and may be given as W. Only type checkers see this class."""

        @overload
        def __get__(self, instance: None, owner: object) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: object) -> R: ...
        def __get__(self, instance: object, owner: object) -> Any: ...
        def __set__(self, instance: object, value: W) -> None: ...

    One: TypeAlias = Given[T | None, T | D | None]
    Many: TypeAlias = Given[list[T] | None, Sequence[T | D] | None]
    Amount: TypeAlias = Given[float, float | Decimal | SupportsIndex]
    MoneyAmount: TypeAlias = Given[float, float | Decimal | SupportsIndex | MoneyValue]
    Quantity: TypeAlias = Given[float, float | Decimal | SupportsIndex]
    ExternalId: TypeAlias = Given[str, str | int | UUID | SupportsIndex]
    Duration: TypeAlias = Given[int | None, int | float | str | timedelta | SupportsIndex | None]
else:

    def dataclass_transform(**_: object):
        """At run time the declarations are read by the metaclass."""
        return lambda cls: cls

    # Annotations that are texts are read by these names. Where a module's annotations are evaluated, these objects are
    # used.
    Given, One, Many = Word("Given"), Word("One"), Word("Many")
    Amount, MoneyAmount, Quantity = Word("Amount"), Word("MoneyAmount"), Word("Quantity")
    ExternalId, Duration = Word("ExternalId"), Word("Duration")

__all__ = [
    "Amount",
    "Duration",
    "ExternalId",
    "Given",
    "Many",
    "Model",
    "MoneyAmount",
    "One",
    "OpenEnum",
    "Quantity",
    "absent",
    "field",
    "fields",
]


@hinted
class OpenEnum(str, enum.Enum):
    """An enum that is a str and keeps values it does not know.

    `status == "PAID"`, `in`, hashing, f-strings, `.value` and JSON all work. A value that is no member is
    kept as it came: it has `.is_known == False` and `.name is None`, and equals its text.
    """

    if not TYPE_CHECKING:

        @classmethod
        def _missing_(cls, value):
            if not isinstance(value, str):
                raise ApiTypeError(f"{cls.__name__}: {type_name(value)} was given, str is needed")
            # Made anew each time, because a server could fill the memory with a table of them.
            member = str.__new__(cls, value)
            member._name_ = None
            member._value_ = str.__str__(value)
            return member

    @classmethod
    def meant_by(cls, text: str) -> Self:
        """The member that a user means by a text."""
        return cls(text)

    @property
    def is_known(self) -> bool:
        """Whether this library knows the value. False for one that Xendit added later."""
        return self._name_ is not None

    def __repr__(self) -> str:
        known = f"{type(self).__name__}.{self._name_}: " if self._name_ else f"{type(self).__name__} "
        return f"<{known}{str.__repr__(self)}>"

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return str.__ne__(self, other) if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        return type(self), (self._value_,)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class _Rules:
    """What `field()` leaves in the class body until the metaclass reads it."""

    __slots__ = ("required", "rules")

    def __init__(self, rules: Rules, *, required: bool) -> None:
        self.required = required
        self.rules = rules


def field(
    *,
    default: Any = ...,
    ge: float | None = None,
    min_length: int | None = None,
    max_properties: int | None = None,
    personal: bool = False,
    spelling_of: str | None = None,
    strict: bool = False,
    wire: str | None = None,
    init: bool = True,  # noqa: ARG001 - for type checkers, which read it in the declaration
    text_of: str | None = None,
) -> Any:
    """Rules for a field; without a default it stays required.

    Args:
        default: `None` or `absent`; makes the field optional.
        ge: the least value allowed.
        min_length: the least length allowed.
        max_properties: the most keys allowed.
        personal: masked in repr.
        spelling_of: this name is a deprecated spelling of that field.
        strict: a wrong type in an answer is an error, because a program cannot do without this field. In any other
            field such a value is kept as it came, and the log says so.
        wire: the name in JSON, if a Python field cannot have it, such as `from`. JSON, `to_dict` and messages about
            what was read use this name; attributes and the constructor use the Python name; both work as a key.
        text_of: this field holds the text from which the time of that name was read; it needs `init=False` too.
    """
    given = {"ge": ge, "min_length": min_length, "max_properties": max_properties, "spelling_of": spelling_of}
    given |= {"wire": wire, "text_of": text_of, "personal": personal or None, "strict": strict or None}
    rules = {name: value for name, value in given.items() if value is not None}
    return _Rules(rules, required=default is ...)  # type: ignore[arg-type]


def fields(model: Any) -> tuple[Field, ...]:
    """The declared fields of a model class or instance, in order: name, kind, required, rules."""
    plan: Plan = model.__plan__
    return plan.declared


def _exact_amounts(model: Any) -> Any:
    """The model with exact amounts, as `amounts` says, which is loaded when the first model is written."""
    from xendit.amounts import exact_amounts

    return exact_amounts(model)


def _check_declaration(model: str, name: str, default: object) -> None:
    """Raise TypeError for a field that cannot be, when its class is declared."""
    if name in ("_untyped", "_unknown", "_compared") or (name.startswith("__") and name.endswith("__")):
        raise TypeError(f"{model}.{name}: a field cannot have this name, which models use themselves")
    if not (default is ... or default is None or default is absent or isinstance(default, _Rules)):
        raise TypeError(f"{model}.{name}: a default can be None or absent; what was not given is not sent")


class _ModelType(type):
    """Reads the declaration: annotations become slots and a Plan."""

    __plan__: Plan

    def __new__(
        meta,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        received: bool | None = None,
        personal: bool = False,
        shown: tuple[str, ...] = (),
    ) -> Any:
        if received is None:  # a user's own subclass of an answer is an answer too
            received = any(base.__plan__.received for base in bases if hasattr(base, "__plan__"))
        lookup = NameLookup(namespace["__module__"], classes_around(1))
        inherited = {each.name: each for base in bases if hasattr(base, "__plan__") for each in fields(base)}
        declared = []
        for each, annotation in annotations_of(namespace).items():
            default = namespace.pop(each, ...)
            rules: Rules = default.rules.copy() if isinstance(default, _Rules) else {}
            required = default.required if isinstance(default, _Rules) else default is ...
            if personal:
                rules["personal"] = True
            _check_declaration(name, each, default)
            declared.append(Field(each, annotation, rules, lookup, required=required, received=received, owner=name))
        for each in namespace:
            if each in inherited:
                raise TypeError(f"{name}.{each}: a field of a model above it can be declared anew, not given a value")
        everything = [*{**inherited, **{each.name: each for each in declared}}.values()]
        names = tuple(each.name for each in everything if not {"spelling_of", "text_of"} & each.rules.keys())
        wires: dict[str, str] = {}
        for field_ in everything:
            other = wires.setdefault(field_.wire, field_.name)
            if other != field_.name:
                raise TypeError(f"{name}: {other} and {field_.name} have the same name {field_.wire!r} in JSON")
        spellings = {each.name: each.rules["spelling_of"] for each in declared if "spelling_of" in each.rules}
        slots = tuple(each.name for each in declared if each.name not in spellings and each.name not in inherited)
        hidden = ("__annotate__", "__annotate_func__")  # Python 3.14 has these; the annotations replace them
        body = {each: value for each, value in namespace.items() if each not in hidden}
        body |= {"__slots__": slots if bases else ("_untyped", "_unknown"), "__match_args__": names}
        body["__annotations__"] = Hints(declared)
        if shown or not bases:
            body["__shown__"] = shown
        body |= {old: property(attrgetter(name)) for old, name in spellings.items()}
        cls = super().__new__(meta, name, bases, body)
        lookup.cls = cls
        cls.__plan__ = Plan(cls, everything, received=received, refine=_exact_amounts)
        return cls

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object], **_: object) -> None:
        super().__init__(name, bases, namespace)

    @property
    def __signature__(cls) -> object:
        """What `inspect.signature` and interactive shells show."""
        from xendit.codec.hints import signature_of

        return signature_of(fields(cls))


def _revive(cls: Any, values: dict[str, Any], untyped: tuple[str, ...], unknown: dict[str, Any] | None) -> Any:
    """Called by pickles, which hold this name."""
    from xendit.pickling import revived

    return revived(cls, values, untyped, unknown)


@hinted
@dataclass_transform(field_specifiers=(field,))
class Model(metaclass=_ModelType):
    """The base of all models: a value with named fields, checked when it is made and when it is changed.

    An absent field reads as None, is not `in` the model and is not encoded. Fields that this library does
    not know are kept, readable by key and attribute, and encoded again. A model is not a dict
    (`invoice.items` is the line items) and cannot be hashed.
    """

    if TYPE_CHECKING:
        __plan__: Plan
        _untyped: tuple[str, ...]
        _unknown: dict[str, object] | None
        __match_args__: tuple[str, ...]

        __shown__: tuple[str, ...]

        def __init_subclass__(
            cls, *, received: bool = False, personal: bool = False, shown: tuple[str, ...] = ()
        ) -> None: ...

    else:

        def __init__(self, /, *args, **kwargs):  # a body may hold a field named self
            try:
                self.__plan__.construct(self, args, kwargs)
            except OpenApiException as fault:
                del args, kwargs  # the frame of an error shows its variables
                raise fault.with_traceback(None) from fault.__cause__

        def __getattr__(self, name):
            try:
                unknown = object.__getattribute__(self, "_unknown")
            except AttributeError:
                unknown = None
            if unknown is not None and name in unknown:
                return unknown[name]
            plan = type(self).__plan__
            raise ApiAttributeError(
                f"{plan.name} has no attribute {name!r}{nearest(name, plan.names)}", (name,)
            ) from None

        def __setattr__(self, name, value):
            try:
                self.__plan__.assign(self, name, value)
            except OpenApiException as fault:
                del value
                raise fault.with_traceback(None) from fault.__cause__

    def __delattr__(self, name: str) -> None:
        self.__plan__.assign(self, name, None)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """The model of a decoded JSON object, read tolerantly: fields may be absent, null or unknown.

        In models that come from Xendit (such as Invoice and InvoiceCallback) a value of the wrong type is kept as it
        came, and the logger `xendit` has a line about it, unless the field is declared `strict`.

        Raises:
            ApiTypeError, ApiValueError: a strict field, or any field of a model that users write, does not hold what it
                should; the text names its path.
        """
        if type(data) is not dict:
            if not hasattr(data, "keys"):
                problem = f"{cls.__name__}: {type_name(data)} was given, a dict is needed"
                del data
                raise ApiTypeError(problem)
            data = dict(data)
        try:
            return cls.__plan__.decode(data)  # type: ignore[no-any-return] # a plan makes instances of its class
        except OpenApiException as fault:
            del data  # the frame of an error shows its variables
            raise fault.with_traceback(None) from fault.__cause__

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> object:
        """How pydantic, and so FastAPI, reads and writes a model. Only they call this."""
        from xendit.pydantic_schema import core_schema_of

        return core_schema_of(cls, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, object]:
        """The JSON Schema that FastAPI shows in its documentation."""
        from xendit.pydantic_schema import json_schema_of

        return json_schema_of(cls, schema, handler)

    @classmethod
    def from_json(cls, data: str | bytes | bytearray | memoryview) -> Self:
        """The model of a JSON text, such as the body of a webhook, read as `from_dict` does.

        Raises:
            ApiTypeError, ApiValueError: it is not UTF-8 or not JSON, or `from_dict` would raise for what it holds.
        """
        try:
            return read_json(data, cls.__plan__.kind)  # type: ignore[no-any-return] # of this class
        except OpenApiException as fault:
            del data
            raise fault.with_traceback(None) from fault.__cause__

    def to_dict(self, mode: Literal["python", "json", "decimal"] = "python") -> dict[str, Any]:
        """The fields by name, models inside as dicts too. `from_dict` reads each of these back. Holds personal data.

        Args:
            mode: "python": Python values, so datetimes are datetimes, and enums are str. "json": what `json.loads` makes
                of `to_json()`, for a JSON column. "decimal": the same with a Decimal for every number with a fraction,
                for DynamoDB, which takes no float.

        Raises:
            ApiTypeError, ApiValueError: there is no such mode, or something inside was changed into what JSON cannot
            hold.
        """
        if mode == "python":
            return self.__plan__.plain(self)
        from decimal import Decimal
        from json import loads

        if mode not in ("json", "decimal"):
            raise ApiValueError(f"to_dict: mode must be 'python', 'json' or 'decimal', not {mode!r}", ("mode",))
        made: dict[str, Any] = loads(self.to_json(), parse_float=Decimal if mode == "decimal" else None)
        return made

    def to_json(self) -> str:
        """The JSON text that goes on the wire. Holds personal data.

        Raises:
            ApiTypeError, ApiValueError: a list or dict inside was changed into something that cannot be sent.
        """
        return self.__plan__.encode(self)

    def to_str(self) -> str:
        """`to_dict()` as indented text for reading. Holds personal data."""
        from pprint import pformat

        return pformat(self.to_dict())

    def decimal(self, name: str) -> Decimal | None:
        """A number of the model as an exact Decimal, such as `invoice.decimal("paid_amount")`; None when it is absent.

        Compare this one with your order: the float that reads as `1150.35` is less than `Decimal("1150.35")`.

        Raises:
            ApiKeyError: there is no such field.
            ApiTypeError: it holds no number.
        """
        value = self[name]
        from xendit.amounts import exact_decimal

        return None if value is None else exact_decimal(value, (type(self).__name__, name))

    def get(self, name: str, default: object = None) -> Any:
        """The field's value, or the default when it is absent."""
        return self[name] if name in self else default

    def keys(self) -> list[str]:
        """The names of the fields that are there: a list that also has the set operations of a dict's keys."""
        from xendit.field_names import FieldNames

        return FieldNames(self.__plan__.present(self))

    def __getitem__(self, name: str) -> Any:
        return self.__plan__.get(self, name)

    def __setitem__(self, name: str, value: object) -> None:
        plan = self.__plan__
        is_declared = name in plan.fields or name in plan.spellings or name in plan.aliases
        try:
            (plan.assign if is_declared else plan.assign_unknown)(self, name, value)
        except OpenApiException as fault:
            del value
            raise fault.with_traceback(None) from fault.__cause__

    def __contains__(self, name: object) -> bool:
        return self.__plan__.holds(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__plan__.present(self))

    def __len__(self) -> int:
        return len(self.__plan__.present(self))

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._compared()) and (
            set(self._untyped) == set(other._untyped)
        )

    __hash__ = None  # type: ignore[assignment]

    def _compared(self) -> tuple[str, ...]:
        return (*self.__plan__.names, "_unknown")

    def __reduce__(self) -> tuple[object, ...]:
        values = {name: getattr(self, name) for name in (*self.__plan__.names, *self.__plan__.texts)}
        present = {name: value for name, value in values.items() if value is not None}
        return _revive, (type(self), present, self._untyped, self._unknown)

    def __repr__(self) -> str:
        from xendit.display import code_of

        return code_of(self)

    def __str__(self) -> str:
        from xendit.display import line_of

        return line_of(self) if self.__shown__ else repr(self)

    def _repr_html_(self) -> str:
        from xendit.display import table_of

        return table_of(self)
