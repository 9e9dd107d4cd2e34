"""Headers that join traces: whoever makes them, they are sent with each request, and never break a call."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from faults.worlds import WORLDS, apis_in
from raw_server import RawServer, http
from recorded import KEY

import xendit
from xendit.client.tracing import hooks_for, joined

if TYPE_CHECKING:
    from xendit.events import Event

INVOICE = http(200, b'{"id":"x"}')


class Tracer:
    """A hook with headers, which notes what it hears."""

    def __init__(self, **headers: str) -> None:
        self.given = headers
        self.heard: list[str] = []
        self.asked: list[int] = []

    def __call__(self, event: Event) -> None:
        self.heard.append(event.kind)
        self.call = event.call

    def headers(self, call: int) -> dict[str, str]:
        """Those that were given."""
        self.asked.append(call)
        return self.given


@pytest.mark.parametrize("world", WORLDS)
def test_each_request_bears_the_headers_of_its_call(world: str) -> None:
    """Attempts after the first too; a header of the caller's own is kept, and what cannot be sent is left out."""
    tracer = Tracer(Traceparent="00-1", bad="a\r\nb", own="theirs")
    with RawServer([http(503), INVOICE]) as server, apis_in(world) as make:
        api = make(xendit.Configuration(host=server.url, api_key=KEY, on_event=tracer))
        api.get_invoice_by_id("x", _headers={"own": "mine"})
        requests = [request.lower() for request in server.requests]
    assert [b"\r\ntraceparent: 00-1\r\n" in request for request in requests] == [True, True]
    assert all(b"own: mine" in request and b"theirs" not in request and b"bad" not in request for request in requests)
    assert set(tracer.asked) == {tracer.call}


def test_a_tracer_that_fails_is_told_of_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Its error is named by its type alone."""
    caplog.set_level(logging.WARNING)

    class Broken(Tracer):
        def headers(self, call: int) -> dict[str, str]:
            raise RuntimeError("secret")

    with RawServer([INVOICE]) as server, apis_in("sync") as make:
        make(xendit.Configuration(host=server.url, api_key=KEY, on_event=Broken())).get_invoice_by_id("x")
    assert "a tracer raised RuntimeError in place of its headers" in caplog.text
    assert "secret" not in caplog.text


def test_all_hooks_hear_an_event_whatever_one_of_them_raises() -> None:
    """The first error is raised when all were called."""
    heard: list[Any] = []

    def broken(event: Any) -> None:
        heard.append(("broken", event))
        raise ValueError("first")

    hook = joined([broken, lambda event: heard.append(("second", event))])
    assert hook is not None
    with pytest.raises(ValueError, match="first"):
        hook("event")  # type: ignore[arg-type]
    assert heard == [("broken", "event"), ("second", "event")]
    assert joined([]) is None


def test_without_tracers_there_is_what_was_given() -> None:
    """And on the plain transport, where the tracers see requests themselves."""
    hook = Tracer()
    assert hooks_for(hook, is_plain=False) == hooks_for(hook, is_plain=True) == [hook]
    assert hooks_for(None, is_plain=False) == []
