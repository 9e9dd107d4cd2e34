"""The sandbox over real sockets: routes, headers, guards, hostile requests, the page, webhooks, start and end."""

from __future__ import annotations

import gc
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from xendit import ApiClient, Configuration
from xendit.apis import InvoiceApi
from xendit.bulk import create_many
from xendit.sandbox import Assumptions, Sandbox, SandboxError
from xendit.sandbox.connections import BODY_LIMIT
from xendit.sandbox.deliveries.target import WebhookTarget, is_loopback, read_target, resolve

UNKNOWN = "0" * 24


def speak(sandbox, raw, *, finish=True):
    """Send bytes as they are and read until the sandbox hangs up."""
    host, port = sandbox.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    return answer


# ------------------------------------------------------------------------------------------ the four routes


@pytest.mark.parametrize("path", ["/v2/invoices", "/v2/invoices/"])
def test_create_get_list_expire(client, path):
    """The four operations work, with and without the slash, and answer 200 with the same fields."""
    made = client.ask("POST", path, {"external_id": "order-1", "amount": 10_000})
    assert made.status == 200
    invoice = made.json()
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json() == invoice
    assert client.ask("GET", path).json() == [invoice]
    expired = client.ask("POST", f"/invoices/{invoice['id']}/expire!", {})
    assert (expired.status, expired.json()["status"]) == (200, "EXPIRED")
    assert list(expired.json()) == list(invoice)
    again = client.ask("POST", f"/invoices/{invoice['id']}/expire%21")
    assert again.status == 404
    assert again.json()["message"] == f"Could not find and update PENDING invoice {invoice['id']}"


def test_answer_headers(client):
    """Every API answer carries the recorded headers, but no limit that is not enforced: clients obey it."""
    seen = set()
    for path, status in (("/v2/invoices", 200), (f"/v2/invoices/{UNKNOWN}", 404)):
        answer = client.ask("GET", path)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["Request-Id"])
        assert re.fullmatch(rf'W/"{len(answer.data):x}-[\w+/]{{27}}"', answer.headers["Etag"])
        assert not [name for name in answer.headers if name.lower().startswith("rate-limit")]
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        seen.add(answer.headers["Request-Id"])
    assert len(seen) == 2


def test_a_batch_runs_at_full_speed(start):
    """`create_many` obeys the limit that answers announce: without one it needs seconds, with sixty a minute minutes."""
    sandbox, _ = start()
    api = InvoiceApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    began = time.monotonic()
    batch = create_many(api, [{"external_id": f"order-{number}", "amount": 10_000} for number in range(300)])
    assert [item.state for item in batch] == ["created"] * 300
    assert time.monotonic() - began < 60


def test_rate_limit_refusal(start):
    """Over the limit, where it is enforced, is 429 and says when to come back."""
    _, client = start(assumptions=Assumptions(rate_limit=1, rate_limit_enforced=True))
    assert client.ask("GET", "/v2/invoices").status == 200
    over = client.ask("GET", "/v2/invoices")
    assert (over.status, over.json()["error_code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert over.headers["Rate-Limit-Remaining"] == "0"
    assert 0 < float(over.headers["Rate-Limit-Reset"]) <= 60


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        (None, 401, "INVALID_API_KEY"),
        ("Bearer xnd_development_a", 401, "INVALID_API_KEY"),
        ("Basic", 401, "INVALID_API_KEY"),
        ("Basic ???", 401, "INVALID_API_KEY"),
        ("Basic eG5kX2RldmVsb3BtZW50X2E=", 401, "INVALID_API_KEY"),  # no colon
        ("Basic eG5kX3B1YmxpY19kZXZlbG9wbWVudF9hOg==", 401, "INVALID_API_KEY"),  # xnd_public_development_a:
        ("Basic eG5kX3Byb2R1Y3Rpb25fYTo=", 403, "REQUEST_FORBIDDEN_ERROR"),  # xnd_production_a:
        ("basic  eG5kX2RldmVsb3BtZW50X2E6", 200, None),
    ],
)
def test_authentication(client, authorization, status, code):
    """Basic auth with a test key and a colon is needed; everything else is refused in the real shape."""
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.ask("GET", "/v2/invoices", key="", **headers)
    assert answer.status == status
    if code:
        assert answer.json()["error_code"] == code
        assert "Rate-Limit-Limit" not in answer.headers


