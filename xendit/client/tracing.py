"""Who traces the calls of this process: OpenTelemetry's instrumentations and Sentry, where a program has set them up.

Both wrap functions of HTTP libraries that our fast transport does not call. So if one of them is active when a client
makes its first call, the client tells it about each call through events (`xendit.otel`, `xendit.sentry`): each call
gets one span, and its requests the headers that join the traces of both sides.

On the plain transport both see the requests by themselves too. OpenTelemetry's instrumentations can be told to ignore
them (`unwatched` of `xendit.transport.roads`), so that a call has the same span on both transports. Sentry's cannot; so
on the plain transport all is left to Sentry's own.
"""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.events import Event

    Hook = Callable[[Event], object]

_INSTRUMENTORS = {
    "opentelemetry.instrumentation.urllib3": "URLLib3Instrumentor",
    "opentelemetry.instrumentation.aiohttp_client": "AioHttpClientInstrumentor",
}


def hooks_for(on_event: Hook | None, *, is_plain: bool) -> list[Hook]:
    """The hook that was given, and those of the tracers that are active.

    Args:
        on_event: that of the configuration, or None.
        is_plain: whether requests take the plain transport, on which the tracers see them by themselves.
    """
    hooks = [] if on_event is None else [on_event]
    watches = _sentry_watches()
    if watches and is_plain:
        from xendit.sentry import Sentry

        hooks = [hook for hook in hooks if not isinstance(hook, Sentry)]
    return hooks + _open_telemetry(on_event) + (_sentry(on_event) if watches and not is_plain else [])


def _open_telemetry(on_event: Hook | None) -> list[Hook]:
    active = False
    for module, name in _INSTRUMENTORS.items():
        instrumentor = getattr(sys.modules.get(module), name, None)
        active = active or (instrumentor is not None and instrumentor().is_instrumented_by_opentelemetry)
    if not active:
        return []
    from xendit.otel import OpenTelemetry

    return [] if isinstance(on_event, OpenTelemetry) else [OpenTelemetry()]


def _sentry_watches() -> bool:
    sdk = sys.modules.get("sentry_sdk")
    return sdk is not None and hasattr(sdk, "get_client") and bool(sdk.get_client().is_active())


def _sentry(on_event: Hook | None) -> list[Hook]:
    from xendit.sentry import Sentry

    return [] if isinstance(on_event, Sentry) else [Sentry()]


def joined(hooks: list[Hook]) -> Hook | None:
    """One hook that calls all of them, whatever one of them raises; None for none."""
    if len(hooks) < 2:
        return hooks[0] if hooks else None

    def tell(event: Event) -> None:
        problem: Exception | None = None
        for hook in hooks:
            try:
                hook(event)
            except Exception as error:  # noqa: BLE001, PERF203 - told below, when all were called
                problem = problem or error
        if problem is not None:
            raise problem

    return tell


def headers_of(hooks: list[Hook]) -> Callable[[int], dict[str, str]] | None:
    """A function that gives the trace headers for the requests of a call; None when no hook has any."""
    every: list[Any] = [*hooks]
    makers = [hook.headers for hook in every if callable(getattr(hook, "headers", None))]
    if not makers:
        return None

    def headers(call: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for make in makers:
            found.update(_given(make, call))
        return {name: value for name, value in found.items() if value.isprintable() and value.isascii()}

    return headers


def _given(make: Callable[[int], Mapping[str, str]], call: int) -> dict[str, str]:
    try:
        return {name.lower(): str(value) for name, value in make(call).items()}
    except Exception as error:  # noqa: BLE001 - a payment must not fail because its tracer did
        import logging

        log = logging.getLogger("xendit")
        log.warning("a tracer raised %s in place of its headers; the call goes on", type(error).__name__)
        return {}
