"""The OpenAPI 3.1 document of the Invoice API, derived from the declarations of its operations and models.

    python -m xendit.openapi > openapi.json

What a declaration cannot say, because the client leaves it to the API, stands in LIMITS, from the same public
material (docs/Fidelity.md). No I/O but reading this package's own source for the descriptions.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from importlib import import_module

from xendit.codec import Array, Choice, Object
from xendit.invoice.operations import OPERATIONS
from xendit.json_schema import schema_of_value
from xendit.version import __version__

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.codec import Field, Kind
    from xendit.operation import Operation, Parameter

_MODELS = "xendit.invoice.model"
_HOST = "https://api.xendit.co"

_ADDRESS = "^(?!(javascript|data|vbscript|file|blob):)[A-Za-z][A-Za-z0-9+.-]*:"
#: What the API is known or assumed to check beyond the types: model.field, or operation.parameter → JSON Schema.
LIMITS: dict[str, dict[str, Any]] = {
    "CreateInvoiceRequest.external_id": {"minLength": 1, "maxLength": 255},
    "CreateInvoiceRequest.amount": {"exclusiveMinimum": 0},
    "CreateInvoiceRequest.description": {"minLength": 1},
    "CreateInvoiceRequest.payer_email": {"pattern": r"^[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"},
    "CreateInvoiceRequest.invoice_duration": {"minimum": 1, "maximum": 31_536_000},
    "CreateInvoiceRequest.success_redirect_url": {"minLength": 1, "maxLength": 255, "pattern": _ADDRESS},
    "CreateInvoiceRequest.failure_redirect_url": {"minLength": 1, "maxLength": 255, "pattern": _ADDRESS},
    "CreateInvoiceRequest.reminder_time_unit": {"enum": ["days", "hours"]},
    "CreateInvoiceRequest.reminder_time": {"minimum": 1, "maximum": 30},
    "CreateInvoiceRequest.items": {"maxItems": 75},
    "CreateInvoiceRequest.fees": {"maxItems": 10},
    "CreateInvoiceRequest.metadata": {
        "maxProperties": 50,
        "propertyNames": {"maxLength": 40},
        "additionalProperties": {"anyOf": [{"type": "string", "maxLength": 500}, {"not": {"type": "string"}}]},
    },
    "InvoiceItem.name": {"minLength": 1, "maxLength": 256},
    "InvoiceItem.quantity": {"minimum": 0, "maximum": 510_000},
    "ChannelPropertiesCards.allowed_bins": {"items": {"type": "string", "pattern": "^([0-9]{6}|[0-9]{8})$"}},
    "ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner.terms": {"items": {"type": "integer"}},
    "get_invoices.limit": {"minimum": 1, "maximum": 100, "default": 10},
    "get_invoices.external_id": {"minLength": 1},
    "get_invoices.on_demand_link": {"minLength": 1},
    "get_invoices.recurring_payment_id": {"minLength": 1},
    "get_invoices.last_invoice": {"pattern": "^[0-9a-f]{24}$"},
    "invoice_id": {"pattern": "^[0-9a-f]{24}$"},
}
#: Enums of requests whose other values the API refuses; all others are open.
_CLOSED = ("InvoiceCurrency", "NotificationChannel", "InvoiceStatus", "InvoiceClientType")
#: Models whose fields may be null, as the official ones say.
_NULLABLE = ("CustomerObject", "AddressObject")
#: Statuses that every operation can answer beside those of its declaration.
_ALWAYS = {429: "Too many requests for this endpoint and account: RATE_LIMIT_EXCEEDED."}
_MEANINGS = {
    400: "The request is refused: API_VALIDATION_ERROR and the other codes.",
    401: "The API key is missing, public or unknown: INVALID_API_KEY.",
    403: "The API key lacks the permission: REQUEST_FORBIDDEN_ERROR.",
    404: "There is no such invoice.",
    500: "The server failed. Whether anything was done is not known.",
}


def document(server: str = _HOST) -> dict[str, Any]:
    """Give the document, as JSON values. `server` is the base URL that it names."""
    schemas: dict[str, Any] = {"Error": _ERROR}
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        path = operation.path.rstrip("/")
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    callback = _reference("InvoiceCallback", schemas, received=True)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Xendit Invoice API",
            "version": __version__,
            "description": "Four operations of Xendit's Invoice API and its webhook, as far as they are publicly "
            "known. Not a document of Xendit's.",
        },
        "servers": [{"url": server}],
        "security": [{"secretKey": []}],
        "paths": paths,
        "webhooks": {"invoice": _webhook(callback)},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "secretKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The secret API key as the user name, with an empty password.",
                }
            },
        },
    }


_ERROR = {
    "type": "object",
    "description": "Every error: a code for programs, a message for people, and for a refused body each field.",
    "required": ["error_code", "message"],
    "properties": {
        "error_code": {"type": "string"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "location": {"type": "string"},
                    "messages": {"type": "array", "items": {"type": "string"}},
                    "types": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.name.replace("_", " ").capitalize(),
        "parameters": [],
        "responses": {"200": _good(operation, schemas)},
    }
    for parameter in operation.parameters:
        if parameter.location == "body":
            content = {"application/json": {"schema": _schema(operation.kind(parameter.annotation), schemas)}}
            described["requestBody"] = {"required": parameter.required, "content": content}
        else:
            described["parameters"].append(_parameter(operation, parameter, schemas))
    statuses = {404: "", **operation.errors, **_ALWAYS}
    for status in sorted(statuses):
        described["responses"][str(status)] = {
            "description": _ALWAYS.get(status) or _MEANINGS[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return described


def _good(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(operation.kind(operation.returns), schemas)
    good: dict[str, Any] = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    if operation.returns == "Invoice":
        good["links"] = {
            other.name: {"operationId": other.name, "parameters": {"invoice_id": "$response.body#/id"}}
            for other in OPERATIONS
            if any(parameter.name == "invoice_id" for parameter in other.parameters)
        } | {
            "get_invoices": {
                "operationId": "get_invoices",
                "parameters": {"external_id": "$response.body#/external_id"},
            }
        }
    return good


def _parameter(operation: Operation, parameter: Parameter, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(operation.kind(parameter.annotation), schemas)
    limits = LIMITS.get(f"{operation.name}.{parameter.name}") or LIMITS.get(parameter.name, {})
    described: dict[str, Any] = {
        "name": parameter.wire,
        "in": parameter.location,
        "required": parameter.required,
        "schema": {**schema, **limits},
    }
    if parameter.location == "query" and schema.get("type") == "array":
        described |= {"style": "form", "explode": True}
    return described


def _webhook(callback: dict[str, Any]) -> dict[str, Any]:
    headers = (
        ("x-callback-token", True, "The account's own secret: compare it before the body is believed."),
        ("webhook-id", False, "The same for every attempt to deliver one event."),
    )
    return {
        "post": {
            "summary": "An invoice was paid or has expired",
            "description": "Sent until a 2xx is answered within 30 seconds: up to six more times over 24 hours.",
            "security": [],
            "parameters": [
                {"name": name, "in": "header", "required": needed, "description": text, "schema": {"type": "string"}}
                for name, needed, text in headers
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": callback}}},
            "responses": {"2XX": {"description": "Received."}},
        }
    }


def _schema(kind: Kind, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, Object):
        return _reference(kind.plan.name, schemas, received=kind.plan.received)
    if isinstance(kind, Array):
        return {"type": "array", "items": _schema(kind.item, schemas)}
    if isinstance(kind, Choice):
        enum = kind.enum
        values = [member.value for member in enum]
        if enum.__name__ in _CLOSED:
            return {"type": "string", "enum": values}
        return {"type": "string", "x-extensible-enum": values}
    return schema_of_value(kind) or {"type": "string"}


def _reference(name: str, schemas: dict[str, Any], *, received: bool) -> dict[str, Any]:
    """Name the schema of a model, and describe it the first time."""
    if name not in schemas:
        schemas[name] = {}  # a model may hold itself
        schemas[name] = _model(getattr(import_module(_MODELS), name), schemas, received=received)
    return {"$ref": f"#/components/schemas/{name}"}


def _model(model: Any, schemas: dict[str, Any], *, received: bool) -> dict[str, Any]:
    plan = model.__plan__
    texts = _descriptions(model)
    properties = {}
    for field in plan.fields.values():
        schema = {**_schema(field.kind, schemas), **_rules(field), **LIMITS.get(f"{model.__name__}.{field.name}", {})}
        if model.__name__ in _NULLABLE and "type" in schema:
            schema["type"] = [schema["type"], "null"]
        if field.name in texts:
            schema["description"] = texts[field.name]
        properties[field.name] = schema
    described: dict[str, Any] = {"type": "object", "properties": properties}
    if model.__doc__:
        described["description"] = " ".join(model.__doc__.split("\n\n")[0].split())
    required = [field.name for field in plan.fields.values() if field.required]
    if required and not (received and model.__name__ == "InvoiceCallback"):  # an honest webhook may lack any
        described["required"] = required
    return described


def _rules(field: Field) -> dict[str, Any]:
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "min_length": "minLength"}
    words |= {"max_length": "maxLength"}
    return {words[rule]: limit for rule, limit in field.rules.items() if rule in words}


def _descriptions(model: Any) -> dict[str, str]:
    """Read what the source says below each field; nothing where the source is not at hand."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    except (OSError, SyntaxError, TypeError):
        return {}
    assert isinstance(tree, ast.ClassDef)
    texts = {}
    for node, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_text:
            texts[node.target.id] = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]
    return texts


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
