"""How a refusal says what was given beside what would be right.

What a sandbox holds was made up for a test, so a value is shown, cut short. Addresses are not, which may hold a password.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How much of a text is shown.
_MOST = 40


def must_be(name: str, wanted: str, given: object, known: Iterable[str] = ()) -> str:
    """Say what a value must be and what was given; and which of the known words is the nearest, in whichever case."""
    return f"{name} must be {wanted}; {shown(given)} was given{nearest(given, known)}"


def shown(given: object) -> str:
    """A value as a sentence shows it: words, numbers and texts as JSON and Python write them, of others their kind."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, (int, float)):
        return repr(given) if -1e15 < given < 1e15 else "a number out of reach"
    if isinstance(given, str):
        return repr(given) if len(given) <= _MOST else f"{given[:_MOST]!r}…"
    if isinstance(given, dict):
        return "an object"
    if isinstance(given, (list, tuple, set, frozenset)):
        return "a list" if given else "an empty list"
    return f"a value of type {type(given).__name__}"


def sentence(text: str) -> str:
    """Write what an error says as a sentence."""
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith("?") else ".")


def nearest(given: object, known: Iterable[str]) -> str:
    """Ask whether the nearest of the known words was meant, in whichever case; nothing where none is near."""
    words = {each.lower(): each for each in known}
    found = get_close_matches(given[:100].lower(), words, n=1) if isinstance(given, str) else []
    return f"; did you mean {words[found[0]]!r}?" if found else ""
