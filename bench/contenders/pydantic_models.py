"""pydantic: models of the same bodies, unknown fields kept; an unknown enum value is an error."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import declared
import payloads
from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "pydantic v2 (extra=allow)"
VERSIONS = {"pydantic": version("pydantic")}


class Base(BaseModel):
    """Unknown fields are kept, as this library does."""

    model_config = ConfigDict(extra="allow")


def make(name: str, fields: dict[str, tuple[Any, bool]]) -> Any:
    """A model of these fields: type and whether it is required."""
    shape: Any = {field: (kind, ...) if required else (kind | None, None) for field, (kind, required) in fields.items()}
    return create_model(name, __base__=Base, **shape)


MODELS = declared.models(make)
Invoice, Webhook, Request = MODELS["Invoice"], MODELS["Webhook"], MODELS["Request"]
PAGE = TypeAdapter(list[Invoice])


def construct() -> Any:
    """A request, checked."""
    given = payloads.request()
    given["items"] = [MODELS["Item"](**each) for each in given["items"]]
    given["customer"] = MODELS["Customer"](**given["customer"])
    return Request(**given)


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network."""
    request = construct()
    return {
        "decode": lambda: Invoice.model_validate_json(payloads.INVOICE),
        "page": lambda: PAGE.validate_json(payloads.PAGE),
        "webhook": lambda: Webhook.model_validate_json(payloads.WEBHOOK),
        "construct": construct,
        "encode": lambda: request.model_dump_json(exclude_unset=True),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    return [Invoice.model_validate_json(body) for body in bodies]


IMPORT = "import pydantic; pydantic.BaseModel"
