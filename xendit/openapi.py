"""The OpenAPI 3.1 document of Xendit's API, as far as this package has it, derived from what its products declare.

    python -m xendit.openapi > openapi.json

Some limits are not part of a declaration, because the client leaves them to the API. They stand in the module `limits`
of a product and come from the same public material (docs/Fidelity.md). The only I/O is reading this package's own
source for the descriptions.
"""

from __future__ import annotations

import json
import sys

from xendit.codec import Choice, Object
from xendit.descriptions import field_descriptions
from xendit.json_schema import schema_of_container, schema_of_value
from xendit.products import products
from xendit.static_typing import hinted
from xendit.version import __version__

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from xendit.codec import Field, Kind
    from xendit.operation import Operation, Parameter
    from xendit.products import Product

_HOST = "https://api.xendit.co"

#: Statuses that every operation can answer beside those of its declaration.
_ALWAYS = {429: "Too many requests for this endpoint and account: RATE_LIMIT_EXCEEDED."}
_MEANINGS = {
    400: "The request is refused: API_VALIDATION_ERROR and the other codes.",
    401: "The API key is missing, public or unknown: INVALID_API_KEY.",
    403: "The API key lacks the permission: REQUEST_FORBIDDEN_ERROR.",
    404: "There is no such {noun}.",
    409: "It conflicts with an earlier request.",
    500: "The server failed. Whether anything was done is not known.",
    503: "The service or the channel is not available.",
}


@hinted
def document(server: str = _HOST) -> dict[str, Any]:
    """Give the document, as JSON values. `server` is the base URL that it names."""
    described = list(products())
    schemas = _Schemas()
    paths: dict[str, Any] = {}
    webhooks: dict[str, object] = {}
    for product in described:
        part = _Part(product, schemas)
        for operation in product.operations:
            path = operation.path.rstrip("/")
            paths.setdefault(path, {})[operation.method.lower()] = part.operation(operation)
        for name, (callback, summary) in product.webhooks.items():
            webhooks[name] = _webhook(part.reference(callback), summary)
    titles = _listed(product.title for product in described)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Xendit {titles}",
            "version": __version__,
            "description": f"The operations of Xendit's {titles} and their webhooks, as far as they are publicly known."
            " Not a document of Xendit's.",
        },
        "servers": [{"url": server}],
        "security": [{"secretKey": []}],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas.described,
            "securitySchemes": {
                "secretKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The secret API key as the user name, with an empty password.",
                }
            },
        },
    }


def _listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


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


class _Schemas:
    """The schemas of all products by name. If two classes have one name, that of the later one begins with its product."""

    def __init__(self) -> None:
        self.described: dict[str, object] = {"Error": _ERROR}
        self._names: dict[object, str] = {}

    def name_of(self, model: type, product: Product) -> str:
        """The name of a class: its own, where no other class has it."""
        if model not in self._names:
            name: str = model.__name__
            taken = {"Error", *self._names.values()}
            self._names[model] = f"{product.folder.title().replace('_', '')}{name}" if name in taken else name
        return self._names[model]


