"""The control plane over HTTP, the documents that are served, and what guards the sandbox."""

from __future__ import annotations

import json
import math
import re
import socket
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from xendit.sandbox import Sandbox
from xendit.sandbox.deliveries.network import UrlReceiver
from xendit.sandbox.deliveries.result import class_of
from xendit.sandbox.deliveries.target import read_target, resolve
from xendit.sandbox.parts import control_routes
from xendit.sandbox.state.core.given import shown

DOCS = Path(__file__).parents[2] / "docs"
CONTROL = [row[:4] for row in control_routes()]


def test_documentation_lists_every_path():
    """The table of docs/Sandbox.md is the control plane."""
    page = (DOCS / "Sandbox.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z]+)` \| `(/_sandbox/[^`]*)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted((method, re.sub(r"<(\w+)>", r"{\1}", path)) for method, path, _, _ in CONTROL)


def test_control_document_describes_every_path(client):
    """Its OpenAPI document names every path and method of it."""
    described = client.ask("GET", "/_sandbox/openapi.json", key="").json()
    seen = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert seen == {(method, re.sub(r"<(\w+)>", r"{\1}", path)) for method, path, _, _ in CONTROL}
    assert all(one["description"] for methods in described["paths"].values() for one in methods.values())


def test_api_document(client):
    """The API's document describes every operation and the webhooks, and needs no key to be read."""
    described = client.ask("GET", "/openapi.json", key="").json()
    assert described["openapi"] == "3.1.0"
    assert {(method, path) for path, methods in described["paths"].items() for method in methods} == {
        ("post", "/v2/invoices"),
        ("get", "/v2/invoices"),
        ("get", "/v2/invoices/{invoice_id}"),
        ("post", "/invoices/{invoice_id}/expire!"),
        ("get", "/balance"),
        ("get", "/transactions"),
        ("get", "/transactions/{id}"),
        ("post", "/refunds"),
        ("get", "/refunds"),
        ("get", "/refunds/{refund_id}"),
        ("post", "/refunds/{refund_id}/cancel"),
        ("post", "/reports"),
        ("get", "/reports/{report_id}"),
    }
    assert {"invoice", "refund.succeeded", "refund.failed", "report"} <= set(described["webhooks"])
    webhook = described["webhooks"]["invoice"]["post"]
    assert [one["name"] for one in webhook["parameters"]] == ["x-callback-token", "webhook-id"]
    text = json.dumps(described)
    for reference in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert reference in described["components"]["schemas"]


def test_status_and_lists(sandbox, client):
    """The state of things, a page of invoices with their time lines, and one invoice with everything."""
    ids = [client.create(external_id=f"order-{n}")["id"] for n in range(5)]
    sandbox.pay(ids[0], channel="BCA")
    sandbox.wait_for_delivery()
    status = client.ask("GET", "/_sandbox/status", key="").json()
    assert (status["invoices"], status["deliveries"], status["url"]) == ({"PAID": 1, "PENDING": 4}, 1, sandbox.url)
    page = client.ask("GET", "/_sandbox/invoices?limit=3").json()
    assert [one["id"] for one in page["invoices"]] == ids[:1:-1]
    rest = client.ask("GET", f"/_sandbox/invoices?limit=3&before={page['before']}").json()
    assert ([one["id"] for one in rest["invoices"]], rest["before"]) == (ids[1::-1], None)
    assert [one["what"] for one in rest["invoices"][1]["timeline"]] == ["created", "paid"]
    assert [one["id"] for one in client.ask("GET", "/_sandbox/invoices?status=PAID").json()["invoices"]] == ids[:1]
    assert [one["id"] for one in client.ask("GET", "/_sandbox/invoices?find=der-3").json()["invoices"]] == [ids[3]]
    one = client.ask("GET", f"/_sandbox/invoices/{ids[0]}").json()
    assert one["deliveries"][0]["error"] == "no webhook URL is set"
    assert {"code": "BCA", "kind": "BANK_TRANSFER"} in one["channels"]
    assert client.ask("GET", f"/_sandbox/deliveries?invoice_id={ids[1]}").json() == []


def test_rules_and_sub_accounts_are_shown(client):
    """What the headers of a create named is shown, and changes no amount."""
    headers = {"with_fee_rule": "xpfeeru_1", "with_split_rule": "splitru_2", "for_user_id": "62efe4c33e45694d63f585f0"}
    made = client.ask("POST", "/v2/invoices", {"external_id": "a", "amount": 1000}, **headers).json()
    shown = client.ask("GET", f"/_sandbox/invoices/{made['id']}").json()
    assert (shown["fee_rule"], shown["split_rule"], made["amount"]) == ("xpfeeru_1", "splitru_2", 1000)
    assert shown["account"] == {"user_id": headers["for_user_id"], "is_sub_account": True}


def test_clock_over_http(sandbox, client):
    """The clock is frozen, set, advanced and sped up over HTTP; an advance answers when all has happened."""
    assert client.ask("POST", "/_sandbox/clock/freeze", {"at": "2026-01-31T09:00:00Z"}).json()["frozen"] is True
    invoice = client.create()["id"]
    sandbox.faults.arm("webhook_fail", times=1)
    after = client.ask("POST", "/_sandbox/clock/advance", {"by": "25h"}).json()
    assert after["now"] == "2026-02-01T10:00:00.000Z"
    assert [(one["invoice_id"], one["outcome"]) for one in after["deliveries"]] == [
        (invoice, "FAILED"),
        (invoice, "URL_NOT_SET"),
    ]
    assert client.ask("POST", "/_sandbox/clock/set", {"now": "2027-01-01"}).json()["now"].startswith("2027-01-01")
    assert client.ask("POST", "/_sandbox/clock/speed", {"factor": 2}).json()["speed"] == 2.0
    assert client.ask("POST", "/_sandbox/clock/resume").json()["frozen"] is False
    assert client.ask("GET", "/_sandbox/clock").json()["now"].startswith("2027-01-01T00:00:0")


def test_webhooks_over_http(sandbox, client, receiver):
    """Where webhooks go is set over HTTP; they are sent again, twice, and in another order."""
    assert client.ask("PUT", "/_sandbox/webhook_url", {"url": receiver.url}).json() == {"url": receiver.url}
    for amount in (1, 2):
        sandbox.pay(client.create(amount=amount)["id"])
    ids = [one.id for one in sandbox.wait_for_delivery(2)]
    assert client.ask("POST", f"/_sandbox/webhooks/{ids[0]}/resend", {"times": 2}).status == 200
    assert client.ask("POST", f"/_sandbox/webhooks/{ids[1]}/duplicate").status == 200
    assert client.ask("POST", "/_sandbox/webhooks/reorder", {"ids": ids[::-1]}).status == 200
    log = sandbox.wait_for_delivery(8)
    assert [(one.id, one.reason) for one in log[2:]] == [
        (ids[0], "resend"),
        (ids[0], "resend"),
        (ids[1], "duplicate"),
        (ids[1], "duplicate"),
        (ids[1], "reorder"),
        (ids[0], "reorder"),
    ]
    assert [headers["webhook-id"] for _, headers, _ in receiver.got] == [one.id for one in log]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/_sandbox/invoices?limit=0", None, 400),
        ("GET", "/_sandbox/invoices?limit=x", None, 400),
        ("GET", "/_sandbox/invoices/" + "0" * 24, None, 404),
        ("POST", "/_sandbox/invoices/ID/pay", {"late": "yes"}, 400),
        ("POST", "/_sandbox/invoices/ID/fail", {"channel": "NOPE"}, 400),
        ("POST", "/_sandbox/invoices/ID/settle", None, 409),
        ("POST", "/_sandbox/webhooks/nope/resend", None, 404),
        ("POST", "/_sandbox/webhooks/nope/resend", {"times": 0}, 400),
        ("POST", "/_sandbox/webhooks/nope/resend", {"times": True}, 400),
        ("POST", "/_sandbox/webhooks/nope/resend", {"times": [1]}, 400),
        ("POST", "/_sandbox/webhooks/reorder", {"ids": "a"}, 400),
        ("POST", "/_sandbox/webhooks/reorder", {"ids": []}, 400),
        ("POST", "/_sandbox/webhooks/reorder", {"ids": ["nope"]}, 404),
        ("PUT", "/_sandbox/webhook_url", {"url": "http://10.0.0.1/"}, 400),
        ("PUT", "/_sandbox/webhook_url", {"url": 5}, 400),
        ("POST", "/_sandbox/clock/advance", {"by": "soon"}, 400),
        ("POST", "/_sandbox/clock/advance", {}, 400),
        ("POST", "/_sandbox/clock/advance", {"by": -1}, 400),
        ("POST", "/_sandbox/clock/set", {}, 400),
        ("POST", "/_sandbox/clock/freeze", {"at": 5}, 400),
        ("POST", "/_sandbox/clock/speed", {"factor": 0}, 400),
        ("POST", "/_sandbox/clock/speed", {}, 400),
        ("POST", "/_sandbox/faults", {}, 400),
        ("POST", "/_sandbox/faults", [], 400),
        ("DELETE", "/_sandbox/faults/nope", None, 404),
        ("POST", "/_sandbox/import", {"records": 5}, 400),
    ],
)
def test_refusals(client, method, path, body, status):
    """What makes no sense is refused in the shape of the API's errors, with a sentence."""
    path = path.replace("ID", client.create()["id"])
    answer = client.ask(method, path, body)
    assert answer.status == status
    assert answer.json()["error_code"]
    assert answer.json()["message"][0].isupper()


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("GET", "/_sandbox/invoices?limit=x", None, "Limit must be 1 to 100; 'x' was given."),
        ("GET", "/_sandbox/requests?after=-1", None, "After must be the number of a request; '-1' was given."),
        ("POST", "/_sandbox/invoices/ID/pay", {"late": "yes"}, "Late must be true or false; 'yes' was given."),
        ("POST", "/_sandbox/invoices/ID/pay", {"channel": 7}, "Channel must be a text; a number was given."),
        (
            "POST",
            "/_sandbox/invoices/ID/pay",
            {"channel": "BCAA"},
            "CREDIT_CARD; 'BCAA' was given; did you mean 'BCA'?",
        ),
        (
            "POST",
            "/_sandbox/invoices/ID/pay",
            {"amount": "1"},
            "The amount paid must be a number above 0; '1' was given.",
        ),
        ("POST", "/_sandbox/invoices/ID/fail", {"reason": []}, "Reason must be a text; an empty list was given."),
        ("POST", "/_sandbox/webhooks/nope/resend", {}, "or it is too long ago; 'nope' was given."),
        ("POST", "/_sandbox/webhooks/nope/resend", {"times": 0}, "The number of times must be 1 to 100; 0 was given."),
        ("POST", "/_sandbox/webhooks/reorder", {"ids": {}}, "a list of 1 to 100 webhook ids; an object was given."),
        ("PUT", "/_sandbox/webhook_url", {"url": 5}, "Url must be a text; a number was given."),
        ("POST", "/_sandbox/clock/advance", {"by": "soon"}, "or a timedelta, up to a hundred years; 'soon' was given."),
        ("POST", "/_sandbox/clock/advance", {}, "or a timedelta, up to a hundred years; nothing was given."),
        (
            "POST",
            "/_sandbox/clock/set",
            {"now": "x" * 99},
            "such as 2026-01-31T09:00:00Z; a text of 99 characters was given.",
        ),
        ("POST", "/_sandbox/clock/set", {"now": "9999-01-01"}, "from 1971 to 9000; a text of 10 characters was given."),
        ("POST", "/_sandbox/clock/speed", {"factor": 0}, "above 0 and at most 1000000; 0 was given."),
        ("POST", "/_sandbox/faults", {}, "; nothing was given."),
        ("POST", "/_sandbox/faults", {"kind": []}, "; an empty list was given."),
        ("POST", "/_sandbox/faults", {"kind": "Hnag"}, "; 'Hnag' was given; did you mean 'hang'?"),
        ("POST", "/_sandbox/faults", {"kind": "hang", "match": "creat"}, "'creat' was given; did you mean 'create'?"),
        ("POST", "/_sandbox/faults", {"kind": "hang", "times": "2"}, "Times must be a whole number; '2' was given."),
        ("POST", "/_sandbox/faults", {"kind": "hang", "times": 0}, "Times must be 1 or more; 0 was given."),
        (
            "POST",
            "/_sandbox/faults",
            {"kind": "hang", "seconds": 1e6},
            "Seconds must be 0 to 86400; 1000000.0 was given.",
        ),
        ("DELETE", "/_sandbox/faults/nope", None, "No such fault is armed; 'nope' was given."),
        ("POST", "/_sandbox/transactions", {"type": "PAYMNT"}, "; 'PAYMNT' was given; did you mean 'PAYMENT'?"),
        ("POST", "/_sandbox/transactions", {"type": "OTHER", "cashflow": "IN"}, "MONEY_IN, MONEY_OUT; 'IN' was given."),
        ("POST", "/_sandbox/refunds/nope/fail", {"failure_code": "NO"}, "REFUND_FAILED; 'NO' was given."),
        (
            "POST",
            "/_sandbox/import",
            {"invoices": [{"external_id": "a", "amount": 1, "status": "PIAD"}]},
            "'PIAD' was given; did you mean 'PAID'?",
        ),
    ],
)
def test_refusals_say_what_was_given(client, method, path, body, says):
    """A sentence names the field, what it must be and what it was; and the nearest word, where one is near."""
    path = path.replace("ID", client.create()["id"])
    message = client.ask(method, path, body).json()["message"]
    assert message.endswith(says), message


