"""The pytest plugin as its users use it: fixtures, deliveries into their own application, the guard, xdist."""

from __future__ import annotations

import asyncio
import hmac
import json
import sqlite3
import subprocess
import sys
import threading

import pytest

import xendit
from xendit import configuration
from xendit.apis import InvoiceApi
from xendit.exceptions import ConfigurationException
from xendit.sandbox.deliveries.in_process import kind_of
from xendit.testing.standin import refusal

#: A user's pytest. The plugins of our own tools are no part of it, and take two seconds of every start.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
PYTEST += ["-p", "no:hypothesispytest", "-p", "no:anyio"]


def pay(sandbox, api, **options):
    invoice = api.create_invoice({"external_id": "order-1", "amount": 50_000})
    sandbox.pay(invoice.id, **options)
    return invoice


# ---------------------------------------------------------------------------------------------- the receivers


def wsgi_shop(calls):
    """A shop as a WSGI application that checks the token, the path and the body."""

    def application(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        genuine = hmac.compare_digest(environ["HTTP_X_CALLBACK_TOKEN"], calls["token"])
        calls["seen"].append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]))
        calls["bodies"].append(json.loads(body))
        calls["threads"].append(threading.get_ident())
        start_response("200 OK" if genuine else "401 Unauthorized", [("Content-Type", "text/plain")])
        return [b"thank ", b"you"]

    return application


def asgi_shop(calls):
    """The same as an ASGI application."""

    async def application(scope, receive, send):
        message = await receive()
        headers = dict(scope["headers"])
        genuine = hmac.compare_digest(headers[b"x-callback-token"].decode(), calls["token"])
        calls["seen"].append((scope["method"], scope["path"], scope["query_string"].decode()))
        calls["bodies"].append(json.loads(message["body"]))
        calls["threads"].append(threading.get_ident())
        await send({"type": "http.response.start", "status": 200 if genuine else 401, "headers": []})
        await send({"type": "http.response.body", "body": b"thank ", "more_body": True})
        await send({"type": "http.response.body", "body": b"you"})

    return application


@pytest.mark.parametrize("shop", [wsgi_shop, asgi_shop])
def test_delivery_into_an_application(xendit_sandbox, xendit_api, shop):
    """A payment is in the user's application, by this very thread, before `pay` returns."""
    calls = {"token": xendit_sandbox.callback_token, "seen": [], "bodies": [], "threads": []}
    xendit_sandbox.deliver_to(shop(calls), "/hooks/xendit?shop=1")
    invoice = pay(xendit_sandbox, xendit_api, channel="BCA")
    assert calls["seen"] == [("POST", "/hooks/xendit", "shop=1")]
    assert calls["bodies"][0]["id"] == invoice.id
    assert calls["threads"] == [threading.get_ident()]
    (delivery,) = xendit_sandbox.deliveries
    assert (delivery.status, delivery.response_body, delivery.outcome) == (200, "thank you", "COMPLETED")


@pytest.mark.parametrize(
    ("answer", "status"), [(None, 200), (201, 201), (500, 500), ("status", 202), ("status_code", 503)]
)
def test_what_a_function_may_give(xendit_sandbox, xendit_api, answer, status):
    """A function gives nothing, a status, or something that has one; it may be async."""

    class Answer:
        pass

    if isinstance(answer, str):
        given = Answer()
        setattr(given, answer, status)
    else:
        given = answer

    async def later(request):
        assert request.json()["status"] == "PAID"
        assert request.headers["content-type"] == "application/json"
        return given

    xendit_sandbox.deliver_to(lambda headers, body: given)
    pay(xendit_sandbox, xendit_api)
    xendit_sandbox.deliver_to(later)
    pay(xendit_sandbox, xendit_api)
    assert [one.status for one in xendit_sandbox.deliveries] == [status, status]


