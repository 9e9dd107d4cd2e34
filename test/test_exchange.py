"""One call as a generator, driven by hand: no socket, no clock, no luck."""

from __future__ import annotations

import asyncio
import copy
import functools
import json
import pickle
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from recorded import payload

from xendit import exceptions
from xendit.events import Attempt, Event
from xendit.exchange import Context, Result, Send, Wait, error_of_answer, exchange, search
from xendit.invoice.operations import (
    CREATE_INVOICE,
    EXPIRE_INVOICE,
    GET_INVOICE_BY_ID,
    InvoiceLookUp,
    sought_of,
)
from xendit.operation import Response, TransportError
from xendit.policy import Limits, RetryBudget, RetryPolicy

BEGUN = 1_795_000_000.0  # 2026-11-18T11:06:40Z
INVOICE = Response(200, {"content-type": "application/json"}, b'{"id":"x","external_id":"e","amount":1}')
LOST = TransportError("reset", "the connection was lost", sent=True)
UNREACHED = TransportError("connect", "cannot connect", sent=False)


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answered(status: int, body: bytes = b"{}", **headers: str) -> Response:
    """An answer with headers such as retry_after."""
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def drive(
    answers: list[Response | TransportError],
    operation: Any = GET_INVOICE_BY_ID,
    *,
    policy: RetryPolicy = RetryPolicy(),  # noqa: B008
    limits: Limits = Limits(30, 3, 10),  # noqa: B008
    each: float = 0.1,
    on_unknown: str = "lookup",
    budget: RetryBudget | None = None,
    events: list[Event] | None = None,
    order: dict[str, Any] | None = None,
) -> tuple[Result | Exception, list[Any]]:
    """Feed the answers, each after some seconds; the result or error, and the steps taken."""
    clock = Clock()
    arguments: dict[str, Any] = {"invoice_id": "x", "create_invoice_request": order or {"external_id": "e", "amount": 1}}
    context = Context(
        key=lambda: "xnd_development_k",
        user_agent="test",
        host="http://test",
        policy=policy,
        budget=budget or RetryBudget(),
        clock=clock,
        wall=lambda: BEGUN + clock.now - 1000.0,
        chance=lambda: 1.0,
        tell=(lambda event: None) if events is None else events.append,
    )
    steps = exchange(
        operation.request(arguments),
        reader(operation, arguments),
        context,
        limits,
        recovery=(lambda: operation.recovery(arguments, {})) if operation.recovery else None,
        on_unknown=on_unknown,
    )
    return run(steps, answers, clock, each)


def reader(operation: Any, arguments: dict[str, Any]) -> Any:
    """What a client reads an answer with: the operation's reader and its echo check."""

    def read(response: Response) -> Any:
        value = operation.read(response)
        problem = operation.echo and operation.echo(arguments, value)
        if problem:
            raise exceptions.ApiValueError(problem)
        return value

    return read


def run(steps: Any, answers: list[Any], clock: Clock, each: float) -> tuple[Result | Exception, list[Any]]:
    """Drive a call; an answer that is an exception of Python's own is thrown into it."""
    taken: list[Any] = []
    queue = list(answers)
    try:
        step = next(steps)
        while True:
            taken.append(step)
            if isinstance(step, Send):
                clock.now += each
                answer = queue.pop(0)
                thrown = isinstance(answer, BaseException) and not isinstance(answer, TransportError)
                step = steps.throw(answer) if thrown else steps.send(answer)
            else:
                clock.now += step.seconds
                step = steps.send(None)
    except StopIteration as done:
        return done.value, taken
    except exceptions.XenditSdkException as error:
        return error, taken


def waits(taken: list[Any]) -> list[float]:
    """The waits among the steps."""
    return [step.seconds for step in taken if isinstance(step, Wait)]


def test_a_good_answer_is_read() -> None:
    """One attempt, the value, the answer and what it took."""
    result, taken = drive([INVOICE])
    assert isinstance(result, Result)
    assert (result.value.id, result.attempts, result.response) == ("x", 1, INVOICE)
    assert len(taken) == 1


def test_a_get_is_tried_three_times_with_growing_waits() -> None:
    """Connection failures and 502, 503, 504, 429 are repeated; the last failure is raised."""
    result, taken = drive([LOST, answered(503), answered(504)])
    assert isinstance(result, exceptions.ServiceException)
    assert (result.attempts, result.http_status) == (3, 504)
    assert waits(taken) == [0.25, 0.5]
    assert result.elapsed == pytest.approx(1.05)
    recovered, _ = drive([UNREACHED, answered(502), INVOICE])
    assert isinstance(recovered, Result)
    assert recovered.attempts == 3


