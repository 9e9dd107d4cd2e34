"""The dashboard without a browser: what it lists and shows, what its forms do, what guards them, what it streams."""

from __future__ import annotations

import http.client
import json
import random
from dataclasses import fields

import pytest
from documents import Visitor
from hostile import hostile, order_of

from xendit.invoice.pages import dashboard
from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, Fault

HOME = "/_sandbox/"


@pytest.fixture
def developer(client):
    return Visitor(client)


def invoice_page(invoice):
    return f"/_sandbox/ui/invoices/{invoice['id']}"


def status_of(client, invoice):
    return client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"]


# ------------------------------------------------------------------------------------------------ what it shows


def test_an_empty_sandbox_says_how_to_begin(developer, sandbox):
    """Without an invoice the dashboard shows the command that makes the first one."""
    page = developer.open(HOME)
    assert f"curl {sandbox.url}/v2/invoices -u {sandbox.api_key}:" in page.text
    assert "No invoice yet" in page.text
    assert "No invoice yet" in developer.open("/_sandbox").text


def test_invoices_of_every_account_are_listed(developer, client):
    """Whoever created an invoice, it is listed with amount, status and channel, newest first."""
    client.create(external_id="first", amount=134.4, currency="PHP")
    client.ask("POST", "/v2/invoices", {"external_id": "second", "amount": 5}, key="xnd_development_other")
    page = developer.open(HOME)
    assert page.text.index("second") < page.text.index("first")
    assert "PHP\xa0134.40" in page.text


def test_invoices_are_found(developer, client, sandbox):
    """By a part of the reference, by id, by status."""
    invoices = {name: client.create(external_id=name) for name in ("shoes-1", "shoes-2", "hats-1")}
    sandbox.pay(invoices["shoes-2"]["id"])
    for query, found in (
        ("find=shoes", {"shoes-1", "shoes-2"}),
        ("find=shoes&status=PAID", {"shoes-2"}),
        (f"find={invoices['hats-1']['id']}", {"hats-1"}),
        ("status=EXPIRED", set()),
        ("find=%3Cb%3E", set()),
    ):
        text = developer.open(f"{HOME}?{query}").text
        assert {name for name in invoices if name in text} == found, query


def test_many_invoices_are_paged(developer, client):
    """Fifty to a page, older ones behind a link, each of them once."""
    for number in range(120):
        client.create(external_id=f"n-{number:03}")
    path, seen = HOME, []
    while path:
        page = developer.open(path)
        seen += [word for word in page.text.split() if word.startswith("n-")]
        path = next((got["href"] for got in page.all("a") if "before=" in got["href"]), None)
    assert seen == [f"n-{number:03}" for number in reversed(range(120))]


def test_the_time_line_of_an_invoice(developer, client, sandbox, receiver):
    """What happened to an invoice stands in order: created, paid, told; and what the receiver answered."""
    sandbox.webhook_url = receiver.url
    receiver.status = 500
    invoice = client.create()
    assert "Expires" in developer.open(invoice_page(invoice)).text
    sandbox.pay(invoice["id"], channel="OVO")
    sandbox.wait_for_delivery()
    text = developer.open(invoice_page(invoice)).text
    assert text.index("Created") < text.index("IDR\xa010,000 over OVO") < text.index("FAILED 500")
    assert "As the API shows it" in text
    assert f'"invoice_url": "{sandbox.url}/web/{invoice["id"]}"' in text


def test_a_webhook_that_goes_nowhere_took_no_time(developer, client, sandbox):
    """Without an address of a receiver there is neither an answer nor a time that it took."""
    invoice = client.create()
    sandbox.pay(invoice["id"])
    sandbox.wait_for_delivery()
    text = developer.open(invoice_page(invoice)).text
    assert "URL_NOT_SET" in text
    assert "URL_NOT_SET -" not in text


