"""How a refusal says what was given beside what would be right.

A test may hold a key or a payer's data by mistake, and a refusal ends in logs. So of texts only a short word is shown, and
a number only where a number is wanted; of all else the kind. Addresses are not shown, which may hold a password.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A text that is shown: a word, an id, a short number, a duration.
_WORD = re.compile(r"[\w.,:+%-]{1,24}")
#: What may be a phone number or one of a card or an account, and how a key begins.
_PRIVATE = re.compile(r"(?:\d[.,:+_-]*){7}|xnd_", re.IGNORECASE)


def must_be(name: str, wanted: str, given: object, known: Iterable[str] = (), *, number: bool = False) -> str:
    """Say what a value must be and what was given; and which of the known words is the nearest, in whichever case.

    `number` says that a number is wanted, so that one that was given is shown.
    """
    return f"{name} must be {wanted}; {shown(given, number=number)} was given{nearest(given, known)}"


def shown(given: object, *, number: bool = False) -> str:
    """A value as a sentence shows it: short words, numbers where one is wanted, durations; of others their kind."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, (int, float, Decimal)):
        return _number(given) if number else "a number"
    if isinstance(given, str):
        if not given:
            return "an empty text"
        plain = _WORD.fullmatch(given) and not _PRIVATE.search(given)
        return repr(given) if plain else f"a text of {len(given)} characters"
    if isinstance(given, timedelta):
        return str(given)
    if isinstance(given, datetime):
        return "a datetime without a zone" if given.tzinfo is None else f"a datetime of the year {given.year}"
    if isinstance(given, dict):
        return "an object"
    if isinstance(given, (list, tuple, set, frozenset)):
        return "a list" if given else "an empty list"
    return f"a value of type {type(given).__name__}"


def _number(given: float | Decimal) -> str:
    if not isinstance(given, int) and Decimal(given).is_nan():
        return "nan"
    if not -(10**15) < given < 10**15:
        return "a number out of reach"
    return str(given) if len(str(given)) <= 40 else f"a number of {len(str(given))} digits"


def sentence(text: str) -> str:
    """Write what an error says as a sentence."""
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith("?") else ".")


def nearest(given: object, known: Iterable[str]) -> str:
    """Ask whether the nearest of the known words was meant, in whichever case; nothing where none is near.

    As `nearest` of xendit.words does, which is not imported: the state stands on the standard library alone.
    """
    if not isinstance(given, str):
        return ""
    from difflib import get_close_matches

    words = {each.lower(): each for each in known}
    found = get_close_matches(given[:100].lower(), list(words), n=1)
    return f"; did you mean {words[found[0]]!r}?" if found else ""
