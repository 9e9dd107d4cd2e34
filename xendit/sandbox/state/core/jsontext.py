"""The JSON of a request, as a server in JavaScript reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from xendit.sandbox.state.core.errors import invalid_json

#: A JSON object. The code that reads a member checks its type.
JsonObject: TypeAlias = dict[str, Any]
#: The same, where it is only read.
JsonMapping: TypeAlias = Mapping[str, Any]

#: Levels of nesting that a body may have; no documented body has more than six.
DEEPEST = 32


def read_json(raw: bytes) -> object:
    """Read a request body; an empty one is an empty object.

    Raises SandboxError for what is no JSON in UTF-8, is nested absurdly, or is neither an object nor an array.
    """
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        raise invalid_json() from None
    if not isinstance(value, (dict, list)) or deeper_than(value, DEEPEST):
        raise invalid_json()
    return value


def _refuse_constant(_name: str) -> object:
    raise ValueError("no JSON")


def _integer(digits: str) -> int | float:
    # The API's numbers are those of JavaScript; this also keeps Python from refusing very long ones.
    return int(digits) if len(digits) < 20 else float(digits)


def deeper_than(value: object, levels: int) -> bool:
    """Say whether lists and objects are nested more than so many levels; never recurses."""
    layer = [value]
    for _ in range(levels):
        below: list[object] = []
        for entry in layer:
            if isinstance(entry, dict):
                below.extend(entry.values())
            elif isinstance(entry, list):
                below.extend(entry)
        if not below:
            return False
        layer = below
    return any(isinstance(entry, (dict, list)) for entry in layer)


def as_javascript(value: int | float) -> int | float:
    """Write a number as JavaScript would: no fraction where there is none."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value
