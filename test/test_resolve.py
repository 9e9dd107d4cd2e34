"""A create whose answer was lost, found again: in the call, later, and in another process. Over real sockets."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from faults.server import FaultServer
from recorded import KEY

import xendit
from xendit.apis import InvoiceApi
from xendit.exceptions import ApiTypeError, ApiValueError, OutcomeUnknownException
from xendit.models import CreateInvoiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDER: Any = {"external_id": "order-1", "amount": 10000}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that fails as it is told."""
    with FaultServer() as server:
        yield server


def api_on(server: FaultServer, **settings: Any) -> InvoiceApi:
    """An API on it that does not wait long."""
    settings.setdefault("retries", xendit.RetryPolicy(first_wait=0.01))
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(server.url, KEY, timeout=5, **settings)))


def lost(server: FaultServer, api: InvoiceApi, behaviour: str = "rst_after_commit") -> OutcomeUnknownException:
    """The error of a create whose answer was lost and that was not looked up."""
    server.script(behaviour)
    with pytest.raises(OutcomeUnknownException) as caught:
        api.create_invoice(ORDER, on_unknown="raise")
    return caught.value


@pytest.mark.parametrize("external_id", ["a\nb", "\x00", "a\x7f", "a\x9f"])
@pytest.mark.parametrize("options", [{}, {"_check_input_type": False}], ids=["checked", "unchecked"])
def test_an_id_that_could_not_be_looked_up_is_refused_on_create(
    server: FaultServer, external_id: str, options: Any
) -> None:
    """A query cannot hold a control character, so that a lost create of such an invoice would stay lost."""
    for request in ({"external_id": external_id, "amount": 10000}, CreateInvoiceRequest(external_id, 10000)):
        with pytest.raises(ApiValueError, match=r"CreateInvoiceRequest\['external_id'\]: it holds a control") as caught:
            api_on(server).create_invoice(request, **options)
        assert caught.value.path_to_item == ("external_id",)
    assert server.journal == []


def test_a_shopper_hears_of_a_page_only_where_there_was_one(server: FaultServer) -> None:
    """A create that meets a 404 referred to a virtual account that is not there; a page never was."""
    api = api_on(server)
    server.script("status:code=404,err=CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR")
    with pytest.raises(xendit.NotFoundException) as created:
        api.create_invoice(ORDER)
    assert created.value.user_message == "The payment could not be set up with these details."
    with pytest.raises(xendit.NotFoundException) as read:
        api.get_invoice_by_id("gone")
    assert read.value.user_message == "This payment page does not exist or can no longer be used."
    assert pickle.loads(pickle.dumps(read.value)).user_message == read.value.user_message


def test_a_lost_create_is_found_in_the_same_call(server: FaultServer) -> None:
    """The caller notices nothing; the server has one invoice; the triple is that of the look-up."""
    api = api_on(server)
    server.script("rst_after_commit")
    made, status, headers = api.create_invoice(ORDER, _return_http_data_only=False)  # type: ignore[misc]
    assert (made.external_id, status) == ("order-1", 200)
    assert "date" in headers
    assert len(server.ledger.of("order-1")) == 1


ODD = ["wrong_type:field=items,v={}", "wrong_type:field=customer,v=7", "bad_date", 'wrong_type:field=expiry_date,v=""']


