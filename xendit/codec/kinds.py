"""The types that a field can have: what each reads, takes and writes. These slow walks define what is right. No I/O.

Each kind knows five things, written to be read:

    read(value, path)     what came from the wire → a Python value    a wrong type is an error
    receive(value, …)     the same, where a `Reading` says what becomes of a wrong type
    take(value, path)     what a user gave → a Python value           strict
    write(value, path)    a Python value → JSON text                  checks again
    plain(value)          a Python value → dicts, lists, text, numbers, datetimes

Error messages are made here and nowhere else. `compiler.py` writes Python functions that do the same for ordinary
values and raise an exception without a message for all others; those values then come here. This module has the kinds
that hold no other kind; `containers.py` has the rest.

While a body is read, a `Reading` decides what becomes of a value of the wrong type: it is an error, or it is kept as it
came.
"""

from __future__ import annotations

from xendit.codec.jsontext import Surprise, check_free_form, json_text, quoted, read_json
from xendit.codec.scalars import (
    as_dict,
    as_integer,
    as_text,
    is_decimal,
    is_of,
    number_text,
    parse_time,
    time_text,
)
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.words import nearest, place, type_name, warn, wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any

    from xendit.codec.structs import TextReader
    from xendit.words import Path


class Reading:
    """A reading in which a value of the wrong type is an error, as for what a user wrote."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = 0
        """How many values of the wrong type were kept so far."""

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Raise the error, or return what stands for the value."""
        raise error

    def tell(self) -> None:
        """Say what was kept, once the whole body is read."""


class LooseReading(Reading):
    """A reading that keeps every wrong value as it came and logs nothing, because the caller asked for that."""

    __slots__ = ()

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Keep the value."""
        self.kept += 1
        return value


_MOST_LINES = 20


class TolerantReading(LooseReading):
    """How an answer of the API is read: a good answer is not lost over a field that the program can do without.

    A value of the wrong type in a field that is not declared `strict` is kept as it came. The log has one line about
    each such field, however many invoices of a page have the same fault; it names the place and the types, never the
    value.
    """

    __slots__ = ("_odd",)

    def __init__(self) -> None:
        super().__init__()
        self._odd: dict[tuple[str, ...], tuple[str, int]] = {}

    def wrong(
        self, error: ApiTypeError | ApiValueError, value: object, kind: Kind, path: Path, *, strict: bool
    ) -> object:
        """Raise for a strict field, else keep the value."""
        if strict:
            raise error
        field = tuple(step for step in path if isinstance(step, str))
        if len(self._odd) >= _MOST_LINES and field not in self._odd:  # the names in a dict are as many as one sends
            field = ()
        said, count = self._odd.get(field) or (f"{place(path)}: {type_name(value)} was found, {kind} is declared", 0)
        self._odd[field] = said, count + 1
        return super().wrong(error, value, kind, path, strict=strict)

    def tell(self) -> None:
        """Write the lines."""
        if not self._odd:
            return
        from contextlib import suppress
        from logging import getLogger

        with suppress(Exception):  # the answer must not be lost when a log filter or handler of the application fails
            for said, count in self._odd.values():
                more = f" (and {count - 1} more of this field)" if count > 1 else ""
                getLogger("xendit").warning("%s; it is kept as it came%s", said, more)


class Kind:
    """One type that a field can have. The base takes any JSON value and leaves it untouched."""

    label = "any"

    read_text: Callable[[str | bytes], Any] | None = None
    """Reads a whole text through structs, where a reader for that was made; `structs.py` explains it."""
    texts: TextReader | None = None
    """What makes that reader, and holds what it has learnt."""

    def __str__(self) -> str:
        return self.label

    @property
    def inside(self) -> tuple[Kind, ...]:
        """The kinds of the values inside a value of this kind; for a union, the kinds that its value can have."""
        return ()

    def read(self, value: object, path: Path) -> object:
        """A value from the wire as a Python value."""
        return value

    def receive(self, value: object, path: Path, reading: Reading, *, strict: bool = False) -> object:
        """The same as `read`, but `reading` says what becomes of a value of the wrong type.

        A list or a model asks for each wrong value inside it, so that only the smallest wrong part is kept as it came.
        `strict` says that the program cannot do without the field.
        """
        try:
            return self.read(value, path)
        except (ApiTypeError, ApiValueError) as error:
            return reading.wrong(error, value, self, path, strict=strict)

    def loosely(self, value: object, path: Path) -> object:
        """The same as `read`, but values of the wrong type stay as they came, strict fields or not."""
        return self.receive(value, path, LooseReading())

    def reading(self) -> Reading:
        """How a whole body of this kind is read: tolerantly when it comes from the wire."""
        return Reading()

    def decode(self, value: object, path: Path, reading: Reading) -> object:
        """The same as `receive` for a whole body, by the fast path where there is one."""
        return self.receive(value, path, reading, strict=True)

    def from_json(self, data: bytes) -> Any:
        """A JSON text as a value of this kind."""
        return read_json(data, self)

    def read_fast(self, value: object) -> tuple[object, int]:
        """The same by the fast path alone, with the number of strings that the value held. Raises Surprise when it
        cannot.

        The value is used up: lists in it may hold models afterwards.
        """
        raise Surprise

    def take(self, value: object, path: Path) -> Any:
        """A value that a user gave as a Python value."""
        check_free_form(value, path)
        return value

    def given(self, value: object, path: Path, *, received: bool) -> object:
        """The same as `take`, for a field of a model that comes from the wire when `received` says so."""
        return self.take(value, path)

    def write(self, value: object, path: Path) -> str:
        """A Python value as JSON text."""
        return json_text(value, path)

    def rewrite(self, value: object, path: Path) -> str:
        """The same as `write`, for a field that may hold a value of the wrong type: such a value is written as it came."""
        try:
            return self.write(value, path)
        except (ApiTypeError, ApiValueError):
            return json_text(value, path)

    def check(self, value: object, path: Path) -> None:
        """Raise unless the models in a value have their required fields and keep their rules."""

    def plain(self, value: object) -> object:
        """A Python value without models and enums."""
        return value

    def resembles(self, value: object) -> bool:
        """Whether a value from the wire looks like one of this kind, without looking inside a list or an object."""
        try:
            self.read(value, ())
        except (ApiTypeError, ApiValueError):
            return False
        return True

    def fits(self, value: object) -> bool:
        """Whether a Python value is of this kind; may be False for one that was kept as it came."""
        try:
            self.take(value, ())
        except (ApiTypeError, ApiValueError):
            return False
        return True


def kinds_within(kind: Kind) -> Iterator[Kind]:
    """The kind itself and all kinds inside it, but not those of a model's fields."""
    yield kind
    for each in kind.inside:
        yield from kinds_within(each)