def test_a_webhook_with_request_and_response(developer, client, sandbox, receiver):
    """A delivery shows what was sent and what came back, but never the callback token."""
    sandbox.webhook_url = receiver.url
    invoice = client.create()
    sandbox.pay(invoice["id"])
    (delivery,) = sandbox.wait_for_delivery()
    listed = developer.open("/_sandbox/ui/webhooks")
    assert "COMPLETED" in listed.text
    path = next(got["href"] for got in listed.all("a") if got["href"].endswith(f"/webhooks/{delivery.number}"))
    page = developer.open(path)
    for text in (receiver.url, "200", '"status": "PAID"', '"payment_channel": "BCA"', "ok", "webhook-id", "ms"):
        assert text in page.text, text
    for shown in (HOME, path, invoice_page(invoice), "/_sandbox/ui/webhooks"):
        assert sandbox.callback_token not in developer.open(shown).text


def test_what_is_not_there_is_404(client):
    """Unknown invoices, deliveries, forms and parts are told apart from what works."""
    for method, path in (
        ("GET", "/_sandbox/ui/invoices/000000000000000000000000"),
        ("GET", "/_sandbox/ui/webhooks/x"),
        ("GET", "/_sandbox/ui/nothing"),
        ("POST", "/_sandbox/ui/do/nothing"),
        ("POST", "/_sandbox/ui/do/__init__"),
    ):
        assert client.ask(method, path, key="").status == 404, path


# ------------------------------------------------------------------------------------------------ what its forms do


def test_pay_and_expire(developer, client, sandbox):
    """An invoice's page pays it over a channel, in part if asked to, and expires it, and says what it did."""
    paid, expired = client.create(), client.create()
    before = developer.open(invoice_page(paid))
    page = developer.send(before, "pay", change={"channel": "DANA", "amount": "2500"})
    assert "Paid over DANA." in page.text
    assert "Paid over DANA." not in developer.open(invoice_page(paid)).text
    body = client.ask("GET", f"/v2/invoices/{paid['id']}").json()
    assert (body["status"], body["payment_channel"], body["paid_amount"]) == ("PAID", "DANA", 2500)
    assert "Expired." in developer.send(developer.open(invoice_page(expired)), "expire").text
    assert status_of(client, expired) == "EXPIRED"
    assert len(sandbox.wait_for_delivery(2)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": "much"}, "is no number such as 150000 or 99.95"),
        ({"amount": "150.000"}, "it can be read as 150000 or as 150"),
        ({"amount": "-1"}, "must be a number above 0"),
        ({"amount": "nan"}, "is no number such as"),
        ({"channel": "GCASH"}, "does not offer that channel, but BCA"),
        ({"invoice": "x"}, "Could not find invoice"),
    ],
)
def test_a_mistake_is_explained(developer, client, change, said):
    """What a form cannot do is said in a sentence, and nothing is done."""
    invoice = client.create()
    page = developer.send(developer.open(invoice_page(invoice)), "pay", change=change)
    assert said in page.text
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json() == invoice


def test_fail_and_settle(developer, client, sandbox):
    """A failed attempt stands on the time line and changes nothing else; a paid invoice can be settled."""
    invoice = client.create()
    page = developer.send(developer.open(invoice_page(invoice)), "fail", change={"channel": "OVO"})
    assert "Payment failed" in page.text
    assert status_of(client, invoice) == "PENDING"
    page = developer.send(page, "pay", change={"channel": "OVO"})
    page = developer.send(page, "settle")
    assert status_of(client, invoice) == "SETTLED"
    assert page.text.index("Payment failed") < page.text.index("over OVO") < page.text.rindex("Settled")


def test_a_late_payment(developer, client, sandbox):
    """An expired invoice can be paid late, as a race does in reality."""
    invoice = client.create()
    sandbox.expire(invoice["id"])
    page = developer.open(invoice_page(invoice))
    assert "Pay late" in page.text
    developer.send(page, "pay", change={"channel": "BCA"})
    assert status_of(client, invoice) == "PAID"


def bodies(receiver):
    return [json.loads(body)["external_id"] for _, _, body in receiver.got]


