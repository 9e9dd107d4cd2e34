"""JSON texts: read as strictly as money asks for, and free-form data written as it is. No I/O.

Two things that cost nothing on ordinary builds make threads wait for each other on a free-threaded build: sharing one
JSON decoder, and assigning `__class__`, which stops all threads. There this module avoids the first, and `filling` the
second.
"""

from __future__ import annotations

import sys
from functools import cache

from xendit.codec.scalars import as_dict, as_integer, as_text, is_decimal, number_text
from xendit.exceptions import ApiValueError
from xendit.words import wrong_key, wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from json import JSONDecoder, JSONEncoder
    from typing import Any, NoReturn

    from xendit.codec.kinds import Kind
    from xendit.words import Path


FREE_THREADED: bool = sys.version_info >= (3, 13) and "free-threading" in sys.version
"""Whether this Python was built without a global lock. `sys.version` says so, as Python's documents promise; asking
`sysconfig` would cost a third of our whole import. The build decides, and not `sys._is_gil_enabled()`, because such a
build assigns `__class__` in the expensive way even while an extension module has switched the lock on."""


class Surprise(Exception):
    """A fast path met a value that it does not know: the slow walk takes over. It never leaves this package."""


def _refuse_constant(text: str) -> NoReturn:
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


def _new_decoder() -> JSONDecoder:
    from json import JSONDecoder

    # Without a limit on digits, Python takes minutes to read an integer of a million digits. The first releases of
    # Python 3.10 have no such limit, and a program may lift that of later ones.
    limit = sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else 0
    parse_int = int if 0 < limit <= 4300 else _parse_int
    return JSONDecoder(parse_constant=_refuse_constant, parse_float=_parse_float, parse_int=parse_int)


def _one_a_thread(make: Callable[[], JSONDecoder]) -> Callable[[], JSONDecoder]:
    """A decoder for each thread: without a global lock, threads would wait for each other at the table in which one
    decoder remembers the keys that it has met.
    """
    from _thread import _local

    own = _local()

    def decoder() -> JSONDecoder:
        found: JSONDecoder | None = own.__dict__.get("decoder")
        if found is None:
            found = own.__dict__["decoder"] = make()
        return found

    return decoder


decoder_of_thread = (_one_a_thread if FREE_THREADED else cache)(_new_decoder)
"""Gives the decoder that the calling thread reads with. It is made when it is first asked for; ordinary builds have one for all
threads."""


DEEPEST = 64
"""Levels of nesting that are read: a real invoice has four."""


MOST_ITEMS = 1000
"""Items of a list that is an answer by itself. A page of Xendit's has 100 at most."""
_MOST_VALUES = 200_000
"""Commas in an answer: those of 2,000 long invoices. Each stands for a value, and a value may take a hundred bytes."""
_MOST_HOLDERS = 100_000
"""Lists and objects in an answer. An empty one is two bytes of text and takes some sixty bytes of memory."""


def check_extent(data: bytes) -> None:
    """Refuse an answer whose values would fill the memory, before any of them is made: `[{},{},{},…]` grows thirtyfold.

    Raises:
        ApiValueError: it holds too many values.
    """
    if data.count(b",") > _MOST_VALUES or data.count(b"{") + data.count(b"[") > _MOST_HOLDERS:
        raise ApiValueError("it holds more values than any answer of Xendit's")


def _check_items(value: object) -> None:
    """Refuse a list that is longer than any page, before models are made of it."""
    if type(value) is list and len(value) > MOST_ITEMS:
        raise ApiValueError(f"it is a list of {len(value)} items, and at most {MOST_ITEMS} are read")


def loads(data: str | bytes | bytearray | memoryview) -> Any:
    """Strict JSON: UTF-8 only, no NaN or infinities, no key twice, at most DEEPEST levels.

    Raises ApiTypeError or ApiValueError, never shows the text.
    """
    problem = ""
    text = ""
    value: object = None
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
        value = decoder_of_thread().decode(text)
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


def loads_again(data: bytes) -> Any:
    """The same for a text that `loads` has read before, which need not be searched again for a key that came twice."""
    try:
        return parse_fast(data)
    except Exception:  # noqa: BLE001 - an earlier version may have read what this one does not
        return loads(data)


def read_json(data: str | bytes | bytearray | memoryview, kind: Kind) -> Any:
    """A JSON text as a value of this kind, as strictly as `loads` reads it.

    `loads` walks through the result to find keys that came twice. The compiled reader counts the strings while it
    reads: where a key came twice, the text holds more strings than what was read.
    """
    if kind.read_text is not None:
        try:
            made = kind.read_text(data)  # type: ignore[arg-type] # of a bytearray it fails
            if made.__class__ is not list or len(made) <= MOST_ITEMS:
                return made
        except Exception:  # noqa: BLE001, S110 - it goes on the other way
            pass
    try:
        parsed = parse_fast(data)
        if parsed.__class__ is list:
            _check_items(parsed)
        made, strings = kind.read_fast(parsed)
        if strings == strings_in(data):  # type: ignore[arg-type] # of a bytearray it fails
            if note_text is not None:
                note_text(kind, data)  # type: ignore[arg-type] # nor is one told of
            return made
    except Exception:  # noqa: BLE001, S110 - the slow walk below says what it was
        pass
    reading = kind.reading()
    parsed = loads(data)  # parsed again, because the fast path has put models into the lists
    _check_items(parsed)
    made = kind.decode(parsed, (kind.label,), reading)
    reading.tell()
    return made