def test_handler_that_raises(xendit_sandbox, xendit_api):
    """An error in a handler is a 500, as a server would answer, with its text in the log, and is tried again."""

    def broken(request):
        raise KeyError("order-1")

    xendit_sandbox.freeze()
    xendit_sandbox.deliver_to(broken)
    pay(xendit_sandbox, xendit_api)
    (delivery,) = xendit_sandbox.deliveries
    assert (delivery.status, delivery.outcome, delivery.response_body) == (500, "FAILED", "KeyError: 'order-1'")
    xendit_sandbox.deliver_to(lambda request: None)
    assert [one.outcome for one in xendit_sandbox.advance("15m")] == ["COMPLETED"]


def test_handler_shares_the_transaction_of_the_test(xendit_sandbox, xendit_api):
    """The handler writes over the test's own connection, which only its thread may use, and nothing is committed."""
    database = sqlite3.connect(":memory:", isolation_level=None)  # refuses other threads
    database.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, paid INTEGER)")
    database.execute("BEGIN")
    database.execute("INSERT INTO orders VALUES ('order-1', 0)")
    xendit_sandbox.deliver_to(
        lambda request: (
            database.execute("UPDATE orders SET paid=paid+1 WHERE id=?", (request.json()["external_id"],)) and None
        )
    )
    pay(xendit_sandbox, xendit_api)
    xendit_sandbox.resend(xendit_sandbox.deliveries[0], times=2)
    assert database.execute("SELECT paid FROM orders").fetchone() == (3,)
    database.execute("ROLLBACK")
    database.close()


def test_handler_that_causes_another_event(xendit_sandbox, xendit_api):
    """A handler that expires another invoice, or asks the API, is not called within itself."""
    other = xendit_api.create_invoice({"external_id": "other", "amount": 1})
    order = []

    def handler(request):
        order.append(("begin", request.json()["external_id"]))
        if request.json()["status"] == "PAID":
            xendit_sandbox.expire(other.id)
        order.append(("end", request.json()["external_id"]))

    xendit_sandbox.deliver_to(handler)
    pay(xendit_sandbox, xendit_api)
    assert order == [("begin", "order-1"), ("end", "order-1"), ("begin", "other"), ("end", "other")]


def test_what_the_api_caused_is_delivered_when_asked(xendit_sandbox, xendit_api):
    """An expiry by the API is delivered by `deliver`, in the test's thread, not by the server's."""
    threads = []
    xendit_sandbox.deliver_to(lambda request: threads.append(threading.get_ident()))
    invoice = xendit_api.create_invoice({"external_id": "order-1", "amount": 1})
    xendit_api.expire_invoice(invoice.id)
    assert xendit_sandbox.deliveries == ()
    (delivery,) = xendit_sandbox.deliver()
    assert (delivery.invoice_status, threads) == ("EXPIRED", [threading.get_ident()])


def test_async_handler_below_a_running_loop(xendit_sandbox, xendit_api):
    """Where a loop runs in the test's thread, an async handler gets a thread of its own, and is waited for."""
    seen = []

    async def handler(request):
        await asyncio.sleep(0)
        seen.append(request.json()["id"])

    xendit_sandbox.deliver_to(handler)

    async def test():
        return pay(xendit_sandbox, xendit_api).id

    assert asyncio.run(test()) == seen[0]


def test_duplicates_and_reordering(xendit_sandbox, xendit_api):
    """Webhooks can be sent again, and in another order."""
    seen = []
    xendit_sandbox.deliver_to(lambda request: seen.append(request.json()["amount"]))
    for amount in (1, 2, 3):
        xendit_sandbox.pay(xendit_api.create_invoice({"external_id": "a", "amount": amount}).id)
    xendit_sandbox.reorder(xendit_sandbox.deliveries[::-1])
    assert seen == [1, 2, 3, 3, 2, 1]
    assert [one.reason for one in xendit_sandbox.deliveries[3:]] == ["reorder"] * 3


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (lambda request: None, "request"),
        (lambda headers, body: None, "handler"),
        (lambda environ, start_response: None, "wsgi"),
        (lambda scope, receive, send: None, "asgi"),
        (lambda request, verbose=False: None, "request"),
    ],
)
def test_kind_of_a_callable(target, kind):
    """What a callable takes says what it is."""
    assert kind_of(target) == kind


