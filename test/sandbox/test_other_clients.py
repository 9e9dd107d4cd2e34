"""What clients that nobody here wrote send, by its shape: published SDKs, shop plug-ins and programs without an SDK.

The shapes were read off the documents and sources of xendit-php 7.0.0 and 2.19, xendit-node 7.0.0, xendit-go 6 and 1,
xendit-java 1, xendit-ruby 0.2 and Odoo's payment_xendit. Each request goes out byte by byte, so that no library of ours
tidies it up on the way.
"""

from __future__ import annotations

import base64
import json
import logging
import socket
from datetime import datetime
from typing import Any

import pytest

from xendit import ApiClient, Configuration
from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest
from xendit.sandbox import Assumptions
from xendit.sandbox.state.invoice.channels import CHANNELS

MYR_BANKS = [code for code in CHANNELS["MYR"] if "_FPX" in code]


def send(sandbox, method, target, body=None, *, raw=None, key=None, **headers):
    """Send a request with these bytes as its target and these headers alone; give status and decoded body."""
    credentials = base64.b64encode(f"{key or sandbox.api_key}:".encode()).decode()
    names = {"Host": sandbox.url[7:], "Authorization": f"Basic {credentials}", "Connection": "close"}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    data = json.dumps(body).encode() if body is not None else raw
    if data is not None:
        names.setdefault("Content-Length", str(len(data)))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in names.items())
    host, port = sandbox.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode("latin-1") + b"\r\n" + (data or b""))
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    head_of_answer, _, content = answer.partition(b"\r\n\r\n")
    return int(head_of_answer.split()[1]), json.loads(content)