def test_resend_and_duplicate(developer, client, sandbox, receiver):
    """A webhook is sent again, or some times more, under the same id."""
    sandbox.webhook_url = receiver.url
    sandbox.pay(client.create()["id"])
    sandbox.wait_for_delivery()
    page = developer.open("/_sandbox/ui/webhooks/1")
    page = developer.send(page, "resend")
    assert "Sent again." in page.text
    sandbox.wait_for_delivery(2)
    developer.send(page, "duplicate", change={"times": "3"})
    deliveries = sandbox.wait_for_delivery(5)
    assert len({delivery.id for delivery in deliveries}) == 1
    assert [delivery.reason for delivery in deliveries] == ["first", "resend", *["duplicate"] * 3]
    assert len(receiver.got) == 5
    for times, said in (("0", "times must be 1"), ("many", "must be a whole number"), ("1000", "times must be 1")):
        assert said in developer.send(page, "duplicate", change={"times": times}).text
    shown = developer.open("/_sandbox/ui/webhooks/3").text
    assert "Attempt 3 (this one)" in shown
    assert "Attempt 5" in shown


def test_reorder(developer, client, sandbox, receiver):
    """Chosen webhooks are sent again, the newest first; one alone has no order."""
    sandbox.webhook_url = receiver.url
    for name in "abc":
        sandbox.pay(client.create(external_id=name)["id"])
    sandbox.wait_for_delivery(3)
    page = developer.open("/_sandbox/ui/webhooks")
    assert "Select two" in developer.send(page, "reorder").text
    assert "Select two" in developer.send(page, "reorder", change={"delivery": ["1"]}).text
    assert "Sent 2 again" in developer.send(page, "reorder", change={"delivery": ["1", "3"]}).text
    sandbox.wait_for_delivery(5)
    assert bodies(receiver) == ["a", "b", "c", "c", "a"]


def test_error_class_and_retries(developer, client, sandbox, receiver):
    """A failed delivery shows the class of its error in Xendit's words, what it means, and when it is tried again."""
    sandbox.webhook_url = receiver.url
    receiver.status = 503
    sandbox.pay(client.create()["id"])
    sandbox.wait_for_delivery()
    page = developer.open("/_sandbox/ui/webhooks/1")
    for text in ("FAILED", "503", "5xx", "its own log says why", "Attempt 2", "due"):
        assert text in page.text, text
    receiver.status = 200
    page = developer.send(developer.open("/_sandbox/ui/clock"), "advance-15m")
    assert "1 webhook left meanwhile" in page.text
    assert "retry" in developer.open("/_sandbox/ui/webhooks").text
    sandbox.webhook_url = "http://127.0.0.1:1/"
    sandbox.resend(sandbox.deliveries[0].id)
    sandbox.wait_for_delivery(3)
    page = developer.open("/_sandbox/ui/webhooks/3")
    assert "ECONNREFUSED" in page.text
    assert "Nothing listens there" in page.text


def test_the_clock(developer, client, sandbox):
    """The clock is frozen, set, advanced and made fast; what falls due meanwhile happens."""
    invoice = client.create(invoice_duration=3_600)
    page = developer.open("/_sandbox/ui/clock")
    page = developer.send(page, "freeze")
    assert sandbox.clock.frozen
    assert "Time stands still" in page.text
    page = developer.send(page, "advance", change={"by": "90m"})
    assert status_of(client, invoice) == "EXPIRED"
    page = developer.send(page, "set", change={"to": "2030-01-02T03:04:05Z"})
    assert "2030-01-02 03:04:05" in page.text
    page = developer.send(page, "resume")
    page = developer.send(page, "speed", change={"factor": "60"})
    assert "60 times as fast" in page.text
    assert sandbox.clock.speed == 60
    for act, change, said in (
        ("advance", {"by": "soon"}, "A duration must be"),
        ("advance", {"by": "-1h"}, "A duration must be"),
        ("set", {"to": "yesterday"}, "A moment must be"),
        ("speed", {"factor": "fast"}, "The speed must be a number"),
        ("speed", {"factor": "nan"}, "The speed must be a number"),
        ("speed", {"factor": "0"}, "The speed must be a number"),
    ):
        assert said in developer.send(page, act, change=change).text, act


