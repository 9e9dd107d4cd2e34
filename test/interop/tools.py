"""Scenes with tools that record or answer: `python tools.py SCENE URL KEY` prints what it found as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

logging.basicConfig(level=logging.WARNING)
SCENE, URL, KEY = sys.argv[1:4]
INVOICE = {
    "id": "x",
    "external_id": "from the tool",
    "status": "PENDING",
    "amount": 1,
    "currency": "IDR",
    "invoice_url": "u",
}


def api():
    """An InvoiceApi on the server."""
    import xendit
    from xendit.apis import InvoiceApi

    return InvoiceApi(xendit.ApiClient(xendit.Configuration(host=URL, api_key=KEY, retries=0, on_unknown="raise")))


def refusal(run):
    """The name of what it raises."""
    try:
        run()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error).__name__
    return None


def vcr_scene(first):
    """Record, replay, refuse, and call without a tape."""
    import vcr

    from xendit.testing import cassette_settings

    invoices = api()
    if first:
        invoices.create_invoice({"external_id": "before", "amount": 1000})
    with vcr.use_cassette("tape.yaml", **cassette_settings()) as tape:
        recorded = invoices.create_invoice({"external_id": "on tape", "amount": 1000}).id
    interactions = len(tape)
    with vcr.use_cassette("tape.yaml", **cassette_settings(record_mode="none")):
        replayed = api().create_invoice({"external_id": "on tape", "amount": 1000}).id
        refused = refusal(lambda: invoices.get_invoice_by_id("another"))
    afterwards = invoices.create_invoice({"external_id": "after", "amount": 1000}).id
    return {
        "recorded": recorded,
        "replayed": replayed,
        "interactions": interactions,
        "refused": refused,
        "afterwards": afterwards,
    }


async def vcr_async():
    """The same in an event loop."""
    import vcr

    import xendit
    from xendit.apis import AsyncInvoiceApi
    from xendit.testing import cassette_settings

    configuration = xendit.Configuration(host=URL, api_key=KEY, retries=0, on_unknown="raise")
    async with xendit.AsyncApiClient(configuration) as client:
        invoices = AsyncInvoiceApi(client)
        with vcr.use_cassette("tape.yaml", **cassette_settings()) as tape:
            recorded = (await invoices.create_invoice({"external_id": "on tape", "amount": 1000})).id
        interactions = len(tape)
        refused = None
        with vcr.use_cassette("tape.yaml", **cassette_settings(record_mode="none")):
            replayed = (await invoices.create_invoice({"external_id": "on tape", "amount": 1000})).id
            try:
                await invoices.get_invoice_by_id("another")
            except Exception as error:  # noqa: BLE001 - whatever it is
                refused = type(error).__name__
        await invoices.get_invoice_by_id(recorded)
    return {"recorded": recorded, "replayed": replayed, "interactions": interactions, "refused": refused}


def pook_scene():
    """An answer for one path."""
    import pook

    invoices = api()
    with pook.use():
        pook.get(f"{URL}/v2/invoices/x", reply=200, response_json=INVOICE)
        answered = invoices.get_invoice_by_id("x").external_id
        refused = refusal(lambda: invoices.get_invoice_by_id("y"))
    return {"answered": answered, "refused": refused}


def responses_scene():
    """Put in the place of urllib3's urlopen, where it takes what it is given for a request of the library requests."""
    import responses

    invoices = api()
    place = "urllib3.connectionpool.HTTPConnectionPool.urlopen"
    with responses.RequestsMock(target=place, assert_all_requests_are_fired=False) as tool:
        tool.add(responses.GET, f"{URL}/v2/invoices/x", json=INVOICE)
        return {"refused": refusal(lambda: invoices.get_invoice_by_id("x"))}


async def aioresponses_scene():
    """An answer for one path, in an event loop."""
    from aioresponses import aioresponses

    import xendit
    from xendit.apis import AsyncInvoiceApi

    async with xendit.AsyncApiClient(xendit.Configuration(host=URL, api_key=KEY, retries=0)) as client:
        with aioresponses() as tool:
            tool.get(f"{URL}/v2/invoices/x", payload=INVOICE)
            return {"answered": (await AsyncInvoiceApi(client).get_invoice_by_id("x")).external_id}


def httpretty_scene():
    """An answer for one path, at the sockets."""
    import httpretty

    invoices = api()
    with httpretty.enabled(allow_net_connect=False):
        httpretty.register_uri(httpretty.GET, f"{URL}/v2/invoices/x", body=json.dumps(INVOICE))
        return {"answered": invoices.get_invoice_by_id("x").external_id}


class Recording(BaseHTTPRequestHandler):
    """Answers with the invoice, and keeps the headers of what it was asked."""

    seen: ClassVar = []

    def do_GET(self):
        """Answer."""
        self.seen.append({name.lower(): ", ".join(self.headers.get_all(name)) for name in self.headers})
        body = json.dumps(INVOICE).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