def test_sub_account_header(client):
    """`for-user-id` chooses the sub-account on every operation."""
    sub = {"for_user_id": "62efe4c33e45694d63f585f0"}
    made = client.ask("POST", "/v2/invoices", {"external_id": "a", "amount": 1}, **sub).json()
    assert made["user_id"] == sub["for_user_id"]
    assert client.ask("GET", "/v2/invoices").json() == []
    assert client.ask("GET", "/v2/invoices", **sub).json() == [made]
    assert client.ask("POST", f"/invoices/{made['id']}/expire!").status == 404
    assert client.ask("POST", f"/invoices/{made['id']}/expire!", **sub).status == 200


def test_idempotency_header(start):
    """The idempotency header reaches the rule that is assumed for it."""
    _, client = start(assumptions=Assumptions(idempotency="replayed"))
    body = {"external_id": "a", "amount": 1}
    ids = {client.ask("POST", "/v2/invoices", body, X_IDEMPOTENCY_KEY="k").json()["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("raw", "content_type", "code"),
    [
        (b"{nope", "application/json", "INVALID_JSON_FORMAT"),
        (b'{"external_id": "a", "amount": 1}', "text/plain", "INVALID_JSON_FORMAT"),
        (b"external_id=a&amount=1", "application/x-www-form-urlencoded", "INVALID_JSON_FORMAT"),
        (b"", "application/json", "API_VALIDATION_ERROR"),
        (b'{"external_id": null, "amount": 1}', "application/json; charset=utf-8", "API_VALIDATION_ERROR"),
        (b'{"external_id": "a", "amount": 1, "currency": "EUR"}', "application/json", "UNSUPPORTED_CURRENCY"),
    ],
)
def test_bad_bodies(client, raw, content_type, code):
    """A body that is no JSON, or is not said to be, or is wrong, is 400 with its code."""
    answer = client.ask("POST", "/v2/invoices", raw=raw, Content_Type=content_type)
    assert (answer.status, answer.json()["error_code"]) == (400, code)


@pytest.mark.parametrize(
    "query",
    [
        [("statuses", "PAID"), ("statuses", "EXPIRED")],
        [("statuses[0]", "PAID"), ("statuses[1]", "EXPIRED")],
        [("statuses[]", "PAID"), ("statuses[]", "EXPIRED")],
        [("statuses", '["PAID","EXPIRED"]')],
    ],
)
def test_array_encodings(sandbox, client, query):
    """All three spellings of an array select the same."""
    ids = [client.create()["id"] for _ in range(3)]
    sandbox.pay(ids[0])
    sandbox.expire(ids[1])
    found = client.ask("GET", "/v2/invoices?" + urlencode(query)).json()
    assert [invoice["id"] for invoice in found] == [ids[1], ids[0]]


@pytest.mark.parametrize("name", ["last_invoice", "last_invoice_id"])
def test_cursor_walk(client, name):
    """250 invoices come once each, newest first, whichever name the cursor has."""
    made = [client.create(external_id=str(number))["id"] for number in range(250)]
    walked = []
    while True:
        query = {"limit": 100} | ({name: walked[-1]} if walked else {})
        page = client.ask("GET", "/v2/invoices?" + urlencode(query)).json()
        walked += [invoice["id"] for invoice in page]
        if len(page) < 100:
            break
    assert walked == made[::-1]


def test_text_of_all_kinds(client):
    """Any text comes back as it was given, also half a surrogate pair."""
    for text in ("Kopi ☕ 日本", "\x00\x1f", "\ud800", "</script>"):
        made = client.create(description=text)
        assert client.ask("GET", f"/v2/invoices/{made['id']}").json()["description"] == text


def test_concurrent_creates(client):
    """200 creates over 40 threads make 200 invoices."""
    with ThreadPoolExecutor(40) as pool:
        ids = {made["id"] for made in pool.map(lambda n: client.create(external_id=str(n)), range(200))}
    assert len(ids) == 200
    found = [client.ask("GET", "/v2/invoices?limit=100").json()]
    found.append(client.ask("GET", f"/v2/invoices?limit=100&last_invoice={found[0][-1]['id']}").json())
    assert {invoice["id"] for page in found for invoice in page} == ids


# -------------------------------------------------------------------------------------------- HTTP as such


def test_keep_alive(sandbox):
    """Many requests share one connection, errors, HEAD and unread bodies included."""
    connection = http.client.HTTPConnection(sandbox.url[7:], timeout=10)
    connection.connect()
    first = connection.sock.getsockname()
    for method, path, body in (
        ("GET", "/v2/invoices", None),
        ("POST", "/nowhere", b"x" * 1000),
        ("HEAD", "/v2/invoices", None),
        ("POST", "/v2/invoices", iter([b"{", b"}"])),  # chunked
        ("DELETE", "/v2/invoices", b"{}"),
    ):
        connection.request(method, path, body)
        connection.getresponse().read()
        assert connection.sock.getsockname() == first
    connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v2/invoice",
        "/v2/invoices/a/b",
        "/v2/invoices/a%2Fb",
        "/_sandbox/x",
        "/static/x",
        "//v2/invoices/a/b",
    ],
)
def test_unknown_path(client, path):
    """A path that nothing lives at is 404, in JSON."""
    answer = client.ask("GET", path)
    assert (answer.status, answer.json()["error_code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v2/invoices"),
        ("PUT", f"/v2/invoices/{UNKNOWN}"),
        ("GET", f"/invoices/{UNKNOWN}/expire!"),
        ("OPTIONS", "/v2/invoices"),
        ("PATCH", "/_sandbox/reset"),
        ("GET", f"/web/{UNKNOWN}/pay"),
        ("TRACE", "/v2/invoices"),
        ("BREW", "/v2/invoices"),
    ],
)
def test_wrong_method(client, method, path):
    """A method that a path has not is 405, in JSON."""
    answer = client.ask(method, path)
    assert (answer.status, answer.json()["error_code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"]


def test_head(client):
    """HEAD is GET without the body."""
    made = client.create()
    head, get = (client.ask(method, f"/v2/invoices/{made['id']}") for method in ("HEAD", "GET"))
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", str(len(get.data)))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:PORT", "evil@localhost:PORT", ""],
)
def test_foreign_host(sandbox, host):
    """A Host header that does not name the sandbox is refused: no other site's name can stand for it."""
    port = sandbox.url.rpartition(":")[2]
    raw = f"GET /v2/invoices HTTP/1.1\r\nHost: {host.replace('PORT', port)}\r\nConnection: close\r\n\r\n"
    assert speak(sandbox, raw.encode()).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "[::1]", "127.0.0.1"])