def test_callables_that_do_not_say(xendit_sandbox):
    """A callable whose arguments do not say is refused with what to do; what is none at all by its type."""
    from xendit.webhook import MemoryInbox, Webhook

    with pytest.raises(ValueError, match='give kind="wsgi"'):
        xendit_sandbox.deliver_to(lambda *arguments: None)
    xendit_sandbox.deliver_to(lambda *arguments: None, kind="handler")
    with pytest.raises(ValueError, match="not int"):
        xendit_sandbox.deliver_to(5)
    with pytest.raises(ValueError, match="kind must be"):
        xendit_sandbox.deliver_to(lambda request: None, kind="flask")
    for kind in ("wsgi", "asgi", "handler", "request"):
        with pytest.raises(ValueError, match="a Webhook is given without it"):
            xendit_sandbox.deliver_to(Webhook(MemoryInbox(), tokens="t" * 20), kind=kind)
        with pytest.raises(ValueError, match="not int"):
            xendit_sandbox.deliver_to(5, kind=kind)
    with pytest.raises(ValueError, match="on this machine"):
        xendit_sandbox.deliver_to("http://10.0.0.1/")


# -------------------------------------------------------------------------------------------------- the guard


@pytest.mark.parametrize(
    "options",
    [
        {"host": "https://api.xendit.co"},
        {"host": "https://API.Xendit.co./"},
        {"api_key": "xnd_production_abcdefgh"},
        {"api_key": lambda: "xnd_production_abcdefgh"},
    ],
)
def test_real_host_and_live_keys_are_refused(xendit_sandbox, options):
    """While the sandbox stands in, no client reaches Xendit or holds a live key; the error shows no key."""
    with pytest.raises(ConfigurationException, match="the test uses xendit_sandbox") as caught:
        InvoiceApi(xendit.ApiClient(xendit.Configuration(**options))).get_invoices()
    assert "abcdefgh" not in str(caught.value)


def test_a_client_made_before_is_refused_too(monkeypatch):
    """A client that an application made at import is refused when it is used."""
    client = xendit.ApiClient(xendit.Configuration(api_key="xnd_production_abcdefgh", host="http://127.0.0.1:9"))
    monkeypatch.setattr(configuration, "_guard", refusal)
    with pytest.raises(ConfigurationException, match="the API key is a live one"):
        InvoiceApi(client).get_invoices()


def test_environment_names_the_sandbox(xendit_sandbox):
    """An application that takes its settings from the environment finds the sandbox there."""
    invoice = InvoiceApi().create_invoice({"external_id": "a", "amount": 1})
    assert xendit_sandbox.pay(invoice.id)["status"] == "PAID"


def test_without_the_fixture_nothing_is_guarded():
    """Outside of a test that uses the sandbox, the guard is not there."""
    assert configuration._guard is None


# ------------------------------------------------------------------------------------------ as others run it


SUITE = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_each_has_its_own(xendit_sandbox, xendit_api, number):
    assert xendit_api.get_invoices() == []
    xendit_sandbox.deliver_to(lambda request: None)
    invoice = xendit_api.create_invoice({"external_id": str(number), "amount": 1000})
    xendit_sandbox.pay(invoice.id)
    assert [one.status for one in xendit_sandbox.deliveries] == [200]
    assert len(xendit_api.get_invoices()) == 1