def test_faults(developer, client, sandbox):
    """A fault is armed by the form, seen at work, and taken back; what makes no fault is explained."""
    page = developer.open("/_sandbox/ui/faults")
    assert "No fault is armed" in page.text
    change = {"kind": "error", "match": "create", "times": "2", "after": "1", "status": "503"}
    page = developer.send(page, "arm", change={**change, "error_code": "SOME_CODE"})
    assert "error is armed" in page.text
    client.create()
    assert client.ask("POST", "/v2/invoices", {"external_id": "x", "amount": 1}).json()["error_code"] == "SOME_CODE"
    page = developer.open("/_sandbox/ui/faults")
    for text in ("create", "2 times, after 1", "status 503, error_code SOME_CODE"):
        assert text in page.text, text
    for change, said in (
        ({"kind": "nonsense"}, "Kind must be one of"),
        ({"kind": "latency", "match": "PAID"}, "Match must be one of"),
        ({"kind": "latency", "match": "*", "times": "x"}, "Times must be a number"),
        ({"kind": "latency", "match": "*", "probability": "7"}, "Probability must be 0 to 1"),
    ):
        assert said in developer.send(page, "arm", change=change).text
    page = developer.send(page, "disarm")
    assert "No fault is armed" in page.text
    page = developer.send(page, "arm", change={"kind": "webhook_delay", "match": "PAID", "times": "", "seconds": "2.5"})
    assert "seconds 2.5" in page.text
    assert [armed.fault.seconds for armed in sandbox.faults] == [2.5]
    developer.send(developer.open("/_sandbox/ui/faults"), "disarm_all")
    assert not list(sandbox.faults)


def test_every_kind_of_fault_is_explained():
    """The form offers each kind there is, with a sentence, and each field of a fault."""
    assert list(dashboard.FAULT_KINDS) == [*REQUEST_KINDS, *WEBHOOK_KINDS]
    shown = {"kind", "match", "times", *(name for name, _, _ in dashboard.FAULT_OPTIONS)}
    assert shown == {one.name for one in fields(Fault)}


def test_where_webhooks_go(developer, sandbox):
    """The target can be changed, emptied, and is refused when it is not on this machine."""
    page = developer.open("/_sandbox/ui/webhooks")
    page = developer.send(page, "target", change={"url": "http://127.0.0.1:8000/hook"})
    assert sandbox.webhook_url == "http://127.0.0.1:8000/hook"
    page = developer.send(page, "target", change={"url": "http://192.0.2.1/hook"})
    assert "on this machine" in page.text
    assert sandbox.webhook_url == "http://127.0.0.1:8000/hook"
    developer.send(page, "target", change={"url": ""})
    assert sandbox.webhook_url is None


# ------------------------------------------------------------------------------------------------ guards


def test_a_form_needs_its_token(developer, client):
    """Without the token of this browser a form does nothing and says so."""
    invoice = client.create()
    page = developer.open(invoice_page(invoice))
    other = Visitor(client)
    other.open(HOME)
    for sender, change in ((developer, {"token": ""}), (developer, {"token": "0" * 64}), (other, {})):
        assert "nothing was done" in sender.send(page, "expire", change=change).text
    assert status_of(client, invoice) == "PENDING"


@pytest.mark.parametrize(
    "back",
    ["//evil.example/", "https://evil.example/", "/web/x", "/_sandbox/\r\nX-A: b", "/_sandbox/é", "", "javascript:0"],
)
def test_a_form_leads_back_into_the_dashboard_only(developer, client, back):
    """Where a form leads is a path of the dashboard, whatever it says."""
    page = developer.open(invoice_page(client.create()))
    assert "No invoice yet" not in developer.send(page, "expire", change={"back": back}).text


@pytest.mark.parametrize("seed", range(20))
def test_nothing_of_an_invoice_becomes_markup(developer, client, sandbox, receiver, seed):
    """Hostile texts in every field, and in a receiver's answer, add no element, attribute or address."""
    text = hostile(random.Random(seed))
    sandbox.webhook_url = receiver.url
    plain, harmful = (client.create(**order_of(value)) for value in ("plain", text))
    pages = []
    for invoice in (plain, harmful):
        receiver.body = (text if invoice is harmful else "plain").encode("utf-8", "replace")
        sandbox.pay(invoice["id"], channel="BCA")
        delivery = sandbox.wait_for_delivery(len(sandbox.deliveries) + 1)[-1] if invoice is plain else None
        delivery = delivery or sandbox.wait_for_delivery(2)[-1]
        paths = (f"/_sandbox/?find={invoice['id']}", invoice_page(invoice), f"/_sandbox/ui/webhooks/{delivery.number}")
        pages.append([developer.open(path) for path in paths])
        addresses = [
            [
                (
                    *where,
                    value.replace(invoice["id"], "ID")
                    .replace(delivery.id, "EVENT")
                    .replace(f"webhooks/{delivery.number}", "webhooks/N"),
                )
                for *where, value in page.addresses
            ]
            for page in pages[-1]
        ]
        pages[-1] = list(zip([page.shape for page in pages[-1]], addresses, strict=True))
    assert pages[0] == pages[1], text


