"""Reads the pages of a list as records: what is in the JSON of each model, without making the model. No I/O.

An export looks at each value twice at most, so the models of a page would cost more than all the rest. The values stay
as they were parsed, as long as each has its declared type and is written as a model would write it, and no key came
twice. Any other page is read into models, which know what to do with odd values, and the records are made from their
JSON. The records are the same either way, but for the order of their names: `test_cli_records.py` compares the two.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from xendit.codec import (
    Array,
    Boolean,
    Choice,
    FreeForm,
    Identifier,
    Kind,
    Money,
    Nullable,
    Number,
    Object,
    Surprise,
    Text,
    Time,
    jsontext,
    number_text,
)
from xendit.messages import LARGE_ANSWER, Response
from xendit.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from xendit.codec import Plan

    #: One object of a list: names in JSON, and what stands there. Numbers are ints and Decimals.
    Record: TypeAlias = dict[str, Any]
    #: Checks the value that a holder has at a place, a dict by name or a list by number, and replaces it where it must.
    #: Returns how many strings it holds, without itself. The last argument says how many levels may be below.
    Check: TypeAlias = Callable[[Any, Any, Any, int], int]
    #: The Python types of the values that are taken as they are, each with a check where one is needed.
    Types: TypeAlias = dict[type, Check | None]

#: A time as models write it.
in_utc = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII).fullmatch
_LARGEST = 10**30
_MANY_PAGES = 10
"""From so many pages on it pays to import msgspec, which parses them faster, if the extra `speed` is installed."""


class RecordPages(Operation):
    """An operation that answers a list of models, read into records instead.

    Args:
        listing: the operation.
        model: the model of its items.
    """

    def __init__(self, listing: Operation, model: Any) -> None:
        self.__dict__.update(vars(listing))
        self._check = _object_check(model.__plan__, {})
        self._pages = 0

    def read(self, response: Response) -> list[Record]:
        """A good answer's body as records. Raises ApiTypeError or ApiValueError."""
        data = response.data
        self._pages += 1
        if self._pages == _MANY_PAGES:
            from xendit.codec.compiler import hasten

            hasten()
        try:
            if len(data) <= LARGE_ANSWER:
                parsed = jsontext.parse_fast(data)
                if parsed.__class__ is list and len(parsed) <= jsontext.MOST_ITEMS:
                    strings = _list(self._check, None, None, parsed, jsontext.LEVELS_COUNTED)
                    if strings == jsontext.strings_in(data):  # else a key came twice, of which one was lost
                        return parsed
        except Exception:  # noqa: BLE001, S110 - the models below know what to make of it, or say what it was
            pass
        return [exact_json(each.to_json()) for each in super().read(response)]

    def kept(self, data: bytes) -> list[Record]:
        """The records of a page that was kept. Earlier versions kept records, one a line, as they are given here."""
        return [exact_json(data.decode("ascii"))] if data[:1] == b"{" else self.read(Response(200, {}, data))


exact_json: Callable[[str], Record] = json.JSONDecoder(parse_float=Decimal).decode
"""An object from its JSON, numbers exactly. One decoder for all: json.loads would make one for each."""


# ------------------------------------------------------------------------------------------ what is as a model writes it


def _number(holder: Any, place: Any, value: float, _levels: int) -> int:
    """A number with a fraction, in a field of numbers: as exact as it was sent; a whole one is an int."""
    text = number_text(value, ())
    holder[place] = Decimal(text) if "." in text else int(text)
    return 0


def _free_number(holder: Any, place: Any, value: float, _levels: int) -> int:
    """A number with a fraction in data without declared types."""
    holder[place] = Decimal(repr(value))
    return 0


def _integer(_holder: Any, _place: Any, value: int, _levels: int) -> int:
    if not -_LARGEST < value < _LARGEST:
        raise Surprise
    return 0


def _time(_holder: Any, _place: Any, value: str, _levels: int) -> int:
    if in_utc(value) is None:
        raise Surprise
    return 0


def _list(types: Types, _holder: Any, _place: Any, value: list[Any], levels: int) -> int:
    strings = 0
    for place, each in enumerate(value):
        of = each.__class__
        if of is str:
            strings += 1
        check = types[of]
        if check is not None:
            if not levels:
                raise Surprise
            strings += check(value, place, each, levels - 1)
    return strings


def _dict(fields: dict[str, Types], _holder: Any, _place: Any, value: Record, levels: int) -> int:
    strings = len(value)
    for name, each in value.items():
        of = each.__class__
        if of is str:
            strings += 1
        check = fields.get(name, _ANY)[of]
        if check is not None:
            if not levels:
                raise Surprise
            strings += check(value, name, each, levels - 1)
    return strings


_NOTHING: Types = {type(None): None}
_ANY: Types = {str: None, bool: None, int: _integer, float: _free_number, **_NOTHING}
_ANY |= {list: partial(_list, _ANY), dict: partial(_dict, {})}
_SCALARS: dict[type[Kind], Types] = {
    Kind: _ANY,
    Text: {str: None, **_NOTHING},
    Identifier: {str: None, **_NOTHING},
    Choice: {str: None, **_NOTHING},
    Time: {str: _time, **_NOTHING},
    Number: {int: _integer, float: _number, **_NOTHING},
    Money: {int: _integer, float: _number, **_NOTHING},
    Boolean: {bool: None, **_NOTHING},
    FreeForm: {dict: _ANY[dict], **_NOTHING},
}


def _types_of(kind: Kind, known: dict[int, Types]) -> Types:
    """What a field of this kind may hold. The values of a kind that is not known here are left to the models."""
    if isinstance(kind, Object):
        return {**_object_check(kind.plan, known), **_NOTHING}
    if isinstance(kind, Array):
        item = kind.item
        items = _types_of(item.item if isinstance(item, Nullable) else item, known)
        if not isinstance(item, Nullable):
            items = {of: check for of, check in items.items() if of is not type(None)}
        return {list: partial(_list, items), **_NOTHING}
    return _SCALARS.get(type(kind), {})


def _object_check(plan: Plan, known: dict[int, Types]) -> Types:
    """What an object of this model may be."""
    found = known.get(id(plan))
    if found is None:
        fields: dict[str, Types] = {}
        found = known[id(plan)] = {
            dict: partial(_dict, fields)
        }  # before its fields, for a model that holds its own kind
        fields.update({wire: _types_of(field.kind, known) for wire, field in plan.wires.items()})
    return found