def test_own_host(sandbox, name):
    """Every name of loopback with the right port is answered."""
    port = sandbox.url.rpartition(":")[2]
    raw = f"GET /_sandbox/deliveries HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n"
    assert speak(sandbox, raw.encode()).startswith(b"HTTP/1.1 200 ")


HOSTILE = [
    b"GET /v2/invoices HTTP/1.1\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
    b"GET /%ff%00 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nContent-Length: 10\r\n\r\nabc",
    b"POST /v2/invoices HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    + b"a: b\r\n" * 101
    + b"\r\n",
    b"POST /web/x/pay HTTP/1.1\r\nHost: HOST\r\nContent-Type: multipart/form-data\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_request(sandbox, raw):
    """What is hardly HTTP is a 4xx in JSON (of the payment page, a page), never a 5xx."""
    answer = speak(sandbox, raw.replace(b"HOST", sandbox.url[7:].encode()))
    head, _, body = answer.rpartition(b"\r\n\r\n")
    if head.startswith(b"HTTP/"):
        assert re.match(rb"HTTP/1\.[01] 4\d\d ", head), answer[:200]
    if b"text/html" in head:
        assert body.startswith(b"<!doctype html>")
    else:
        assert json.loads(body)["error_code"]


@pytest.mark.parametrize("chunked", [False, True])
def test_oversize_body(sandbox, chunked):
    """A body over the limit is 413, said so that the client can read it."""
    connection = http.client.HTTPConnection(sandbox.url[7:], timeout=10)
    body = b"x" * (BODY_LIMIT + 1)
    connection.request("POST", "/v2/invoices", iter([body]) if chunked else body)
    answer = connection.getresponse()
    assert answer.status == 413
    assert str(BODY_LIMIT) in json.loads(answer.read())["message"]
    connection.close()


def test_expect_100_continue(sandbox):
    """A client that waits for leave to send its body gets it."""
    raw = f"POST /v2/invoices HTTP/1.1\r\nHost: {sandbox.url[7:]}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    host, port = sandbox.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw.encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"{}")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 401 ")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANY_JSON, amount=ANY_JSON, extra=st.binary(max_size=30))