# ------------------------------------------------------------------------------------------------ the stream


def test_the_stream_says_what_changed(client, sandbox):
    """The stream greets, then tells of invoices, deliveries, the clock and faults; a hidden page's does not linger."""
    connection = http.client.HTTPConnection(sandbox.url[7:], timeout=10)
    connection.request("GET", "/_sandbox/events")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"

    def heard(*names):
        """Read until each of the names was heard, and give what came with the last."""
        left = set(names)
        while left:
            line = answer.readline()
            if line.startswith(b"event: "):
                left.discard(line[7:-1].decode())
                data = answer.readline()
        return json.loads(data.removeprefix(b"data: "))

    assert set(heard("hello")) == {"position"}
    invoice = client.create()
    assert heard("invoice") == {"id": invoice["id"], "status": "PENDING"}
    sandbox.pay(invoice["id"])
    heard("invoice", "delivery")
    sandbox.freeze()
    heard("clock")
    sandbox.faults.arm("latency")
    heard("fault")
    connection.close()


@pytest.mark.parametrize(
    ("happens", "seen"),
    [
        pytest.param(lambda client, _: client.create(), True, id="create"),
        pytest.param(lambda client, _: client.ask("GET", "/v2/invoices/unknown"), True, id="request"),
        pytest.param(lambda _, sandbox: sandbox.freeze(), True, id="clock"),
        pytest.param(lambda _, sandbox: sandbox.faults.arm("latency"), True, id="fault"),
        pytest.param(lambda *_: None, False, id="nothing"),
    ],
)
def test_what_happens_between_a_page_and_its_stream_is_seen(happens, seen, developer, client, sandbox):
    """A page bears how far the sandbox was, and the stream begins with how far it is: they differ when something happened."""
    (main,) = developer.open("/_sandbox/ui/requests").all("main")
    happens(client, sandbox)
    connection = http.client.HTTPConnection(sandbox.url[7:], timeout=10)
    connection.request("GET", "/_sandbox/events?requests")
    answer = connection.getresponse()
    assert answer.readline() == b"event: hello\n"
    hello = json.loads(answer.readline().removeprefix(b"data: "))
    connection.close()
    assert (hello["position"] != main["data-position"]) is seen


def test_only_the_dashboard_asks_how_far_the_sandbox_is(developer, client, sandbox, monkeypatch):
    """Static files and the control plane do not; and what is asked copies no log."""
    invoice = client.create()
    sandbox.pay(invoice["id"])
    told = sandbox.wait_for_delivery()
    assert sandbox.last_delivery == told[-1].number == 1
    asked = []
    monkeypatch.setattr(sandbox._application, "_position", lambda: asked.append(True) or "0")
    client.ask("GET", "/static/page.css", key="")
    client.ask("GET", "/_sandbox/status", key="")
    assert asked == []
    developer.open("/_sandbox/ui/requests")
    assert asked == [True]
    sandbox.reset()
    assert sandbox.last_delivery == 0


def test_streams_end_with_the_sandbox(start):
    """An open stream does not keep a sandbox from closing."""
    sandbox, _ = start()
    connection = http.client.HTTPConnection(sandbox.url[7:], timeout=10)
    connection.request("GET", "/_sandbox/events")
    answer = connection.getresponse()
    assert answer.readline() == b"event: hello\n"
    sandbox.close()
    assert b"event" not in answer.read()
    connection.close()


def test_the_stream_answers_head(client):
    """HEAD gets the headers and no stream."""
    answer = client.ask("HEAD", "/_sandbox/events", key="")
    assert (answer.status, answer.data) == (200, b"")
    assert json.loads(client.ask("GET", "/v2/invoices").data) == []
