"""Sentences 16 to 20: the key and personal data show nowhere; clients change nothing in the process; keys never mix."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from faults.behaviours import KINDS
from faults.worlds import inner
from recorded import KEY

import xendit
from security.listeners import Answering
from security.processes import run
from security.proof import often
from security.surfaces import SECRETS, EveryLog, found_in, leaks
from security.test_transport_sentences import good
from xendit.apis import InvoiceApi
from xendit.events import SHOWN_HEADERS
from xendit.exceptions import XenditSdkException, XenditWarning
from xendit.invoice.model import AddressObject, CreateInvoiceRequest, CustomerObject, Invoice
from xendit.policy import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.server import FaultServer, ServerProcess

    Api = Callable[..., InvoiceApi]

POLICY = RetryPolicy(retries=1, first_wait=0, lookups=2)
ENDLESS = {
    *("hang_on_accept", "tls_stall", "hang_after_request", "hang_after_commit", "slow_headers", "drip_headers"),
    *("continue_drip", "slow_body", "drip_body", "body_stall", "ok_slow"),
}
SMALLER = {"huge_body": "mb=5", "huge_body_nolength": "mb=5", "huge_error": "mb=1", "gzip_bomb": "mb=8"}


def calls_of(invoice_id: str) -> dict[str, Callable[[InvoiceApi], Any]]:
    """The four operations."""
    return {
        "create": lambda api: api.create_invoice({"external_id": "e", "amount": 1000}),
        "get": lambda api: api.get_invoice_by_id(invoice_id),
        "list": lambda api: api.get_invoices(external_id="e"),
        "expire": lambda api: api.expire_invoice(invoice_id),
    }


@pytest.mark.parametrize("name", sorted(KINDS))
def test_s16_no_fault_shows_the_key(
    name: str, faults: FaultServer, api_on: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every behaviour x every operation x every surface: texts, frames of the whole chain, logs, streams, events."""
    _probe(name, faults, api_on, capfd)


@pytest.mark.parametrize(
    "name", ["ok", "tls_stall", "plain_garbage", "rst_mid_request", "fin_on_accept", "half_body", "status"]
)
def test_s16_nor_under_tls(name: str, tls_faults: FaultServer, api_on: Api, capfd: pytest.CaptureFixture[str]) -> None:
    """Other libraries are at work there."""
    _probe(name, tls_faults, api_on, capfd)


def _probe(name: str, server: FaultServer, api_on: Api, capfd: pytest.CaptureFixture[str]) -> None:
    order = server.add("old", 1000)
    server.script(default=f"{name}:{SMALLER[name]}" if name in SMALLER else name)
    events: list[Any] = []
    limits = {"timeout": 0.12} if name in ENDLESS else {"timeout": 5}
    with EveryLog() as logs, warnings.catch_warnings():
        warnings.simplefilter("ignore", XenditWarning)  # of an amount that is not what was asked for
        for call in calls_of(order["id"]).values():
            api = api_on(server, retries=POLICY, on_event=events.append, **limits)
            try:
                result = repr(call(api))
            except XenditSdkException as error:
                assert leaks(error) == []
                assert not any(secret.encode() in pickle.dumps(error) for secret in SECRETS)
                result = repr(error)
            assert found_in(result) == []
            api = inner(api)
            client = api.api_client
            assert found_in(repr(api) + repr(vars(api)) + repr(vars(client)) + repr(vars(client.configuration))) == []
            assert found_in(repr(client.describe())) == []
            assert found_in(repr(vars(client._shared_transport()))) == []
    attempted = {event.operation for event in events if event.kind == "attempted"}
    assert attempted == {"create_invoice", "get_invoice_by_id", "get_invoices", "expire_invoice"}
    assert found_in(repr(events) + str(events) + pickle.dumps(events).decode("latin-1")) == []
    assert found_in(logs.text) == []
    assert found_in("".join(capfd.readouterr())) == []


