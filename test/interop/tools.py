"""Scenes with tools that record or answer: `python tools.py SCENE URL KEY` prints what it found as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

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


SCENES = {
    "vcr_cassette_first": lambda: vcr_scene(first=False),
    "vcr_call_first": lambda: vcr_scene(first=True),
    "vcr_async": lambda: asyncio.run(vcr_async()),
    "pook": pook_scene,
    "responses": responses_scene,
    "aioresponses": lambda: asyncio.run(aioresponses_scene()),
    "httpretty": httpretty_scene,
}
print(json.dumps(SCENES[SCENE]()))
