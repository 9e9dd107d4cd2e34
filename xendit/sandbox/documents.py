"""The OpenAPI 3.1 documents that the sandbox serves: one of the API, one of the control plane.

The document of the API is the one that `xendit.openapi` derives from the declarations, narrowed by each product to what
the account of this sandbox takes. The document of the control plane is derived from its table of routes.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING

from xendit import openapi
from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, Fault
from xendit.sandbox.parts import control_bodies, control_routes
from xendit.sandbox.products import product_rules
from xendit.version import __version__

if TYPE_CHECKING:
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonObject

_TEXT = {"type": "string"}
_TYPES = {"str": "string", "int": "integer", "float": "number"}

#: The members of the JSON bodies that are no product's, by the method that reads each.
BODIES: dict[str, JsonObject] = {
    "control_resend": {"times": {"type": "integer", "minimum": 1, "maximum": 100}},
    "control_reorder": {"ids": {"type": "array", "items": _TEXT}},
    "control_webhook_url": {"url": {"type": ["string", "null"]}},
    "control_freeze": {"at": {"type": "string", "format": "date-time"}},
    "control_set": {"now": {"type": "string", "format": "date-time"}},
    "control_advance": {"by": {"type": ["string", "number"], "examples": ["25h", 90]}},
    "control_speed": {"factor": {"type": "number", "exclusiveMinimum": 0}},
    "control_arm": {
        one.name: {"enum": [*REQUEST_KINDS, *WEBHOOK_KINDS]}
        if one.name == "kind"
        else {"type": _TYPES[str(one.type).partition(" ")[0]]}
        for one in fields(Fault)
    },
}


def api_document(server: str, assumptions: Assumptions) -> JsonObject:
    """Give the document of the API, narrowed by each product to what this account takes."""
    described = openapi.document(server)
    for rules in product_rules():
        if rules.describe is not None:
            rules.describe(described, assumptions)
    return described


def control_document(server: str) -> JsonObject:
    """Give the document of the control plane."""
    paths: JsonObject = {}
    bodies = {**BODIES, **control_bodies()}
    for method, path, name, summary, part in control_routes():
        names = re.findall(r"<(\w+)>", path)
        described: JsonObject = {
            "operationId": name.removeprefix("control_"),
            "summary": summary,
            "description": getattr(part, name).__doc__,
            "parameters": [{"name": one, "in": "path", "required": True, "schema": _TEXT} for one in names],
            "responses": {"200": {"description": "Done."}, "4XX": {"description": "Refused, with a sentence."}},
        }
        if name in bodies:
            schema = {"type": "object", "properties": bodies[name]}
            described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        paths.setdefault(re.sub(r"<(\w+)>", r"{\1}", path), {})[method.lower()] = described
    title = "The sandbox's control plane"
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__},
        "servers": [{"url": server}],
        "paths": paths,
    }