def test_a_create_is_sent_again_only_when_nothing_was_sent_or_on_429() -> None:
    """Anything else may have made the invoice."""
    for failure in (UNREACHED, answered(429)):
        result, taken = drive([failure, INVOICE], CREATE_INVOICE)
        assert isinstance(result, Result)
        assert sent(taken) == ["create_invoice", "create_invoice"]
        assert not result.recovered


def test_the_servers_hint_is_kept_and_never_slept_beyond_the_budget() -> None:
    """A wait that does not fit is not begun: the error comes at once, with retry_after."""
    result, taken = drive([answered(429, retry_after="3"), INVOICE])
    assert isinstance(result, Result)
    assert waits(taken) == [pytest.approx(3.35)]
    late, taken = drive([answered(429, retry_after="3600")])
    assert isinstance(late, exceptions.RateLimitException)
    assert (late.retry_after, waits(taken), late.attempts) == (3600.0, [], 1)


def test_no_attempt_gets_more_time_than_is_left() -> None:
    """The budget bounds attempts and waits together."""
    result, taken = drive([LOST, LOST, LOST], limits=Limits(1.0, 3, 10), each=0.6)
    sends = [step.limits for step in taken if isinstance(step, Send)]
    assert sends[0] == Limits(1.0, 1.0, 1.0)
    assert sends[1].total == pytest.approx(0.15)
    assert isinstance(result, exceptions.ConnectionException)
    assert result.attempts == 2


def test_no_retries_when_none_are_wanted() -> None:
    """retries=0 means one attempt."""
    result, taken = drive([UNREACHED], policy=RetryPolicy(retries=0))
    assert isinstance(result, exceptions.ConnectionException)
    assert (result.outcome, len(taken)) == ("not_sent", 1)


@pytest.mark.parametrize(
    ("kind", "name", "tries"),
    [("tls", "TlsException", 1), ("timeout", "TimeoutException", 3), ("unreadable", "ResponseException", 1)],
)
def test_failures_without_an_answer_have_classes(kind: str, name: str, tries: int) -> None:
    """A bad certificate is met once; a time-out of a read is tried again."""
    result, _ = drive([TransportError(kind, "x", sent=False)] * 3)
    assert type(result).__name__ == name
    assert isinstance(result, exceptions.XenditSdkException)
    assert result.attempts == tries


def test_credentials_are_added_for_sending_alone_and_shown_nowhere() -> None:
    """The request that is sent bears the key; no repr of a step does."""
    _, taken = drive([INVOICE])
    assert taken[0].request.headers["authorization"] == "Basic eG5kX2RldmVsb3BtZW50X2s6"
    assert taken[0].request.headers["accept-encoding"] == "identity"
    assert "Basic" not in repr(taken)
    assert "xnd" not in repr(taken)


BAD_BODIES = [b"", b"<html>welcome</html>", b"[]", b'{"id":5}', b'{"id":"x"', b"null", b"12", b"\xff\xfe", b'{"id":"y"}']


@pytest.mark.parametrize("body", BAD_BODIES, ids=repr)
def test_a_good_status_with_an_unusable_body_is_a_response_exception(body: bytes) -> None:
    """The codec's error is the cause; status, headers and text are kept; it is not tried again."""
    result, taken = drive([answered(200, body, content_type="text/html; x=1", request_id="r")])
    assert isinstance(result, exceptions.ResponseException)
    assert isinstance(result.__cause__, (exceptions.ApiTypeError, exceptions.ApiValueError))
    assert (result.http_status, result.outcome, result.request_id) == (200, "done", "r")
    assert "text/html" in str(result)
    assert "welcome" not in str(result)
    assert len(taken) == 1


def test_an_answer_that_began_well_and_cannot_be_read_keeps_its_status() -> None:
    """The transport gives up on a body that is too long or packed; the server has done its work."""
    packed = TransportError("unreadable", "the answer is packed", sent=True, status=200, headers={"request-id": "r"})
    result, _ = drive([packed])
    assert isinstance(result, exceptions.ResponseException)
    assert (result.http_status, result.outcome, result.request_id) == (200, "done", "r")


# ------------------------------------------------------------------------------------------ lost creates


def listed(*invoices: dict[str, Any], date: float | None = None) -> Response:
    """The answer to a look-up, with the server's clock: by default that of the test."""
    from email.utils import formatdate

    headers = {} if date is None else {"date": formatdate(date, usegmt=True)}
    return Response(200, headers, json.dumps(invoices).encode())


