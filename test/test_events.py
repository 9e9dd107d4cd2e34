"""What a call tells: to the hook, to the log, to OpenTelemetry. Over real sockets, on a server that fails as told."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faults.server import FaultServer
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from recorded import KEY

import xendit
from xendit import AsyncApiClient, AsyncInvoiceApi
from xendit.apis import InvoiceApi
from xendit.events import SHOWN_HEADERS, Event, shown_headers, teller
from xendit.otel import OpenTelemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

ORDER: Any = {"external_id": "order-1", "amount": 10000, "payer_email": "ayu@example.com"}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that fails as it is told."""
    with FaultServer() as server:
        yield server


def api_on(server: FaultServer, **settings: Any) -> InvoiceApi:
    """An API on it that does not wait long."""
    settings.setdefault("retries", xendit.RetryPolicy(first_wait=0.01))
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(server.url, KEY, timeout=5, **settings)))


def test_a_hook_hears_the_whole_call(server: FaultServer) -> None:
    """A lost create: started, two requests with the wait between, finished with what was recovered."""
    heard: list[Event] = []
    server.script("rst_after_commit")
    api_on(server, on_event=heard.append).create_invoice(ORDER)
    assert [event.kind for event in heard] == ["started", "attempted", "retrying", "attempted", "finished"]
    assert heard[-1].recovered
    assert heard[1].outcome == "unknown"
    assert heard[0].host == server.url
    for secret in (KEY, "ayu@example.com", "order-1"):
        assert secret not in repr(heard)


