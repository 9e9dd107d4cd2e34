"""Which transport a request takes: the fast one (`threads`, `loops`) or the plain one (`plain`, `plain_loops`).

The fast transport does not call the functions that some tools replace with their own: recorders such as vcrpy, and
stand-ins for servers such as pook, responses, aioresponses and httpretty. Such a tool would see nothing, and a request
that was to be answered from a recording would reach the real server. So each request asks whether such a tool is in
place. It compares the few functions and classes that tools replace with those that were there at the last look, which
costs a fraction of a microsecond. Tools that trace (the instrumentations of OpenTelemetry and Sentry) are known and do
not change the choice: with both transports, spans and headers come through events (`xendit.client.tracing`). An unknown
tool is treated as one that records.

The fast transport also uses internals of http.client, urllib3 and aiohttp. `self_check` looks at them before the first
request; where one of them has changed, the plain transport is taken.
"""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import nullcontext
from types import FunctionType
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from xendit.transport.common import shared_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from xendit.configuration import Configuration
    from xendit.operation import Request, Response, TransportError
    from xendit.policy import Limits
    from xendit.transport.common import Settings

_TRACERS = frozenset({"opentelemetry", "sentry_sdk"})
"""Packages whose wrappers watch requests and leave them as they are."""
_POOL = HTTPConnectionPool.__dict__
_TLS_POOL = HTTPSConnectionPool.__dict__
_said: set[str] = set()
"""Reasons that the log was told already; each is told once a process."""


class _Look:
    """The functions that were in place at the last look, and the tool to which they belong."""

    def __init__(self, *parts: object, tool: str | None) -> None:
        self.urlopen, self.plain, self.secure, self.socket, self.request, self.answer = parts
        self.tool = tool


_look = _Look(*[None] * 6, tool=None)
_http: Mapping[str, object] = {}
"""The attributes of `http.client.HTTPConnection`, the class that urllib3's connections derive from."""


def tool_of_threads() -> str | None:
    """The tool that records or replays what goes through urllib3 at the moment, or None."""
    look = _look
    if (
        _POOL["urlopen"] is look.urlopen
        and _POOL["ConnectionCls"] is look.plain
        and _TLS_POOL["ConnectionCls"] is look.secure
        and socket.socket is look.socket
        and _http.get("putrequest") is look.request
        and _http.get("getresponse") is look.answer
    ):
        return look.tool
    return _look_again()


def _look_again() -> str | None:
    global _look, _http
    plain, secure = _POOL["ConnectionCls"], _TLS_POOL["ConnectionCls"]
    tool = _tool_of_class(plain) or _tool_of_class(secure)
    if tool is None:
        _http = next(each.__dict__ for each in plain.__mro__ if each.__module__ == "http.client")
    urlopen, request, answer = _POOL["urlopen"], _http.get("putrequest"), _http.get("getresponse")
    tool = tool or _tool_of(urlopen, "urllib3.connectionpool")
    tool = tool or (_tool_of(request, "http.client") if request else None)
    tool = tool or (_tool_of(answer, "http.client") if answer else None)
    tool = tool or ("httpretty" if socket.socket.__module__.startswith("httpretty") else None)
    _look = _Look(urlopen, plain, secure, socket.socket, request, answer, tool=tool)
    if tool is not None:
        say_once(f"{tool} is in place of what urllib3 sends with")
    return tool


def _tool_of_class(made: Any) -> str | None:
    """The package that put its own class in the place of one of urllib3's connections, or None."""
    module = getattr(made, "__module__", None) or type(made).__module__
    return None if module == "urllib3.connection" else str(module).partition(".")[0]


def _tool_of(function: Any, home: str) -> str | None:
    """The package that put a function in the place of one that is at home in this module, or None."""
    while True:
        wrapper = getattr(function, "_self_wrapper", None)  # wrapt's proxies pretend to be what they wrap
        made = function if wrapper is None else getattr(wrapper, "__func__", wrapper)
        if isinstance(made, FunctionType):
            module = str(made.__globals__.get("__name__") or "unittest.mock")  # mock's functions are made by exec
        else:
            module = type(made).__module__
        if module == home:
            return None
        package = module.partition(".")[0]
        if package not in _TRACERS:
            return module if package == "unittest" else package
        function = getattr(function, "__wrapped__", None)
        if function is None:
            return None


_seen_request: object = None
_seen_tool: str | None = None


