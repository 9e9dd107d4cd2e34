"""attrs and cattrs over the standard json. Numbers are coerced, an unknown enum value is an error."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import attrs
import cattrs
import declared
import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "attrs + cattrs"
VERSIONS = {"attrs": version("attrs"), "cattrs": version("cattrs")}


def make(name: str, fields: dict[str, tuple[Any, bool]]) -> Any:
    """A class of these fields: type and whether it is required."""
    shape = {
        field: attrs.field(type=kind) if required else attrs.field(type=kind | None, default=None)
        for field, (kind, required) in fields.items()
    }
    return attrs.make_class(name, shape, kw_only=True, slots=True)


MODELS = declared.models(make)
CONVERTER = cattrs.Converter(omit_if_default=True)
CONVERTER.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
CONVERTER.register_structure_hook_func(
    lambda kind: kind in (declared.NUMBER, declared.NUMBER | None),
    lambda number, _: number if number is None or isinstance(number, (int, float)) else float(number),
)
CONVERTER.register_unstructure_hook(datetime, lambda moment: moment.isoformat())


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network; constructing is structuring, which checks."""
    invoice, webhook = MODELS["Invoice"], MODELS["Webhook"]
    request = CONVERTER.structure(payloads.request(), MODELS["Request"])
    return {
        "decode": lambda: CONVERTER.structure(json.loads(payloads.INVOICE), invoice),
        "page": lambda: CONVERTER.structure(json.loads(payloads.PAGE), list[invoice]),
        "webhook": lambda: CONVERTER.structure(json.loads(payloads.WEBHOOK), webhook),
        "construct": lambda: CONVERTER.structure(payloads.request(), MODELS["Request"]),
        "encode": lambda: json.dumps(CONVERTER.unstructure(request)),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    return [CONVERTER.structure(json.loads(body), MODELS["Invoice"]) for body in bodies]


IMPORT = "import attrs, cattrs"
