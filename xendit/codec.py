"""What a declaration compiles to: decoding, constructing and encoding. No I/O, and no model by name.

A model is declared in `model.py`; here its annotations become kinds (text, number, a list of banks …).
Each kind knows four things, written to be read:

    read(value, path)    what came from the wire → a Python value     a wrong type is an error
    receive(value, path, reading, strict=…)   the same, and `reading` says what becomes of a wrong type
    take(value, path)    what a user gave        → a Python value     strict
    write(value, path)   a Python value          → JSON text          checks again
    plain(value)         a Python value          → dicts, lists, text, numbers, datetimes

These slow walks are the one definition of what is right, and the only place that makes error messages.
For speed each kind can also write a few lines of Python that do the same for the ordinary values and raise
bare on any surprise; `Plan.compile` joins them into one function a class, and a surprise sends the
value through the slow walk, which says where the fault is, or accepts what the fast lines did not know.
The first objects of a class go the slow way, so that a short process does not pay for compiling.
"""

from __future__ import annotations

import sys

from xendit.exceptions import ApiAttributeError, ApiKeyError, ApiTypeError, ApiValueError, XenditWarning

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any, TypeAlias

    Path: TypeAlias = "tuple[str | int, ...]"
    Lines: TypeAlias = "list[str]"
    Names: TypeAlias = "dict[str, Any]"

COMPILE_AFTER = 8
"""How many objects of a class are handled slowly before its functions are compiled."""

LARGEST_EXPONENT = 308
"""Numbers beyond this power of ten are refused: no amount needs them and their text would fill memory."""

_LARGEST_BITS = (10**LARGEST_EXPONENT).bit_length()

_new = object.__new__
_set = object.__setattr__


class _Absent:
    """The type of `absent`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "absent"


absent: Any = _Absent()
"""Stands for a field that was not given, where `None` does not fit its type."""


class Surprise(Exception):
    """A fast path met a value it does not know; it never leaves this module."""


class Reading:
    """What becomes of a value of the wrong type while a body is read. Here: an error, as for what a user wrote."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = 0
        """How many values of the wrong type were kept so far."""

    def wrong(self, error: ApiTypeError | ApiValueError, value: Any, kind: Kind, path: Path, *, strict: bool) -> Any:
        """Raise the error, or return what stands for the value."""
        raise error

    def tell(self) -> None:
        """Say what was kept, once the whole body is read."""


class LooseReading(Reading):
    """Everything is kept as it came, and nothing is said: the caller asked for it."""

    __slots__ = ()

    def wrong(self, error: ApiTypeError | ApiValueError, value: Any, kind: Kind, path: Path, *, strict: bool) -> Any:
        """Keep the value."""
        self.kept += 1
        return value


class TolerantReading(LooseReading):
    """How an answer of the API is read: a good answer is not lost over a field that the program can do without.

    A value of the wrong type in a field that is not declared `strict` is kept as it came. The log says so in one
    line a field, however many invoices of a page are alike; it names the place and the types, never the value.
    """

    __slots__ = ("_odd",)

    def __init__(self) -> None:
        super().__init__()
        self._odd: dict[tuple[str, ...], list[Any]] = {}

    def wrong(self, error: ApiTypeError | ApiValueError, value: Any, kind: Kind, path: Path, *, strict: bool) -> Any:
        """Raise for a strict field, else keep the value."""
        if strict:
            raise error
        field = tuple(step for step in path if isinstance(step, str))
        odd = self._odd.setdefault(field, [place(path), type_name(value), str(kind), 0])
        odd[3] += 1
        return super().wrong(error, value, kind, path, strict=strict)

    def tell(self) -> None:
        """Write the lines."""
        if not self._odd:
            return
        from contextlib import suppress
        from logging import getLogger

        with suppress(Exception):  # a filter or handler of the application's that fails must not lose the answer
            for where, found, declared, count in self._odd.values():
                more = f" (and {count - 1} more of this field)" if count > 1 else ""
                getLogger("xendit").warning(
                    "%s: %s was found, %s is declared; it is kept as it came%s", where, found, declared, more
                )


# ---------------------------------------------------------------------------------------------- messages


def place(path: Path) -> str:
    """A path as people write it: `CreateInvoiceRequest['items'][2]['price']`."""
    if not path:
        return "the value"
    return str(path[0]) + "".join(f"[{step!r}]" for step in path[1:])


def article(noun: str) -> str:
    """The noun with its article."""
    return ("an " if noun[:1].lower() in "aeiou" else "a ") + noun


def type_name(value: object) -> str:
    """The type of a value as a message names it; the value itself may be personal and is never shown."""
    return "None" if value is None else article(type(value).__name__)


def wrong_type(value: object, expected: str, path: Path) -> ApiTypeError:
    """The error for a value of a type that does not belong here."""
    return ApiTypeError(f"{place(path)}: {type_name(value)} was given, {expected} is needed", path[1:])


def wrong_value(problem: str, path: Path) -> ApiValueError:
    """The error for a value of the right type that cannot be used."""
    return ApiValueError(f"{place(path)}: {problem}", path[1:])


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest of the names, or nothing when none is near."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(names), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def warn(message: str, category: type[Warning] = XenditWarning) -> None:
    """Warn at the line of the application that called into the library."""
    import warnings

    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "xendit":
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)


# ---------------------------------------------------------------------------------------------- JSON and times


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _parse_float(text: str) -> float:
    value = float(text)
    if value - value != 0.0:
        raise ValueError("a number is too large")
    return value


def _parse_int(text: str) -> int:
    if len(text) > 4300:
        raise ValueError("a number is too large")
    return int(text)


def _decoder() -> Any:
    global _json_decoder
    if _json_decoder is None:
        from json import JSONDecoder

        # the first releases of Python 3.10, and a program that lifted the limit of later ones, take minutes to read
        # an integer of a million digits
        limit = sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else 0
        parse_int = int if 0 < limit <= 4300 else _parse_int
        _json_decoder = JSONDecoder(parse_constant=_refuse_constant, parse_float=_parse_float, parse_int=parse_int)
    return _json_decoder


_json_decoder: Any = None


DEEPEST = 64
"""Levels of nesting that are read: a real invoice has four."""


def loads(data: str | bytes | bytearray | memoryview) -> Any:
    """Strict JSON: UTF-8 only, no NaN or infinities, no key twice, at most DEEPEST levels.

    Raises ApiTypeError or ApiValueError, never shows the text.
    """
    problem = ""
    text = ""
    value: Any = None
    if isinstance(data, str):
        text = data
    elif isinstance(data, (bytes, bytearray, memoryview)):
        try:
            text = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            problem = f"the JSON is not UTF-8 (at byte {error.start})"
    else:
        raise wrong_type(data, "JSON as str or bytes", ())
    if problem:
        raise ApiValueError(problem)
    text = text.removeprefix("\ufeff")
    try:
        value = _decoder().decode(text)
        problem = _structure_problem(value, text)
    except RecursionError:
        problem = "the JSON is nested too deeply"
    except ValueError as error:
        position = getattr(error, "pos", None)
        reason = getattr(error, "msg", None) or str(error)[:80]
        problem = f"not JSON: {reason}" + ("" if position is None else f" (at character {position})")
    if not problem:
        return value
    raise ApiValueError(problem)


