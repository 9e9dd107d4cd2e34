"""The HTTP face of the sandbox: routes, authentication, guards, the control plane, the payment page.

A WSGI application over `state`; which socket it is behind is decided in `connections`, what happens to events by
whoever made it. No rule of the API lives here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xendit.sandbox.control import CONTROL, Control, Stage
from xendit.sandbox.hosts import Hosts
from xendit.sandbox.pages import dashboard_routes, payment_routes
from xendit.sandbox.pages.guard import Guard
from xendit.sandbox.state import Account, SandboxError, State, invoice_body
from xendit.sandbox.state.creation import read_json
from xendit.sandbox.state.errors import invalid_json, too_many_requests
from xendit.sandbox.state.listing import unknown_names
from xendit.sandbox.web import HTTPException, Map, MapAdapter, MethodNotAllowed, Request, Response, Rule
from xendit.source import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xendit.sandbox.faults import Fault
    from xendit.sandbox.state import Invoice, Quota

logger = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: What every answer carries. `same-origin`, not `no-referrer`: under the latter a browser says `Origin: null`.
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "same-origin",
    "Server": "xendit-sandbox",
    "X-Content-Type-Options": "nosniff",
}


ROUTES: list[tuple[str, str, str]] = [
    ("POST", "/v2/invoices", "create"),
    ("GET", "/v2/invoices", "list"),
    ("GET", "/v2/invoices/<invoice_id>", "get"),
    ("POST", "/invoices/<invoice_id>/expire!", "expire"),
    *payment_routes.ROUTES,
    *dashboard_routes.ROUTES,
    ("GET", "/openapi.json", "openapi"),
    ("GET", "/_sandbox/openapi.json", "describe_control"),
    *((method, path, name) for method, path, name, _ in CONTROL),
]
"""Method, path (a slash at its end changes nothing) and the method of `Application` that answers."""

API = ("create", "list", "get", "expire")

#: What a gateway that has lost its server says.
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Application:
    """The WSGI application.

    `base_url` is where the sandbox is reached; `hosts` says which Host headers are answered. `publish` is called after every request that may have left events in the state.
    """

    def __init__(
        self,
        state: State,
        base_url: str,
        backstage: Stage,
        publish: Callable[[], None],
        hosts: Hosts | None = None,
    ) -> None:
        self._state = state
        self._base_url = base_url
        self._faults = backstage.faults
        self._publish = publish
        port = base_url.rpartition(":")[2]
        guard = Guard(port)
        self._payment_page = payment_routes.PaymentPage(state, guard)
        self._dashboard = dashboard_routes.Dashboard(state, backstage, guard)
        self._control = Control(state, backstage)
        self._hosts = (hosts or Hosts()).at_port(int(port))
        self._urls = Map(
            [Rule(path, methods=[method], endpoint=name) for method, path, name in ROUTES],
            strict_slashes=False,
            merge_slashes=False,
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request as WSGI asks."""
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer a request, whatever happens."""
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
        response.headers.setdefault("Request-Id", SYSTEM.hexadecimal(16))
        self._publish()
        return response

    def _dispatch(self, request: Request) -> Response:
        if not self._hosts.admits(request.headers.get("Host", "")):
            text = f"This sandbox answers to {self._hosts} only; --allow-host NAME adds one."
            raise SandboxError(421, "SANDBOX_HOST_REFUSED", text)
        endpoint, values = self._route(self._urls.bind_to_environ(request.environ), request)
        handler = self._handler(endpoint)
        if endpoint in API:
            return self._dispatch_api(endpoint, handler, request, values)
        if endpoint.startswith("control_") or request.method == "POST":
            self._refuse_cross_site(request)
        answer = handler(request, **values)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _refuse_cross_site(self, request: Request) -> None:
        """Refuse what a page of another site made the browser send. Programs send neither header."""
        site = request.headers.get("Sec-Fetch-Site", "none")
        origin = request.headers.get("Origin")
        foreign = origin is not None and not self._hosts.is_origin_of(origin, request.headers["Host"])
        if foreign or site not in ("none", "same-origin"):
            raise SandboxError(403, "SANDBOX_CROSS_SITE_REFUSED", "This came from a page of another site.")

    def _handler(self, endpoint: str) -> Callable[..., Any]:
        parts = {"page": self._payment_page, "ui": self._dashboard, "control": self._control}
        part = parts.get(endpoint.partition("_")[0])
        handler: Callable[..., Any] = getattr(self, f"_{endpoint}") if part is None else getattr(part, endpoint)
        return handler

    def _route(self, adapter: MapAdapter, request: Request) -> tuple[str, dict[str, Any]]:
        try:
            endpoint, values = adapter.match(method=request.method)
        except MethodNotAllowed as problem:
            raise _WrongMethodError(problem.valid_methods or ()) from None
        except HTTPException:
            raise SandboxError(
                404, "NOT_FOUND", "This is a local sandbox of the Invoice API; nothing lives at this path."
            ) from None
        return str(endpoint), dict(values)

    # -- the Invoice API

    def _dispatch_api(
        self, endpoint: str, handler: Callable[..., Any], request: Request, values: dict[str, Any]
    ) -> Response:
        account = self._state.account(basic_user(request), request.headers.get("for-user-id") or None)
        faults = self._faults.meet(endpoint, external_id_of(request) if endpoint == "create" else None)
        limits = [fault.limit for fault in faults if fault.kind == "limiter"]
        quota = self._state.count(account, endpoint, min(limits) if limits else None)
        fault = next((one for one in faults if one.kind not in ("latency", "limiter")), None)
        for slow in faults:
            if slow.kind == "latency":
                request.environ["xendit.ended"].wait(slow.duration)
        try:
            if quota.exceeded:
                raise too_many_requests()
            if fault is not None and not fault.commits:
                response = self._misanswer(fault, request)
            else:
                response = json_response(handler(request, account, **values))
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
        """Give the answer that a fault makes of a good one, or tell the connection how to break."""
        if fault.kind == "rate_limit":
            raise too_many_requests()
        if fault.kind in ("error", "commit_then_error"):
            raise fault.refusal()
        if fault.kind == "html":
            status = 502 if fault.status == 500 else fault.status
            return Response(BAD_GATEWAY, status, content_type="text/html")
        request.environ["xendit.breakage"] = (fault.kind.removeprefix("commit_then_"), fault.duration)
        return good if good is not None else Response(b"")

    def _create(self, request: Request, account: Account) -> Any:
        key = request.headers.get("X-IDEMPOTENCY-KEY") or None
        invoice = self._state.create(
            account,
            read_body(request),
            idempotency_key=key,
            fee_rule=request.headers.get("with-fee-rule") or None,
            split_rule=request.headers.get("with-split-rule") or None,
        )
        return self._show(invoice)

    def _list(self, request: Request, account: Account) -> Any:
        query = list(request.args.items(multi=True))
        warn_of_unknown(query)
        return [self._show(invoice) for invoice in self._state.list(account, query)]

    def _get(self, _request: Request, account: Account, invoice_id: str) -> Any:
        return self._show(self._state.get(account, invoice_id))

    def _expire(self, request: Request, account: Account, invoice_id: str) -> Any:
        read_body(request)
        return self._show(self._state.expire(account, invoice_id))

    def _show(self, invoice: Invoice) -> dict[str, Any]:
        return invoice_body(invoice, self._base_url)

    # -- what describes it

    def _openapi(self, _request: Request) -> Any:
        from xendit.sandbox.documents import api_document

        return api_document(self._base_url, self._state.assumptions)

    def _describe_control(self, _request: Request) -> Any:
        from xendit.sandbox.documents import control_document

        return control_document(self._base_url)


class _WrongMethodError(SandboxError):
    """A method that a path has not. HEAD is answered wherever GET is."""

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


def warn_of_unknown(query: Sequence[tuple[str, str]]) -> None:
    """Say in the log which parameters of a list nobody knows: they have no effect, which is hard to see from outside."""
    for name, near in unknown_names(query):
        guess = f"; did you mean {near!r}?" if near else ""
        logger.warning("GET /v2/invoices: the parameter %r is unknown and has no effect%s", name[:50], guess)


def external_id_of(request: Request) -> str | None:
    """Look for the external id in the body of a create, for faults that strike one invoice alone."""
    try:
        body = read_json(request.get_data(cache=True, parse_form_data=False))
    except SandboxError:
        return None
    found = body.get("external_id") if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def read_body(request: Request) -> Any:
    """Read the JSON body of a request. Raises SandboxError INVALID_JSON_FORMAT."""
    raw = request.get_data(cache=False, parse_form_data=False)
    if raw and not request.is_json:
        raise invalid_json()
    return read_json(raw)


def rate_headers(quota: Quota) -> dict[str, str]:
    """Say how much of the rate limit is left, as the API does: the seconds are a float's text."""
    return {
        "Rate-Limit-Limit": str(quota.limit),
        "Rate-Limit-Remaining": str(quota.remaining),
        "Rate-Limit-Reset": f"{quota.reset:.3f}".rstrip("0").rstrip("."),
    }


def json_response(value: Any, status: int = 200) -> Response:
    """Answer with JSON, and the weak ETag that the real server's framework adds."""
    try:
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell and UTF-8 cannot
        body = json.dumps(value, separators=(",", ":")).encode("ascii")
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode("ascii")
    headers = {"Etag": f'W/"{len(body):x}-{digest[:27]}"'}
    return Response(body, status, headers, content_type="application/json; charset=utf-8")