def invoice(id: str = "x", age: float = 0.0, **fields: Any) -> dict[str, Any]:
    """An invoice that is so many seconds older than the call."""
    created = datetime.fromtimestamp(BEGUN - age, timezone.utc).isoformat()
    return {"id": id, "external_id": "e", "amount": 1, "created": created, **fields}


def sent(taken: list[Any]) -> list[str]:
    """The operations among the steps."""
    return [step.request.operation.name for step in taken if isinstance(step, Send)]


LOSSES = [LOST, *map(answered, (302, 408, 425, 500, 501, 502, 503, 504, 999)), *(answered(200, body) for body in BAD_BODIES)]


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_lost_create_is_looked_up_and_returned(loss: Any) -> None:
    """It is sent once; the look-up asks for the external_id; the result says that it was recovered."""
    result, taken = drive([loss, listed(invoice())], CREATE_INVOICE)
    assert isinstance(result, Result)
    assert (result.value.id, result.recovered, result.attempts) == ("x", True, 2)
    assert sent(taken) == ["create_invoice", "get_invoices"]
    assert taken[-1].request.target == "/v2/invoices?external_id=e&limit=100"


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_lost_create_that_is_not_found_is_told_as_unknown(loss: Any) -> None:
    """Four look-ups, then the error that says so, with the first failure as its cause and its evidence kept."""
    result, taken = drive([loss, *[listed()] * 4], CREATE_INVOICE)
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert sent(taken) == ["create_invoice", *["get_invoices"] * 4]
    assert waits(taken) == [0.25, 0.5, 1.0, 2.0]
    assert result.outcome in ("unknown", "done")
    assert result.http_status == getattr(result.__cause__, "http_status", 0)
    assert "it was looked up and not found" in str(result)
    assert (result.candidates, result.attempts) == ((), 5)
    assert [each.operation for each in result.history] == sent(taken)
    assert [each.wait for each in result.history] == [0.25, 0.5, 1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (invoice(), True),
        (invoice(age=1.5), True),  # the Date header has whole seconds
        (invoice(age=3.0), False),
        (invoice(amount=2), False),
        (invoice(amount=1.0), True),
        (invoice(external_id="E"), False),
        (invoice(currency="PHP"), True),  # none was sent: the account's default
        (invoice(created=None), False),
        (invoice(amount=None), False),
        (invoice(external_id=None), False),
        (invoice(status="PAID"), True),
        (invoice(external_id=" e "), True),
    ],
    ids=str,
)
def test_what_fits_a_lost_create(found: dict[str, Any], fits: bool) -> None:
    """The same external_id and amount, created since the call began."""
    result, _ = drive([LOST, *[listed(found)] * 4], CREATE_INVOICE)
    assert isinstance(result, Result) is fits
    if not fits:
        bears = (found["external_id"] or "").strip() == "e"
        assert len(result.candidates) == bears  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asked", "currency", "made", "of", "fits"),
    [
        (10000.5, "IDR", 10000, "IDR", True),
        (10000.5, None, 10000, "IDR", True),
        (10000.5, "IDR", 10001, "IDR", False),
        (Decimal("10000.999"), "PHP", 10000.99, "PHP", True),
        (10000.5, "PHP", 10000, "PHP", False),
        (10000.5, "VND", 10000, "VND", True),
        (0.1, "PHP", 0.1, "PHP", True),
        (Decimal("0.10"), "PHP", 0.1, None, True),
        (1000, "IDR", 1000, "PHP", False),
        (1000, "IDR", 1000, None, True),
        (10**30 + 1, None, 10**30, "IDR", True),  # the nearest float, as a server that reads floats answers
        (10**30, None, 10**29, "IDR", False),
    ],
    ids=str,
)
def test_an_amount_fits_as_its_currency_cuts_it(asked: Any, currency: Any, made: Any, of: Any, fits: bool) -> None:
    """IDR loses its decimals, others keep two; another currency than was sent is another invoice."""
    order = {"external_id": "e", "amount": asked, **({"currency": currency} if currency else {})}
    found = invoice(amount=made, **({"currency": of} if of else {}))
    result, _ = drive([LOST, *[listed(found)] * 4], CREATE_INVOICE, order=order)
    assert isinstance(result, Result) is fits