class _Part:
    """What one product brings into the document."""

    def __init__(self, product: Product, schemas: _Schemas) -> None:
        self.product = product
        self.schemas = schemas
        self.limits: dict[str, dict[str, object]] = product.limits("LIMITS")
        self.closed = product.limits("CLOSED")
        self.nullable = product.limits("NULLABLE")

    def operation(self, operation: Operation) -> dict[str, object]:
        """Describe an operation."""
        described: dict[str, Any] = {
            "operationId": operation.name,
            "summary": operation.name.replace("_", " ").capitalize(),
            "parameters": [],
            "responses": {"200": self._good(operation)},
        }
        for parameter in operation.parameters:
            if parameter.location == "body":
                content = {"application/json": {"schema": self._schema(operation.kind(parameter.annotation))}}
                described["requestBody"] = {"required": parameter.required, "content": content}
            else:
                described["parameters"].append(self._parameter(operation, parameter))
        statuses = {404: "", **operation.errors, **_ALWAYS}
        for status in sorted(statuses):
            meaning = _ALWAYS.get(status) or _MEANINGS[status].format(noun=self.product.noun)
            described["responses"][str(status)] = {
                "description": meaning,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            }
        return described

    def _good(self, operation: Operation) -> dict[str, object]:
        schema = self._schema(operation.kind(operation.returns))
        good: dict[str, object] = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
        if operation.returns in self.product.answers and operation.listing is None:
            good["links"] = self._links()
        return good

    def _links(self) -> dict[str, Any]:
        """What can be done next with an answer: links to the operations that take its id, or another of its fields."""
        taken = {f"{self.product.folder}_id": "id", **self.product.limits("LINKS")}
        links = {}
        for other in self.product.operations:
            names = [parameter.name for parameter in other.parameters if parameter.name in taken]
            if names:
                values = {name: f"$response.body#/{taken[name]}" for name in names}
                links[other.name] = {"operationId": other.name, "parameters": values}
        return links

    def _parameter(self, operation: Operation, parameter: Parameter) -> dict[str, object]:
        schema = self._schema(operation.kind(parameter.annotation))
        limits = self.limits.get(f"{operation.name}.{parameter.name}") or self.limits.get(parameter.name, {})
        described: dict[str, object] = {
            "name": parameter.name if parameter.location == "path" else parameter.wire,  # the name in the path
            "in": parameter.location,
            "required": parameter.required,
            "schema": {**schema, **limits},
        }
        if parameter.location == "query" and schema.get("type") == "array":
            described |= {"style": "form", "explode": True}
        if parameter.location == "query" and "$ref" in schema:  # an object is sent as a pair for each field
            described |= {"style": "deepObject", "explode": True}
        return described

    def _schema(self, kind: Kind) -> dict[str, object]:
        if isinstance(kind, Object):
            return self._reference(kind.plan.cls)
        if isinstance(kind, Choice):
            enum = kind.enum
            values = [member.value for member in enum]
            if enum.__name__ in self.closed:
                return {"type": "string", "enum": values}
            return {"type": "string", "x-extensible-enum": values}
        return schema_of_container(kind, self._schema) or schema_of_value(kind) or {"type": "string"}

    def reference(self, name: str) -> dict[str, object]:
        """Name the schema of a model, given the model's name."""
        return self._reference(getattr(self.product.module("model"), name))

    def _reference(self, model: type) -> dict[str, object]:
        """Name the schema of a model, and describe it the first time."""
        name = self.schemas.name_of(model, self.product)
        if name not in self.schemas.described:
            self.schemas.described[name] = {}  # a model may hold itself
            self.schemas.described[name] = self._model(model)
        return {"$ref": f"#/components/schemas/{name}"}

    def _model(self, model: Any) -> dict[str, object]:
        texts = field_descriptions(model)
        properties = {}
        fields = model.__plan__.fields.values()
        for field in fields:
            limits = self.limits.get(f"{model.__name__}.{field.name}", {})
            schema = {**self._schema(field.kind), **_rules(field), **limits}
            if model.__name__ in self.nullable and "type" in schema:
                schema["type"] = [schema["type"], "null"]
            if field.name in texts:
                schema["description"] = texts[field.name]
            properties[field.wire] = schema
        described: dict[str, object] = {"type": "object", "properties": properties}
        if model.__doc__:
            described["description"] = " ".join(model.__doc__.split("\n\n")[0].split())
        required = [field.wire for field in fields if field.required]
        if required and model.__name__ not in self.product.callbacks:  # a genuine webhook may lack any field
            described["required"] = required
        return described


def _webhook(callback: dict[str, object], summary: str) -> dict[str, object]:
    headers = (
        ("x-callback-token", True, "The account's own secret: compare it before the body is believed."),
        ("webhook-id", False, "The same for every attempt to deliver one event."),
    )
    return {
        "post": {
            "summary": summary,
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


def _rules(field: Field) -> dict[str, object]:
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "min_length": "minLength"}
    words |= {"max_length": "maxLength"}
    return {words[rule]: limit for rule, limit in field.rules.items() if rule in words}


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
