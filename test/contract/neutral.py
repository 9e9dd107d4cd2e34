"""Calls written down as JSON, for any SDK of these names: what `wire/*.json` holds as `positional` and `keyword`.

JSON values stand for themselves (`1` is an int, `1.0` a float); an object with one key that begins with `$`
stands for what JSON lacks. Nothing here knows what a call sends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID


def _model(text: dict[str, Any]) -> Any:
    """`{"model": name, "positional": [...], "keyword": {...}}` as an instance of that model."""
    cls = getattr(import_module("xendit.models"), text["model"])
    return cls(*value(text.get("positional", [])), **value(text.get("keyword", {})))


_WORDS = {
    "$model": _model,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$uuid": UUID,
    "$seconds": lambda text: timedelta(seconds=text),
    "$tuple": lambda items: tuple(value(items)),
}


def value(written: Any) -> Any:
    """The Python value of a written one."""
    if isinstance(written, list):
        return [value(item) for item in written]
    if isinstance(written, dict):
        [(word, inner)] = written.items() if len(written) == 1 else [("", None)]
        if word in _WORDS:
            return _WORDS[word](inner)
        return {name: value(item) for name, item in written.items()}
    return written


def call(api: Any, case: dict[str, Any]) -> Any:
    """Call the operation of a case on an object of the API class that has it."""
    method = getattr(api, case["operation"])
    return method(*value(case.get("positional", [])), **value(case.get("keyword", {})))


def exact(written: Any) -> Any:
    """The value with the type of every number beside it, so that 1, 1.0 and True differ in `==`."""
    if isinstance(written, list):
        return [exact(item) for item in written]
    if isinstance(written, dict):
        return {name: exact(item) for name, item in written.items()}
    return (type(written).__name__, written)