@pytest.mark.parametrize("skew", [-86400.0, -60.0, 0.0, 60.0, 86400.0])
def test_the_servers_clock_judges_what_is_new(skew: float) -> None:
    """However wrong our clock is: an invoice of this call fits, one of a minute ago does not."""
    for age, fits in ((-0.05, True), (60.0, False)):
        found = listed(invoice(age=age - skew), date=BEGUN + skew + 0.5)
        result, _ = drive([LOST, *[found] * 4], CREATE_INVOICE)
        assert isinstance(result, Result) is fits


def test_several_that_fit_are_candidates() -> None:
    """Nobody can say which one it is: no further look-up, and the caller decides."""
    result, taken = drive([LOST, listed(invoice("x"), invoice("y"), invoice("z", age=99))], CREATE_INVOICE)
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert [each.id for each in result.candidates] == ["x", "y"]
    assert len(sent(taken)) == 2
    assert "2 invoices fit" in str(result)


def test_a_look_up_goes_on_over_faults_and_stops_where_it_is_refused() -> None:
    """A 503 is asked again after the server's hint; a 401 is not."""
    result, taken = drive([LOST, answered(503, retry_after="2"), LOST, listed(invoice())], CREATE_INVOICE)
    assert isinstance(result, Result)
    assert waits(taken) == [0.25, pytest.approx(2.25), 1.0]
    refused, taken = drive([LOST, answered(401)], CREATE_INVOICE)
    assert isinstance(refused, exceptions.OutcomeUnknownException)
    assert sent(taken) == ["create_invoice", "get_invoices"]
    assert "UnauthorizedException" in str(refused)


def test_a_create_leaves_a_third_of_its_time_to_the_look_up() -> None:
    """The request and its retries get two thirds."""
    result, taken = drive([LOST, listed(invoice())], CREATE_INVOICE, limits=Limits(3.0, 3.0, 3.0))
    assert isinstance(result, Result)
    assert taken[0].limits.total == pytest.approx(2.0)
    whole, taken = drive([LOST], CREATE_INVOICE, limits=Limits(3.0, 3.0, 3.0), on_unknown="raise")
    assert isinstance(whole, exceptions.OutcomeUnknownException)
    assert taken[0].limits.total == pytest.approx(3.0)
    late, taken = drive([LOST], CREATE_INVOICE, limits=Limits(3.0, 3.0, 3.0), each=2.9)
    assert isinstance(late, exceptions.OutcomeUnknownException)
    assert "no time to look it up" in str(late)


def test_a_create_without_an_external_id_cannot_be_looked_up() -> None:
    """An unchecked request may lack what a look-up needs; the error still says what it must."""
    for order in ({"amount": 1}, {"external_id": "e", "amount": "1"}, {"external_id": 5.5, "amount": 1}):
        result, taken = drive([LOST], unchecked(CREATE_INVOICE), order=order)
        assert isinstance(result, exceptions.OutcomeUnknownException)
        assert len(taken) == 1
        assert result.sought is None
        interrupt = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            drive([interrupt], unchecked(CREATE_INVOICE), order=order)


def unchecked(operation: Any) -> Any:
    """The operation, sending dicts as they are."""
    twin = copy.copy(operation)
    twin.request = functools.partial(operation.request, check=False)
    twin.kind = operation.kind
    return twin


def test_an_error_knows_what_to_look_for_later() -> None:
    """Also after it was pickled, in another process: the moment is by the server's clock."""
    result, _ = drive([LOST, *[listed(date=BEGUN + 3600)] * 4], CREATE_INVOICE)
    assert isinstance(result, exceptions.OutcomeUnknownException)
    again = pickle.loads(pickle.dumps(result))
    assert again.sought == result.sought
    assert (again.sought.external_id, again.sought.amount, again.sought.currency) == ("e", "1", None)
    assert again.sought.since == pytest.approx(BEGUN + 3600 - 2, abs=5)
    assert again.history == result.history
    assert isinstance(again.history[0], Attempt)


def test_raise_looks_nothing_up() -> None:
    """Who asks for it is told at once, and can resolve later."""
    result, taken = drive([answered(503)], CREATE_INVOICE, on_unknown="raise")
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert (len(taken), result.status) == (1, "503")
    assert result.sought.external_id == "e"


# ------------------------------------------------------------------------------------------ resending


SEARCHED = [*[listed()] * 4, listed()]
"""The answers until a lost create is sent again: four look-ups, a quiet wait, one more."""


def test_resend_sends_again_what_was_looked_for_in_vain() -> None:
    """After a quiet wait; what the second request made is returned."""
    result, taken = drive([LOST, *SEARCHED, INVOICE, listed(invoice())], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, Result)
    assert (result.value.id, result.recovered) == ("x", True)
    assert sent(taken) == ["create_invoice", *["get_invoices"] * 5, "create_invoice", "get_invoices"]
    assert waits(taken)[4] == 10.0