def read_json(data: str | bytes | bytearray | memoryview, kind: Kind) -> Any:
    """A JSON text as a value of this kind, as strictly as `loads` reads it.

    What `loads` finds by a walk over all values, the compiled reader finds on its way: it knows how many strings
    it has met, and where a key came twice the text holds more.
    """
    try:
        text: Any = data.decode() if isinstance(data, bytes) else data
        value, end = (_json_decoder or _decoder()).scan_once(text, 0)
        made, strings = kind.read_fast(value)
        if strings == _strings_in(text) and (end == len(text) or text[end:].strip(" \t\n\r") == ""):
            return made
    except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
        pass
    reading = kind.reading()
    made = kind.decode(loads(data), (kind.label,), reading)  # parsed anew: the fast path has taken the lists apart
    reading.tell()
    return made


def _strings_in(text: str) -> int:
    """How many strings a JSON text holds, keys included; -1 where that is not to be seen at a glance.

    Each has two quotes. One after a backslash is in a string, unless that backslash is itself escaped.
    """
    quotes = text.count('"')
    if "\\" in text:
        if "\\\\" in text:
            return -1
        quotes -= text.count('\\"')
    return quotes // 2


def _structure_problem(value: Any, text: str) -> str:
    """What is wrong with the structure: too many levels, or a key that came twice; "" when nothing is.

    Of a key that came twice one string is left, so the values hold fewer strings than the text. Where that
    cannot be counted at a glance, the text is read again, pair by pair.
    """
    level, strings = [value], 0
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for each in level:
            if type(each) is str:
                strings += 1
            elif type(each) is dict:
                strings += len(each)
                below += each.values()
            elif type(each) is list:
                below += each
        if not below:
            break
        level = below
    else:
        return "the JSON is nested too deeply"
    if strings == _strings_in(text):
        return ""
    from json import JSONDecoder

    try:
        JSONDecoder(object_pairs_hook=_distinct).decode(text)
    except _Doubled as doubled:
        return str(doubled)
    return ""


class _Doubled(Exception):
    """A key came twice in one object."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubled("a key stands twice in one object of the JSON")
    return found


def strings_within(value: Any, levels: int = DEEPEST // 2) -> int:
    """How many strings free-form data holds, keys included. Surprise when it is so deep that levels must be counted."""
    inside: Iterable[Any]
    if value.__class__ is dict:
        strings, inside = len(value), value.values()
    elif value.__class__ is list:
        strings, inside = 0, value
    else:
        return 1 if value.__class__ is str else 0
    if not levels:
        raise Surprise
    for each in inside:
        if each.__class__ is str:
            strings += 1
        elif each.__class__ is dict or each.__class__ is list:
            strings += strings_within(each, levels - 1)
    return strings


def json_text(value: object, path: Path) -> str:
    """Free-form data as JSON text, exactly as it is. Raises with the path of what JSON cannot hold."""
    check_free_form(value, path)
    try:
        return str(_encoder().encode(value))
    except TypeError:  # it holds a Decimal, an integer of numpy or a lazy text, which the encoder does not know
        return _odd_json_text(value, path)


def _odd_json_text(value: Any, path: Path) -> str:
    """The same for checked data in which a number or a text may be of a type that only we know."""
    if isinstance(value, dict):
        quote = Text().write
        return "{" + ",".join(f"{quote(key, path)}:{_odd_json_text(item, path)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_odd_json_text(item, path) for item in value) + "]"
    if is_decimal(value):
        return number_text(value, path)
    number, text = as_integer(value), as_text(value)
    return str(_encoder().encode(value if number is None and text is None else number if text is None else text))


def _encoder() -> Any:
    global _json_encoder
    if _json_encoder is None:
        from json import JSONEncoder

        _json_encoder = JSONEncoder(allow_nan=False, separators=(",", ":"))
    return _json_encoder


_json_encoder: Any = None


def check_free_form(value: object, path: Path) -> None:
    """Raise unless the value is JSON: None, bool, a finite number, str, list or tuple, dict with str keys."""
    try:
        _walk_free_form(value, path)
    except RecursionError:
        pass
    else:
        return
    raise wrong_value("nested too deeply", path)


def _walk_free_form(value: object, path: Path) -> None:
    if value is None or isinstance(value, (bool, str)):
        return
    if isinstance(value, int) or is_decimal(value):
        number_text(value, path)
    elif isinstance(value, float):
        if value - value != 0.0:
            raise wrong_value("NaN and infinities are not JSON", path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ApiTypeError(f"{place(path)}: a key is {type_name(key)}, str is needed", path[1:])
            _walk_free_form(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _walk_free_form(item, (*path, index))
    elif as_integer(value) is None and as_text(value) is None:
        raise wrong_type(value, "None, bool, int, float, Decimal, str, list or dict", path)


def parse_time(text: str) -> datetime:
    """An ISO 8601 text as an aware datetime, UTC when it has no offset. Raises ValueError."""
    from datetime import datetime, timezone

    try:
        # fromisoformat reads Z and any number of digits from Python 3.11 on
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in "Zz" and text else text)
    except ValueError:
        moment = _parse_odd_time(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _parse_odd_time(text: str) -> datetime:
    from dateutil.parser import isoparse

    if len(text) > 64 or not text.isascii():
        raise ValueError("no date")
    try:
        moment: datetime = isoparse(text)
    except OverflowError:
        raise ValueError("no date") from None
    return moment


def time_text(moment: datetime) -> str:
    """A datetime as ISO 8601 in UTC with `Z`, in milliseconds (microseconds where it has them)."""
    from datetime import timezone

    utc = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    precision = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def number_text(value: object, path: Path) -> str:
    """A finite int, float or Decimal as JSON text: exact, integral values as integers, never an exponent."""
    problem = ""
    if isinstance(value, int) and not isinstance(value, bool):
        if value.bit_length() <= _LARGEST_BITS:
            return int.__repr__(value)
        problem = f"the number is beyond 10 to the power of {LARGEST_EXPONENT}"
    elif isinstance(value, float):
        if value - value != 0.0:
            problem = "NaN and infinities are not numbers that can be sent"
        elif value.is_integer():
            return int.__repr__(int(value))
        else:
            text = float.__repr__(value)
            return text if "e" not in text else _decimal_text(text)
    elif is_decimal(value):
        if not value.is_finite():  # type: ignore[attr-defined]
            problem = "NaN and infinities are not numbers that can be sent"
        elif abs(value.adjusted()) > LARGEST_EXPONENT:  # type: ignore[attr-defined]
            problem = f"the number is beyond 10 to the power of {LARGEST_EXPONENT}"
        else:
            return _decimal_text(value)
    else:
        raise wrong_type(value, "int, float or Decimal", path)
    raise wrong_value(problem, path)


def plain_amount_text(value: object) -> str:
    """The same for an amount that needs no thought. Surprise for a float that may have noise, whatever its currency."""
    if isinstance(value, float) and not value.is_integer() and (round(value, 2) != value or abs(value) > 1e9):
        raise Surprise
    return number_text(value, ())


def _decimal_text(value: Any) -> str:
    from decimal import Decimal

    exact = Decimal(value)
    whole = exact.to_integral_value()
    return int.__repr__(int(whole)) if whole == exact else format(exact, "f")


def is_decimal(value: object) -> bool:
    """Whether the value is a Decimal, asked without importing `decimal` into a program that has none."""
    return _is_of(value, "decimal", "Decimal")


def _is_of(value: object, module: str, name: str) -> bool:
    """Whether the value is of a class of a module that the program may not have imported, which is left so."""
    cls = getattr(sys.modules.get(module), name, None)
    return cls is not None and isinstance(value, cls)


def as_integer(value: object) -> int | None:
    """The int that a value is: itself, or what an integer of numpy or pandas says by `__index__`; None for others."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        return None
    from operator import index

    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:  # an array of several says that it has one
        return None