def test_random_bodies_are_never_a_5xx(client, value, amount, extra):
    """Whatever JSON or bytes are sent, anywhere, the sandbox does not fail."""
    for path in ("/v2/invoices", f"/invoices/{UNKNOWN}/expire!", f"/_sandbox/invoices/{UNKNOWN}/pay"):
        bodies = [
            json.dumps(value).encode(),
            json.dumps({"external_id": "a", "amount": amount, "items": value}).encode(),
            extra,
        ]
        for raw in bodies:
            answer = client.ask("POST", path, raw=raw)
            assert answer.status < 500
            answer.json()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.lists(
        st.tuples(
            st.sampled_from(
                ["limit", "statuses", "statuses[]", "last_invoice", "created_after", "created_before", "x"]
            ),
            st.text(max_size=12),
        ),
        max_size=5,
    ),
    segment=st.text(max_size=12),
)
def test_random_queries_and_ids_are_never_a_5xx(client, query, segment):
    """Whatever a query or an id holds, the sandbox does not fail."""
    pairs = urlencode(query, errors="surrogatepass")
    quoted = "".join(f"%{byte:02x}" for byte in segment.encode("utf-8", "surrogatepass"))
    for path in (f"/v2/invoices?{pairs}", f"/v2/invoices/{quoted}", f"/web/{quoted}"):
        assert client.ask("GET", path).status < 500


# ------------------------------------------------------------------------------------------- control plane


def test_control_plane(sandbox, client, receiver):
    """Any language can pay, expire, reset and read deliveries over HTTP, without a key."""
    sandbox.webhook_url = receiver.url
    first, second = client.create()["id"], client.create()["id"]
    paid = client.ask("POST", f"/_sandbox/invoices/{first}/pay", {"channel": "OVO", "amount": 5_000}, key="")
    assert (paid.json()["status"], paid.json()["payment_channel"], paid.json()["paid_amount"]) == (
        "PAID",
        "OVO",
        5_000,
    )
    assert client.ask("POST", f"/_sandbox/invoices/{second}/expire", key="").json()["status"] == "EXPIRED"
    sandbox.wait_for_delivery(2)
    log = client.ask("GET", "/_sandbox/deliveries", key="").json()
    assert [entry["request"]["body"]["status"] for entry in log] == ["PAID", "EXPIRED"]
    assert {entry["outcome"] for entry in log} == {"COMPLETED"}
    assert sandbox.callback_token not in json.dumps(log)
    assert client.ask("POST", "/_sandbox/reset", key="").status == 200
    assert client.ask("GET", "/_sandbox/deliveries", key="").json() == client.ask("GET", "/v2/invoices").json() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (f"/_sandbox/invoices/{UNKNOWN}/pay", None, 404, "INVOICE_NOT_FOUND_ERROR"),
        (f"/_sandbox/invoices/{UNKNOWN}/expire", None, 404, "INVOICE_NOT_FOUND_ERROR"),
        ("/_sandbox/invoices/ID/pay", {"channel": "GCASH"}, 400, "SANDBOX_CHANNEL_NOT_OFFERED"),
        ("/_sandbox/invoices/ID/pay", {"channel": 1}, 400, "SANDBOX_CHANNEL_NOT_OFFERED"),
        ("/_sandbox/invoices/ID/pay", {"amount": "1"}, 400, "SANDBOX_INVALID_AMOUNT"),
        ("/_sandbox/invoices/ID/pay", [], 400, "INVALID_JSON_FORMAT"),
    ],
)
def test_control_plane_refusals(client, path, body, status, code):
    """What cannot be done is refused in the shape of the API's errors."""
    path = path.replace("ID", client.create()["id"])
    answer = client.ask("POST", path, body)
    assert (answer.status, answer.json()["error_code"]) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://HOST"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/_sandbox/reset", "/_sandbox/invoices/ID/pay", "/_sandbox/invoices/ID/expire", "/web/ID/pay"]
)
def test_cross_site_request_is_refused(client, sandbox, headers, path):
    """Nothing that a page of another site can make a browser send changes anything."""
    invoice = client.create()
    headers = {name: value.replace("HOST", sandbox.url[7:]) for name, value in headers.items()}
    answer = client.ask("POST", path.replace("ID", invoice["id"]), **headers)
    assert (answer.status, answer.json()["error_code"]) == (403, "SANDBOX_CROSS_SITE_REFUSED")
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json() == invoice