ROADS = ("fast", "plain", "recorded")


@contextlib.contextmanager
def recorded(road):
    """A recorder in place, where that is the road."""
    if road != "recorded":
        yield
        return
    import vcr

    from xendit.testing import cassette_settings

    with vcr.use_cassette("tape.yaml", **cassette_settings()):
        yield


def called(world, road, on_event=None):
    """One GET of a server of its own: the headers that it saw, and the transport that was taken."""
    import xendit
    from xendit.apis import AsyncInvoiceApi, InvoiceApi

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recording)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    configuration = xendit.Configuration(
        host=f"http://127.0.0.1:{server.server_port}",
        api_key=KEY,
        retries=0,
        on_event=on_event,
        transport="plain" if road == "plain" else "auto",
    )

    async def run():
        async with xendit.AsyncApiClient(configuration) as client:
            await AsyncInvoiceApi(client).get_invoice_by_id("x")
            return type(client._shared_transport()).__name__

    with recorded(road):
        if world == "sync":
            client = xendit.ApiClient(configuration)
            InvoiceApi(client).get_invoice_by_id("x")
            name = type(client._shared_transport()).__name__
        else:
            name = asyncio.run(run())
    server.shutdown()
    return Recording.seen[-1], name


def otel_scene(which, world):
    """Spans that are made where the instrumentations are active, our own hook was given, or both; by transport."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    on_event = None
    if which in ("instrumented", "both"):
        from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
        from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor

        URLLib3Instrumentor().instrument()
        AioHttpClientInstrumentor().instrument()
    if which in ("hook", "both"):
        from xendit.otel import OpenTelemetry

        on_event = OpenTelemetry()
    found = {}
    for road in ROADS:
        exporter.clear()
        with trace.get_tracer("shop").start_as_current_span("order"):
            headers, transport = called(world, road, on_event)
        spans = [span for span in exporter.get_finished_spans() if span.name != "order"]
        parent = headers.get("traceparent", "").split("-")[1:3]
        found[road] = {
            "names": [span.name for span in spans],
            "joined": [parent == [f"{each.context.trace_id:032x}", f"{each.context.span_id:016x}"] for each in spans],
            "children": [each.parent is not None for each in spans],
            "transport": transport,
        }
    return found


def hook_of_sentry():
    """Our own, given by hand."""
    from xendit.sentry import Sentry

    return Sentry()


def status_of(data):
    """The status in a breadcrumb: the SDK itself writes it as spans have it."""
    return data.get("status_code", data.get("http.response.status_code"))


def sentry_scene(which, world):
    """What Sentry is told, in a transaction, where it is set up and our own hook was given too, or not; by transport."""
    import sentry_sdk
    from sentry_sdk.transport import Transport

    envelopes = []
    found = {}

    class Keeping(Transport):
        def capture_envelope(self, envelope):
            envelopes.append(envelope)

    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", traces_sample_rate=1.0, transport=Keeping)
    for road in ("fast", "plain"):
        envelopes.clear()
        with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(name="order", op="test") as transaction:
            headers, transport = called(world, road, hook_of_sentry() if which == "both" else None)
            sentry_sdk.capture_message("now")
        sentry_sdk.flush()
        items = [item.payload.json or {} for envelope in envelopes for item in envelope.items]
        spans = [span for item in items for span in item.get("spans", []) if span["op"] == "http.client"]
        crumbs = [crumb for item in items if item.get("message") == "now" for crumb in item["breadcrumbs"]["values"]]
        found[road] = {
            "spans": [span["description"].partition(" ")[0] for span in spans],
            "crumbs": [(crumb["type"], status_of(crumb["data"])) for crumb in crumbs if crumb["type"] == "http"],
            "joined": headers.get("sentry-trace", "").startswith(transaction.trace_id),
            "baggage": "baggage" in headers,
            "transport": transport,
            "key": KEY in json.dumps([spans, crumbs], default=str),
        }
    return found


SCENES = {
    "vcr_cassette_first": lambda: vcr_scene(first=False),
    "vcr_call_first": lambda: vcr_scene(first=True),
    "vcr_async": lambda: asyncio.run(vcr_async()),
    "pook": pook_scene,
    "responses": responses_scene,
    "aioresponses": lambda: asyncio.run(aioresponses_scene()),
    "httpretty": httpretty_scene,
    **{
        f"{tracer}_{which}_{world}": partial(scene, which, world)
        for tracer, scene in (("otel", otel_scene), ("sentry", sentry_scene))
        for which in ("instrumented", "hook", "both")
        for world in ("sync", "async")
    },
}
print(json.dumps(SCENES[SCENE]()))