DOCUMENTED = {
    "external_id": "test1234",
    "description": "Test Invoice",
    "amount": 10000,
    "invoice_duration": 172800,
    "currency": "IDR",
    "reminder_time": 1,
}
PHP = {
    "xendit_lib": "php",
    "xendit_lib_ver": "7.0.0",
    "User_Agent": "OpenAPI-Generator/1.0.0/PHP",
    "Accept": "application/json",
}
NODE = {
    "xendit_lib": "node",
    "xendit_lib_ver": "7.0.0",
    "accept": "*/*",
    "accept_language": "*",
    "sec_fetch_mode": "cors",
    "user_agent": "node",
}
GO = {"User_Agent": "Go-http-client/1.1", "Accept": "application/json", "Accept_Encoding": "gzip"}
JAVA = {"User_Agent": "Java/17.0.9", "Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}
RUBY = {"User_Agent": "Faraday v1.3.0", "Accept": "*/*", "Accept_Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"}
AXIOS = {"Accept": "application/json, text/plain, */*", "User_Agent": "axios/1.6.2"}
REQUESTS = {"User_Agent": "python-requests/2.31.0", "Accept": "*/*", "Accept_Encoding": "gzip, deflate"}
JSON = {"Content_Type": "application/json"}

ODOO = {
    "external_id": "S00042",
    "amount": 134.0,
    "description": "S00042",
    "customer": {
        "given_names": "Siti Nurhaliza",
        "email": "siti@example.com",
        "mobile_number": "+60123456789",
        "addresses": [{"city": "Klang", "country": "Malaysia", "postal_code": "41000", "street_line1": "Jalan 1"}],
    },
    "success_redirect_url": "http://localhost:8069/payment/xendit/return?tx_ref=S00042&access_token=ab&success=true",
    "failure_redirect_url": "http://localhost:8069/payment/xendit/return",
    "payment_methods": [code if not code.endswith("BUSINESS") else code.removeprefix("DD_") for code in MYR_BANKS],
    "currency": "MYR",
}

CREATES: dict[str, tuple[str, Any, dict[str, str]]] = {
    "php 7": ("/v2/invoices/", DOCUMENTED, {**PHP, **JSON, "for_user_id": "62efe4c33e45694d63f585f0"}),
    "node 7": ("/v2/invoices/", DOCUMENTED, {**NODE, **JSON}),
    "go 6": ("/v2/invoices/", {"amount": 123, "external_id": "ExternalId_example"}, {**GO, **JSON}),
    "java 1": (
        "/v2/invoices",
        {"amount": 1800000, "external_id": "my_ext_id", "payer_email": "a@b.co", "description": "Trip"},
        {**JAVA, "Content_Type": "application/json; charset=utf-8"},
    ),
    "ruby 0": (
        "/v2/invoices",
        {"external_id": "demo_1", "amount": 10_000_000, "description": "Bali"},
        {**RUBY, **JSON},
    ),
    "odoo": ("/v2/invoices", ODOO, {**REQUESTS, **JSON}),
    "axios, base with a slash": (
        "//v2/invoices",
        {"external_id": "order_1", "amount": 50000, "items": [{"name": "Kopi", "quantity": 2, "price": 25000}]},
        {**AXIOS, "Content_Type": "application/json;charset=utf-8"},
    ),
    "a customer with nulls": (
        "/v2/invoices",
        {"external_id": "n-1", "amount": 1e4, "customer": {"given_names": "Ani", "surname": None, "addresses": None}},
        {**AXIOS, **JSON},
    ),
}


@pytest.mark.parametrize("shape", CREATES)
def test_create_as_others_send_it(sandbox, shape):
    """Each create is taken, and gives back what it was asked for."""
    target, body, headers = CREATES[shape]
    status, invoice = send(sandbox, "POST", target, body, **headers)
    assert status == 200, invoice
    assert (invoice["external_id"], invoice["amount"]) == (body["external_id"], body["amount"])
    assert invoice["currency"] == body.get("currency", "IDR")


def test_null_fields_as_others_send_them(start):
    """A field that is null is refused as the recorded answer suggests, and left out where that is assumed."""
    body = {"external_id": "n-2", "amount": 10000, "payer_email": None, "description": None}
    sandbox, _ = start()
    status, refusal = send(sandbox, "POST", "/v2/invoices", body, **AXIOS, **JSON)
    assert (status, [one["field"] for one in refusal["errors"]]) == (400, [["payer_email"], ["description"]])
    lenient, _ = start(assumptions=Assumptions(null_fields="absent"))
    assert send(lenient, "POST", "/v2/invoices", body, **AXIOS, **JSON)[0] == 200


STATUSES = "statuses=PENDING&statuses=EXPIRED"
UNTIL_ATOM = "created_before=2093-10-20T19%3A20%3A30%2B01%3A00"
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "php 7": (
        f"/v2/invoices?{STATUSES}&limit=10&created_after=2013-10-20T19%3A20%3A30%2B01%3A00&{UNTIL_ATOM}",
        PHP,
    ),
    "php 2": ("/v2/invoices?statuses%5B0%5D=PENDING&statuses%5B1%5D=EXPIRED&limit=10", PHP),
    "node 7": (
        f"/v2/invoices?{STATUSES}&created_after=2013-10-20T18%3A20%3A30.000Z&created_before=2093-10-20T18%3A20%3A30.000Z",
        NODE,
    ),
    "go 6": (
        f"/v2/invoices?created_after=2013-10-20T19%3A20%3A30.123456789%2B07%3A00&{UNTIL_ATOM}&limit=10&{STATUSES}",
        GO,
    ),
    "go 1": ("/v2/invoices?limit=10&statuses=%5B%22PENDING%22%2C%22EXPIRED%22%5D", GO),
    "java 1": ('/v2/invoices?&statuses=["PENDING","EXPIRED"]&limit=10', JAVA),
    "ruby 0": ("/v2/invoices?limit=10&statuses[]=PENDING&statuses[]=EXPIRED", RUBY),
    "odoo, base with a slash": ("//v2/invoices?statuses=PENDING&statuses=EXPIRED", REQUESTS),
}


@pytest.mark.parametrize("shape", LISTS)
def test_list_as_others_ask_for_it(sandbox, client, shape):
    """Each spelling of an array, a date and a limit selects the same invoices."""
    paid, expired, pending = (client.create(external_id=name) for name in ("paid", "expired", "pending"))
    sandbox.pay(paid["id"])
    sandbox.expire(expired["id"])
    target, headers = LISTS[shape]
    status, found = send(sandbox, "GET", target, **headers)
    assert (status, [one["id"] for one in found]) == (200, [pending["id"], expired["id"]])


EXPIRES: dict[str, tuple[bytes | None, dict[str, str]]] = {
    "php 7": (b"", {**PHP, **JSON}),
    "node 7": (None, {**NODE, "Content_Length": "0"}),
    "go 6": (None, {**GO, "Content_Length": "0"}),
    "ruby 0": (b"{}", {**RUBY, **JSON}),
}


@pytest.mark.parametrize("shape", EXPIRES)
def test_expire_as_others_send_it(sandbox, client, shape):
    """Without a body, with an empty one and with an empty object."""
    invoice = client.create()
    raw, headers = EXPIRES[shape]
    status, expired = send(sandbox, "POST", f"/invoices/{invoice['id']}/expire!", raw=raw, **headers)
    assert (status, expired["status"]) == (200, "EXPIRED")