@pytest.mark.parametrize("odd", ODD)
def test_a_lost_create_is_found_though_a_display_field_is_odd(
    server: FaultServer, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In the call and later: the field is kept as it came, the log names it, and the invoice is the one."""
    api = api_on(server)
    server.script("rst_after_commit", odd)
    assert api.create_invoice(ORDER).external_id == "order-1"
    assert [record for record in caplog.records if "Invoice" in record.getMessage()]
    error = lost(server, api, "rst_after_commit")
    server.ledger.of("order-1")[0].update(external_id="another")
    server.script(odd)
    assert api.resolve(error).external_id == "order-1"
    assert api.resolve(pickle.loads(pickle.dumps(error))).external_id == "order-1"


def test_a_lost_create_is_found_among_odd_ones(server: FaultServer) -> None:
    """An older invoice of the same order whose fields are odd makes the page no less readable."""
    older = server.add("order-1", amount=10000, created="2020-01-01T00:00:00.000Z")
    older.update(items={}, customer=7, expiry_date="soon")
    api = api_on(server)
    server.script("rst_after_commit")
    assert api.create_invoice(ORDER).id != older["id"]
    assert [each.id for each in api.get_invoices(external_id="order-1")][-1] == older["id"]


def test_a_raw_answer_is_one_as_the_create_would_have_brought(server: FaultServer) -> None:
    """Who asked for the answer as it came gets the invoice found, as JSON."""
    server.script("rst_after_commit")
    raw: Any = api_on(server).create_invoice(ORDER, _preload_content=False)
    assert raw.status == 200
    assert raw.json()["external_id"] == "order-1"
    assert "content-length" not in raw.headers


def test_resolve_finds_it_later_and_elsewhere(server: FaultServer) -> None:
    """By the error, by the error pickled in another process, by the external_id."""
    api = api_on(server)
    error = lost(server, api)
    [committed] = server.ledger.of("order-1")
    assert api.resolve(error).external_id == "order-1"
    assert api.resolve("order-1").id == api.resolve(error).id
    assert api.resolve("order-1", amount=10000, currency="IDR").id == api.resolve(error).id
    program = (
        "import pickle, sys, xendit; from xendit.apis import InvoiceApi;"
        "error = pickle.load(sys.stdin.buffer);"
        f"api = InvoiceApi(xendit.ApiClient(xendit.Configuration({server.url!r}, {KEY!r})));"
        "print(api.resolve(error).id)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(error), capture_output=True, timeout=60, check=True
    )
    assert ran.stdout.decode().strip() == committed["id"]


def test_resolve_waits_for_what_arrives_late(server: FaultServer) -> None:
    """The server may commit after it hung up."""
    api = api_on(server)
    error = lost(server, api, "late_commit:s=0.3")
    assert api.resolve(error, wait=10).external_id == "order-1"


def test_resolve_says_that_absence_proves_nothing(server: FaultServer) -> None:
    """Nothing was committed; the error can be kept and asked again."""
    api = api_on(server)
    error = lost(server, api, "rst_after_request")
    with pytest.raises(OutcomeUnknownException, match="no invoice fits yet") as caught:
        api.resolve(error)
    with pytest.raises(OutcomeUnknownException):
        api.resolve(caught.value)


def test_resolve_by_id_among_many_needs_the_amount(server: FaultServer) -> None:
    """An external_id is not unique: several are candidates, an amount can decide."""
    api = api_on(server)
    api.create_invoice(ORDER)
    other = api.create_invoice({**ORDER, "amount": 20000})
    with pytest.raises(OutcomeUnknownException, match="2 invoices fit") as caught:
        api.resolve("order-1")
    assert len(caught.value.candidates) == 2
    assert api.resolve("order-1", amount=20000).id == other.id


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"lost": 5.5}, ApiTypeError),
        ({"lost": ""}, ApiValueError),
        ({"lost": None}, ApiTypeError),
        ({"lost": "x", "amount": "5"}, ApiTypeError),
        ({"lost": "x", "currency": 5}, ApiTypeError),
        ({"lost": "x", "wait": -1}, ApiValueError),
        ({"lost": "x", "wait": True}, ApiValueError),
        ({"lost": "x", "wait": "5"}, ApiValueError),
        ({"lost": "x", "for_user_id": "a\r\nb"}, ApiValueError),
        ({"lost": "x", "_preload_content": False}, ApiTypeError),
        ({"lost": "x", "_request_timeout": 0}, ApiValueError),
        ({"lost": "x", "amonut": 5}, ApiTypeError),
        ({"lost": xendit.NotFoundException(outcome="rejected")}, ApiValueError),
        ({"lost": xendit.ConnectionException(outcome="not_sent")}, ApiValueError),
        ({"lost": xendit.ConnectionException(outcome="unknown")}, ApiValueError),
        ({"lost": xendit.ConnectionException(outcome="unknown"), "amount": 5}, ApiTypeError),
    ],
    ids=str,
)
def test_what_cannot_be_resolved_is_refused_before_any_socket(
    server: FaultServer, arguments: dict[str, Any], error: type[Exception]
) -> None:
    """Each says what is wrong and what to give."""
    with pytest.raises(error):
        api_on(server).resolve(**arguments)
    assert server.journal == []


@pytest.mark.parametrize("value", ["retry", "", None, 5, "Lookup"], ids=repr)
def test_on_unknown_is_one_of_three(server: FaultServer, value: Any) -> None:
    """A typo is told before anything is sent, by call and by client."""
    api = api_on(server)
    if value is not None:
        with pytest.raises(ApiValueError, match="on_unknown"):
            api.create_invoice(ORDER, on_unknown=value)
    with pytest.raises(xendit.ConfigurationException, match="on_unknown"):
        xendit.Configuration(on_unknown=value)
    assert server.journal == []


def test_an_idempotency_key_is_sent_with_the_create_alone(server: FaultServer) -> None:
    """Constant over attempts, and no part of the look-up."""
    api = api_on(server)
    server.script("status:code=429,err=RATE_LIMIT_EXCEEDED", "rst_after_commit")
    api.create_invoice(ORDER, idempotency_key="key-1")
    bearing = [
        (entry.operation, "x-idempotency-key" in [name.lower() for name in entry.headers]) for entry in server.journal
    ]
    assert bearing == [("create", True), ("create", True), ("list", False)]


def test_a_sub_accounts_create_is_looked_up_in_the_sub_account(server: FaultServer) -> None:
    """The look-up bears for-user-id and the caller's own headers too."""
    api = api_on(server)
    server.script("rst_after_commit")
    api.create_invoice(ORDER, for_user_id="62efe4c33e45694d63f585f0", _headers={"x-trace": "t"})
    look_up = server.journal[-1]
    assert look_up.operation == "list"
    assert {"for-user-id", "x-trace"} <= {name.lower() for name in look_up.headers}


def test_two_threads_lose_the_same_order_and_neither_charges_twice(server: FaultServer) -> None:
    """Two creates of one external_id are two invoices: each look-up sees two, and says so."""
    api = api_on(server)
    outcomes: list[Any] = []
    barrier = threading.Barrier(2)

    def create() -> None:
        barrier.wait()
        try:
            outcomes.append(api.create_invoice(ORDER).id)
        except OutcomeUnknownException as error:
            outcomes.append(len(error.candidates))

    server.script("hang_after_commit:hang_s=0.3", "hang_after_commit:hang_s=0.3")
    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.ledger.of("order-1")) == 2
    assert outcomes == [2, 2]


def test_a_raw_answer_of_a_create_that_was_sent_again(server: FaultServer) -> None:
    """The oldest is returned as JSON, the younger one is expired."""
    api = api_on(server, retries=xendit.RetryPolicy(first_wait=0.01, lookups=1, resend_after=0.05))
    server.script("late_commit:s=0.12")
    raw: Any = api.create_invoice(ORDER, on_unknown="resend", _preload_content=False)
    assert raw.json()["external_id"] == "order-1"
    states = [each["status"] for each in server.ledger.of("order-1")]
    assert states.count("PENDING") == 1
