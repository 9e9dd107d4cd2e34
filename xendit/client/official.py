"""`call_api` as the official SDK has it: how its arguments become an OpenOperation."""

from __future__ import annotations

from xendit.client.open_operation import OpenOperation
from xendit.exceptions import ApiValueError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.client.open_operation import Query


def official_operation(
    path: str,
    method: str,
    path_params: Query | None,
    query_params: Query | None,
    header_params: Query | None,
    body: object,
    response_type: object,
    collection_formats: Mapping[str, str] | None,
) -> OpenOperation:
    """The operation that these arguments mean; those of `ApiClient.call_api`."""
    formats = collection_formats or {}
    return OpenOperation(
        method,
        path,
        ids={name: value if isinstance(value, str) else str(value) for name, value in _pairs(path_params)},
        query=[
            (
                name,
                ",".join(map(str, value)) if formats.get(name) == "csv" and isinstance(value, (list, tuple)) else value,
            )
            for name, value in _pairs(query_params)
        ],
        json=body,
        headers=dict(_pairs(header_params)),
        read=_reader(response_type),
    )


def refuse_what_is_not_sent(**given: object) -> None:
    """Raise ApiValueError for an argument that would change what is sent, and is not supported."""
    for name, value in given.items():
        if value and name == "_host":
            raise ApiValueError(f"call_api: {name} is the client's; make another client for another host", (name,))
        if value:
            raise ApiValueError(
                f"call_api: {name} would be sent as a form, which no operation of Xendit's takes", (name,)
            )


def _pairs(params: Any) -> list[tuple[str, Any]]:
    """Parameters as pairs, in any of the forms that the official SDK takes; None is left out."""
    items = params.items() if hasattr(params, "items") else params or ()
    return [(name, value) for name, value in items if value is not None]


def _reader(response_type: object) -> Callable[[object], object] | None:
    """How an answer is read as one of these types: a model, or a list of one; None for plain JSON."""
    for each in response_type if isinstance(response_type, (tuple, list)) else (response_type,):
        model = each[0] if isinstance(each, (tuple, list)) and each else each
        plan = getattr(model, "__plan__", None)
        if plan is None:
            continue
        if model is each:
            return lambda value, plan=plan: plan.kind.receive(value, (), plan.kind.reading(), strict=True)  # type: ignore[misc]
        from xendit.codec import Array

        kind = Array(plan.kind)
        return lambda value: kind.receive(value, (), kind.reading(), strict=True)
    return None