@pytest.mark.parametrize("error", [ValueError(KEY), RecursionError(), AssertionError()], ids=repr)
def test_a_hook_that_raises_changes_nothing(
    server: FaultServer, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The payment goes on; the log names the type of the hook's error and not its text."""

    def hook(event: Event) -> None:
        raise error

    assert api_on(server, on_event=hook).create_invoice(ORDER).external_id == "order-1"
    assert f"the on_event hook raised {type(error).__name__}" in caplog.text
    assert KEY not in caplog.text


def test_a_hook_may_interrupt(server: FaultServer) -> None:
    """Ctrl-C while a hook runs is Ctrl-C."""

    def hook(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        api_on(server, on_event=hook).create_invoice(ORDER)


def test_the_log_has_a_line_an_attempt_and_a_warning_a_retry(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Routes, statuses, times and allowed headers; no key, no body, no id."""
    caplog.set_level(logging.DEBUG, "xendit")
    api = api_on(server)
    made = api.create_invoice(ORDER)
    server.script("status:code=503,err=SERVER_ERROR")
    api.get_invoice_by_id(made.id)
    lines = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "xendit"]
    assert [level for level, _ in lines] == ["DEBUG", "DEBUG", "WARNING", "DEBUG"]
    assert lines[0][1].startswith("create_invoice: POST /v2/invoices/, attempt 1: 200 in ")
    assert "request-id=" in lines[0][1]
    assert lines[2][1].startswith("get_invoice_by_id: attempt 1 failed (ServiceException); the next one in 0.")
    for secret in (KEY, "ayu@example.com", "order-1", made.id):
        assert secret not in caplog.text


def test_an_attempt_without_an_answer_is_named_by_its_error(caplog: pytest.LogCaptureFixture) -> None:
    """Where there is no status, the class of the error stands."""
    caplog.set_level(logging.DEBUG, "xendit")
    with FaultServer() as server:
        api = api_on(server, retries=0)
        server.script("rst_after_request")
        with pytest.raises(xendit.ConnectionException):
            api.get_invoice_by_id("x")
    assert "attempt 1: ConnectionException in " in caplog.text


def test_only_allowed_headers_are_shown_and_only_printable_and_short() -> None:
    """A header that nobody thought of may hold anything; a value may try to forge a line."""
    shown = shown_headers({"set-cookie": "s", "request-id": "a\n\x1b[31m" + "b" * 200, "date": "d"})
    assert [name for name, _ in shown] == ["request-id", "date"]
    assert all(value.isprintable() and len(value) <= 100 for _, value in shown)
    assert "authorization" not in SHOWN_HEADERS


# ------------------------------------------------------------------------------------------ notices


CUT: Any = {"external_id": "cut", "amount": 10000.5}  # the account is in IDR, which has no decimals


def test_an_amount_that_was_cut_is_told_and_never_takes_the_invoice(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """IDR has no decimals: the invoice is returned where warnings are errors; log and events tell of it."""
    told: list[Event] = []
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key, on_event=told.append)))
    invoice = api.create_invoice(CUT)  # the suite's warnings are errors
    assert invoice.amount == 10000
    assert [event.kind for event in told] == ["started", "attempted", "invoice_cut", "finished"]
    cut = told[2]
    assert cut.note.startswith("the invoice's amount is 10000, 10000.50 was asked for; Xendit cuts")
    assert (cut.outcome, cut.status, [name for name, _ in cut.headers]) == ("done", 200, ["request-id"])
    [line] = [record for record in caplog.records if record.name == "xendit"]
    assert (line.levelname, line.getMessage()[: len(cut.note) + 16]) == ("WARNING", f"create_invoice: {cut.note}")
    assert invoice.id not in caplog.text
    told.clear()
    for amount in (10000, 10000.0, Decimal("10000.00")):
        api.create_invoice({"external_id": "x", "amount": amount})
    assert api.create_invoice({"external_id": "x", "amount": Decimal("134.40"), "currency": "PHP"}).amount == 134.4
    assert "invoice_cut" not in {event.kind for event in told}


def test_asyncio_is_told_of_an_amount_that_was_cut(sandbox: Sandbox) -> None:
    """The same event, and the invoice."""
    told: list[Event] = []

    async def create() -> float:
        configuration = xendit.Configuration(sandbox.url, sandbox.api_key, on_event=told.append)
        invoice = await AsyncInvoiceApi(AsyncApiClient(configuration)).create_invoice(CUT)
        return invoice.amount

    assert asyncio.run(create()) == 10000
    assert [event.kind for event in told] == ["started", "attempted", "invoice_cut", "finished"]


@pytest.mark.parametrize("options", [{"_preload_content": False}, {"_check_return_type": False}])
def test_who_wants_the_answer_as_it_came_is_told_nothing(sandbox: Sandbox, options: Any) -> None:
    """A raw answer and one that is not checked are not looked into."""
    told: list[Event] = []
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key, on_event=told.append)))
    api.create_invoice(CUT, **options)
    assert "invoice_cut" not in {event.kind for event in told}


@pytest.mark.parametrize("warn_about", ["nothing", "a cut", "a lost answer"])
def test_a_log_handler_that_fails_takes_no_invoice(
    server: FaultServer, warn_about: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an application's own handler raises stops no call: the invoice exists."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise UserWarning("secret")

    broken = Broken()
    log = logging.getLogger("xendit")
    log.addHandler(broken)
    try:
        if warn_about == "a lost answer":
            server.script("rst_after_commit")
        order = {"external_id": "x", "amount": 10000.5 if warn_about == "a cut" else 10000}

        def hook(event: Event) -> None:
            raise ValueError("secret")

        api = InvoiceApi(xendit.ApiClient(xendit.Configuration(server.url, KEY, on_event=hook)))
        assert api.create_invoice(order).external_id == "x"
        said = capsys.readouterr().err
        monkeypatch.setattr(logging, "raiseExceptions", False)  # who wants to hear nothing of handlers hears nothing
        teller(None)(Event("retrying", 1, "create_invoice", "POST", "/v2/invoices/", server.url))
        assert capsys.readouterr().err == ""
    finally:
        log.removeHandler(broken)
    assert "xendit: the on_event hook raised ValueError, a handler of the log UserWarning; the call goes on" in said
    assert "secret" not in said


def test_no_warning_can_come_after_an_answer() -> None:
    """Nothing that runs once a request was sent warns: where warnings are errors that would take the result."""
    package = Path(xendit.__file__).parent
    after = ("exchange", "transport", "client", "api_client", "async_api_client", "events", "otel", "bulk", "cli")
    who = {
        path.relative_to(package).parts[0].removesuffix(".py")
        for path in package.rglob("*.py")
        if path.stem not in ("urllib3", "aiohttp")  # old names, which warn when they are imported
        if re.search(r"(?<![.\w])(?<!def )warn\(", path.read_text(encoding="utf-8"))  # the function, no method
    }
    assert "codec" in who
    assert not who & set(after)


# ------------------------------------------------------------------------------------------ OpenTelemetry


class Collected:
    """Providers that keep what they are given, and a hook that gives to them."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._reader = InMemoryMetricReader()
        self.tracer = tracers.get_tracer("test")
        self.hook = OpenTelemetry(tracers, MeterProvider([self._reader]))

    @property
    def spans(self) -> list[Any]:
        """The spans that ended."""
        return list(self._spans.get_finished_spans())

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics by name."""
        data: Any = self._reader.get_metrics_data()
        return {metric.name: metric for scope in data.resource_metrics[0].scope_metrics for metric in scope.metrics}


def test_a_call_is_one_client_span_with_an_event_a_retry(server: FaultServer) -> None:
    """Under the span that is current, named by method and route, with the conventions' attributes."""
    collected = Collected()
    api = api_on(server, on_event=collected.hook)
    server.script("rst_after_commit")
    with collected.tracer.start_as_current_span("checkout"):
        api.create_invoice(ORDER)
    span, parent = collected.spans
    assert (span.name, span.kind) == ("POST /v2/invoices/", SpanKind.CLIENT)
    assert span.parent.span_id == parent.context.span_id
    assert span.attributes["url.template"] == "/v2/invoices/"
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["http.request.resend_count"] == 1
    assert span.attributes["xendit.recovered"] is True
    assert span.attributes["server.address"] == "127.0.0.1"
    assert [event.name for event in span.events] == ["xendit.retry"]
    assert span.events[0].attributes["error.type"] == "ConnectionException"


def test_a_notice_is_an_event_of_the_span_and_does_not_end_it(sandbox: Sandbox) -> None:
    """The amount that was cut stands in the span of the create, which ends once."""
    collected = Collected()
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key, on_event=collected.hook)))
    api.create_invoice(CUT)
    [span] = collected.spans
    assert [event.name for event in span.events] == ["xendit.invoice_cut"]
    assert "10000.50 was asked for" in span.events[0].attributes["xendit.note"]
    assert sum(point.count for point in collected.metrics["xendit.call.duration"].data.data_points) == 1