def test_own_origin_is_taken(client, sandbox):
    """The sandbox's own pages may use the control plane."""
    headers = {"Origin": sandbox.url, "Sec_Fetch_Site": "same-origin"}
    assert client.ask("POST", "/_sandbox/reset", **headers).status == 200


# ------------------------------------------------------------------------------------------------ webhooks


def test_webhook_delivery(sandbox, client, receiver):
    """A payment is told to a real receiver: JSON, with token and id, and the delivery is in the log."""
    sandbox.webhook_url = receiver.url
    invoice = client.create(metadata={"a": "b"})
    sandbox.pay(invoice["id"], channel="DANA")
    (delivery,) = sandbox.wait_for_delivery()
    ((path, headers, body),) = receiver.got
    assert path == "/hook?shop=1"
    assert headers["x-callback-token"] == sandbox.callback_token
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["webhook-id"])
    assert headers["content-type"] == "application/json"
    assert headers["host"] in receiver.url
    told = json.loads(body)
    assert (told["id"], told["status"], told["ewallet_type"]) == (invoice["id"], "PAID", "DANA")
    assert not {"metadata", "invoice_url", "customer"} & set(told)
    assert (delivery.id, delivery.body) == (headers["webhook-id"], body.decode())
    assert (delivery.outcome, delivery.response_status, delivery.response_body) == ("COMPLETED", 200, "ok")
    assert (delivery.error, delivery.invoice_id, delivery.url) == (None, invoice["id"], receiver.url)
    assert delivery.milliseconds >= 0
    with pytest.raises(AttributeError):
        delivery.outcome = "FAILED"