@pytest.mark.parametrize(
    "private",
    [
        "ayu@example.com",
        "xnd_production_abc",
        " XND_DEVELOPMENT_1",
        "+62812345678",
        "0812-3456-789",
        "0812_3456_789",
        "Ayu Lestari",
        "a" * 25,
    ],
)
def test_refusals_show_nothing_private(client, private):
    """What may be a key, an address, a phone number or a name is told by its length, whichever field it was given to."""
    invoice = client.create()["id"]
    for path, body in (
        (f"/_sandbox/invoices/{invoice}/pay", {"channel": private}),
        (f"/_sandbox/invoices/{invoice}/pay", {"amount": private}),
        (f"/_sandbox/invoices/{invoice}/pay", {"late": private}),
        ("/_sandbox/clock/set", {"now": private}),
        ("/_sandbox/clock/advance", {"by": private}),
        ("/_sandbox/faults", {"kind": private}),
        ("/_sandbox/transactions", {"type": "OTHER", "amount": 1, "invoice_id": private}),
    ):
        message = client.ask("POST", path, body).json()["message"]
        assert f"a text of {len(private)} characters was given" in message, message
        assert private.lower().strip() not in message.lower()


@pytest.mark.parametrize(
    ("given", "number", "says"),
    [
        (6281234567890, False, "a number"),
        (6281234567890, True, "6281234567890"),
        (Decimal(-1), True, "-1"),
        (Decimal("0." + "1" * 99), True, "a number of 101 digits"),
        (Decimal("Infinity"), True, "a number out of reach"),
        (Decimal("sNaN"), True, "nan"),
        (math.nan, True, "nan"),
        (10**400, True, "a number out of reach"),
        (timedelta(days=-1), True, "-1 day, 0:00:00"),
        (datetime(2026, 1, 31), False, "a datetime without a zone"),
        (datetime(9999, 1, 31, tzinfo=timezone.utc), False, "a datetime of the year 9999"),
        ("", False, "an empty text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_says_why_it_was_refused(given, number, says):
    """A number is shown where one is wanted; what is of a type that is taken does not read as if it were not."""
    assert shown(given, number=number) == says


def test_events_stream(sandbox, client):
    """A listener is told of every change of an invoice, of every delivery and of a reset, as it happens."""
    host, port = sandbox.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"GET /_sandbox/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        seen = b""

        def until(*wanted):
            nonlocal seen
            end = time.monotonic() + 5
            while not all(one in seen for one in wanted) and time.monotonic() < end:
                seen += connection.recv(65_536)
            assert all(one in seen for one in wanted), seen

        until(b"text/event-stream", b"event: hello")
        invoice = client.create()["id"]
        sandbox.pay(invoice)
        until(f'event: invoice\ndata: {{"id": "{invoice}", "status": "PAID"}}'.encode(), b"event: delivery")
        sandbox.reset()
        until(b"event: reset")


@pytest.mark.parametrize("path", [path for method, path, _, _ in CONTROL if method != "GET"])
def test_no_other_site_reaches_it(client, path):
    """Whatever the path, what a page of another site makes a browser send is refused."""
    method = next(one for one, other, _, _ in CONTROL if other == path and one != "GET")
    answer = client.ask(method, path, {}, Origin="https://evil.example")
    assert (answer.status, answer.json()["error_code"]) == (403, "SANDBOX_CROSS_SITE_REFUSED")


# --------------------------------------------------------------------------------------------------- safety


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "192.168.1.1"])
def test_listening_for_others_must_be_said_twice(address):
    """An address that others can reach is refused unless it is asked for a second time."""
    with pytest.raises(ValueError, match="exposed=True"):
        Sandbox(listen=address)


@pytest.mark.parametrize("address", ["example.com", "", "300.1.1.1"])
def test_listening_needs_an_address(address):
    """A name is no address."""
    with pytest.raises(ValueError, match="must be an IP address"):
        Sandbox(listen=address)


def test_listening_for_others(start):
    """Asked for twice it listens, and still answers only to the names that it was given."""
    sandbox, client = start(listen="0.0.0.0", exposed=True, allowed_hosts=["shop.test"])
    port = sandbox.url.rpartition(":")[2]
    assert sandbox.url == f"http://127.0.0.1:{port}"
    assert client.ask("GET", "/v2/invoices", Host=f"shop.test:{port}").status == 200
    assert client.ask("GET", "/v2/invoices", Host=f"evil.test:{port}").status == 421


def test_webhooks_to_an_allowed_name(monkeypatch):
    """A name that was allowed may be elsewhere; no other may, and what was looked up is what is connected to."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    target = read_target("http://shop.test/hook", frozenset({"shop.test"}))
    assert resolve(target, frozenset({"shop.test"})) == "10.1.2.3"
    with pytest.raises(OSError, match="refused"):
        resolve(target, frozenset({"other.test"}))
    with pytest.raises(ValueError, match="on this machine"):
        read_target("http://10.1.2.3/hook", frozenset({"shop.test"}))
    with pytest.raises(ValueError, match="one text"):
        Sandbox(webhook_hosts="shop.test")


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (ConnectionRefusedError(), "ECONNREFUSED"),
        (ConnectionResetError(), "ECONNRESET"),
        (socket.gaierror(), "EAI_AGAIN"),
        (OSError(113, "no route"), "EHOSTUNREACH"),
        (ValueError(), None),
    ],
)
def test_error_classes(problem, name):
    """Errors are named as the dashboard names them."""
    assert class_of(problem) == name


def test_receiver_shows_no_secret():
    """What holds a receiver shows its address alone."""
    assert "token" not in repr(UrlReceiver(read_target("http://127.0.0.1/"), 1.0, frozenset(), None))
