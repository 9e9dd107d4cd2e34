"""msgspec: compiled code. Unknown fields are dropped, an unknown enum value is an error."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import declared
import msgspec
import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "msgspec (compiled; drops unknown fields)"
VERSIONS = {"msgspec": version("msgspec")}


def make(name: str, fields: dict[str, tuple[Any, bool]]) -> Any:
    """A struct of these fields: type and whether it is required."""
    ordered = sorted(fields.items(), key=lambda field: not field[1][1])
    shape = [(field, kind) if required else (field, kind | None, None) for field, (kind, required) in ordered]
    return msgspec.defstruct(name, shape, kw_only=True, omit_defaults=True)


MODELS = declared.models(make)
Invoice = MODELS["Invoice"]
INVOICE, PAGE, WEBHOOK = (msgspec.json.Decoder(kind) for kind in (Invoice, list[Invoice], MODELS["Webhook"]))


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network; its constructors check nothing, so `convert` stands for them."""
    request = msgspec.convert(payloads.request(), MODELS["Request"])
    encode = msgspec.json.Encoder().encode
    return {
        "decode": lambda: INVOICE.decode(payloads.INVOICE),
        "page": lambda: PAGE.decode(payloads.PAGE),
        "webhook": lambda: WEBHOOK.decode(payloads.WEBHOOK),
        "construct": lambda: msgspec.convert(payloads.request(), MODELS["Request"]),
        "encode": lambda: encode(request),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    return [INVOICE.decode(body) for body in bodies]


IMPORT = "import msgspec"