def test_webhook_handler_may_call_back(sandbox, client, receiver):
    """A receiver that asks the API before it answers gets the invoice as it now is: nothing waits for it."""
    sandbox.webhook_url = receiver.url
    invoice = client.create()
    seen = []
    receiver.before_answer = lambda: seen.append(client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"])
    client.ask("POST", f"/_sandbox/invoices/{invoice['id']}/pay")
    assert sandbox.wait_for_delivery()[0].outcome == "COMPLETED"
    assert seen == ["PAID"]


@pytest.mark.parametrize("status", [302, 307, 400, 500, 204])
def test_webhook_answers(sandbox, client, receiver, status):
    """Any 2xx is success; a redirect is not followed, and an error is not tried again."""
    sandbox.webhook_url = receiver.url
    receiver.status, receiver.location = status, receiver.url
    sandbox.pay(client.create()["id"])
    (delivery,) = sandbox.wait_for_delivery()
    assert delivery.response_status == status
    assert delivery.outcome == ("COMPLETED" if status == 204 else "FAILED")
    assert (delivery.error is None) == (status == 204)
    assert len(receiver.got) == 1


def test_webhook_without_url_or_receiver(sandbox, client):
    """A delivery without a URL, or with nobody there, is in the log with its reason."""
    sandbox.pay(client.create()["id"])
    (unset,) = sandbox.wait_for_delivery()
    assert (unset.outcome, unset.url) == ("URL_NOT_SET", None)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening: a connection is refused
        sandbox.webhook_url = f"http://localhost:{nobody.getsockname()[1]}/"
        sandbox.pay(client.create()["id"])
        _, refused = sandbox.wait_for_delivery(2)
    assert (refused.outcome, refused.response_status) == ("FAILED", None)
    assert "ConnectionRefusedError" in refused.error


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 2"])
def test_webhook_timeout(start, drip):
    """A receiver that hangs, or drips, is cut off after the timeout, and the next delivery goes out."""
    sandbox, client = start(assumptions=Assumptions(webhook_timeout=0.3))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sandbox.webhook_url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        sandbox.pay(client.create()["id"])
        connection, _ = listener.accept()
        with connection:
            connection.sendall(drip)
            (delivery,) = sandbox.wait_for_delivery()
    assert (delivery.outcome, delivery.response_status) == ("TIMEOUT", None)
    assert delivery.milliseconds < 5_000
    sandbox.webhook_url = None
    sandbox.pay(client.create()["id"])
    assert sandbox.wait_for_delivery(2)[1].outcome == "URL_NOT_SET"


def test_webhook_of_clock_expiry(start, clock, receiver):
    """An invoice whose time is over is told as EXPIRED although nobody asked for it."""
    sandbox, client = start(now=clock, webhook_url=receiver.url)
    invoice = client.create(invoice_duration=60)
    clock.forward(seconds=61)
    (delivery,) = sandbox.wait_for_delivery()
    assert (delivery.invoice_id, delivery.invoice_status) == (invoice["id"], "EXPIRED")
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "EXPIRED"


def test_wait_says_how_many(sandbox):
    """A wait that ends in vain says how many came."""
    with pytest.raises(TimeoutError, match="0 of 1 webhook deliveries after"):
        sandbox.wait_for_delivery(timeout=0.01)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://",
        "http:///x",
        "127.0.0.1:80",
        "",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://user:pw@127.0.0.1/",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://[::1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/é",
        "file:///etc/passwd",
        "http://8.8.8.8/",
        "http://[64:ff9b::7f00:1]/",
    ],
)
def test_webhook_url_must_be_here(sandbox, url):
    """A webhook URL that is not plain http to this machine is refused when it is set, in one line."""
    before = sandbox.webhook_url
    with pytest.raises(ValueError, match=r"^the webhook URL .*[^\n]$"):
        sandbox.webhook_url = url
    assert sandbox.webhook_url == before


@pytest.mark.parametrize("host", ["192.168.1.1", "0.0.0.0", "::", "fe80::1"])
def test_webhook_target_must_resolve_here(host):
    """What a name stands for is checked again when it is used, and nothing else is connected to."""
    with pytest.raises(OSError, match="refused: the webhook URL is not on this machine"):
        resolve(WebhookTarget("", host, 80, "/"))


def test_webhook_target_of_this_machine():
    """Every spelling of loopback is taken, and comes out as an address of loopback."""
    import ipaddress

    for url in (
        "http://localhost:1/x",
        "http://127.0.0.1",
        "http://127.9.9.9:8/?a=b",
        "http://2130706433/",
        "http://0177.0.0.1/",
    ):
        assert is_loopback(ipaddress.ip_address(resolve(read_target(url))))
    assert is_loopback(ipaddress.ip_address("::ffff:127.0.0.1"))
    assert not is_loopback(ipaddress.ip_address("::ffff:10.0.0.1"))


def test_reset_forgets_what_is_under_way(sandbox, client, receiver):
    """A delivery from before a reset does not show up after it, and the first webhook URL is back."""
    sandbox.webhook_url = receiver.url
    arrived, go_on = threading.Event(), threading.Event()
    receiver.before_answer = lambda: (arrived.set(), go_on.wait(5))
    sandbox.pay(client.create()["id"])
    assert arrived.wait(5)
    sandbox.reset()
    go_on.set()
    assert sandbox.webhook_url is None
    sandbox.pay(client.create()["id"])
    assert [delivery.outcome for delivery in sandbox.wait_for_delivery()] == ["URL_NOT_SET"]


# ----------------------------------------------------------------------------------------- the Python face