@pytest.mark.parametrize("what", ["wait_until_final", "resolve", "a retry"])
def test_a_cancelled_wait_leaves_no_span_open(server: FaultServer, what: str) -> None:
    """A task that is cancelled while it waits, as `asyncio.timeout` does, ends its span with the state it stood in."""
    collected = Collected()
    heard: list[Event] = []

    def hook(event: Event) -> None:
        heard.append(event)
        collected.hook(event)

    async def main() -> None:
        configuration = xendit.Configuration(server.url, KEY, timeout=30, on_event=hook, retries=patient)
        async with AsyncApiClient(configuration) as client:
            api = AsyncInvoiceApi(client)
            if what == "wait_until_final":
                waited: Any = api.wait_until_final(made["id"])
            elif what == "resolve":
                waited = api.resolve("not-there", wait=30)
            else:
                server.script("status:code=503,retry_after=20")
                waited = api.get_invoice_by_id(made["id"])
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(waited, 0.3)

    patient = xendit.RetryPolicy(first_wait=20, longest_wait=20)
    made = server.add("order-9", amount=10000)
    asyncio.run(main())
    [span] = collected.spans
    states = {"wait_until_final": "WaitingToWatch", "resolve": "WaitingToSearch", "a retry": "WaitingToRetry"}
    assert span.attributes["xendit.state"] == states[what]
    assert span.attributes["error.type"] == "CancelledError"
    assert [event.kind for event in heard].count("finished") == 1
    assert heard[-1].kind == "finished"


def test_a_wait_that_ctrl_c_ends_leaves_no_span_open(server: FaultServer) -> None:
    """The same where a thread sleeps."""
    collected = Collected()
    made = server.add("order-9", amount=10000)
    api = api_on(server, on_event=collected.hook)
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        api.wait_until_final(made["id"])
    timer.join()
    [span] = collected.spans
    assert span.attributes["error.type"] == "KeyboardInterrupt"


def test_a_failed_call_is_an_error_span(server: FaultServer) -> None:
    """Its type is the class of the exception; nothing personal is in it."""
    collected = Collected()
    api = api_on(server, on_event=collected.hook, retries=0)
    server.script("rst_after_request")
    with pytest.raises(xendit.ConnectionException):
        api.get_invoice_by_id("secret-id")
    [span] = collected.spans
    assert not span.status.is_ok
    assert span.attributes["error.type"] == "ConnectionException"
    assert "http.response.status_code" not in span.attributes
    assert "secret-id" not in span.to_json()


def test_metrics_count_requests_calls_and_retries(server: FaultServer) -> None:
    """In seconds, by route and outcome."""
    collected = Collected()
    api = api_on(server, on_event=collected.hook)
    made = api.create_invoice(ORDER)
    server.script("status:code=503,err=SERVER_ERROR")
    api.get_invoice_by_id(made.id)
    found = collected.metrics
    assert sum(point.count for point in found["http.client.request.duration"].data.data_points) == 3
    assert sum(point.count for point in found["xendit.call.duration"].data.data_points) == 2
    assert sum(point.value for point in found["xendit.call.retries"].data.data_points) == 1
    assert found["http.client.request.duration"].unit == "s"


def test_events_of_a_call_that_was_never_started_do_not_break() -> None:
    """A hook that is set while calls run hears the ends of calls that it does not know."""
    collected = Collected()
    for kind, note in (("retrying", ""), ("finished", ""), ("invoice_cut", "it was cut"), ("of a later version", "")):
        collected.hook(Event(kind, 1, "create_invoice", "POST", "/v2/invoices/", "https://api.xendit.co", note=note))
    assert collected.spans == []