"""


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_suite_of_a_user(tmp_path, arguments):
    """A user's suite runs with nothing but the package installed, alone and over two processes."""
    if arguments:
        pytest.importorskip("xdist")
    (tmp_path / "test_shop.py").write_text(SUITE)
    command = [*PYTEST, *arguments, "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert "6 passed" in done.stdout, done.stdout + done.stderr


def test_plugin_imports_nothing_heavy():
    """Loading the plugin loads no part of this library beyond its face, and no dependency."""
    program = (
        "import sys, pytest; import xendit.testing.plugin;"
        "print([n for n in sys.modules if n.partition('.')[0] in ('werkzeug', 'jinja2', 'urllib3')"
        " or n.startswith(('xendit.sandbox', 'xendit.codec', 'xendit.model'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def application_of(kind, webhook):
    """The endpoint, mounted as the documentation says, or as it is."""
    if kind == "itself":
        return webhook
    if kind == "wsgi":
        from xendit.webhook.adapters.wsgi import WSGIApp

        return WSGIApp(webhook)
    if kind == "asgi":
        from xendit.webhook.adapters.asgi import ASGIApp

        return ASGIApp(webhook)
    if kind == "flask":
        from flask import Flask

        from xendit.webhook.adapters.flask import webhook_blueprint

        application = Flask("shop")
        application.register_blueprint(webhook_blueprint("/webhooks/xendit", webhook))
        return application
    from starlette.applications import Starlette

    from xendit.webhook.adapters.starlette import webhook_route

    return Starlette(routes=[webhook_route("/webhooks/xendit", webhook)])


@pytest.mark.parametrize("kind", ["itself", "wsgi", "asgi", "flask", "starlette"])
def test_into_the_webhook_endpoint_of_this_library(xendit_sandbox, xendit_api, kind):
    """The endpoint that this library ships takes what the sandbox sends: stored once, however often it is sent."""
    from xendit.webhook import MemoryInbox, Webhook

    inbox = MemoryInbox()
    webhook = Webhook(inbox)  # its token is the environment's, which the fixture sets
    application = application_of(kind, webhook)
    xendit_sandbox.deliver_to(application)
    pay(xendit_sandbox, xendit_api)
    xendit_sandbox.resend(xendit_sandbox.deliveries[0], times=2)
    xendit_sandbox.faults.arm("webhook_token", times=1)
    pay(xendit_sandbox, xendit_api)
    assert [one.status for one in xendit_sandbox.deliveries] == [200, 200, 200, 401]


def test_into_an_endpoint_that_awaits(xendit_sandbox, xendit_api):
    """A `Webhook` whose events are handed over by a coroutine function is awaited, without an adapter."""
    from xendit.webhook import MemoryInbox, Webhook

    told = []

    async def hand_over(key):
        told.append(key)

    xendit_sandbox.deliver_to(Webhook(MemoryInbox(), enqueue=hand_over))
    pay(xendit_sandbox, xendit_api)
    assert ([one.status for one in xendit_sandbox.deliveries], len(told)) == ([200], 1)


def test_an_inbox_is_no_endpoint(xendit_sandbox):
    """What a newcomer may give in place of the endpoint is refused with what is taken."""
    from xendit.webhook import MemoryInbox

    with pytest.raises(ValueError, match="an application, a function or a Webhook, not MemoryInbox"):
        xendit_sandbox.deliver_to(MemoryInbox())


# ----------------------------------------------------------------------- modules that were made before, or meanwhile


SHOP = """
import os
import xendit
from xendit.apis import InvoiceApi
from xendit.webhook import MemoryInbox, Webhook
from xendit.webhook.adapters.wsgi import WSGIApp

xendit.set_api_key(os.environ.get("XENDIT_API_KEY", ""))
api = InvoiceApi()
own = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key="xnd_development_its_own")))
webhook = Webhook(MemoryInbox())
app = WSGIApp(webhook)
"""
SHOP_SUITE = """
import pytest
from xendit.exceptions import ConfigurationException

def use(xendit_sandbox):
    import shop
    xendit_sandbox.deliver_to(shop.app)
    for api in (shop.api, shop.own):
        invoice = api.create_invoice(external_id="order-1", amount=1000)
        xendit_sandbox.pay(invoice.id)
    assert [one.status for one in xendit_sandbox.deliveries] == [200, 200]
    assert shop.api.api_client.mode == "test"

def test_first(xendit_sandbox):
    use(xendit_sandbox)

def test_second(xendit_sandbox):
    use(xendit_sandbox)

def test_nothing_is_kept(monkeypatch):
    import shop
    monkeypatch.setenv("XENDIT_BASE_URL", "http://127.0.0.1:9")  # as the test begins, there is no other setting
    with pytest.raises(ConfigurationException, match="no API key"):
        shop.api.get_invoices()
    assert shop.api.api_client.mode is None
    assert shop.webhook.answer("POST", {"x-callback-token": "sandbox-callback-token"}, b"{}").status == 503

def test_a_live_key_is_refused(xendit_sandbox):
    from xendit.apis import InvoiceApi
    with pytest.raises(ConfigurationException, match="a live one"):
        InvoiceApi("xnd_production_abc").get_invoices()
"""
TESTS = ["test_first", "test_nothing_is_kept", "test_second", "test_a_live_key_is_refused"]


@pytest.mark.parametrize("before", [False, True], ids=["imported in a test", "imported before"])
@pytest.mark.parametrize("order", [TESTS, TESTS[::-1], TESTS[1:] + TESTS[:1]], ids=["forth", "back", "turned"])
def test_modules_that_made_their_client_at_import(tmp_path, order, before):
    """A client and an endpoint of a module follow the sandbox of each test, in any order, and keep nothing of it."""
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "test_shop.py").write_text(("import shop\n" if before else "") + SHOP_SUITE)
    command = [*PYTEST, "-p", "no:randomly"]
    chosen = [f"test_shop.py::{name}" for name in order]
    done = subprocess.run([*command, *chosen], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_a_client_with_settings_of_the_environment_comes_back_to_them(monkeypatch, sandbox):
    """What a client found before the test waits, and is used again afterwards."""
    from xendit.sandbox import Sandbox
    from xendit.testing import use_sandbox

    monkeypatch.setenv("XENDIT_API_KEY", "xnd_development_before")
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    api = InvoiceApi()
    made = api.create_invoice(external_id="before", amount=1)
    with Sandbox() as other, use_sandbox(other):
        assert api.get_invoices() == []
        api.create_invoice(external_id="meanwhile", amount=1)
    monkeypatch.delenv("XENDIT_API_KEY")
    monkeypatch.delenv("XENDIT_BASE_URL")
    assert [invoice.id for invoice in api.get_invoices()] == [made.id]


def test_use_sandbox_leaves_the_process_as_it_was(monkeypatch):
    """Its settings and its guard end with the block, also when the block raises; what else was set meanwhile stays."""
    import os

    from xendit import settings
    from xendit.sandbox import Sandbox
    from xendit.testing import use_sandbox

    monkeypatch.setenv("XENDIT_API_KEY", "xnd_development_before")
    monkeypatch.delenv("XENDIT_WEBHOOK_TOKEN", raising=False)
    monkeypatch.setenv("SHOP_OTHER", "")
    with Sandbox(api_key="xnd_development_shop") as server:
        with pytest.raises(KeyError), use_sandbox(server):
            assert xendit.Configuration().api_key == os.environ["XENDIT_API_KEY"] == server.api_key
            xendit.set_api_key(os.environ["XENDIT_API_KEY"])
            os.environ["SHOP_OTHER"] = "kept"
            raise KeyError
    assert xendit.Configuration().api_key == os.environ["XENDIT_API_KEY"] == "xnd_development_before"
    assert "XENDIT_WEBHOOK_TOKEN" not in os.environ
    assert os.environ["SHOP_OTHER"] == "kept"
    assert (settings._stand_in, configuration._guard) == (None, None)