def test_pay_and_expire_from_python(sandbox, client):
    """`pay` and `expire` give the invoice as the API shows it, and raise SandboxError."""
    invoice = client.create()
    paid = sandbox.pay(invoice["id"], channel="QRIS", amount=9_000)
    assert paid == client.ask("GET", f"/v2/invoices/{invoice['id']}").json()
    with pytest.raises(SandboxError, match="409 SANDBOX_INVOICE_NOT_PENDING"):
        sandbox.pay(invoice["id"])
    with pytest.raises(SandboxError, match="Could not find and update PENDING invoice"):
        sandbox.expire(invoice["id"])
    assert sandbox.expire(client.create()["id"])["status"] == "EXPIRED"


def test_repr_shows_no_secret(receiver):
    """Neither key nor token is in a repr, of the sandbox or of a delivery."""
    with Sandbox(api_key="xnd_development_SECRET", callback_token="TOKEN", webhook_url=receiver.url) as sandbox:
        assert repr(sandbox) == f"<Sandbox: {sandbox.url}>"
        client = http.client.HTTPConnection(sandbox.url[7:])
        client.request(
            "POST",
            "/v2/invoices",
            '{"external_id": "PRIVATE", "amount": 1}',
            {"Content-Type": "application/json", "Authorization": "Basic eG5kX2RldmVsb3BtZW50X2E6"},
        )
        sandbox.pay(json.loads(client.getresponse().read())["id"])
        client.close()
        shown = repr(sandbox.wait_for_delivery()) + repr(sandbox.book("invoice").find(sandbox.deliveries[0].invoice_id))
        assert not re.search("SECRET|TOKEN|PRIVATE", shown)
    assert repr(sandbox) == "<Sandbox: closed>"


@pytest.mark.parametrize("key", ["xnd_production_SECRET", "SECRET", "", "xnd_public_development_SECRET"])
def test_only_test_keys(key):
    """A sandbox takes no other key than a test key, and does not quote it."""
    with pytest.raises(ValueError, match="must be a test key") as caught:
        Sandbox(api_key=key)
    assert "SECRET" not in str(caught.value)


def test_given_keys(start):
    """Where keys are given, the sandbox's own counts among them."""
    _, client = start(api_keys={"xnd_development_r": "read"})
    assert client.ask("GET", "/v2/invoices").status == 200
    assert client.ask("POST", "/v2/invoices", {}, key="xnd_development_r").status == 403
    assert client.ask("GET", "/v2/invoices", key="xnd_development_z").status == 401


def test_close_leaves_nothing():
    """After the end no thread, no socket and no warning is left, also with a client and a receiver that hang."""
    before = set(threading.enumerate())
    with warnings.catch_warnings(), socket.create_server(("127.0.0.1", 0)) as silent:
        warnings.simplefilter("error")
        sandbox = Sandbox(webhook_url=f"http://127.0.0.1:{silent.getsockname()[1]}/").start()
        host, port = sandbox.url[7:].split(":")
        idle = socket.create_connection((host, int(port)))
        connection = http.client.HTTPConnection(host, int(port))
        connection.request(
            "POST",
            "/v2/invoices",
            '{"external_id": "a", "amount": 1}',
            {"Content-Type": "application/json", "Authorization": "Basic eG5kX2RldmVsb3BtZW50X2E6"},
        )
        sandbox.pay(json.loads(connection.getresponse().read())["id"])
        silent.accept()[0].close()
        sandbox.pay(
            sandbox.book("invoice")
            .create(sandbox.book("invoice").shared.account(sandbox.api_key), {"external_id": "b", "amount": 1})
            .id
        )
        hanging, _ = silent.accept()
        sandbox.close()
        sandbox.close()
        for ours in (idle, connection, hanging):
            ours.close()
        gc.collect()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    with pytest.raises(RuntimeError, match="started once"):
        sandbox.start()


def test_not_started():
    """Without a start there is no address, and an end does nothing."""
    sandbox = Sandbox()
    assert repr(sandbox) == "<Sandbox: not started>"
    with pytest.raises(RuntimeError, match="not started"):
        _ = sandbox.url
    sandbox.close()