def test_resend_expires_all_but_the_oldest() -> None:
    """When the first request arrived late after all, the younger one is taken back."""
    late, young = invoice("late", age=-1), invoice("young", age=-2)
    gone = answered(200, b'{"id":"young","status":"EXPIRED"}')
    result, taken = drive([LOST, *SEARCHED, INVOICE, listed(young, late), gone], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, Result)
    assert result.value.id == "late"
    assert sent(taken)[-2:] == ["get_invoices", "expire_invoice"]
    assert taken[-1].request.target == "/invoices/young/expire!"


def test_resend_says_what_it_could_not_take_back() -> None:
    """The caller must expire the extra invoice: it is named."""
    twice = listed(invoice("a", age=-1), invoice("b", age=-2))
    result, _ = drive([LOST, *SEARCHED, INVOICE, twice, answered(404)], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert [each.id for each in result.candidates] == ["a", "b"]
    assert "made 2 times" in str(result)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([*SEARCHED, answered(400)], "sending it again failed"),
        ([*SEARCHED, LOST, answered(401)], "sent twice and could not be looked up"),
        ([*SEARCHED, LOST, listed()], "sent twice and not found"),
        ([*[listed()] * 4, answered(401)], "looking it up failed"),
        ([*[listed()] * 4, listed(invoice("a"), invoice("b"))], "2 invoices fit"),
        ([listed(invoice("a"), invoice("b"))], "2 invoices fit"),
        ([answered(401)], "looking it up failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_resend_that_does_not_help_is_unknown(answers: list[Any], told: str) -> None:
    """Nothing is sent again unless every look-up found nothing."""
    result, _ = drive([LOST, *answers], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert told in str(result)


def test_resend_returns_what_it_made_when_the_list_lags() -> None:
    """The second answer is good: a list that fails or does not show it yet changes nothing."""
    for after in (answered(401), listed()):
        result, _ = drive([LOST, *SEARCHED, INVOICE, after], CREATE_INVOICE, on_unknown="resend")
        assert isinstance(result, Result)
        assert result.value.id == "x"


def test_resend_finds_in_the_quiet_wait() -> None:
    """What arrives late is found before anything is sent again."""
    result, taken = drive([LOST, *[listed()] * 4, listed(invoice())], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, Result)
    assert sent(taken).count("create_invoice") == 1


def test_resend_needs_time_to_be_sure() -> None:
    """A budget that does not hold the quiet wait does not hold a second request."""
    result, taken = drive([LOST, *[listed()] * 4], CREATE_INVOICE, on_unknown="resend", limits=Limits(9, 3, 9))
    assert isinstance(result, exceptions.OutcomeUnknownException)
    assert sent(taken).count("create_invoice") == 1
    assert "no time to look long enough" in str(result)


# ------------------------------------------------------------------------------------------ expire, read back


EXPIRED = answered(200, b'{"id":"x","status":"EXPIRED"}')
PENDING = answered(200, b'{"id":"x","status":"PENDING"}')
PAID = answered(200, b'{"id":"x","status":"PAID"}')


@pytest.mark.parametrize("loss", [LOST, *map(answered, (408, 425, 500, 502, 503, 504))], ids=repr)
def test_expire_is_tried_again_like_a_read(loss: Any) -> None:
    """Its end is a state."""
    result, taken = drive([loss, EXPIRED], EXPIRE_INVOICE)
    assert isinstance(result, Result)
    assert sent(taken) == ["expire_invoice"] * 2
    assert not result.recovered


@pytest.mark.parametrize(
    "answers",
    [[LOST, answered(404)], [LOST, LOST, LOST], [LOST, answered(429), UNREACHED], [answered(200, b"<html>")], [answered(501)]],
    ids=str,
)
def test_a_lost_expire_is_read_back(answers: list[Any]) -> None:
    """EXPIRED is success; paid is a conflict; PENDING leaves the error as it was; so does a read that fails."""
    found, taken = drive([*answers, EXPIRED], EXPIRE_INVOICE)
    assert isinstance(found, Result)
    assert (found.recovered, found.value.is_expired, sent(taken)[-1]) == (True, True, "get_invoice_by_id")
    paid, _ = drive([*answers, PAID], EXPIRE_INVOICE)
    assert isinstance(paid, exceptions.ConflictException)
    assert "the invoice is PAID" in str(paid)
    assert paid.outcome == "rejected"
    assert isinstance(paid.__cause__, exceptions.XenditSdkException)
    pending, _ = drive([*answers, PENDING], EXPIRE_INVOICE)
    assert isinstance(pending, exceptions.XenditSdkException)
    assert not isinstance(pending, exceptions.ConflictException)
    blind, _ = drive([*answers, answered(401)], EXPIRE_INVOICE)
    assert type(blind) is type(pending)
    assert blind.outcome == "unknown"
    other, _ = drive([*answers, answered(200, b'{"id":"y","status":"EXPIRED"}')], EXPIRE_INVOICE)
    assert type(other) is type(pending)


def test_a_refused_expire_is_not_read_back() -> None:
    """A first 404 means what Xendit says; without permission nothing can be read either."""
    for answers in ([answered(404)], [answered(400)], [LOST, answered(401)], [LOST, answered(403)]):
        result, taken = drive(answers, EXPIRE_INVOICE)
        assert isinstance(result, exceptions.XenditSdkException)
        assert "get_invoice_by_id" not in sent(taken)


# ------------------------------------------------------------------------------------------ interrupts


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit(1), asyncio.CancelledError()], ids=repr)
def test_an_interrupted_create_says_that_the_invoice_may_exist(interrupt: BaseException) -> None:
    """In a note, which a traceback shows; it is the same exception, and a second note is added to the first."""
    for answers in ([interrupt], [LOST, interrupt]):
        with pytest.raises(type(interrupt)) as caught:
            drive(answers, CREATE_INVOICE)
        assert caught.value is interrupt
    notes = interrupt.__notes__  # type: ignore[union-attr]
    assert len(notes) == 2
    assert "external_id 'e' may exist" in notes[0]


def test_other_interrupts_have_no_note() -> None:
    """A read, an expire and a create of which nothing was sent say nothing."""
    for answers, operation in (([KeyboardInterrupt()], GET_INVOICE_BY_ID), ([KeyboardInterrupt()], EXPIRE_INVOICE)):
        with pytest.raises(KeyboardInterrupt) as caught:
            drive(answers, operation)
        assert not hasattr(caught.value, "__notes__")


def test_a_call_that_is_dropped_ends_quietly() -> None:
    """A generator that nobody drives any more is closed without a word."""
    events: list[Event] = []
    order = {"external_id": "e", "amount": 1}
    context = Context(
        key=lambda: "k", user_agent="t", host="h", policy=RetryPolicy(), budget=RetryBudget(), clock=Clock(),
        wall=lambda: 0.0, chance=lambda: 0.5, tell=events.append,
    )
    arguments = {"create_invoice_request": order}
    steps = exchange(
        CREATE_INVOICE.request(arguments), CREATE_INVOICE.read, context, Limits(1, 1, 1),
        recovery=lambda: CREATE_INVOICE.recovery(arguments, {}),  # type: ignore[misc]
    )
    next(steps)
    steps.close()
    assert [event.kind for event in events] == ["started", "finished"]


# ------------------------------------------------------------------------------------------ budget and events


def test_retries_spend_from_the_pools_budget() -> None:
    """5 a retry, 10 after a timeout; given back after success; a clean success gives 1; an empty one stops retries."""
    late = TransportError("timeout", "no answer in time", sent=True)
    budget = RetryBudget()
    drive([LOST, late, answered(503)], budget=budget)
    assert budget.tokens == 485
    drive([INVOICE], budget=budget)
    assert budget.tokens == 486
    drive([LOST, INVOICE], budget=budget)
    assert budget.tokens == 486
    assert budget.take(486)
    result, taken = drive([LOST], budget=budget)
    assert isinstance(result, exceptions.ConnectionException)
    assert len(taken) == 1
    lost, taken = drive([LOST, listed()], CREATE_INVOICE, budget=budget)
    assert isinstance(lost, exceptions.OutcomeUnknownException)
    assert sent(taken) == ["create_invoice", "get_invoices"]  # the first look-up is free


def test_events_tell_the_whole_call() -> None:
    """Started once, each attempt, each wait, finished once; routes and not ids, allowed headers alone."""
    events: list[Event] = []
    drive([answered(503, request_id="r", set_cookie="secret"), INVOICE], events=events)
    assert [event.kind for event in events] == ["started", "attempted", "retrying", "attempted", "finished"]
    assert {event.call for event in events} == {events[0].call}
    attempted, retrying, finished = events[1], events[2], events[-1]
    assert (attempted.status, attempted.outcome, attempted.error) == (503, "unknown", "ServiceException")
    assert attempted.headers == (("request-id", "r"),)
    assert attempted.route == "/v2/invoices/{invoice_id}"
    assert attempted.ms == pytest.approx(100)
    assert (retrying.wait, retrying.attempt) == (0.25, 1)
    assert (finished.outcome, finished.status, finished.attempt, finished.recovered) == ("done", 200, 2, False)
    assert pickle.loads(pickle.dumps(events)) == events


def test_the_events_of_a_recovered_create() -> None:
    """The look-up is told as what it is, under the name of the call."""
    events: list[Event] = []
    drive([LOST, listed(invoice())], CREATE_INVOICE, events=events)
    assert [(event.kind, event.method, event.operation) for event in events] == [
        ("started", "POST", "create_invoice"),
        ("attempted", "POST", "create_invoice"),
        ("retrying", "GET", "create_invoice"),
        ("attempted", "GET", "create_invoice"),
        ("finished", "POST", "create_invoice"),
    ]
    assert events[-1].recovered
    failed: list[Event] = []
    drive([LOST, *[listed()] * 4], CREATE_INVOICE, events=failed)
    assert (failed[-1].error, failed[-1].outcome) == ("OutcomeUnknownException", "unknown")


def test_an_attempt_whose_wait_was_too_long_is_not_made() -> None:
    """A sleep can last longer than it should: then the time is over."""
    clock = Clock()
    arguments = {"invoice_id": "x"}
    context = Context(
        key=lambda: "k", user_agent="t", host="h", policy=RetryPolicy(), budget=RetryBudget(), clock=clock,
        wall=lambda: 0.0, chance=lambda: 0.5, tell=lambda event: None,
    )
    steps = exchange(GET_INVOICE_BY_ID.request(arguments), GET_INVOICE_BY_ID.read, context, Limits(1, 1, 1))
    next(steps)
    assert isinstance(steps.send(LOST), Wait)
    clock.now += 5
    with pytest.raises(exceptions.ConnectionException) as caught:
        steps.send(None)
    assert caught.value.attempts == 1


# ------------------------------------------------------------------------------------------ resolving


def looked_for(answers: list[Any], wait: float = 0.0, since: float = 0.0, **sought: Any) -> tuple[Any, list[Any]]:
    """Search for an invoice; what was found or raised, and the steps."""
    clock = Clock()
    context = Context(
        key=lambda: "k", user_agent="t", host="h", policy=RetryPolicy(retries=0), budget=RetryBudget(), clock=clock,
        wall=lambda: BEGUN, chance=lambda: 0.5, tell=lambda event: None,
    )
    look_up = InvoiceLookUp(sought_of("e", **sought).made_since(since), {})
    return run(search(look_up, context, Limits(5, 1, 1), wait), answers, clock, 0.1)


def test_resolve_finds_the_one_that_fits() -> None:
    """At once, or after growing pauses while it may wait, over faults too."""
    found, taken = looked_for([listed(invoice())])
    assert (found.value.id, waits(taken)) == ("x", [])
    late, taken = looked_for([listed(), LOST, listed(), listed(invoice())], wait=20)
    assert (late.value.id, waits(taken)) == ("x", [0.5, 1.0, 2.0])
    old, _ = looked_for([listed(invoice(age=60), invoice("y"))], since=BEGUN - 1)
    assert old.value.id == "y"


def test_resolve_says_what_it_did_not_find() -> None:
    """None, several, or no answer: each is told, and the error can be resolved again."""
    none, taken = looked_for([listed()] * 3, wait=2)
    assert isinstance(none, exceptions.OutcomeUnknownException)
    assert (len(sent(taken)), none.candidates) == (3, ())
    assert none.sought.external_id == "e"
    wrong, _ = looked_for([listed(invoice(amount=7))], amount=5)
    assert [each.amount for each in wrong.candidates] == [7]
    several, _ = looked_for([listed(invoice("a"), invoice("b"))], wait=9)
    assert [each.id for each in several.candidates] == ["a", "b"]
    assert "2 invoices fit" in str(several)
    unreachable, _ = looked_for([UNREACHED])
    assert isinstance(unreachable, exceptions.ConnectionException)
    refused, taken = looked_for([answered(401)], wait=60)
    assert isinstance(refused, exceptions.UnauthorizedException)
    assert len(taken) == 1


# ------------------------------------------------------------------------------------------ error bodies


@pytest.mark.parametrize(
    ("name", "status", "code", "message", "errors"),
    [
        ("error__mekari-vcr-invoice-not-found-404.json", 404, "INVOICE_NOT_FOUND_ERROR", "Could not find invoice by id 6e86bc62165502ccd3c9dadf", ()),
        ("error__mekari-vcr-invalid-api-key-401.json", 401, "INVALID_API_KEY", "API key is not authorized for this API service", ()),
        (
            "error__mekari-vcr-invoice-external-id-nil-400.json",
            400,
            "API_VALIDATION_ERROR",
            "Invalid input data. Please check your request",
            (("external_id", '"external_id" must be a string'),),
        ),
        (
            "error__mekari-vcr-errors-without-message.json",
            400,
            "API_VALIDATION_ERROR",
            "the request was refused",
            (("phone", '"phone" length must be at least 9 characters long'),),
        ),
        ("error__mekari-vcr-status-code-shape-400.json", 400, "DATE_RANGE_TOO_BIG", "Date range is bigger than current maximum range", ()),
    ],
)
def test_recorded_error_bodies_are_read(name: str, status: int, code: str, message: str | None, errors: Any) -> None:
    """Code, message and fields at fault, in the shapes that were recorded."""
    error = error_of_answer(GET_INVOICE_BY_ID, answered(status, json.dumps(payload(name)).encode()))
    assert (error.errorCode, error.errorMessage, error.errors) == (code, message, errors)
    assert error.rawResponse == payload(name)
    assert (error.status, error.outcome) == (str(status), "rejected")
    assert code in str(error)
    assert all(text in str(error) for pair in errors for text in pair)
    assert error.model is None or error.model.error_code == code


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"errors": ["name is bad", "x"]}, (("", "name is bad"), ("", "x"))),
        ({"errors": [{"message": "bad", "path": "/body/items/0/price"}]}, (("items.0.price", "bad"),)),
        ({"errors": [{"message": "bad", "path": ["items", 0, "price"]}]}, (("items.0.price", "bad"),)),
        ({"errors": [{"field": ["a", "b"], "messages": ["x", "y"]}]}, (("a.b", "x"), ("a.b", "y"))),
        ({"validation": {"errors": [{"path": "limit", "message": "bad"}]}}, (("limit", "bad"),)),
        ({"errors": [5, None, {"path": {}}, {"messages": [5]}]}, ()),
        ({"errors": "x", "validation": []}, ()),
    ],
    ids=str,
)
def test_field_errors_of_every_shape(body: dict[str, Any], errors: Any) -> None:
    """Texts, field lists, paths as text or list, nested under validation; junk is passed over."""
    error = error_of_answer(CREATE_INVOICE, answered(400, json.dumps(body).encode()))
    assert error.errors == errors