def test_s16_the_probe_finds_what_is_there() -> None:
    """A key in a text, a note, a frame or a cause is found, or the tests above would prove nothing."""

    def leaky() -> None:
        namespace: dict[str, Any] = {}
        exec(compile("def f(key):\n    raise ValueError('x')", "elsewhere.py", "exec"), namespace)
        namespace["f"](KEY)

    with pytest.raises(ValueError, match="x") as caught:
        leaky()
    assert leaks(caught.value)
    noted = ValueError("x")
    noted.__notes__ = [f"with {KEY}"]  # type: ignore[attr-defined]
    caused = RuntimeError("y")
    caused.__cause__ = noted
    assert leaks(caused)
    assert leaks(ValueError(SECRETS[2]))
    assert not leaks(ValueError("x"))


def test_s16_a_server_that_sends_the_key_back_is_not_quoted(api_on: Api) -> None:
    """Some gateways echo the request in their errors: the text and the log hide it; the body is kept as it came."""
    for secret in (KEY, SECRETS[2]):
        body = json.dumps({"error_code": "X", "message": f"no route for {secret}"}).encode()

        def echo(connection: Any, body: bytes = body) -> None:
            head = f"HTTP/1.1 400 Bad\r\nContent-Length: {len(body)}\r\nRequest-Id: req-1\r\n\r\n".encode()
            connection.sendall(head + body)

        with Answering(echo) as server, EveryLog() as logs:
            with pytest.raises(xendit.BadRequestException) as caught:
                api_on(server).get_invoice_by_id("x")
        assert found_in(str(caught.value) + repr(caught.value)) == []
        assert found_in(logs.text) == []
        assert secret in (caught.value.body or "")


def test_s16_a_key_that_cannot_be_one_is_not_quoted() -> None:
    """The error names the defect."""
    for key in (f"{KEY} ", f"{KEY}\n", f"{KEY}é", KEY * 9):
        with pytest.raises(xendit.ConfigurationException) as caught:
            InvoiceApi(key).get_invoices()
        assert leaks(caught.value) == []
        assert found_in(str(caught.value) + repr(caught.value) + repr(vars(caught.value))) == []


def test_s17_what_holds_a_key_refuses_to_be_copied_or_pickled() -> None:
    """A pickle would carry the key to wherever it is written."""
    client = xendit.ApiClient(xendit.Configuration(api_key=KEY))
    for value in (client, InvoiceApi(client), client.configuration):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="holds an API key"):
                pickle.dumps(value, protocol)
    for copying in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds an API key"):
            copying(client)


def test_s17_errors_pickle_whole_and_without_secrets(faults: FaultServer, api_on: Api) -> None:
    """As Celery, multiprocessing and concurrent.futures need."""
    for behaviour in ("status:code=400", "rst_after_request", "encoding_unknown", "json_200"):
        faults.script(default=behaviour)
        with pytest.raises(XenditSdkException) as caught:
            api_on(faults, retries=POLICY).create_invoice({"external_id": "e", "amount": 1000})
        error = caught.value
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(error, protocol)
            assert not any(secret.encode() in data for secret in SECRETS)
            again = pickle.loads(data)
            assert (type(again), str(again), again.history) == (type(error), str(error), error.history)
            assert (again.outcome, again.sought) == (error.outcome, error.sought)


PERSONAL = {
    "given_names": "Ayu-Private",
    "surname": "Lestari-Private",
    "email": "ayu-private@example.com",
    "mobile_number": "+6281234567890",
}


