"""The WSGI application of the sandbox: routing, authentication, rate limits, faults, and protection from other sites.

Sockets are opened in `connections`. This module has no rules of the API: each product declares its routes and carries
them out. The callback `publish` passes on the announcements that a request leaves in the state.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from xendit.sandbox.hosts import Hosts
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.errors import invalid_json, too_many_requests
from xendit.sandbox.state.core.jsontext import read_json
from xendit.sandbox.state.core.rules import OperationCall
from xendit.sandbox.web import HTTPException, Map, MapAdapter, MethodNotAllowed, Request, Response, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xendit.sandbox.faults import Fault, Faults
    from xendit.sandbox.requests import RequestLog
    from xendit.sandbox.state import Account, SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.core.quota import Quota
    from xendit.sandbox.state.core.rules import ProductRules, Route

logger = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: Headers of every answer. The referrer policy is `same-origin`: with `no-referrer` a browser would send `Origin: null`
#: with the sandbox's own forms, and these could not be told from forms of another site.
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "same-origin",
    "Server": "xendit-sandbox",
    "X-Content-Type-Options": "nosniff",
}


#: The page of a gateway that cannot reach its server.
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Part(Protocol):
    """What answers beside the API: pages, the control plane. Its handlers are its methods."""

    @property
    def routes(self) -> Sequence[tuple[str, str, str]]:
        """Method, path (a slash at its end changes nothing) and the name of the method that answers."""
        ...


class Application:
    """The WSGI application.

    Args:
        shared: holds the book of every product.
        products: the rules of the products: their routes are those of the API.
        parts: what answers beside the API.
        base_url: where the sandbox is reached.
        faults: the faults that requests may meet.
        publish: called after every request that may have left announcements in the state.
        requests: where requests to the API are noted.
        position: gives how far the sandbox has come. Parts with `shows_position` find it in the environment of a
            request, as it was before the answer was begun.
        hosts: which Host headers are answered.
    """

    def __init__(
        self,
        shared: SharedState,
        products: Sequence[ProductRules],
        parts: Sequence[Part],
        base_url: str,
        faults: Faults,
        publish: Callable[[], None],
        requests: RequestLog,
        position: Callable[[], object],
        hosts: Hosts | None = None,
    ) -> None:
        self._shared = shared
        self._base_url = base_url
        self._faults = faults
        self._publish = publish
        self._requests = requests
        self._position = position
        self._hosts = (hosts or Hosts()).at_port(int(base_url.rpartition(":")[2]))
        self._api = {
            f"api {rules.kind}.{route.operation}": (rules, route) for rules in products for route in rules.routes
        }
        self._parts = {name: part for part in (self, *parts) for _, _, name in part.routes}
        routes = [route for part in (self, *parts) for route in part.routes]
        self._positioned = {
            name for part in parts if getattr(part, "shows_position", False) for _, _, name in part.routes
        }
        self._urls = Map(
            [
                *(Rule(route.path, methods=[route.method], endpoint=name) for name, (_, route) in self._api.items()),
                *(Rule(path, methods=[method], endpoint=name) for method, path, name in routes),
            ],
            strict_slashes=False,
            merge_slashes=False,
        )

    routes: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("GET", "/openapi.json", "openapi"),
        ("GET", "/_sandbox/openapi.json", "describe_control"),
    )

    def __call__(self, environ: dict[str, object], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request as WSGI asks."""
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer a request; an unexpected exception is logged and answered with 500."""
        began = self._requests.monotonic()
        try:
            response = self._dispatch(request)
        except _WrongMethodError as refusal:
            response = json_response(refusal.body(), refusal.status)
            response.headers["Allow"] = refusal.allowed
        except SandboxError as refusal:
            response = json_response(refusal.body(), refusal.status)
        except Exception:
            logger.exception("the sandbox failed")
            text = "Something unexpected happened in the sandbox; its log says what."
            response = json_response({"error_code": "SERVER_ERROR", "message": text}, 500)
        for name, value in _SAFE.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Request-Id", self._shared.source.hexadecimal(16))
        self._requests.note(request, response, began)
        self._publish()
        return response

    def _dispatch(self, request: Request) -> Response:
        if not self._hosts.admits(request.headers.get("Host", "")):
            text = f"This sandbox answers to {self._hosts} only; --allow-host NAME adds one."
            raise SandboxError(421, "SANDBOX_HOST_REFUSED", text)
        endpoint, values = self._route(self._urls.bind_to_environ(request.environ), request)
        if endpoint in self._api:
            return self._dispatch_api(*self._api[endpoint], request, values)
        if endpoint.startswith("control_") or request.method == "POST":
            self._refuse_cross_site(request)
        if endpoint in self._positioned:
            request.environ["xendit.position"] = self._position()
        answer = getattr(self._parts[endpoint], endpoint)(request, **values)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _refuse_cross_site(self, request: Request) -> None:
        """Refuse a request that a page of another site made the browser send. Programs send neither of these headers."""
        site = request.headers.get("Sec-Fetch-Site", "none")
        origin = request.headers.get("Origin")
        foreign = origin is not None and not self._hosts.is_origin_of(origin, request.headers["Host"])
        if foreign or site not in ("none", "same-origin"):
            raise SandboxError(403, "SANDBOX_CROSS_SITE_REFUSED", "This came from a page of another site.")

    def _route(self, adapter: MapAdapter, request: Request) -> tuple[str, JsonObject]:
        try:
            endpoint, values = adapter.match(method=request.method)
        except MethodNotAllowed as problem:
            raise _WrongMethodError(problem.valid_methods or ()) from None
        except HTTPException:
            raise SandboxError(
                404, "NOT_FOUND", "This is a local sandbox of Xendit's API; nothing lives at this path."
            ) from None
        return str(endpoint), dict(values)

    # -- the API

    def _dispatch_api(self, rules: ProductRules, route: Route, request: Request, values: JsonObject) -> Response:
        account = self._shared.account(basic_user(request), request.headers.get("for-user-id") or None)
        reference = text_member(request, rules.reference) if route.creates else None
        faults = self._faults.meet(rules.kind, route.operation, reference)
        limits = [fault.limit for fault in faults if fault.kind == "limiter"]
        if route.rate_limit is not None and self._shared.assumptions.rate_limit_enforced:
            limits.append(route.rate_limit)
        window = f"{rules.kind}.{route.window or route.operation}"
        quota = self._shared.count(account, window, min(limits) if limits else None)
        fault = next((one for one in faults if one.kind not in ("latency", "limiter")), None)
        if faults:
            request.environ["xendit.fault"] = fault.kind if fault is not None else faults[0].kind
        for slow in faults:
            if slow.kind == "latency":
                request.environ["xendit.ended"].wait(slow.duration)
        try:
            if quota.exceeded:
                raise too_many_requests()
            if fault is not None and not fault.commits:
                response = self._misanswer(fault, request)
            else:
                response = json_response(self._carry_out(rules, route, request, account, values))
                if fault is not None:
                    self._publish()
                    response = self._misanswer(fault, request, response)
        except SandboxError as refusal:
            response = json_response(refusal.body(), refusal.status)
        if fault is not None and fault.kind == "rate_limit":
            quota = replace(quota, remaining=0, enforced=True)
        if quota.enforced and response.status_code != 403:  # the recorded 403 carries none
            response.headers.extend(rate_headers(quota))
        return response

    def _misanswer(self, fault: Fault, request: Request, good: Response | None = None) -> Response:
        """Give the answer of a request that meets a fault.

        Some faults break the connection instead of changing the answer; `xendit.breakage` in the environment then tells
        `connections` which.
        """
        if fault.kind == "rate_limit":
            raise too_many_requests()
        if fault.kind in ("error", "commit_then_error"):
            raise fault.refusal()
        if fault.kind == "html":
            status = 502 if fault.status == 500 else fault.status
            return Response(BAD_GATEWAY, status, content_type="text/html")
        request.environ["xendit.breakage"] = (fault.kind.removeprefix("commit_then_"), fault.duration)
        return good if good is not None else Response(b"")

    def _carry_out(
        self, rules: ProductRules, route: Route, request: Request, account: Account, values: JsonObject
    ) -> Any:
        call = OperationCall(
            account=account,
            values=values,
            query=list(request.args.items(multi=True)),
            headers=request.headers,
            body=read_body(request) if route.method in ("POST", "PUT", "PATCH") else {},
            base_url=self._base_url,
        )
        self._shared.sweep()  # so that every operation sees everything that is due by now
        return route.answer(self._shared.book(rules.kind), call)

    # -- OpenAPI documents

    def openapi(self, _request: Request) -> object:
        """Give the OpenAPI document of the API."""
        from xendit.sandbox.documents import api_document

        return api_document(self._base_url, self._shared.assumptions)

    def describe_control(self, _request: Request) -> object:
        """Give the OpenAPI document of the control plane."""
        from xendit.sandbox.documents import control_document

        return control_document(self._base_url)


class _WrongMethodError(SandboxError):
    """The method is not among those of the path. HEAD is answered wherever GET is."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(405, "METHOD_NOT_ALLOWED", f"This path takes {self.allowed} only.")


