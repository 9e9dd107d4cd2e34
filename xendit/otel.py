"""Spans and metrics of calls for OpenTelemetry (extra `otel`): hand an `OpenTelemetry` to `Configuration.on_event`.

Names follow OpenTelemetry's semantic conventions for HTTP clients. Like the events themselves, spans and metrics hold
no key, no body, no id and no query: `url.template` names the route.
"""

from __future__ import annotations

from xendit.installation import explain
from xendit.static_typing import hinted
from xendit.version import __version__

try:
    from opentelemetry import metrics, propagate, trace
    from opentelemetry.trace import SpanKind, StatusCode
except ImportError as error:
    explain(error, "opentelemetry", "xendit.otel needs OpenTelemetry", "pip install 'xendit-sdk[otel]'")

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from xendit.events import Event

__all__ = ["OpenTelemetry"]


@hinted
class OpenTelemetry:
    """A hook that makes one client span a call, with an event for each retry and each notice, and three metrics.

    - `http.client.request.duration`, a histogram in seconds, one record a request;
    - `xendit.call.duration`, a histogram in seconds, one record a call, its retries and look-ups included;
    - `xendit.call.retries`, a counter of the requests after the first.

    Args:
        tracer_provider, meter_provider: else the global ones.
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer("xendit", __version__, tracer_provider)
        meter = metrics.get_meter("xendit", __version__, meter_provider)
        self._requests = meter.create_histogram(
            "http.client.request.duration", unit="s", description="Duration of HTTP client requests."
        )
        self._calls = meter.create_histogram(
            "xendit.call.duration", unit="s", description="Duration of calls, retries and look-ups included."
        )
        self._retries = meter.create_counter(
            "xendit.call.retries", unit="{request}", description="Requests after the first of a call."
        )
        self._spans: dict[int, Span] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of a call."""
        if event.kind == "started":
            self._start(event)
        elif event.kind == "attempted":
            self._requests.record(event.ms / 1000, _request_attributes(event))
        elif event.kind == "retrying":
            self._retry(event)
        elif event.kind == "finished":
            self._finish(event)
        elif event.note:
            self._note(event)

    def headers(self, call: int) -> Mapping[str, str]:
        """The headers that join the trace of a call to what the server does (`traceparent`, and what else is propagated)."""
        carrier: dict[str, str] = {}
        span = self._spans.get(call)
        if span is not None:
            propagate.inject(carrier, context=trace.set_span_in_context(span))
        return carrier

    def _start(self, event: Event) -> None:
        self._spans[event.call] = self._tracer.start_span(
            f"{event.method} {event.route}",
            kind=SpanKind.CLIENT,
            attributes={**_place(event), "xendit.operation": event.operation},
        )

    def _retry(self, event: Event) -> None:
        self._retries.add(1, {"xendit.operation": event.operation, "error.type": event.error or "none"})
        span = self._spans.get(event.call)
        if span is not None:
            span.add_event(
                "xendit.retry",
                {
                    "http.request.method": event.method,
                    "url.template": event.route,
                    "error.type": event.error or "none",
                    "xendit.outcome": event.outcome or "none",
                    "xendit.wait": event.wait,
                    "xendit.state": event.state,
                },
            )

    def _note(self, event: Event) -> None:
        span = self._spans.get(event.call)
        if span is not None:
            span.add_event(f"xendit.{event.kind}", {"url.template": event.route, "xendit.note": event.note})

    def _finish(self, event: Event) -> None:
        told: dict[str, Any] = {"xendit.operation": event.operation, "xendit.outcome": event.outcome or "none"}
        if event.error is not None:
            told["error.type"] = event.error
        self._calls.record(event.ms / 1000, told)
        span = self._spans.pop(event.call, None)
        if span is None:
            return
        span.set_attributes({**told, "xendit.recovered": event.recovered, "xendit.state": event.state})
        if event.attempt > 1:
            span.set_attribute("http.request.resend_count", event.attempt - 1)
        if event.status is not None:
            span.set_attribute("http.response.status_code", event.status)
        if event.error is not None:
            span.set_status(StatusCode.ERROR, event.error)
        span.end()


def _place(event: Event) -> dict[str, Any]:
    """Where the request goes."""
    from urllib.parse import urlsplit

    url = urlsplit(event.host)
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "http.request.method": event.method,
        "url.template": event.route,
        "server.address": url.hostname or "",
        "server.port": port,
    }


def _request_attributes(event: Event) -> dict[str, Any]:
    attributes = _place(event)
    if event.status is not None:
        attributes["http.response.status_code"] = event.status
    if event.error is not None:
        attributes["error.type"] = event.error
    return attributes
