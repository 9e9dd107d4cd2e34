"""Small checks of JSON values, which can be combined: each is given a path and a value and yields what is wrong with
it.

The wording is that of joi, the validation library whose messages the API was seen to answer with. No field of the API
is named here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard

from xendit.sandbox.state.core.errors import Problem

Path = tuple["str | int", ...]
Check = Callable[[Path, object], Iterator[Problem]]


def quoted(path: Path) -> str:
    """Name a place as joi does: by its last part."""
    return f'"{path[-1]}"' if path else '"value"'


def text(*, least: int = 0, most: int | None = None) -> Check:
    """Take a text of `least` to `most` characters."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield path, f"{quoted(path)} must be a string", "string.base"
        elif least and not value:
            yield path, f"{quoted(path)} is not allowed to be empty", "any.empty"
        elif most is not None and len(value) > most:
            limit = f"length must be less than or equal to {most} characters long"
            yield path, f"{quoted(path)} {limit}", "string.max"

    return check


def uri(*, most: int, refused: frozenset[str]) -> Check:
    """Take an address of 1 to `most` characters with a scheme that is not among `refused`."""
    length = text(least=1, most=most)

    def check(path: Path, value: object) -> Iterator[Problem]:
        problems = list(length(path, value))
        yield from problems
        if not problems and isinstance(value, str):
            scheme, colon, _ = value.partition(":")
            plain = scheme.isascii() and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum()
            if not colon or not plain or not scheme[0].isalpha() or scheme.lower() in refused:
                yield path, f"{quoted(path)} must be a valid uri", "string.uri"

    return check


def one_of(*allowed: str) -> Check:
    """Take one of a few texts."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in allowed:
            yield path, f"{quoted(path)} must be one of [{', '.join(allowed)}]", "any.allowOnly"

    return check


def digits(*lengths: int) -> Check:
    """Take a text of digits of one of the lengths."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield path, f"{quoted(path)} must be a string", "string.base"
        elif not (value.isascii() and value.isdigit() and len(value) in lengths):
            counts = " or ".join(map(str, lengths))
            yield path, f"{quoted(path)} must have {counts} digits", "string.regex.base"

    return check


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a JSON value is a finite number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def number(
    *, above: float | None = None, least: float | None = None, most: float | None = None, whole: bool = False
) -> Check:
    """Take a number; `above` is exclusive, `whole` admits no fraction."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if whole and not (is_number(value) and value == int(value)):
            yield path, f"{quoted(path)} must be an integer", "number.integer"
        elif not is_number(value):
            yield path, f"{quoted(path)} must be a number", "number.base"
        elif above is not None and value <= above:
            yield path, f"{quoted(path)} must be greater than {above}", "number.greater"
        elif least is not None and value < least:
            yield path, f"{quoted(path)} must be larger than or equal to {least}", "number.min"
        elif most is not None and value > most:
            yield path, f"{quoted(path)} must be less than or equal to {most}", "number.max"

    return check


def boolean(path: Path, value: object) -> Iterator[Problem]:
    """Take true or false."""
    if not isinstance(value, bool):
        yield path, f"{quoted(path)} must be a boolean", "boolean.base"


def nullable(inner: Check) -> Check:
    """Take null, or what `inner` takes."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if value is not None:
            yield from inner(path, value)

    return check


def array(inner: Check, *, most: int | None = None) -> Check:
    """Take a list of up to `most` values that `inner` takes."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield path, f"{quoted(path)} must be an array", "array.base"
            return
        if most is not None and len(value) > most:
            yield path, f"{quoted(path)} must contain less than or equal to {most} items", "array.max"
            return
        for index, entry in enumerate(value):
            yield from inner((*path, index), entry)

    return check


def record(required: Sequence[str] = (), /, **inner: Check) -> Check:
    """Take an object whose known members fit. Unknown members pass."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield path or ("value",), f"{quoted(path)} must be an object", "object.base"
            return
        for name, member in inner.items():
            if name in value:
                yield from member((*path, name), value[name])
            elif name in required:
                yield (*path, name), f'"{name}" is required', "any.required"

    return check


def labels(*, keys: int, key_length: int, value_length: int) -> Check:
    """Take an object of bounded size: so many keys, of so many characters, texts of so many characters."""

    def check(path: Path, value: object) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield path, f"{quoted(path)} must be an object", "object.base"
            return
        if len(value) > keys:
            yield path, f"{quoted(path)} must have less than or equal to {keys} children", "object.max"
        if any(len(key) > key_length for key in value):
            yield path, f"{quoted(path)} keys must have up to {key_length} characters", "object.keys"
        for name, entry in value.items():
            if isinstance(entry, str) and len(entry) > value_length:
                limit = f"length must be less than or equal to {value_length} characters long"
                yield (*path, name), f"{quoted((name,))} {limit}", "string.max"

    return check