class Text(Kind):
    """A str."""

    label = "str"

    def read(self, value: object, path: Path) -> object:
        if type(value) is not str:
            raise wrong_type(value, "str", path)
        return value

    def take(self, value: object, path: Path) -> object:
        text = as_text(value)
        if text is None:
            raise wrong_type(value, "str", path)
        return text

    def write(self, value: object, path: Path) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, "str", path)
        return quoted(value)


class Identifier(Text):
    """Your own id for something: a str; an int or a UUID is written out."""

    def take(self, value: object, path: Path) -> str:
        number = as_integer(value)
        if number is not None:
            return number_text(number, path)
        text = str(value) if is_of(value, "uuid", "UUID") else as_text(value)
        if text is None:
            raise wrong_type(value, "str, int or UUID", path)
        return text


class Number(Kind):
    """An int or a float as the wire had it, or the Decimal that a user gave; finite."""

    label = "number"

    def read(self, value: object, path: Path) -> Any:
        if is_decimal(value):  # from `to_dict()`, or JSON that was read with `parse_float=Decimal`
            number_text(value, path)
            return value
        if type(value) is not int and type(value) is not float:
            raise wrong_type(value, "a number", path)
        if value - value != 0:
            raise wrong_value("NaN and infinities are not numbers that can be used", path)
        return value

    def take(self, value: object, path: Path) -> object:
        if not isinstance(value, (int, float)):
            number = as_integer(value)
            value = value if number is None else number
        number_text(value, path)
        return value

    def write(self, value: object, path: Path) -> str:
        return number_text(value, path)


class Money(Number):
    """A number of a currency's major units. `xendit.amounts` says how an amount from a program is understood."""


class Integer(Number):
    """A whole number."""

    label = "integer"

    def read(self, value: object, path: Path) -> object:
        number = super().read(value, path)
        if number != int(number):
            raise wrong_value("a whole number is needed", path)
        return number

    def take(self, value: object, path: Path) -> Any:
        value = super().take(value, path)
        if "." in number_text(value, path):
            raise wrong_value("a whole number is needed", path)
        return value

    def write(self, value: object, path: Path) -> str:
        text = number_text(value, path)
        if "." in text:
            raise wrong_value("a whole number is needed", path)
        return text


class Seconds(Integer):
    """A duration in whole seconds. A str of digits is taken too, and so is a timedelta, whose part of a second is cut."""

    def take(self, value: object, path: Path) -> int:
        if isinstance(value, str):
            digits = value.strip()
            if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
                raise wrong_value("a str must be digits, the number of seconds", path)
            return int(digits)
        if is_of(value, "datetime", "timedelta"):
            return int(value.days * 86400 + value.seconds)  # type: ignore[attr-defined]
        if as_integer(value) is None and not isinstance(value, float) and not is_decimal(value):
            raise wrong_type(value, "int, float, digits in a str or timedelta", path)
        return int(super().take(value, path))


