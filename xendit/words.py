"""How messages name things: a place in a body, the type of a value, the nearest name. No I/O.

A message never shows a value, which may be personal or secret: it names where the value stands and its type. A number that
is a setting is the one exception.
"""

from __future__ import annotations

import sys

from xendit.exceptions import ApiTypeError, ApiValueError, XenditWarning

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Path: TypeAlias = "tuple[str | int, ...]"
    """Where a value stands: the name of its model, then the names of fields and the numbers of items."""

#: How much of a name is compared and shown: a longer one is none, and takes long to compare.
_COMPARED = 100


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


def setting_name(value: object) -> str:
    """A setting as a message names it: a number as it is, for it is neither personal nor secret; of others, the type."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and -1e15 < value < 1e15
    return repr(value) if is_number else type_name(value)


def wrong_type(value: object, expected: str, path: Path) -> ApiTypeError:
    """The error for a value of a type that does not belong here."""
    return ApiTypeError(f"{place(path)}: {type_name(value)} was given, {expected} is needed", path[1:])


def wrong_key(key: object, path: Path) -> ApiTypeError:
    """The error for a key of an object that is no str, which JSON cannot hold."""
    return ApiTypeError(f"{place(path)}: a key is {type_name(key)}, str is needed", path[1:])


def wrong_value(problem: str, path: Path) -> ApiValueError:
    """The error for a value of the right type that cannot be used."""
    return ApiValueError(f"{place(path)}: {problem}", path[1:])


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest of the names, in whichever case, or nothing when none is near."""
    from difflib import get_close_matches

    known = {each.lower(): each for each in names}
    found = get_close_matches(name[:_COMPARED].lower(), list(known), n=1)
    return f"; did you mean {known[found[0]]!r}?" if found else ""


def misspelled(given: Iterable[object], names: Iterable[str]) -> str:
    """`; 'amout' was given; did you mean 'amount'?` for each name that is near one of the names, of the first twenty."""
    guesses = {name: nearest(name, names) for name in [*given][:20] if isinstance(name, str)}
    return "".join(f"; {name[:_COMPARED]!r} was given{guess}" for name, guess in guesses.items() if guess)


def warn(message: str, category: type[Warning] = XenditWarning) -> None:
    """Warn at the line of the application that called into the library."""
    import warnings

    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "xendit":
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
