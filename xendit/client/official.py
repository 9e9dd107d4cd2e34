"""`call_api` as the official SDK has it: how its arguments become an operation of the open door."""

from __future__ import annotations

from xendit.client.door import OpenOperation
from xendit.client.options import options_of
from xendit.exceptions import ApiValueError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.client.door import Query


class OfficialCalls:
    """What a client has for programs that call the official SDK's `call_api`."""

    call: Callable[..., Any]

    def call_api(
        self,
        resource_path: str,
        method: str,
        path_params: Query | None = None,
        query_params: Query | None = None,
        header_params: Query | None = None,
        body: Any = None,
        post_params: Any = None,
        files: Any = None,
        response_type: Any = None,
        auth_settings: Any = None,
        async_req: bool | None = None,
        _return_http_data_only: bool | None = None,
        collection_formats: Mapping[str, str] | None = None,
        _preload_content: bool = True,
        _request_timeout: float | tuple[float, float] | None = None,
        _host: str | None = None,
        _check_type: bool | None = None,
        _request_auths: Any = None,
    ) -> Any:
        """Send a request as programs of the official SDK do, whose methods are made of this. It goes through `request`.

        Args:
            resource_path, method: the path, with `{name}` for `path_params`, and the HTTP method.
            path_params, query_params, header_params: dicts, or lists of pairs; None is left out.
            body: anything that JSON can hold, or a model.
            post_params, files: not supported: no operation of Xendit's takes a form.
            response_type: a tuple with a model, or a list of one, that the answer is read as; else it is JSON.
            auth_settings, _check_type, _request_auths: without effect; the key is the client's.
            async_req: give a handle whose `get()` brings the result.
            _return_http_data_only: give the data alone; else it is `(data, status, headers)`.
            collection_formats: how lists of a query go out: `"csv"` joins one with commas, else it is repeated.
            _preload_content: False gives the answer itself, whatever it holds.
            _request_timeout: seconds for the whole call, or a pair (connect, read).
            _host: refused; the host is the client's.

        Raises:
            ApiTypeError, ApiValueError: something cannot be sent; nothing was.
            XenditSdkException: the call failed.
        """
        operation = official_operation(
            resource_path, method, path_params, query_params, header_params, body, response_type, collection_formats
        )
        refuse_what_is_not_sent(post_params=post_params, files=files, _host=_host)
        options = options_of("_request_timeout", _request_timeout)
        options["_return_http_data_only"] = bool(_return_http_data_only)
        options["_preload_content"] = _preload_content
        options["async_req"] = bool(async_req)
        return self.call(operation, {}, options, on_unknown="raise")


def official_operation(
    path: str,
    method: str,
    path_params: Query | None,
    query_params: Query | None,
    header_params: Query | None,
    body: Any,
    response_type: Any,
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


def refuse_what_is_not_sent(**given: Any) -> None:
    """Raise ApiValueError for an argument that would change what is sent, and cannot be followed."""
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


def _reader(response_type: Any) -> Callable[[Any], Any] | None:
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