def _parse_with_json(data: object) -> Any:
    """What Python's own parser makes of a text. Raises Surprise, or what Python raises, unless it is JSON in UTF-8."""
    text = data.decode() if isinstance(data, bytes) else data
    value, end = decoder_of_thread().scan_once(text, 0)  # type: ignore[attr-defined]
    if not isinstance(text, str) or (end != len(text) and text[end:].strip(" \t\n\r")):
        raise Surprise
    return value


parse_fast: Callable[[Any], Any] = _parse_with_json
"""Parses the text of a body that is to be read fast. A text that it refuses, or whose result a compiled reader refuses,
is read again by `loads`, which alone defines what is right. So a parser that is put here may refuse too much. But
whatever it accepts must give the same result as `loads`. Keys that come twice are the one exception: it may let them
pass, because the count of strings finds them."""


note_text: Callable[[Kind, str | bytes], None] | None = None
"""Called with each text that took two steps, parsing and then reading, although its kind may be readable in one step:
that is how `structs.py` learns which kinds are read often."""


def strings_in(data: str | bytes) -> int:
    """How many strings a JSON text holds, keys included; -1 if escapes make the quotes impossible to count.

    Each string has two quotes. A quote after a backslash is inside a string, unless that backslash is itself escaped.
    """
    if isinstance(data, bytes):
        if 92 not in data:  # no backslash; looking for a number in bytes takes a sixth of the time of looking for bytes
            return data.count(b'"') // 2
        data = data.decode("latin-1")  # only ASCII characters are counted, so the bytes need no real decoding
    if "\\\\" in data:
        return -1
    return (data.count('"') - data.count('\\"')) // 2


def _structure_problem(value: object, text: str) -> str:
    """What is wrong with the structure: too many levels, or a key that came twice; "" when nothing is.

    Of a key that came twice only one is left, so the values hold fewer strings than the text. If escapes make the
    strings of the text impossible to count, the text is read again, pair by pair.
    """
    level, strings = [value], 0
    for _ in range(DEEPEST + 1):
        below: list[object] = []
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
    if strings == strings_in(text):
        return ""
    from json import JSONDecoder

    try:
        JSONDecoder(object_pairs_hook=_distinct).decode(text)
    except _Doubled as doubled:
        return str(doubled)
    return ""


class _Doubled(Exception):
    """A key came twice in one object."""


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubled("a key stands twice in one object of the JSON")
    return found


LEVELS_COUNTED = 16
"""How many levels of free-form data a compiled reader counts; data nested more deeply goes the slow way."""


def strings_within(value: Any, levels: int = LEVELS_COUNTED) -> int:
    """How many strings free-form data holds, keys and the value itself included. Raises Surprise when it is deeper."""
    inside: Iterable[object]
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
    """Free-form data as JSON text, exactly as it is. For a value that JSON cannot hold, raises an error with its path."""
    check_free_form(value, path)
    try:
        return _encoder().encode(value)
    except TypeError:  # it holds a Decimal, an integer of numpy or a lazy text, which the encoder does not know
        return _odd_json_text(value, path)


def _odd_json_text(value: Any, path: Path) -> str:
    """The same for checked data that may hold numbers or texts of types that json does not know, such as Decimal."""
    value = as_dict(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(key)}:{_odd_json_text(item, path)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_odd_json_text(item, path) for item in value) + "]"
    if is_decimal(value):
        return number_text(value, path)
    number, text = as_integer(value), as_text(value)
    return _encoder().encode(value if number is None and text is None else number if text is None else text)


def quoted(text: str) -> str:
    """A str as a JSON string, in ASCII."""
    from json.encoder import encode_basestring_ascii

    return encode_basestring_ascii(text)


def _encoder() -> JSONEncoder:
    if not _encoders:
        from json import JSONEncoder

        _encoders.append(JSONEncoder(allow_nan=False, separators=(",", ":")))
    return _encoders[0]


_encoders: list[JSONEncoder] = []


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
    elif isinstance(value := as_dict(value), dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise wrong_key(key, path)
            _walk_free_form(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _walk_free_form(item, (*path, index))
    elif as_integer(value) is None and as_text(value) is None:
        raise wrong_type(value, "None, bool, int, float, Decimal, str, list or dict", path)