_LAZY_TEXTS = (
    ("django.utils.functional", "Promise"),
    ("flask_babel.speaklater", "LazyString"),
    ("babel.support", "LazyProxy"),
)
"""Texts that are translated when they are read: Django's `gettext_lazy`, Flask-Babel's and Babel's."""


def as_text(value: object) -> str | None:
    """The str that a value is: itself, or a lazy text in the language that is active now; None for others."""
    if isinstance(value, str):
        return str.__str__(value)
    if any(_is_of(value, module, name) for module, name in _LAZY_TEXTS):
        return str.__str__(str(value))
    return None


def money_parts(value: Any, path: Path) -> tuple[Any, str | None]:
    """The amount and the currency of a money value, such as py-moneyed's and django-money's; of a number, no currency.

    Raises:
        ApiTypeError: the currency is no text and has no `code`.
    """
    if isinstance(value, (int, float)) or hasattr(value, "__plan__"):  # a model of ours is not meant as an amount
        return value, None
    if not hasattr(value, "amount") or not hasattr(value, "currency"):
        return value, None
    code = getattr(value.currency, "code", value.currency)
    if not isinstance(code, str):
        raise wrong_type(code, "a currency's code", (*path, "currency"))
    return value.amount, str.__str__(code)


# ---------------------------------------------------------------------------------------------- kinds


class Kind:
    """One type that a field can have. The base takes any JSON value and leaves it untouched."""

    label = "any"

    def __str__(self) -> str:
        return self.label

    def read(self, value: Any, path: Path) -> Any:
        """A value from the wire as a Python value."""
        return value

    def take(self, value: Any, path: Path) -> Any:
        """A value that a user gave as a Python value."""
        check_free_form(value, path)
        return value

    def write(self, value: Any, path: Path) -> str:
        """A Python value as JSON text."""
        return json_text(value, path)

    def plain(self, value: Any) -> Any:
        """A Python value without models and enums."""
        return value

    def receive(self, value: Any, path: Path, reading: Reading, *, strict: bool = False) -> Any:
        """The same as `read`, but `reading` says what becomes of a value of the wrong type.

        Of a list or a model that is each wrong value inside it, so that the smallest one is kept. `strict` says
        that the program cannot do without the field.
        """
        try:
            return self.read(value, path)
        except (ApiTypeError, ApiValueError) as error:
            return reading.wrong(error, value, self, path, strict=strict)

    def decode(self, value: Any, path: Path, reading: Reading) -> Any:
        """The same as `receive` for a whole body, by the fast path where there is one."""
        return self.receive(value, path, reading, strict=True)

    def reading(self) -> Reading:
        """How a whole body of this kind is read: tolerantly when it comes from the wire."""
        return Reading()

    def read_fast(self, value: Any) -> tuple[Any, int]:
        """The same by the fast path alone, or Surprise; and how many strings the value held, which is used up."""
        raise Surprise

    def rewrite(self, value: Any, path: Path) -> str:
        """The same as `write`, for a field in which a value of the wrong type was kept: that goes out as it came."""
        try:
            return self.write(value, path)
        except (ApiTypeError, ApiValueError):
            return json_text(value, path)

    def fits(self, value: Any) -> bool:
        """Whether a Python value is of this kind; may be False for one that was kept as it came."""
        try:
            self.take(value, ())
        except (ApiTypeError, ApiValueError):
            return False
        return True

    def loosely(self, value: Any, path: Path) -> Any:
        """The same as `read`, but values of the wrong type stay as they came, strict fields or not."""
        return self.receive(value, path, LooseReading())

    # Lines of source on the variable `v` that leave the result in `v` or raise; `names` is what they may use.
    # Those of read_lines also add the strings inside a container to `strings`; a text itself is counted outside.

    texts = False
    """Whether its values are JSON strings."""

    def read_lines(self, names: Names) -> Lines:
        return ["strings += strings_within(v)"]

    def take_lines(self, names: Names) -> Lines:
        return ["raise Surprise"]

    def write_lines(self, names: Names) -> Lines:
        names["json_text"] = json_text
        return ["v = json_text(v, ())"]


def _unless(condition: str) -> Lines:
    return [f"if not ({condition}): raise Surprise"]


class Text(Kind):
    """A str."""

    label = "str"
    texts = True

    def read(self, value: Any, path: Path) -> Any:
        if type(value) is not str:
            raise wrong_type(value, "str", path)
        return value

    def take(self, value: Any, path: Path) -> Any:
        text = as_text(value)
        if text is None:
            raise wrong_type(value, "str", path)
        return text

    def write(self, value: Any, path: Path) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, "str", path)
        from json.encoder import encode_basestring_ascii

        return encode_basestring_ascii(value)

    def read_lines(self, names: Names) -> Lines:
        return _unless("v.__class__ is str")

    take_lines = read_lines

    def write_lines(self, names: Names) -> Lines:
        from json.encoder import encode_basestring_ascii

        names["quote"] = encode_basestring_ascii
        return [*_unless("v.__class__ is str"), "v = quote(v)"]


class Identifier(Text):
    """Your own id for something: a str; an int or a UUID is written out."""

    def take(self, value: Any, path: Path) -> Any:
        number = as_integer(value)
        if number is not None:
            return number_text(number, path)
        text = str(value) if _is_of(value, "uuid", "UUID") else as_text(value)
        if text is None:
            raise wrong_type(value, "str, int or UUID", path)
        return text


class Number(Kind):
    """An int or a float as the wire had it, or the Decimal that a user gave; finite."""

    label = "number"

    def read(self, value: Any, path: Path) -> Any:
        if is_decimal(value):  # from `to_dict()`, or JSON that was read with `parse_float=Decimal`
            number_text(value, path)
            return value
        if type(value) is not int and type(value) is not float:
            raise wrong_type(value, "a number", path)
        if value - value != 0:
            raise wrong_value("NaN and infinities are not numbers that can be used", path)
        return value

    def take(self, value: Any, path: Path) -> Any:
        if not isinstance(value, (int, float)):
            number = as_integer(value)
            value = value if number is None else number
        number_text(value, path)
        return value

    def write(self, value: Any, path: Path) -> str:
        return number_text(value, path)

    def read_lines(self, names: Names) -> Lines:
        return _unless("v.__class__ is int or v.__class__ is float and v - v == 0.0")

    def take_lines(self, names: Names) -> Lines:
        from decimal import Decimal

        names["Decimal"] = Decimal
        return [
            "if v.__class__ is int:",
            "    if not lowest < v < highest: raise Surprise",
            "elif v.__class__ is Decimal:",
            "    if not v.is_finite() or not -300 < v.adjusted() < 300: raise Surprise",
            *("el" + line for line in _unless("v.__class__ is float and v - v == 0.0")),
        ]

    def write_lines(self, names: Names) -> Lines:
        names["number_text"] = number_text
        return [
            "if v.__class__ is int and lowest < v < highest: v = str(v)",
            "else: v = number_text(v, ())",
        ]


