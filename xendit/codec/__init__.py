"""What a declaration compiles to: decoding, constructing and encoding. No I/O, and no model by name.

A model is declared in `xendit.model`; here its annotations become kinds (text, number, a list of banks …), its class a
plan, and the plan of a class that is used often becomes functions.

    scalars       numbers, times and texts
    jsontext      JSON read strictly, free-form data
    kinds         the types of fields: the slow walks, which define what is right, wrong types included
    containers    the kinds that hold others
    uncommon      those of them that few models have: dicts of one kind, unions
    annotations   from annotations to kinds
    hints         from kinds to types, for programs that ask a class for its annotations
    plan          one model class: the slow walks, and when the fast paths take over
    compiler      the fast paths, and how they work; its parts are source, emitter, filling, readers, constructing,
                  writers
    structs       whole texts by way of msgspec, for the extra `speed`

Each module imports only those above it. The compiler is the exception: it is loaded when the first class is compiled.
This module re-exports what others use.
"""

from __future__ import annotations

from xendit.codec.annotations import (
    Field,
    Hints,
    NameLookup,
    Word,
    annotations_of,
    classes_around,
    kind_of,
    parse_annotation,
)
from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.jsontext import (
    DEEPEST,
    Surprise,
    _parse_int as _parse_int,
    check_free_form,
    json_text,
    loads,
    loads_again,
    read_json,
    strings_within,
)
from xendit.codec.kinds import (
    Boolean,
    Choice,
    Date,
    FreeForm,
    Identifier,
    Integer,
    Kind,
    LooseReading,
    Money,
    Number,
    Reading,
    Seconds,
    Text,
    Time,
    TolerantReading,
)
from xendit.codec.plan import COMPILE_AFTER, Plan
from xendit.codec.scalars import (
    LARGEST_EXPONENT,
    absent,
    as_integer,
    as_text,
    is_decimal,
    money_parts,
    number_text,
    parse_time,
    time_text,
)
from xendit.words import article, nearest, place, type_name, warn, wrong_type, wrong_value

__all__ = [
    "COMPILE_AFTER",
    "DEEPEST",
    "LARGEST_EXPONENT",
    "Array",
    "Boolean",
    "Choice",
    "Date",
    "Dictionary",
    "Field",
    "FreeForm",
    "Hints",
    "Identifier",
    "Integer",
    "Kind",
    "LooseReading",
    "Money",
    "NameLookup",
    "Nullable",
    "Number",
    "Object",
    "Plan",
    "Reading",
    "Seconds",
    "Surprise",
    "Text",
    "Time",
    "TolerantReading",
    "Union",
    "Word",
    "absent",
    "annotations_of",
    "article",
    "as_integer",
    "as_text",
    "check_free_form",
    "classes_around",
    "is_decimal",
    "json_text",
    "kind_of",
    "loads",
    "loads_again",
    "money_parts",
    "nearest",
    "number_text",
    "parse_annotation",
    "parse_time",
    "place",
    "read_json",
    "strings_within",
    "time_text",
    "type_name",
    "warn",
    "wrong_type",
    "wrong_value",
]

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec.uncommon import Dictionary, Union
    from xendit.words import Path as Path
else:

    def __getattr__(name):  # few programs need these names
        if name not in ("Dictionary", "Union"):
            raise AttributeError(f"module 'xendit.codec' has no attribute {name!r}")
        from xendit.codec import uncommon

        return getattr(uncommon, name)
