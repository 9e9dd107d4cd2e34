"""How pydantic, and so FastAPI, reads, writes and describes our models. Imported only when pydantic asks for a schema."""

from __future__ import annotations

from contextvars import ContextVar
from inspect import cleandoc

from xendit.installation import explain

try:
    from pydantic_core import PydanticCustomError, SchemaSerializer, core_schema
except ImportError as error:
    explain(error, "pydantic_core", "xendit.pydantic_schema needs pydantic", "pip install pydantic")

from xendit.codec import Array, Dictionary, Nullable, Object, Union
from xendit.codec.kinds import kinds_within
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.json_schema import schema_of_container, schema_of_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

    from xendit.codec import Kind, Plan
    from xendit.model import Model

__all__ = ["core_schema_of", "json_schema_of"]

_around: ContextVar[tuple[type, ...]] = ContextVar("xendit_models_being_described", default=())
"""The models whose schemas are being made now. A model inside itself is written as a reference."""

_ANYTHING = SchemaSerializer(core_schema.any_schema())
"""Applies `include` and `exclude` to plain data, at every depth, as pydantic understands them."""


def core_schema_of(cls: type[Model], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    """The schema of a model: an instance, or a dict read as the model reads one.

    A model that comes from the wire (such as Invoice and InvoiceCallback) is read tolerantly; a model that users write
    is checked as its constructor does. Mistakes become validation errors, which FastAPI answers with 422.

    The models inside a model are put into a schema with which nothing is ever validated. It is there because pydantic
    looks in it for the models to describe in a JSON Schema, and FastAPI for those of its OpenAPI document, each under
    its name.
    """

    def validate(value: object, _: object) -> object:
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise PydanticCustomError("xendit_type", "an object is needed")
        try:
            return cls.from_dict(value) if cls.__plan__.received else cls(**value)
        except (ApiTypeError, ApiValueError) as error:
            problem = str(error)
        raise PydanticCustomError("xendit_value", "{problem}", {"problem": problem})

    def serialize(value: object, info: core_schema.SerializationInfo) -> object:
        if not isinstance(value, cls):  # pydantic was told to keep values unchecked
            return value
        plain = value.to_dict(mode="json" if info.mode == "json" else "python")
        if info.exclude_none:
            plain = _without_nulls(value.__plan__, plain)
        if info.include is None and info.exclude is None:
            return plain
        # pydantic_core's stubs give two types to the same thing
        return _ANYTHING.to_python(plain, include=info.include, exclude=info.exclude)  # type: ignore[arg-type]

    outside = _around.get()
    token = _around.set((*outside, cls))
    try:
        inside = core_schema.typed_dict_schema(
            {
                name: core_schema.typed_dict_field(_around_models(field.kind, handler), required=False)
                for name, field in cls.__plan__.wires.items()
            }
        )
    finally:
        _around.reset(token)
    return core_schema.no_info_wrap_validator_function(
        validate,
        inside,
        ref=_reference(cls),
        serialization=core_schema.plain_serializer_function_ser_schema(serialize, info_arg=True),
    )


def _reference(cls: type) -> str:
    """The name under which pydantic knows the schema of a class: the one that it gives itself."""
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


def _around_models(kind: Kind, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    """The schema of a kind, as far as it holds models."""
    if isinstance(kind, Array):
        return core_schema.list_schema(_around_models(kind.item, handler))
    if isinstance(kind, Dictionary):
        return core_schema.dict_schema(core_schema.str_schema(), _around_models(kind.item, handler))
    if isinstance(kind, Nullable):
        return core_schema.nullable_schema(_around_models(kind.item, handler))
    if isinstance(kind, Union):
        return core_schema.union_schema([_around_models(member, handler) for member in kind.members])
    if not isinstance(kind, Object):
        return core_schema.any_schema()
    if kind.plan.cls in _around.get():
        return core_schema.definition_reference_schema(_reference(kind.plan.cls))
    made: core_schema.CoreSchema = handler.generate_schema(kind.plan.cls)
    return made


def _without_nulls(plan: Plan, plain: dict[str, object]) -> dict[str, object]:
    """The fields of a model that are not null, in the models inside too; free-form data stay as they are."""
    kept = {}
    for name, value in plain.items():
        if value is not None:
            field = plan.wires.get(name)
            kept[name] = value if field is None else _nulls_dropped(field.kind, value)
    return kept


def _nulls_dropped(kind: Kind, value: object) -> object:
    if isinstance(kind, Object) and isinstance(value, dict):
        return _without_nulls(kind.plan, value)
    if isinstance(kind, Array) and isinstance(value, list):
        return [_nulls_dropped(kind.item, item) for item in value]
    if isinstance(kind, Dictionary) and isinstance(value, dict):
        return {name: _nulls_dropped(kind.item, item) for name, item in value.items()}
    return value


def json_schema_of(
    cls: type[Model], schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
) -> dict[str, object]:
    """The JSON Schema of a model. The models inside are referred to by name; null is allowed where null is read.

    Unknown fields are allowed, as they are read.
    """
    plan: Plan = cls.__plan__
    made = handler(schema)
    whole = handler.resolve_ref_schema(made)  # before pydantic 2.10 the model is kept elsewhere, and `made` names it
    if whole is not made and "title" in whole:
        return made  # described before
    found = whole["properties"]  # what pydantic makes of the models inside
    described: dict[str, object] = {
        "type": "object",
        "title": cls.__name__,
        "properties": {
            name: _nullable(_described(field.kind, found[name]), unless=field.required and not plan.received)
            for name, field in plan.wires.items()
        },
        "required": [name for name, field in plan.wires.items() if field.required and not plan.received],
    }
    if cls.__doc__:
        described["description"] = cleandoc(cls.__doc__)
    if whole is not made:
        whole.clear()
        whole.update(described)
        return made
    return described


def _described(kind: Kind, found: dict[str, Any]) -> dict[str, object]:
    if isinstance(kind, Object):
        return {"$ref": found["$ref"]}
    if isinstance(kind, Array):
        return {"type": "array", "items": _described(kind.item, found["items"])}
    if any(isinstance(each, Object) for each in kinds_within(kind)):
        return found
    return schema_of_container(kind, lambda inner: _described(inner, {})) or schema_of_value(kind)


def _nullable(schema: dict[str, object], *, unless: bool) -> dict[str, object]:
    return schema if unless or not schema else {"anyOf": [schema, {"type": "null"}]}
