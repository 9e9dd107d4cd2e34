"""Spans, trace headers and breadcrumbs of calls, for Sentry. A client uses this hook without being told to if `sentry_sdk.init`
was called before its first call.

Sentry's own integration replaces methods of `http.client` that requests to Xendit do not go through, so it sees none of them.
This hook tells Sentry instead: one span and one breadcrumb for each call, and the headers that continue its trace. Nothing
that it tells holds a key, a body, an id or a query.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from xendit.events import Event

__all__ = ["Sentry"]


class Sentry:
    """A hook for `Configuration.on_event` that tells Sentry of each call."""

    def __init__(self) -> None:
        self._sdk: Any = import_module("sentry_sdk")
        self._spans: dict[int, Any] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of a call."""
        if event.kind == "started":
            self._start(event)
        elif event.kind == "finished":
            self._finish(event)

    def headers(self, call: int) -> Mapping[str, str]:
        """The headers by which a server continues the trace of a call; none if Sentry was not told to send them to this host."""
        span, url = self._spans.get(call, (None, ""))
        if not import_module("sentry_sdk.tracing_utils").should_propagate_trace(self._sdk.get_client(), url):
            return {}
        return dict(self._sdk.get_current_scope().iter_trace_propagation_headers(span=span))

    def _start(self, event: Event) -> None:
        url = f"{event.host}{event.route}"
        span = self._sdk.start_span(op="http.client", name=f"{event.method} {url}", origin="auto.http.xendit")
        span.set_data("http.request.method", event.method)
        span.set_data("url", url)
        span.set_data("xendit.operation", event.operation)
        self._spans[event.call] = span, url

    def _finish(self, event: Event) -> None:
        span, url = self._spans.pop(event.call, (None, f"{event.host}{event.route}"))
        data = {"method": event.method, "url": url, "status_code": event.status, "outcome": event.outcome}
        self._sdk.add_breadcrumb(
            type="http", category="xendit", data=data, level="info" if event.error is None else "error"
        )
        if span is not None:
            if event.status is not None:
                span.set_http_status(event.status)
            elif event.error is not None:
                span.set_status("internal_error")
            span.finish()