def tool_of_loops() -> str | None:
    """The tool that records or replays what goes through aiohttp at the moment, or None."""
    global _seen_request, _seen_tool
    aiohttp = sys.modules["aiohttp"]
    request = aiohttp.ClientSession.__dict__.get("_request")
    if request is not _seen_request:
        tool = _tool_of(request, "aiohttp.client")
        _seen_tool, _seen_request = tool, request
        if tool is not None:
            say_once(f"{tool} is in place of what aiohttp sends with")
    return _seen_tool


def say_once(why: str) -> None:
    """Tell the log, once a process for each reason, that requests take the plain transport."""
    if why not in _said:
        _said.add(why)
        logging.getLogger("xendit").warning(
            "%s: requests take the plain transport, which it sees (docs/Production.md, The plain transport)", why
        )


def unwatched(request: Request) -> AbstractContextManager[object]:
    """Keep OpenTelemetry's instrumentations from tracing what is sent within it, if the client makes the span itself.

    On the plain transport the instrumentations see a request too. It would then have two spans, and the server would
    attach its own span to the wrong one.
    """
    utils = sys.modules.get("opentelemetry.instrumentation.utils") if request.traced else None
    suppress: Callable[[], AbstractContextManager[object]] = getattr(
        utils, "suppress_http_instrumentation", nullcontext
    )
    return suppress()


# ------------------------------------------------------------------------------------------ the choice


class ThreadDetour:
    """The transport of a client whose first call is made while a tool is in place.

    The fast transport derives from urllib3's classes, so it must not even be imported while a tool has replaced these.
    Each request looks again, and the fast transport is taken once the tool is gone.
    """

    is_plain = False

    def __init__(self, settings: Settings) -> None:
        from xendit.transport.plain import PlainTransport

        self.settings = settings
        self.budget = settings.budget
        self._plain = PlainTransport(settings)
        self._fast: Any = None
        self.process = self._plain.process

    def reopen(self) -> object:
        """Begin anew in a forked child; the fast transport does so by itself."""
        return self._plain.reopen()

    def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """Make one attempt. Returns the answer, or the reason why there is none."""
        if tool_of_threads() is None and self._fast is None:
            self._fast = self._plain if thread_flaw() else _fast_class()(self.settings)
        road: Any = self._plain if tool_of_threads() is not None else self._fast
        answer: Response | TransportError = road.send(request, limits)
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        if self._fast is not None:
            self._fast.close()


def _fast_class() -> Callable[[Settings], Any]:
    from xendit.transport.threads import ThreadTransport

    return ThreadTransport


def thread_transport(configuration: Configuration) -> Any:
    """The transport that all clients of threads with these settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    if configuration.transport == "auto" and tool_of_threads() is not None:
        return shared_transport(configuration, ThreadDetour)
    if configuration.transport == "plain" or thread_flaw() is not None:
        from xendit.transport import plain

        return plain.transport_for(configuration)
    from xendit.transport import threads

    return threads.transport_for(configuration)


def load_loops() -> None:
    """Import the transport of event loops. That takes a while, so it is not done inside a running loop.

    Raises:
        ImportError: aiohttp is not installed, or not whole.
    """
    try:
        from xendit.transport import loops  # noqa: F401
    except (ImportError, AttributeError, TypeError) as error:  # aiohttp has changed; `loop_flaw` says how
        if getattr(error, "name", None) == "aiohttp":
            raise


def loop_transport(configuration: Configuration) -> Any:
    """The transport that all clients of event loops with these settings share.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
        ImportError: aiohttp is not installed.
    """
    if configuration.transport == "plain" or loop_flaw() is not None:
        from xendit.transport import plain_loops

        return plain_loops.transport_for(configuration)
    from xendit.transport import loops

    return loops.transport_for(configuration)


_flaws: dict[str, str | None] = {}


def thread_flaw() -> str | None:
    """What has changed below urllib3's interface so that the fast transport cannot stand on it, or None; looked at once."""
    return _flaw_of("threads")


def loop_flaw() -> str | None:
    """The same below aiohttp's interface."""
    return _flaw_of("loops")


def _flaw_of(which: str) -> str | None:
    if which not in _flaws:
        try:
            from xendit.transport import self_check

            flaw = getattr(self_check, f"flaw_of_{which}")()
        except (ImportError, AttributeError, TypeError, ValueError) as error:  # what a changed internal may raise
            flaw = f"{type(error).__name__}: {error}"
        _flaws[which] = flaw
        if flaw is not None:
            libraries = "urllib3 or http.client" if which == "threads" else "aiohttp"
            say_once(f"this release of {libraries} has changed within ({flaw[:200]})")
    return _flaws[which]
