"""The two doors of a client to any path of the API: `request`, and `call_api` as the official SDK has it."""

from __future__ import annotations

from xendit.client.options import options_of
from xendit.static_typing import Generic

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from xendit.client.open_operation import Query

    Answer = TypeVar("Answer")
else:
    Answer = None


class Doors(Generic[Answer]):
    """What a client has for paths that no method of an API class names.

    `Answer` is what `request` gives: an ApiResponse, or in asyncio a coroutine that brings one.
    """

    call: Callable[..., Any]

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: object = None,
        ids: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        for_user_id: str | None = None,
        idempotency_header: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | tuple[float, float] | None = None,
    ) -> Answer:
        """Send a request to any path of the API: for what this package has no method of yet.

            balance = client.request("GET", "/balance", query={"account_type": "CASH"}).data["balance"]
            session = client.request("POST", "/sessions", json={"reference_id": "order-1", ...}).data
            client.request("GET", "/sessions/{session_id}", ids={"session_id": session["payment_session_id"]})

        It goes out with this client's key, time limits and events, and fails with the same errors. A GET is repeated
        like any read. Any other request is never sent again once the server may have acted: then the error is an
        OutcomeUnknownException. Where Xendit documents an idempotency key for it, name the header: the client makes a
        key, repeats the request with it, and the error that is raised in the end bears it as `idempotency_key`.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: without host and query; `{name}` stands for one of `ids`.
            query: names and values. A list is repeated, a dict is `name[key]`, None is left out; times go out in UTC.
            json: the body: anything that JSON can hold, or a model.
            ids: what stands for `{name}` in the path, each quoted as one segment.
            headers: to add, such as `api-version`.
            for_user_id: business id of the sub-account (xenPlatform).
            idempotency_header: the header in which Xendit documents an idempotency key for this request.
            idempotency_key: the key, to go on with one that was used before; else one is made.
            timeout: seconds for the whole call, or a pair (connect, read).

        Returns:
            The answer: `data` is its JSON, or None where it is empty.

        Raises:
            ApiTypeError, ApiValueError: something cannot be sent; nothing was.
            OutcomeUnknownException: it is not known whether the server has acted.
            XenditSdkException: the call failed.
        """
        from xendit.client.open_operation import OpenOperation  # on use, as most programs never do

        operation = OpenOperation(
            method,
            path,
            ids=ids,
            query=query,
            json=json,
            headers=headers if for_user_id is None else {**(headers or {}), "for-user-id": for_user_id},
            idempotency_header=idempotency_header,
            idempotency_key=idempotency_key,
        )
        options = options_of("timeout", timeout)
        answer: Answer = self.call(operation, {}, options, on_unknown="raise", answered=True)
        return answer

    def call_api(
        self,
        resource_path: str,
        method: str,
        path_params: Query | None = None,
        query_params: Query | None = None,
        header_params: Query | None = None,
        body: object = None,
        post_params: object = None,
        files: object = None,
        response_type: object = None,
        auth_settings: object = None,
        async_req: bool | None = None,
        _return_http_data_only: bool | None = None,
        collection_formats: Mapping[str, str] | None = None,
        _preload_content: bool = True,
        _request_timeout: float | tuple[float, float] | None = None,
        _host: str | None = None,
        _check_type: bool | None = None,
        _request_auths: object = None,
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
        from xendit.client.official import official_operation, refuse_what_is_not_sent

        operation = official_operation(
            resource_path, method, path_params, query_params, header_params, body, response_type, collection_formats
        )
        refuse_what_is_not_sent(post_params=post_params, files=files, _host=_host)
        options = options_of("_request_timeout", _request_timeout)
        options["_return_http_data_only"] = bool(_return_http_data_only)
        options["_preload_content"] = _preload_content
        options["async_req"] = bool(async_req)
        return self.call(operation, {}, options, on_unknown="raise")