class Boolean(Kind):
    """True or False."""

    label = "boolean"

    def read(self, value: object, path: Path) -> object:
        if value is not True and value is not False:
            raise wrong_type(value, "bool", path)
        return value

    def take(self, value: object, path: Path) -> object:
        return self.read(bool(value) if is_of(value, "numpy", "bool_") else value, path)

    def write(self, value: object, path: Path) -> str:
        return "true" if self.read(value, path) else "false"


class Time(Kind):
    """An aware datetime; ISO 8601 text on the wire."""

    label = "datetime"

    def read(self, value: object, path: Path) -> object:
        if type(value) is str:
            return self._parse(value, path)
        if is_of(value, "datetime", "datetime"):  # from `to_dict()`
            return self.take(value, path)
        raise wrong_type(value, "ISO 8601 text", path)

    def take(self, value: object, path: Path) -> datetime:
        from datetime import date, datetime, timezone

        if isinstance(value, str):
            return self._parse(value, path)
        if isinstance(value, datetime):
            if value != value:  # noqa: PLR0124 - pandas' NaT says that it is a datetime, and equals nothing
                raise wrong_value("NaT is no time", path)
            return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
        raise wrong_type(value, "datetime, date or ISO 8601 text", path)

    def _parse(self, value: str, path: Path) -> datetime:
        try:
            return parse_time(value)
        except ValueError:
            pass
        raise wrong_value("the text is no ISO 8601 date", path)

    def write(self, value: object, path: Path) -> str:
        moment = self.take(value, path)
        try:
            return f'"{time_text(moment)}"'
        except OverflowError:
            pass
        raise wrong_value("the date cannot be written in UTC", path)


class Date(Kind):
    """A day without a time; `2026-01-31` on the wire."""

    label = "date"

    def read(self, value: object, path: Path) -> object:
        if type(value) is not str and not is_of(value, "datetime", "date"):
            raise wrong_type(value, "text such as 2026-01-31", path)
        return self.take(value, path)

    def take(self, value: object, path: Path) -> Any:
        from datetime import date, datetime

        if isinstance(value, date) and not isinstance(value, datetime):  # a datetime would lose its time
            return value
        if not isinstance(value, str):
            raise wrong_type(value, "date or text such as 2026-01-31", path)
        try:
            if len(value) == 10 and value[4] == value[7] == "-":  # Python 3.11 and later read other forms too
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise wrong_value("the text is no date such as 2026-01-31", path)

    def write(self, value: object, path: Path) -> str:
        return f'"{self.take(value, path).isoformat()}"'


class Choice(Text):
    """A member of an open enum; a text that is no known member is kept as it is."""

    def __init__(self, enum: Any, *, received: bool) -> None:
        self.enum = enum
        self.label = enum.__name__
        self.received = received

    def read(self, value: object, path: Path) -> object:
        if not isinstance(value, str):
            raise wrong_type(value, "str", path)
        return self.enum(str.__str__(value))

    def take(self, value: object, path: Path) -> object:
        given = as_text(value)
        if given is None:
            raise wrong_type(value, f"{self.label} or str", path)
        member = self.enum(given) if self.received else self.enum.meant_by(given)
        if not (member.is_known or self.received):
            known = [each.value for each in self.enum]
            text = str(member)
            shown = repr(text) if len(text) <= 40 and text.replace("_", "").isalnum() else "the text given"
            warn(f"{place(path)}: {shown} is no known {self.label}; it is sent as it is{nearest(text, known)}")
        return member

    def plain(self, value: object) -> object:
        return str.__str__(value) if isinstance(value, str) else value

    def resembles(self, value: object) -> bool:
        return isinstance(value, str) and value in self.enum._value2member_map_

    def fits(self, value: object) -> bool:
        return isinstance(value, str)


class FreeForm(Kind):
    """A JSON object whose values are the user's own and are never touched."""

    label = "object"

    def read(self, value: object, path: Path) -> object:
        value = as_dict(value)
        if not isinstance(value, dict):
            raise wrong_type(value, "an object", path)
        return value

    def take(self, value: object, path: Path) -> object:
        value = as_dict(value)
        if not isinstance(value, dict):
            raise wrong_type(value, "a dict", path)
        check_free_form(value, path)
        return value

    def write(self, value: object, path: Path) -> str:
        if not isinstance(value, dict):
            raise wrong_type(value, "a dict", path)
        return json_text(value, path)