def test_port_is_taken(sandbox):
    """A port that is taken is said so by the operating system's error."""
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=int(sandbox.url.rpartition(":")[2])).start()


# ---------------------------------------------------------------------------------------- imports, command


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_face_is_light():
    """Importing the package loads neither server nor Werkzeug; the state never loads anything of ours or theirs."""
    code = (
        "import sys, xendit.sandbox, xendit.sandbox.state; "
        "heavy = {name.partition('.')[0] for name in sys.modules} & {'werkzeug', 'jinja2', 'http', 'socket', 'urllib3'}; "
        "ours = {name for name in sys.modules if name.startswith('xendit.') and not name.startswith('xendit.sandbox')}; "
        "print(heavy, {name for name in ours if name not in ('xendit.version', 'xendit.face', 'xendit.source', 'xendit.static_typing')})"
    )
    own = "{'socket'} set()\n" if sys.implementation.name == "pypy" else None  # PyPy's email.utils loads it
    assert python("-c", code).stdout in ("set() set()\n", own)


@pytest.mark.parametrize("missing", ["werkzeug", "jinja2", "segno"])
def test_missing_extra(missing):
    """Without the extra, import and command say in one line what to install."""
    line = 'the `sandbox` extra is missing: pip install "xendit-sdk[sandbox]"'
    block = f"import sys; sys.modules[{missing!r}] = None\n"
    done = python("-c", block + "try:\n    from xendit.sandbox import Sandbox\nexcept ImportError as e:\n    print(e)")
    assert done.stdout == line + "\n", done.stderr
    done = python("-c", block + "from xendit.sandbox.__main__ import main\nsys.exit(main([]))")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line + "\n")


def test_command_up(client, tmp_path):
    """`up` prints where and how, serves what was seeded, and Ctrl-C ends it without a traceback."""
    import signal

    seed = tmp_path / "seed.json"
    seed.write_text('{"invoices": [{"external_id": "a", "amount": 1, "status": "PAID"}]}')
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "xendit.sandbox",
        "up",
        "--webhook-url",
        "http://127.0.0.1:9/",
        "--db",
        str(tmp_path / "kept.db"),
        "--seed",
        str(seed),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = []
        while not (lines and "_sandbox/deliveries" in lines[-1]):
            lines.append(running.stdout.readline())
            assert lines[-1], "ended early"
        text = "".join(lines)
        url = re.search(r"http://127\.0\.0\.1:\d+", text).group(0)
        for part in (
            "SANDBOX",
            str(tmp_path / "kept.db"),
            "xnd_development_sandbox",
            "sandbox-callback-token",
            "http://127.0.0.1:9/",
        ):
            assert part in text
        connection = http.client.HTTPConnection(url[7:])
        connection.request("GET", "/_sandbox/deliveries")
        assert connection.getresponse().read() == b"[]"
        connection.request("GET", "/_sandbox/status")
        assert json.loads(connection.getresponse().read())["invoices"] == {"PAID": 1}
        connection.close()
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=10)
    assert (running.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["up", "--webhook-url", "https://example.com"], 1, "error: the webhook URL must begin with http://"),
        (["up", "--port", "99999"], 1, "error: "),
        (["up", "--ephemeral", "--listen", "0.0.0.0"], 1, "exposed"),
        (["up", "--ephemeral", "--speed", "0"], 1, "error: the speed must be"),
        (["up", "--ephemeral", "--seed", "none.json"], 1, "error: "),
        (["up", "--ephemeral", "--currency", "EUR"], 1, "error: default_currency may be IDR"),
        (["up", "--ephemeral", "--assume", "nonsense=1"], 1, "error: there is no assumption 'nonsense'"),
        (["up", "--name", "a/b"], 1, "error: a name must be"),
        (["up", "--ephemeral", "--allow-host", "a b"], 1, "error: an allowed host must be"),
        ([], 2, "usage: python -m xendit.sandbox"),
        (["--help"], 0, "up"),
    ],
)
def test_command_usage(arguments, code, text, monkeypatch, tmp_path):
    """Wrong usage ends with a code and one clear sentence."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    done = python("-m", "xendit.sandbox", *arguments)
    assert done.returncode == code
    assert text in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