class Money(Number):
    """A number of a currency's major units. `xendit.amounts` says how one that was given is understood."""

    def write_lines(self, names: Names) -> Lines:
        names["plain_amount_text"] = plain_amount_text
        return [
            "if v.__class__ is int and lowest < v < highest: v = str(v)",
            "else: v = plain_amount_text(v)",
        ]


class Integer(Number):
    """A whole number."""

    label = "integer"

    def read(self, value: Any, path: Path) -> Any:
        if "." in number_text(super().read(value, path), path):
            raise wrong_value("a whole number is needed", path)
        return value

    def read_lines(self, names: Names) -> Lines:
        return _unless("v.__class__ is int or v.__class__ is float and v.is_integer()")

    def take(self, value: Any, path: Path) -> Any:
        value = super().take(value, path)
        if "." in number_text(value, path):
            raise wrong_value("a whole number is needed", path)
        return value

    def take_lines(self, names: Names) -> Lines:
        return _unless("v.__class__ is int and lowest < v < highest")

    def write(self, value: Any, path: Path) -> str:
        text = number_text(value, path)
        if "." in text:
            raise wrong_value("a whole number is needed", path)
        return text

    def write_lines(self, names: Names) -> Lines:
        return [*_unless("v.__class__ is int and lowest < v < highest"), "v = str(v)"]