@pytest.mark.parametrize(
    ("unit", "given", "seconds"),
    [("days", 1, 86_400), ("hours", 1, 3_600), ("hours", 24, 86_400), ("days", 30, 2_592_000)],
)
def test_reminder_without_a_unit(start, unit, given, seconds):
    """The reminder comes so many days before the expiry, or hours where that is assumed."""
    _, client = start(assumptions=Assumptions(default_reminder_unit=unit))
    invoice = client.create(reminder_time=given, invoice_duration=5_000_000)
    times = [datetime.fromisoformat(invoice[name].replace("Z", "+00:00")) for name in ("expiry_date", "reminder_date")]
    assert (times[0] - times[1]).total_seconds() == seconds


def test_reminder_without_a_unit_can_be_refused(start):
    """It is, where that is assumed, and out of range always."""
    _, client = start(assumptions=Assumptions(default_reminder_unit="refused"))
    body = {"external_id": "r", "amount": 10000, "reminder_time": 1}
    assert client.ask("POST", "/v2/invoices", body).json()["error_code"] == "INVALID_REMINDER_TIME"
    _, client = start()
    assert client.ask("POST", "/v2/invoices", {**body, "reminder_time": 31}).json()["error_code"] == (
        "INVALID_REMINDER_TIME"
    )


@pytest.mark.parametrize("code", MYR_BANKS)
def test_fpx_codes_in_both_spellings(sandbox, client, code):
    """With `DD_` and without: one channel, which is given back with it, paid and listed by either."""
    for spelling in (code, code.removeprefix("DD_")):
        invoice = client.create(currency="MYR", payment_methods=[spelling])
        assert [one["direct_debit_type"] for one in invoice["available_direct_debits"]] == [code]
        assert sandbox.pay(invoice["id"], channel=spelling)["payment_channel"] == code
        found = client.ask("GET", f"/v2/invoices?payment_channels={spelling}").json()
        assert invoice["id"] in [one["id"] for one in found]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=PAID", "the parameter 'status' is unknown and has no effect; did you mean 'statuses'?"),
        (
            "status[]=PAID&status[]=PENDING",
            "the parameter 'status' is unknown and has no effect; did you mean 'statuses'?",
        ),
        ("externalId=a", "the parameter 'externalId' is unknown and has no effect; did you mean 'external_id'?"),
        ("zzz=1", "the parameter 'zzz' is unknown and has no effect"),
    ],
)
def test_unknown_parameter_is_told_in_the_log(client, caplog, query, said):
    """It has no effect on the answer, and one line says so, with the nearest name and without the value."""
    client.create()
    with caplog.at_level(logging.WARNING, "xendit.sandbox.invoice"):
        answer = client.ask("GET", f"/v2/invoices?{query}")
    assert (answer.status, len(answer.json())) == (200, 1)
    assert [record.getMessage() for record in caplog.records] == [f"GET /v2/invoices: {said}"]


def test_known_parameters_are_not_told(client, caplog):
    """Every parameter that some client sends, both names of the cursor among them, is known."""
    invoice = client.create()
    with caplog.at_level(logging.WARNING, "xendit.sandbox.invoice"):
        for target, _ in LISTS.values():
            client.ask("GET", target.replace("//", "/").replace('"', "%22"))
        client.ask("GET", f"/v2/invoices?last_invoice={invoice['id']}&last_invoice_id={invoice['id']}")
        client.ask("GET", "/v2/invoices?on_demand_link=a&recurring_payment_id=b&client_types=DASHBOARD")
    assert not caplog.records


def test_our_own_client_sends_a_reminder_without_a_unit(sandbox, client):
    """The model takes it, and so does the document that the sandbox serves of its API."""
    api = InvoiceApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    invoice = api.create_invoice(CreateInvoiceRequest(**DOCUMENTED))
    assert (invoice.expiry_date - invoice.reminder_date).days == 1
    described = client.ask("GET", "/openapi.json").json()["components"]["schemas"]["CreateInvoiceRequest"]
    _, reminders = described["allOf"]
    (alone,) = [way for way in reminders["anyOf"] if way.get("required") == ["reminder_time"]]
    assert alone["properties"] == {"reminder_time_unit": {"not": {}}, "reminder_time": {"minimum": 1, "maximum": 30}}


@pytest.mark.parametrize(("unit", "most"), [("hours", 24), ("refused", None)])
def test_the_document_follows_the_assumed_unit(start, unit, most):
    """Where another unit is assumed, its limit holds; where it is refused, the document refuses it too."""
    _, client = start(assumptions=Assumptions(default_reminder_unit=unit))
    described = client.ask("GET", "/openapi.json").json()["components"]["schemas"]["CreateInvoiceRequest"]
    alone = [way for way in described["allOf"][1]["anyOf"] if way.get("required") == ["reminder_time"]]
    assert [way["properties"]["reminder_time"]["maximum"] for way in alone] == ([] if most is None else [most])