def test_s18_the_log_shows_allowed_headers_alone_and_never_a_body(api_on: Api) -> None:
    """One line an attempt at DEBUG, one WARNING a retry; routes and not ids; nothing of what was sent or came back."""

    def answer(connection: Any) -> None:
        good(
            connection,
            json.dumps(
                {"id": "inv-private", "external_id": "ext-private", "amount": 1, "payer_email": PERSONAL["email"]}
            ).encode(),
            *(
                b"Request-Id: req-1",
                b"Set-Cookie: session=cookie-private",
                b"X-Internal: internal-private",
                b"Rate-Limit-Remaining: 9",
            ),
        )

    def busy(connection: Any) -> None:
        connection.sendall(
            b"HTTP/1.1 429 X\r\nRetry-After: 0\r\nX-Internal: internal-private\r\nContent-Length: 9\r\n\r\nb-private"
        )

    with Answering(busy, answer) as server, EveryLog() as logs:
        api = api_on(server, retries=1)
        api.create_invoice(
            {"external_id": "ext-private", "amount": 1, "customer": PERSONAL}, for_user_id="user-private"
        )
        api.get_invoice_by_id("inv-private")
    ours = [line for line in logs.lines if line.startswith("xendit ")]
    assert [line.split()[1] for line in ours] == ["DEBUG", "WARNING", "DEBUG", "DEBUG"]
    assert "private" not in "".join(ours)
    assert "+62" not in "".join(ours)
    assert "request-id=req-1" in ours[2]
    assert "rate-limit-remaining=9" in ours[2]
    assert "GET /v2/invoices/{invoice_id}" in ours[3]


def test_s18_the_headers_that_may_be_logged_are_these() -> None:
    """A name is added here on purpose or not at all."""
    assert {
        *("content-length", "content-type", "date", "request-id", "retry-after"),
        *("rate-limit-limit", "rate-limit-remaining", "rate-limit-reset"),
    } == SHOWN_HEADERS


def test_s18_personal_data_is_in_no_repr() -> None:
    """Models hide it in repr, in a list and inside one another; to_dict shows it."""
    customer = CustomerObject(
        **PERSONAL,
        addresses=[AddressObject(street_line1="Street-Private 1", city="City-Private", postal_code="P-Private")],
    )
    request = CreateInvoiceRequest("e", 1000, payer_email=PERSONAL["email"], customer=customer)
    invoice = Invoice.from_dict(
        {
            "id": "x",
            "status": "PAID",
            "amount": 5,
            "currency": "IDR",
            "payer_email": PERSONAL["email"],
            "customer": customer.to_dict(),
        }
    )
    for value in (customer, request, invoice, [invoice], {"a": request}):
        assert "rivate" not in repr(value)
        assert "6281234" not in repr(value)
    assert all(shown in repr(invoice) for shown in ("'x'", "PAID", "5", "IDR"))
    assert PERSONAL["email"] in str(invoice.to_dict())


def test_s19_clients_change_nothing_in_the_process() -> None:
    """Importing, building, calling and closing: logging, http.client, warnings, locale, signals, defaults stay."""
    with Answering(good) as server:
        before, after = run("snapshot", server.url)
    assert before == after
    assert set(before) >= {"logging", "debuglevel", "warnings", "locale", "signals", "default timeout"}


def test_s19_importing_opens_no_thread_and_no_socket() -> None:
    """A process that only imports and builds has one thread, no socket, and has not loaded an HTTP library."""
    code = (
        "import sys, threading, xendit\n"
        "client = xendit.ApiClient(xendit.Configuration(api_key='xnd_development_k'))\n"
        "print(threading.active_count(), 'urllib3' in sys.modules, 'http.client' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"]


def test_s20_two_keys_in_sixteen_threads_never_mix(elsewhere: ServerProcess) -> None:
    """Each line of the server's journal bears the key of the client that asked. (10^5 calls in the proof.)

    Nothing here reads a card number: the API never sees one, and a check of free text would be opt-in.
    """
    _threads(elsewhere.url, None, elsewhere, threads=16, keys=2, calls=often(20, 6250))


def _threads(url: str, ca: str | None, server: ServerProcess, *, threads: int, keys: int, calls: int) -> None:
    ids = [server.add(f"order-{number}")["id"] for number in range(threads)]
    names = [f"xnd_development_key{number}" for number in range(keys)]
    told = run("threads", url, ca, ids, names, calls, timeout=1800)
    assert told["wrong"] == []
    assert told["right"] == threads * calls
    seen = {(entry.target, entry.authorization) for entry in server.journal}
    assert seen == {tuple(pair) for pair in told["asked"]}
    assert told["descriptors"] <= threads + 12
    assert told["grown"] < 1024 * 1024 or calls < 1000