class Seconds(Integer):
    """A duration in whole seconds; digits in a str and a timedelta, whose part of a second is cut, are taken too."""

    def take(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            digits = value.strip()
            if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
                raise wrong_value("a str must be digits, the number of seconds", path)
            return int(digits)
        if _is_of(value, "datetime", "timedelta"):
            return value.days * 86400 + value.seconds
        if as_integer(value) is None and not isinstance(value, float) and not is_decimal(value):
            raise wrong_type(value, "int, float, digits in a str or timedelta", path)
        return int(super().take(value, path))


class Boolean(Kind):
    """True or False."""

    label = "boolean"

    def read(self, value: Any, path: Path) -> Any:
        if value is not True and value is not False:
            raise wrong_type(value, "bool", path)
        return value

    def take(self, value: Any, path: Path) -> Any:
        return self.read(bool(value) if _is_of(value, "numpy", "bool_") else value, path)

    def write(self, value: Any, path: Path) -> str:
        return "true" if self.read(value, path) else "false"

    def read_lines(self, names: Names) -> Lines:
        return _unless("v is True or v is False")

    take_lines = read_lines

    def write_lines(self, names: Names) -> Lines:
        return [*_unless("v is True or v is False"), "v = 'true' if v else 'false'"]


class Time(Kind):
    """An aware datetime; ISO 8601 text on the wire."""

    label = "datetime"
    texts = True

    def read(self, value: Any, path: Path) -> Any:
        if type(value) is str:
            return self._parse(value, path)
        if _is_of(value, "datetime", "datetime"):  # from `to_dict()`
            return self.take(value, path)
        raise wrong_type(value, "ISO 8601 text", path)

    def take(self, value: Any, path: Path) -> Any:
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

    def write(self, value: Any, path: Path) -> str:
        moment = self.take(value, path)
        try:
            return f'"{time_text(moment)}"'
        except OverflowError:
            pass
        raise wrong_value("the date cannot be written in UTC", path)

    def read_lines(self, names: Names) -> Lines:
        from datetime import datetime, timezone

        names.update(fromisoformat=datetime.fromisoformat, utc=timezone.utc)
        return [
            *_unless("v.__class__ is str"),
            "v = fromisoformat(v)" if sys.version_info >= (3, 11) else "v = fromisoformat(v.replace('Z', '+00:00'))",
            "if v.tzinfo is None: v = v.replace(tzinfo=utc)",
        ]

    def take_lines(self, names: Names) -> Lines:
        from datetime import datetime

        names.update(parse_time=parse_time, datetime=datetime)
        return [
            "if v.__class__ is str: v = parse_time(v)",
            "elif v.__class__ is not datetime or v.tzinfo is None: raise Surprise",
        ]

    def write_lines(self, names: Names) -> Lines:
        from datetime import datetime

        names.update(time_text=time_text, datetime=datetime)
        return [*_unless("v.__class__ is datetime"), """v = '"' + time_text(v) + '"'"""]


class Choice(Text):
    """A member of an open enum; a text that is no known member is kept as it is."""

    def __init__(self, enum: Any, *, received: bool) -> None:
        self.enum = enum
        self.label = enum.__name__
        self.received = received

    def read(self, value: Any, path: Path) -> Any:
        if not isinstance(value, str):
            raise wrong_type(value, "str", path)
        return self.enum(str.__str__(value))

    def take(self, value: Any, path: Path) -> Any:
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

    def plain(self, value: Any) -> Any:
        return str.__str__(value) if isinstance(value, str) else value

    def read_lines(self, names: Names) -> Lines:
        names[self.label] = self.enum
        names["known" + self.label] = self.enum._value2member_map_
        return [
            f"try: v = known{self.label}[v]",
            f"except KeyError: v = {self.label}(v)",
        ]

    def take_lines(self, names: Names) -> Lines:
        names[self.label] = self.enum
        names["known" + self.label] = self.enum._value2member_map_
        return [
            f"if v.__class__ is str: v = known{self.label}[v]",
            f"elif v.__class__ is not {self.label} or v._name_ is None: raise Surprise",
        ]

    def write_lines(self, names: Names) -> Lines:
        from json.encoder import encode_basestring_ascii

        names["quote"] = encode_basestring_ascii
        names[self.label] = self.enum
        return [*_unless(f"v.__class__ is {self.label}"), "v = quote(v)"]


class Array(Kind):
    """A list."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self.label = f"list[{item}]"

    def read(self, value: Any, path: Path) -> Any:
        return self.receive(value, path, Reading())

    def receive(self, value: Any, path: Path, reading: Reading, *, strict: bool = False) -> Any:
        if type(value) is not list:
            return reading.wrong(wrong_type(value, "a list", path), value, self, path, strict=strict)
        receive = self.item.receive
        return [receive(item, (*path, index), reading, strict=strict) for index, item in enumerate(value)]

    def decode(self, value: Any, path: Path, reading: Reading) -> Any:
        if type(value) is not list:
            return reading.wrong(wrong_type(value, "a list", path), value, self, path, strict=True)
        return [self.item.decode(item, (*path, index), reading) for index, item in enumerate(value)]

    def reading(self) -> Reading:
        return self.item.reading()

    def read_fast(self, value: Any) -> tuple[Any, int]:
        if type(value) is not list:
            raise Surprise
        read = self.item.read_fast
        strings = 0
        for index, item in enumerate(value):
            value[index], count = read(item)  # in its own place, so that what was parsed is freed at once
            strings += count
        return value, strings

    def fits(self, value: Any) -> bool:
        return isinstance(value, list) and all(map(self.item.fits, value))

    def take(self, value: Any, path: Path) -> Any:
        # A dict or a model iterates over its names: giving one where a list is due is a slip.
        odd = isinstance(value, (str, bytes, bytearray, set, frozenset)) or hasattr(value, "keys")
        if odd or not hasattr(value, "__iter__"):
            raise wrong_type(value, f"a list of {self.item}", path)
        return [self.item.take(item, (*path, index)) for index, item in enumerate(value)]

    def write(self, value: Any, path: Path) -> str:
        if not isinstance(value, (list, tuple)):
            raise wrong_type(value, f"a list of {self.item}", path)
        return "[" + ",".join(self.item.write(item, (*path, index)) for index, item in enumerate(value)) + "]"

    def rewrite(self, value: Any, path: Path) -> str:
        if not isinstance(value, (list, tuple)):
            return json_text(value, path)
        return "[" + ",".join(self.item.rewrite(item, (*path, index)) for index, item in enumerate(value)) + "]"

    def plain(self, value: Any) -> Any:
        return [self.item.plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    def _each(self, lines: Lines, found: str = "found") -> Lines:
        inner = ["    " + line for line in lines]
        return [*_unless("v.__class__ is list"), f"{found} = []", "for v in v:", *inner, f"    {found}.append(v)"]

    def read_lines(self, names: Names) -> Lines:
        found = f"{self.item}s"
        counted = [f"strings += len({found})"] if self.item.texts else []
        return [*self._each(self.item.read_lines(names), found), *counted, f"v = {found}"]

    def take_lines(self, names: Names) -> Lines:
        lines = self.item.take_lines(names)
        if isinstance(self.item, (Text, Object)) and not isinstance(self.item, Choice):  # taken as they are
            checks = ["    " + line.replace("v.", "found.") for line in lines]
            return [*_unless("v.__class__ is list"), "for found in v:", *checks, "v = v[:]"]
        return [*self._each(lines), "v = found"]

    def write_lines(self, names: Names) -> Lines:
        return [*self._each(self.item.write_lines(names)), "v = '[' + ','.join(found) + ']'"]


class FreeForm(Kind):
    """A JSON object whose values are the user's own and are never touched."""

    label = "object"

    def read(self, value: Any, path: Path) -> Any:
        if type(value) is not dict:
            raise wrong_type(value, "an object", path)
        return value

    def take(self, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(value, "a dict", path)
        check_free_form(value, path)
        return value

    def write(self, value: Any, path: Path) -> str:
        if not isinstance(value, dict):
            raise wrong_type(value, "a dict", path)
        return json_text(value, path)

    def read_lines(self, names: Names) -> Lines:
        return [*_unless("v.__class__ is dict"), *super().read_lines(names)]

    def take_lines(self, names: Names) -> Lines:
        names["check_free_form"] = check_free_form
        return [
            *_unless("v.__class__ is dict"),
            "for found in v:",
            "    if found.__class__ is not str or v[found].__class__ is not str: check_free_form(v, ())",
        ]

    def write_lines(self, names: Names) -> Lines:
        from json.encoder import encode_basestring_ascii

        names["quote"] = encode_basestring_ascii
        texts = " and ".join(f"{each}.__class__ is str" for each in ("name", "item"))
        return [
            *_unless("v.__class__ is dict"),
            "found = []",
            "for name, item in v.items():",
            f"    if {texts}: found.append(f'{{quote(name)}}:{{quote(item)}}')",
            "    else:",
            "        v = json_text(v, ())",
            "        break",
            "else: v = f'{{{\",\".join(found)}}}'",
        ]


class Object(Kind):
    """Another model."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.label = plan.name

    def read(self, value: Any, path: Path) -> Any:
        return self.plan.receive(value, path, Reading())

    def receive(self, value: Any, path: Path, reading: Reading, *, strict: bool = False) -> Any:
        return self.plan.receive(value, path, reading, strict=strict)

    def decode(self, value: Any, path: Path, reading: Reading) -> Any:
        return self.plan.decode(value, path, reading)

    def reading(self) -> Reading:
        return self.plan.reading()

    def read_fast(self, value: Any) -> tuple[Any, int]:
        fast: Callable[[Any], tuple[Any, int]] | None = self.plan.fast_read or self.plan.fast("fast_read")
        if fast is None:
            raise Surprise
        return fast(value)

    def fits(self, value: Any) -> bool:
        return isinstance(value, self.plan.cls)

    def take(self, value: Any, path: Path) -> Any:
        return self.plan.take(value, path)

    def write(self, value: Any, path: Path) -> str:
        return self.plan.write(value, path)

    def rewrite(self, value: Any, path: Path) -> str:
        return self.plan.write(value, path) if isinstance(value, self.plan.cls) else json_text(value, path)

    def plain(self, value: Any) -> Any:
        return self.plan.plain(value) if isinstance(value, self.plan.cls) else value

    def read_lines(self, names: Names) -> Lines:
        return self.plan.read_lines(names)

    def take_lines(self, names: Names) -> Lines:
        names[self.label] = self.plan.cls
        return [f"if v.__class__ is not {self.label}: raise Surprise"]

    def write_lines(self, names: Names) -> Lines:
        self.plan.compile()
        names[self.label] = self.plan.cls
        # a model that holds its own kind is met while it is being compiled
        names["write_" + self.label] = self.plan.fast_write or self.plan.encode
        return [f"if v.__class__ is not {self.label}: raise Surprise", f"v = write_{self.label}(v)"]


# ---------------------------------------------------------------------------------------------- annotations

_NUMBER = Number()
_MONEY = Money()
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
    "dict": FreeForm(),
    "Any": Kind(),
    "ExternalId": Identifier(),
    "Duration": Seconds(),
}


def parse_annotation(text: str) -> tuple[str, list[Any]]:
    """`list[Bank] | None` as a tree (name, arguments); of a union, the first part that is not None."""
    tokens = text.replace("[", " [ ").replace("]", " ] ").replace("|", " | ").replace(",", " , ").split()

    def union() -> tuple[str, list[Any]]:
        parts = [term()]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            parts.append(term())
        return next((part for part in parts if part[0] != "None"), parts[0])

    def term() -> tuple[str, list[Any]]:
        name, arguments = tokens.pop(0), []
        if tokens and tokens[0] == "[":
            while tokens.pop(0) != "]":
                arguments.append(union())
        return name, arguments

    tree = union()
    if tokens:
        raise TypeError(f"cannot read the annotation {text!r}")
    return tree


def kind_of(tree: tuple[str, list[Any]], lookup: Callable[[str], Any], *, received: bool) -> Kind:
    """The kind that an annotation stands for; `lookup` finds models and enums by name."""
    name, arguments = tree
    if name in ("Given", "One"):
        return kind_of(arguments[0], lookup, received=received)
    if name in ("Many", "list"):
        return Array(kind_of(arguments[0], lookup, received=received))
    if name in _SIMPLE:
        return _SIMPLE[name]
    cls = lookup(name)
    return cls.__plan__.kind if hasattr(cls, "__plan__") else Choice(cls, received=received)


class Field:
    """One declared field: its name, annotation and rules. `kind` is found on first use."""

    __slots__ = ("_lookup", "_received", "annotation", "kind", "name", "required", "rules")

    name: str
    annotation: str
    required: bool
    rules: dict[str, Any]
    kind: Kind

    def __init__(
        self,
        name: str,
        annotation: str,
        rules: dict[str, Any],
        lookup: Callable[[str], Any],
        *,
        required: bool,
        received: bool,
    ) -> None:
        self.name = name
        self.annotation = annotation
        self.required = required
        self.rules = rules
        self._lookup = lookup
        self._received = received

    def __getattr__(self, name: str) -> Any:
        if name != "kind":
            raise AttributeError(name)
        simple = _SIMPLE.get(self.annotation.removesuffix(" | None"))  # most are, and a short process is soon done
        self.kind = simple or kind_of(parse_annotation(self.annotation), self._lookup, received=self._received)
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

    def take(self, value: Any, path: Path) -> Any:
        """What a user gave for this field, checked by its kind and its rules."""
        value = self.kind.take(value, path)
        self.check(value, path)
        return value

    def check(self, value: Any, path: Path) -> None:
        """Raise ApiValueError when a rule is broken."""
        least = self.rules.get("ge")
        if least is not None and value < least:
            raise wrong_value(f"it must be {least} or more", path)
        length = self.rules.get("min_length")
        if length is not None and len(value) < length:
            raise wrong_value("it must not be empty" if length == 1 else f"at least {length} are needed", path)
        most = self.rules.get("max_properties")
        if most is not None and len(value) > most:
            raise wrong_value(f"it has {len(value)} keys, {most} are allowed", path)

    def rule_lines(self) -> Lines:
        """The rules as lines of source on `v`."""
        conditions = []
        if "ge" in self.rules:
            conditions.append(f"v >= {self.rules['ge']!r}")
        if "min_length" in self.rules:
            conditions.append(f"len(v) >= {self.rules['min_length']!r}")
        if "max_properties" in self.rules:
            conditions.append(f"len(v) <= {self.rules['max_properties']!r}")
        return [line for condition in conditions for line in _unless(condition)]


# ---------------------------------------------------------------------------------------------- plans


class Plan:
    """How one model class is decoded, constructed and encoded.

    Every field has a slot. A slot holds None when the field is absent, or was null. The slot `_untyped` names
    the fields that were read and hold nothing of their type: a null, or a value that was kept as it came. Unknown
    fields are in the dict of the slot `_unknown` (or None).
    """

    def __init__(
        self, cls: Any, fields: Sequence[Field], *, received: bool, refine: Callable[[Any], Any] | None = None
    ) -> None:
        self.cls = cls
        self.refine = refine
        """What is made of an instance before it is written, where its amounts need thought."""
        self.name: str = cls.__name__
        self.declared = tuple(fields)
        """All that is declared, the deprecated spellings too."""
        self.fields = {field.name: field for field in fields if "spelling_of" not in field.rules}
        self.names = tuple(self.fields)
        self.received = received
        """Whether it comes from the wire: unknown fields and enum values are no surprise."""
        self.spellings: dict[str, str] = {
            field.name: field.rules["spelling_of"] for field in fields if "spelling_of" in field.rules
        }
        self.kind = Object(self)
        """The kind of a field that holds it."""
        self.fast_read: Any = None
        self.fast_write: Any = None
        self.fast_fill: Any = None
        self._opened: Any = None
        self._amounts: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._seen = 0
        self._compiling = False

    @property
    def amounts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the fields that are amounts, and of those that hold models in which there are some."""
        if self._amounts is None:
            self._amounts = (), ()  # for a model that holds its own kind
            own = tuple(name for name, field in self.fields.items() if isinstance(field.kind, Money))
            within = []
            for name, field in self.fields.items():
                kind = field.kind.item if isinstance(field.kind, Array) else field.kind
                if isinstance(kind, Object) and (kind.plan is self or any(kind.plan.amounts)):
                    within.append(name)
            self._amounts = own, tuple(within)
        return self._amounts

    # ---- decoding

    def decode(self, value: Any, path: Path = (), reading: Reading | None = None) -> Any:
        """A JSON object as an instance: fast, or slowly with the path of what is wrong."""
        fast = self.fast_read or self.fast("fast_read")
        if fast is not None:
            try:
                return fast(value)[0]
            except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
                pass
        return self.read(value, path) if reading is None else self.receive(value, path, reading, strict=True)

    def read(self, value: Any, path: Path = ()) -> Any:
        """The slow walk of `decode` for a whole body; it writes the log's lines."""
        reading = self.reading()
        made = self.receive(value, path, reading, strict=True)
        reading.tell()
        return made

    def reading(self) -> Reading:
        """How a whole body is read: tolerantly when it comes from the wire, strictly when a user wrote it."""
        return TolerantReading() if self.received else Reading()

    def loosely(self, value: Any, path: Path = ()) -> Any:
        """An instance whose fields hold what came where it is not what was declared."""
        return self.receive(value, path, LooseReading())

    def receive(self, value: Any, path: Path, reading: Reading, *, strict: bool = False) -> Any:
        """The slow walk itself. `strict` says that the program cannot do without the field that holds it."""
        path = path or (self.name,)
        if not isinstance(value, dict):
            return reading.wrong(wrong_type(value, "an object", path), value, self.kind, path, strict=strict)
        found: dict[str, Any] = {}
        odd: list[str] = []
        for name, field in self.fields.items():
            item = value.get(name)
            if item is None:
                continue
            kept = reading.kept
            found[name] = field.kind.receive(item, (*path, name), reading, strict=field.strict)
            if reading.kept != kept:
                odd.append(name)
        instance = _new(self.cls)
        for name in self.names:
            _set(instance, name, found.get(name))
        nulls, unknown, _ = self._rest(value, len(found))
        _set(instance, "_untyped", (*nulls, *odd))
        _set(instance, "_unknown", unknown)
        return instance

    def _rest(self, value: dict[str, Any], present: int) -> tuple[tuple[str, ...], dict[str, Any] | None, int]:
        """What is no plain field value: the names of nulls, the unknown fields, and how many strings these hold.

        `present` of the names are fields with a value. The others are looked for from the end, where an API mostly
        adds them, until all are found.
        """
        fields = self.fields
        names: list[str] = []
        wanted = len(value) - present
        for name in reversed(value) if wanted else ():
            if value[name] is None or name not in fields:
                names.append(name)
                if len(names) == wanted:
                    break
        names.reverse()
        nulls: tuple[str, ...] = ()
        unknown: dict[str, Any] = {}
        strings = 0
        for name in names:
            if name in fields:
                nulls += (name,)
            else:
                item = unknown[name] = value[name]
                strings += 1 if item.__class__ is str else strings_within(item)
        return nulls, unknown or None, strings

    # ---- constructing

    def construct(self, instance: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """`Model.__init__`, until the class has a compiled one, and for the arguments that this one does not know."""
        if len(args) > len(self.names):
            raise ApiTypeError(
                f"{self.name} takes at most {len(self.names)} positional arguments, {len(args)} were given"
            )
        given = {name: value for name, value in zip(self.names, args, strict=False) if value is not None}
        for name in given:
            if name in kwargs:
                raise ApiTypeError(f"{self.name}: {name!r} was given twice, by position and by name")
        given.update(kwargs)
        fast = self.fast_fill or self.fast("fast_fill")
        if fast is not None and instance.__class__ is self.cls and given.keys() <= self.fields.keys():
            fast(instance, **given)
        else:
            self._fill(instance, given, (self.name,))

    def _fill_slowly(self, instance: Any, given: Mapping[str, Any]) -> None:
        """What the compiled constructor could not do, or must tell about."""
        _set(instance, "__class__", self.cls)
        self._fill(instance, given, (self.name,))

    def _fill(self, instance: Any, given: Mapping[str, Any], path: Path) -> None:
        values = {name: value for name, value in given.items() if value is not None and value is not absent}
        self._respell(values, path)
        self._split_money(values, values.get("currency"), path)
        self._require(values, path)
        unknown: dict[str, Any] = {}
        taken: dict[str, Any] = {}
        for name, value in values.items():
            field = self.fields.get(name)
            if field is None:
                unknown[name] = self.take_unknown(name, value, path)
            elif self.received and isinstance(field.kind, (Object, Array)) and _is_plain(value):
                taken[name] = field.kind.read(value, (*path, name))
            else:
                taken[name] = field.take(value, (*path, name))
        for name in self.names:
            _set(instance, name, taken.get(name))
        _set(instance, "_unknown", unknown or None)
        _set(instance, "_untyped", ())

    def _require(self, present: Container[str], path: Path) -> None:
        """Raise one ApiTypeError that names all the required fields that are not there."""
        missing = [name for name, field in self.fields.items() if field.required and name not in present]
        if missing:
            raise ApiTypeError(
                f"{place(path)}: missing required {'field' if len(missing) == 1 else 'fields'} "
                + ", ".join(map(repr, missing)),
                path[1:],
            )

    def _respell(self, values: dict[str, Any], path: Path) -> None:
        """Move what was given under a deprecated spelling to the right name."""
        for old, name in self.spellings.items():
            if old not in values:
                continue
            warn(f"{self.name}: {old!r} is a misspelling of {name!r}; write {name!r}", DeprecationWarning)
            value = values.pop(old)
            if values.setdefault(name, value) != value:
                raise wrong_value(f"{old!r} and {name!r} were both given and differ", path)

    def _split_money(self, values: dict[str, Any], currency: object, path: Path) -> None:
        """Of a money value that was given for an amount, take the number, and its currency for the field of that name.

        A model without such a field cannot keep the currency, so there the value is left, and refused.
        """
        if "currency" not in self.fields:
            return
        for name, value in list(values.items()):
            field = self.fields.get(name)
            if field is None or not isinstance(field.kind, Money):
                continue
            values[name], own = money_parts(value, (*path, name))
            if own is None:
                continue
            if currency is None:
                currency = values["currency"] = own
            elif str(currency).upper() != own.upper():
                raise wrong_value(f"the {name} is in {own.upper()}, and currency says another one", (*path, name))

    def take_unknown(self, name: object, value: Any, path: Path) -> Any:
        """A field that is not declared: kept and sent, with a warning where it may be a typing error."""
        if not isinstance(name, str):
            raise ApiTypeError(f"{place(path)}: a key is {type_name(name)}, str is needed", path[1:])
        if not self.received:
            warn(f"{self.name} has no field {name!r}; it is sent as it is{nearest(name, self.names)}")
        check_free_form(value, (*path, name))
        return value

    def take(self, value: Any, path: Path) -> Any:
        """An instance as it is, or a dict made into one."""
        if isinstance(value, self.cls):
            return value
        mapping = all(hasattr(value, name) for name in ("keys", "get", "__getitem__"))
        if not mapping or hasattr(value, "__plan__"):
            raise wrong_type(value, f"{self.name} or dict", path)
        instance = _new(self.cls)
        self._fill(instance, value if isinstance(value, dict) else dict(value), path)
        return instance

    def assign(self, instance: Any, name: str, value: Any) -> None:
        """`instance.name = value`, checked; None makes the field absent."""
        path = (self.name, name)
        if name in self.spellings:
            values = {name: value}
            self._respell(values, path)
            name, value = next(iter(values.items()))
        field = self.fields.get(name)
        if field is not None and isinstance(field.kind, Money):
            values = {name: value}
            self._split_money(values, instance.get("currency"), (self.name,))
            value = values.pop(name)
            for other, code in values.items():
                self.assign(instance, other, code)
        if field is not None:
            _set(instance, name, None if value is None or value is absent else field.take(value, path))
            if name in instance._untyped:
                _set(instance, "_untyped", tuple(each for each in instance._untyped if each != name))
            return
        if name.startswith("_") or hasattr(self.cls, name):
            raise ApiAttributeError(f"{self.name}.{name} cannot be set", (name,))
        self.assign_unknown(instance, name, value)

    def assign_unknown(self, instance: Any, name: str, value: Any) -> None:
        """Keep, or with None drop, a field that is not declared."""
        unknown = dict(instance._unknown or {})
        if value is None or value is absent:
            unknown.pop(name, None)
        else:
            unknown[name] = self.take_unknown(name, value, (self.name,))
        _set(instance, "_unknown", unknown or None)

    # ---- encoding

    def encode(self, instance: Any) -> str:
        """An instance as JSON text. Raises when it was changed into something that cannot be sent."""
        fast = self.fast_write or self.fast("fast_write")
        if fast is not None:
            try:
                return fast(instance)  # type: ignore[no-any-return]
            except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
                pass
        refined = instance if self.refine is None or instance.__class__ is not self.cls else self.refine(instance)
        return self.write(refined, (self.name,))

    def write(self, instance: Any, path: Path) -> str:
        """The slow walk of `encode`."""
        if not isinstance(instance, self.cls):
            raise wrong_type(instance, self.name, path)
        plan = instance.__plan__
        quote = Text().write
        parts = []
        for name, field in plan.fields.items():
            value = getattr(instance, name)
            if value is not None:
                write = field.kind.rewrite if name in instance._untyped else field.kind.write
                parts.append(f"{quote(name, ())}:{write(value, (*path, name))}")
        parts += [f"{quote(name, ())}:null" for name in instance._untyped if getattr(instance, name) is None]
        for name, value in (instance._unknown or {}).items():
            parts.append(f"{quote(name, ())}:{json_text(value, (*path, name))}")
        return "{" + ",".join(parts) + "}"

    def check(self, instance: Any, path: Path = ()) -> None:
        """Raise unless an instance, and what is in it, has its required fields and keeps its rules.

        A constructor sees to that; this is for what was read tolerantly, or changed, and is to be sent.
        """
        path = path or (self.name,)
        self._require([name for name in self.names if getattr(instance, name) is not None], path)
        for name, field in self.fields.items():
            value = getattr(instance, name)
            if value is None:
                continue
            if name in instance._untyped:  # what was kept as it came can be read and not be sent
                field.kind.write(value, (*path, name))
            field.check(value, (*path, name))
            inside = field.kind.item if isinstance(field.kind, Array) else field.kind
            if isinstance(inside, Object):
                numbered = enumerate(value) if isinstance(field.kind, Array) else [(None, value)]
                for index, each in numbered:
                    if isinstance(each, inside.plan.cls):
                        each.__plan__.check(each, (*path, name) if index is None else (*path, name, index))

    def plain(self, instance: Any) -> dict[str, Any]:
        """An instance as a dict of Python values: models as dicts, enums as str, datetimes as they are."""
        plain = {}
        for name, field in instance.__plan__.fields.items():
            value = getattr(instance, name)
            if value is not None or name in instance._untyped:
                plain[name] = None if value is None else field.kind.plain(value)
        plain.update(instance._unknown or {})
        return plain

    # ---- reading one field

    def present(self, instance: Any) -> list[str]:
        """The names that are in an instance: what was given or read, nulls and unknown fields included."""
        names = [name for name in self.names if getattr(instance, name) is not None or name in instance._untyped]
        return names + list(instance._unknown or ())

    def holds(self, instance: Any, name: object) -> bool:
        """Whether a name is in an instance."""
        if name in self.fields:
            return getattr(instance, str(name)) is not None or name in instance._untyped
        return instance._unknown is not None and name in instance._unknown

    def get(self, instance: Any, name: str) -> Any:
        """`instance[name]`; ApiKeyError when it is no field and was not read or given."""
        if name in self.spellings:
            name = self.spellings[name]
        if name in self.fields:
            return getattr(instance, name)
        unknown = instance._unknown
        if unknown is not None and name in unknown:
            return unknown[name]
        raise ApiKeyError(f"{self.name} has no field {name!r}{nearest(str(name), self.names)}", (name,))

    # ---- compiling

    def fast(self, which: str) -> Any:
        """The compiled function, once enough objects have been seen to pay for it; else None."""
        self._seen += 1
        if self._seen > COMPILE_AFTER:
            self.compile()
        return getattr(self, which)

    def compile(self) -> None:
        """Write and compile the fast functions of this class and of those inside it."""
        if self.fast_read is not None or self._compiling:
            return
        self._compiling = True
        names: Names = {
            "__name__": __name__,
            "Surprise": Surprise,
            "set": _set,
            "Opened": self.opened(),
            "Closed": self.cls,
            "strings_within": strings_within,
            "fill_slowly": self._fill_slowly,
            "json_text": json_text,
            "lowest": -(10**300),
            "highest": 10**300,
        }
        filling = self._fill_source(names)
        if not {*self.names, *self.spellings} & {*names, "v", "found", "self", "extra", "more"}:
            self.fast_fill = self._compile("__init__", filling, names)
            if "__init__" not in self.cls.__dict__:
                self.cls.__init__ = self.fast_fill
        self.fast_write = self._compile("write", self._write_source(names), names)
        self.fast_read = self._compile("read", self._read_source(names), names)

    def opened(self) -> Any:
        """A class of the same layout whose attributes are set without checks: an instance is filled as one of it."""
        if self._opened is None:
            body = {
                "__slots__": (),
                "__module__": self.cls.__module__,
                "__init__": object.__init__,
                # Both, or Python's own would be asked on each store.
                "__setattr__": object.__setattr__,
                "__delattr__": object.__delattr__,
            }
            self._opened = type.__new__(type(self.cls), self.name, (self.cls,), body)
        return self._opened

    def _compile(self, verb: str, source: Lines, names: Names) -> Any:
        import linecache

        text = "\n".join(source) + "\n"
        filename = f"<xendit {verb} {self.name}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        exec(compile(text, filename, "exec"), names)  # noqa: S102 - text made from declarations alone
        made = names.pop(verb)
        made.__qualname__ = f"{self.name}.{verb}"  # Python names it where the arguments do not fit
        return made

    def _read_source(self, names: Names) -> Lines:
        body = ["    " + line for line in self.read_lines(names)]
        return ["def read(v):", "    strings = 0", *body, "    return v, strings"]

    def read_lines(self, names: Names) -> Lines:
        """Lines that make an instance of the dict in `v`. Those of the models inside stand among them."""
        x = self.name
        around = names.setdefault("around", [])
        if self in around:
            names["read" + x] = self.kind.read_fast
            return [f"v, count = read{x}(v)", "strings += count"]
        around.append(self)
        names["Opened" + x], names[x], names["rest" + x] = self.opened(), self.cls, self._rest
        fields = self.fields.items()
        all_strings = sum(2 if field.kind.texts else 1 for _, field in fields)
        get = f"data{x}.get"
        lines = [
            f"data{x} = v",
            f"made{x} = Opened{x}()",
            f"present{x} = {len(fields)}",
            f"strings += {all_strings}",
        ]
        if len(fields) > 8:  # then it pays to bind it
            lines.append(f"get{x} = {get}")
            get = f"get{x}"
        for name, field in fields:
            if field.required:
                lines += [f"try: v = data{x}[{name!r}]", "except KeyError: v = None"]
            else:
                lines += [f"v = {get}({name!r})"]
            lines += ["if v is None:", f"    present{x} -= 1", f"    strings -= {2 if field.kind.texts else 1}"]
            read = field.kind.read_lines(names)
            if read:
                lines += ["else:", *("    " + line for line in read)]
            lines.append(f"made{x}.{name} = v")
        around.pop()
        return [
            *lines,
            f"if present{x} == len(data{x}):",
            f"    made{x}._untyped = ()",
            f"    made{x}._unknown = None",
            "else:",
            f"    made{x}._untyped, made{x}._unknown, count = rest{x}(data{x}, present{x})",
            f"    strings += len(data{x}) - present{x} + count",
            f"made{x}.__class__ = {x}",
            f"v = made{x}",
        ]

    def _write_source(self, names: Names) -> Lines:
        source = [
            "def write(instance):",
            "    if instance.__class__ is not Closed or instance._untyped or instance._unknown: raise Surprise",
            "    text = ''",
        ]
        for name, field in self.fields.items():
            source += [f"    v = instance.{name}", "    if v is not None:"]
            source += ["        " + line for line in field.kind.write_lines(names)]
            source.append(f"""        text += f',"{name}":{{v}}'""")
        return [*source, "    return f'{{{text[1:]}}}'"]

    def _fill_source(self, names: Names) -> Lines:
        def parameters(fields: Iterable[str]) -> str:
            return "".join(f", {name}=None" for name in fields)

        given = ", ".join(f"{name!r}: {name}" for name in (*self.names, *self.spellings))
        rest = "".join(f"{name!r}: {name}, " for name in self.spellings)
        source = []
        for name, field in self.fields.items():
            lines = field.kind.take_lines(names) + field.rule_lines()
            if not field.required:
                lines = ["if v is not None:", *("    " + line for line in lines)] if lines else []
            source += [f"v = {name}", *lines, f"self.{name} = v"]
        source += [f"if {old} is not None: raise Surprise" for old in self.spellings]
        return [
            f"def __init__(self, /{parameters(self.names)}, *extra{parameters(self.spellings)}, **more):",
            "    if extra or more or self.__class__ is not Closed:",
            f"        return self.__plan__.construct(self, ({', '.join(self.names)}, *extra), {{{rest}**more}})",
            "    set(self, '__class__', Opened)",
            "    try:",
            *("        " + line for line in source),
            "        self._untyped = ()",
            "        self._unknown = None",
            "        self.__class__ = Closed",
            "        return",
            "    except Exception: pass",
            f"    fill_slowly(self, {{{given}}})",
        ]


def _is_plain(value: object) -> bool:
    """Whether a value is JSON as `json.loads` makes it, rather than a model or a list of models."""
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and all(isinstance(item, (dict, str)) for item in value)