@pytest.mark.parametrize("status", [300, 302, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [b"", b"<html>", b"down", b"[1,2]", b"12", b"\xff\xfe\x00", b'{"error_code":', b"null", b"NaN"], ids=repr)
def test_any_body_with_any_status_is_an_error_that_keeps_both(status: int, body: bytes) -> None:
    """Gateways answer HTML, nothing or rubbish: the status is never lost."""
    error = error_of_answer(GET_INVOICE_BY_ID, answered(status, body, content_type="text/html"))
    assert type(error) is exceptions.exception_for_status(status)
    assert error.status == str(status)
    assert error.body == body.decode("utf-8", "replace")
    assert error.rawResponse == {b"[1,2]": [1, 2], b"12": 12}.get(body, error.body)
    assert error.errorMessage
    assert str(error).startswith(str(status))
    assert error.model is None


def test_the_error_body_is_there_as_its_declared_model() -> None:
    """What the documentation lists per status is what `model` holds."""
    from xendit.invoice.model import (
        BadRequestError,
        InvoiceError404ResponseDefinition,
        InvoiceNotFoundError,
        ServerError,
    )

    body = b'{"error_code":"X","message":"y","errors":[1]}'
    for operation, status, cls in (
        (CREATE_INVOICE, 400, BadRequestError),
        (CREATE_INVOICE, 404, InvoiceNotFoundError),
        (GET_INVOICE_BY_ID, 404, InvoiceError404ResponseDefinition),
        (EXPIRE_INVOICE, 404, InvoiceNotFoundError),
        (EXPIRE_INVOICE, 503, ServerError),
    ):
        model = error_of_answer(operation, answered(status, body)).model
        assert type(model) is cls
        assert (model.error_code, model["errors"]) == ("X", [1])
    odd = error_of_answer(CREATE_INVOICE, answered(400, b'{"error_code":5,"message":"y"}'))
    assert (odd.model["error_code"], odd.errorCode) == (5, "")