def basic_user(request: Request) -> str | None:
    """Read the user name of Basic auth: None without the header, empty when it cannot be read."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text.partition(":")[0] if ":" in text else ""


def text_member(request: Request, name: str) -> str | None:
    """Look for a member in the body of a create, for faults that are narrowed to one reference. None without it."""
    try:
        body = read_json(request.get_data(cache=True, parse_form_data=False))
    except SandboxError:
        return None
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def read_body(request: Request) -> Any:
    """Read the JSON body of a request. Raises SandboxError INVALID_JSON_FORMAT."""
    raw = request.get_data(cache=False, parse_form_data=False)
    if raw and not request.is_json:
        raise invalid_json()
    return read_json(raw)


def rate_headers(quota: Quota) -> dict[str, str]:
    """Give the headers of the rate limit. As in recorded answers, the seconds until its reset have decimals."""
    return {
        "Rate-Limit-Limit": str(quota.limit),
        "Rate-Limit-Remaining": str(quota.remaining),
        "Rate-Limit-Reset": f"{quota.reset:.3f}".rstrip("0").rstrip("."),
    }


def json_response(value: object, status: int = 200) -> Response:
    """Make an answer of JSON, with the weak ETag that the real server's framework (Express) adds."""
    try:
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write but UTF-8 cannot
        body = json.dumps(value, separators=(",", ":")).encode("ascii")
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode("ascii")
    headers = {"Etag": f'W/"{len(body):x}-{digest[:27]}"'}
    return Response(body, status, headers, content_type="application/json; charset=utf-8")
