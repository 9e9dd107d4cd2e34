"""How pydantic reads and writes our models: imported by pydantic's own question, never by us."""

from __future__ import annotations

import json

try:
    from pydantic_core import PydanticCustomError, core_schema
except ImportError as error:
    raise ImportError("xendit.pydantic_schema needs pydantic: pip install pydantic") from error

from xendit.exceptions import ApiTypeError, ApiValueError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["core_schema_of"]


def core_schema_of(cls: Any) -> core_schema.CoreSchema:
    """The schema of a model: an instance, or a dict read as the model reads one.

    What comes from the wire (Invoice, InvoiceCallback) is read tolerantly, what a user gives is checked as its
    constructor does. What is wrong becomes a validation error, which FastAPI answers with 422.
    """

    def validate(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise PydanticCustomError("xendit_type", "an object is needed")
        try:
            return cls.from_dict(value) if cls.__plan__.received else cls(**value)
        except (ApiTypeError, ApiValueError) as error:
            problem = str(error)
        raise PydanticCustomError("xendit_value", "{problem}", {"problem": problem})

    def serialize(value: Any, info: core_schema.SerializationInfo) -> Any:
        return json.loads(value.to_json()) if info.mode == "json" else value.to_dict()

    return core_schema.no_info_plain_validator_function(
        validate,
        serialization=core_schema.plain_serializer_function_ser_schema(serialize, info_arg=True),
    )
