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
from xendit.exchange import CallResult, Context, Send, Wait, error_of_answer, exchange
from xendit.exchange.waiting import search
from xendit.invoice.operations import (
    CREATE_INVOICE,
    EXPIRE_INVOICE,
    GET_INVOICE_BY_ID,
    InvoiceLookUp,
    sought_of,
)
from xendit.operation import Request, Response, TransportError, rate_limit_of
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


def context_of(**changed: Any) -> Context:
    """What a call is given: a clock that only the test moves, luck that is always the same, and nobody who listens."""
    usual: dict[str, Any] = {
        "key": lambda: "k",
        "user_agent": "t",
        "host": "h",
        "policy": RetryPolicy(),
        "budget": RetryBudget(),
        "clock": Clock(),
        "wall": lambda: BEGUN,
        "chance": lambda: 0.5,
        "tell": lambda event: None,
    }
    return Context(**{**usual, **changed})


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
    chance: Any = None,
) -> tuple[CallResult | Exception, list[Any]]:
    """Feed the answers, each after some seconds; the result or error, and the steps taken."""
    clock = Clock()
    arguments: dict[str, Any] = {
        "invoice_id": "x",
        "create_invoice_request": order or {"external_id": "e", "amount": 1},
    }
    context = context_of(
        key=lambda: "xnd_development_k",
        user_agent="test",
        host="http://test",
        policy=policy,
        budget=budget or RetryBudget(),
        clock=clock,
        wall=lambda: BEGUN + clock.now - 1000.0,
        chance=chance or (lambda: 1.0),
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


def run(steps: Any, answers: list[Any], clock: Clock, each: float) -> tuple[CallResult | Exception, list[Any]]:
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


def begun(
    operation: Any = CREATE_INVOICE,
    *,
    recovers: bool = True,
    read: Any = None,
    limits: Limits = Limits(9, 9, 9),  # noqa: B008
    **changed: Any,
) -> Any:
    """The steps of a call that the test drives itself; what is not usual of its context comes by name."""
    arguments: dict[str, Any] = {"invoice_id": "x", "create_invoice_request": {"external_id": "e", "amount": 1}}
    recovery = (lambda: operation.recovery(arguments, {})) if recovers and operation.recovery else None
    return exchange(
        operation.request(arguments), read or operation.read, context_of(**changed), limits, recovery=recovery
    )


def waits(taken: list[Any]) -> list[float]:
    """The waits among the steps."""
    return [step.seconds for step in taken if isinstance(step, Wait)]


def test_a_good_answer_is_read() -> None:
    """One attempt, the value, the answer and what it took."""
    result, taken = drive([INVOICE])
    assert isinstance(result, CallResult)
    assert (result.value.id, result.attempts, result.response) == ("x", 1, INVOICE)
    assert len(taken) == 1


@pytest.mark.parametrize(("status", "good"), [(199, False), (200, True), (299, True), (300, False)])
def test_a_good_answer_has_a_status_of_2xx(status: int, good: bool) -> None:
    """Of the statuses beside them none is, whatever the body says."""
    done, _ = drive([answered(status, b'{"id":"x"}')], GET_INVOICE_BY_ID)
    assert isinstance(done, CallResult) is good
    lost, _ = drive([TransportError("unreadable", "cut", sent=True, status=status)], GET_INVOICE_BY_ID)
    assert lost.outcome == ("done" if good else "unknown")


def test_a_get_is_tried_three_times_with_growing_waits() -> None:
    """Connection failures and 502, 503, 504, 429 are repeated; the last failure is raised."""
    result, taken = drive([LOST, answered(503), answered(504)])
    assert isinstance(result, exceptions.ServiceException)
    assert (result.attempts, result.http_status) == (3, 504)
    assert waits(taken) == [0.25, 0.5]
    assert result.elapsed == pytest.approx(1.05)
    recovered, _ = drive([UNREACHED, answered(502), INVOICE])
    assert isinstance(recovered, CallResult)
    assert recovered.attempts == 3


def test_a_create_is_sent_again_only_when_nothing_was_sent_or_on_429() -> None:
    """Anything else may have made the invoice."""
    for failure in (UNREACHED, answered(429)):
        result, taken = drive([failure, INVOICE], CREATE_INVOICE)
        assert isinstance(result, CallResult)
        assert sent(taken) == ["create_invoice", "create_invoice"]
        assert not result.recovered


def test_whether_a_request_may_be_repeated_is_asked_of_the_request() -> None:
    """A create that bears what makes it safe, such as an idempotency key that the API documents, is sent again."""

    class Keyed:
        name, repeatable, recovery, noun = "create_payout", False, None, "payout"
        echo, errors, user_messages = None, CREATE_INVOICE.errors, CREATE_INVOICE.user_messages
        method, path, kind, read = "POST", "/v2/payouts", CREATE_INVOICE.kind, CREATE_INVOICE.read

        def request(self, arguments: dict[str, Any]) -> Request:
            return Request(self, "POST", self.path, {}, b"{}", repeatable=True)  # type: ignore[arg-type]

    result, taken = drive([LOST, answered(503), INVOICE], Keyed())
    assert isinstance(result, CallResult)
    assert sent(taken) == ["create_payout"] * 3
    assert not result.recovered
    lost, taken = drive([LOST, LOST, LOST], Keyed())
    assert type(lost) is exceptions.ConnectionException
    assert all(step.request.repeatable for step in taken if isinstance(step, Send))


def test_the_servers_hint_is_kept_and_never_slept_beyond_the_budget() -> None:
    """A wait that does not fit is not begun: the error comes at once, with retry_after."""
    result, taken = drive([answered(429, retry_after="3"), INVOICE])
    assert isinstance(result, CallResult)
    assert waits(taken) == [pytest.approx(3.35)]
    late, taken = drive([answered(429, retry_after="3600")])
    assert isinstance(late, exceptions.RateLimitException)
    assert (late.retry_after, waits(taken), late.attempts) == (3600.0, [], 1)


@pytest.mark.parametrize("reset", ["3600", "999999999999999", "1795000030"])
def test_a_reset_that_no_window_has_is_capped_and_told(reset: str) -> None:
    """A minute is waited at most, a batch's pace included, and an event says so."""
    events: list[Event] = []
    answer = answered(429, rate_limit_reset=reset, rate_limit_remaining="0", request_id="r1")
    result, taken = drive([answer, INVOICE], limits=Limits(90, 3, 10), events=events)
    assert isinstance(result, CallResult)
    assert waits(taken) == [pytest.approx(61.0)]
    [told] = [event for event in events if event.kind == "reset_capped"]
    assert told.note == "Rate-Limit-Reset names a time that no window has; 60 seconds are taken"
    assert told.headers == (("request-id", "r1"),)
    assert rate_limit_of(answer.headers).reset == 60.0
    hurried, taken = drive([answer])
    assert isinstance(hurried, exceptions.RateLimitException)
    assert (hurried.retry_after, waits(taken)) == (60.0, [])


def test_an_explicit_hint_is_no_absurd_reset() -> None:
    """Where Retry-After says how long, the reset is not used, and nothing is said of it."""
    events: list[Event] = []
    drive([answered(429, retry_after="60", rate_limit_reset="3600"), INVOICE], limits=Limits(90, 3, 10), events=events)
    assert "reset_capped" not in {event.kind for event in events}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 521, 522, 523, 524, 530])
def test_a_5xx_is_tried_again_whatever_the_rate_limit_says(status: int) -> None:
    """Xendit's answers bear Rate-Limit headers: those of a quota that is not used up say nothing of a fault."""
    result, taken = drive([answered(status, rate_limit_reset="58.04", rate_limit_remaining="59"), INVOICE])
    assert isinstance(result, CallResult)
    assert waits(taken) == [0.25]


def test_look_ups_go_on_after_a_5xx_with_rate_limit_headers() -> None:
    """Four looks are promised, and one that met a 503 is followed by the next."""
    failed = answered(503, rate_limit_reset="58.04")
    found = Response(200, {}, b'[{"id":"x","external_id":"e","amount":1,"created":"2026-11-18T11:06:41.000Z"}]')
    result, taken = drive([LOST, failed, failed, found], CREATE_INVOICE)
    assert isinstance(result, CallResult)
    assert result.recovered
    assert sent(taken) == ["create_invoice", "get_invoices", "get_invoices", "get_invoices"]


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
    assert repr(Wait(0.25)) == "Wait(0.250)"
    assert "xnd" not in repr(taken)


BAD_BODIES = [
    b"",
    b"<html>welcome</html>",
    b"[]",
    b'{"id":5}',
    b'{"id":"x"',
    b"null",
    b"12",
    b"\xff\xfe",
    b'{"id":"y"}',
]


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


def whole(invoice: dict[str, Any]) -> Response:
    """The answer to a create or a get."""
    return answered(200, json.dumps(invoice).encode())


def invoice(id: str = "x", age: float = 0.0, **fields: Any) -> dict[str, Any]:
    """An invoice that is so many seconds older than the call."""
    created = datetime.fromtimestamp(BEGUN - age, timezone.utc).isoformat()
    return {"id": id, "external_id": "e", "amount": 1, "created": created, **fields}


def sent(taken: list[Any]) -> list[str]:
    """The operations among the steps."""
    return [step.request.operation.name for step in taken if isinstance(step, Send)]


LOSSES = [
    LOST,
    *map(answered, (302, 408, 425, 500, 501, 502, 503, 504, 999)),
    *(answered(200, body) for body in BAD_BODIES),
]


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_lost_create_is_looked_up_and_returned(loss: Any) -> None:
    """It is sent once; the look-up asks for the external_id; the result says that it was recovered."""
    result, taken = drive([loss, listed(invoice())], CREATE_INVOICE)
    assert isinstance(result, CallResult)
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
    assert isinstance(result, CallResult) is fits
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
@pytest.mark.filterwarnings("ignore:CreateInvoiceRequest")  # that it will be cut is said before it is sent
def test_an_amount_fits_as_its_currency_cuts_it(asked: Any, currency: Any, made: Any, of: Any, fits: bool) -> None:
    """IDR loses its decimals, others keep two; another currency than was sent is another invoice."""
    order = {"external_id": "e", "amount": asked, **({"currency": currency} if currency else {})}
    found = invoice(amount=made, **({"currency": of} if of else {}))
    result, _ = drive([LOST, *[listed(found)] * 4], CREATE_INVOICE, order=order)
    assert isinstance(result, CallResult) is fits


@pytest.mark.parametrize("skew", [-86400.0, -60.0, 0.0, 60.0, 86400.0])
def test_the_servers_clock_judges_what_is_new(skew: float) -> None:
    """However wrong our clock is: an invoice of this call fits, one of a minute ago does not."""
    for age, fits in ((-0.05, True), (60.0, False)):
        found = listed(invoice(age=age - skew), date=BEGUN + skew + 0.5)
        result, _ = drive([LOST, *[found] * 4], CREATE_INVOICE)
        assert isinstance(result, CallResult) is fits


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
    assert isinstance(result, CallResult)
    assert waits(taken) == [0.25, pytest.approx(2.25), 1.0]
    refused, taken = drive([LOST, answered(401)], CREATE_INVOICE)
    assert isinstance(refused, exceptions.OutcomeUnknownException)
    assert sent(taken) == ["create_invoice", "get_invoices"]
    assert "UnauthorizedException" in str(refused)


def test_a_create_leaves_a_third_of_its_time_to_the_look_up() -> None:
    """The request and its retries get two thirds."""
    result, taken = drive([LOST, listed(invoice())], CREATE_INVOICE, limits=Limits(3.0, 3.0, 3.0))
    assert isinstance(result, CallResult)
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
    assert isinstance(result, CallResult)
    assert (result.value.id, result.recovered) == ("x", True)
    assert sent(taken) == ["create_invoice", *["get_invoices"] * 5, "create_invoice", "get_invoices"]
    assert waits(taken)[4] == 10.0


def test_resend_expires_all_but_the_oldest() -> None:
    """When the first request arrived late after all, the younger one is taken back."""
    late, young = invoice("late", age=-1), invoice("young", age=-2)
    made, gone = whole(young), answered(200, b'{"id":"young","status":"EXPIRED"}')
    result, taken = drive([LOST, *SEARCHED, made, listed(young, late), gone], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, CallResult)
    assert result.value.id == "late"
    assert sent(taken)[-2:] == ["get_invoices", "expire_invoice"]
    assert taken[-1].request.target == "/invoices/young/expire!"


def test_resend_says_what_it_could_not_take_back() -> None:
    """The caller must expire the extra invoice: it is named."""
    first, second = invoice("a", age=-1), invoice("b", age=-2)
    answers = [LOST, *SEARCHED, whole(second), listed(first, second), answered(404)]
    result, _ = drive(answers, CREATE_INVOICE, on_unknown="resend")
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
        assert isinstance(result, CallResult)
        assert result.value.id == "x"


def test_resend_takes_back_its_own_when_the_list_shows_only_the_late_one() -> None:
    """A list can be behind: what the second answer said it made is there, listed or not."""
    gone = answered(200, b'{"id":"x","status":"EXPIRED"}')
    for created in (None, invoice(age=-9)["created"]):
        made = whole(invoice("x", created=created))
        answers = [LOST, *SEARCHED, made, listed(invoice("late", age=-1)), gone]
        result, taken = drive(answers, CREATE_INVOICE, on_unknown="resend")
        assert isinstance(result, CallResult)
        assert result.value.id == "late"
        assert taken[-1].request.target == "/invoices/x/expire!"


def test_resend_is_not_misled_by_a_list_of_others() -> None:
    """A list that holds invoices of another name was not filtered, so that absence from it says nothing."""
    for other in (invoice(external_id="another"), invoice(external_id=None)):
        result, taken = drive([LOST, *[listed(other)] * 5], CREATE_INVOICE, on_unknown="resend")
        assert isinstance(result, exceptions.OutcomeUnknownException)
        assert sent(taken).count("create_invoice") == 1
        late = [LOST, *[listed()] * 4, listed(other)]
        result, taken = drive(late, CREATE_INVOICE, on_unknown="resend")
        assert isinstance(result, exceptions.OutcomeUnknownException)
        assert sent(taken).count("create_invoice") == 1


def test_resend_finds_in_the_quiet_wait() -> None:
    """What arrives late is found before anything is sent again."""
    result, taken = drive([LOST, *[listed()] * 4, listed(invoice())], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, CallResult)
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
    assert isinstance(result, CallResult)
    assert sent(taken) == ["expire_invoice"] * 2
    assert not result.recovered


@pytest.mark.parametrize(
    "answers",
    [
        [LOST, answered(404)],
        [LOST, LOST, LOST],
        [LOST, answered(429), UNREACHED],
        [answered(200, b"<html>")],
        [answered(501)],
    ],
    ids=str,
)
def test_a_lost_expire_is_read_back(answers: list[Any]) -> None:
    """EXPIRED is success; paid is a conflict; PENDING leaves the error as it was; so does a read that fails."""
    found, taken = drive([*answers, EXPIRED], EXPIRE_INVOICE)
    assert isinstance(found, CallResult)
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


def test_an_interrupt_while_the_end_is_told_is_no_second_end() -> None:
    """A hook can be struck as well: the create has its note, and the call ends once."""
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        if event.kind == "finished":
            raise KeyboardInterrupt

    steps = begun(limits=Limits(1, 1, 1), tell=tell)
    next(steps)
    with pytest.raises(KeyboardInterrupt) as caught:
        steps.send(INVOICE)
    assert [event.kind for event in events] == ["started", "attempted", "finished"]
    assert "'e' may exist" in caught.value.__notes__[0]  # type: ignore[attr-defined]


def test_a_call_that_is_dropped_ends_quietly() -> None:
    """A generator that nobody drives any more is closed without a word."""
    events: list[Event] = []
    steps = begun(limits=Limits(1, 1, 1), tell=events.append)
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


def test_a_call_that_succeeds_in_the_end_gives_back_what_it_cost() -> None:
    """Also when its success is a look-up's or a read-back's, so that recoveries do not eat the budget."""
    for answers, operation in (
        ([LOST, listed(), listed(), listed(invoice())], CREATE_INVOICE),
        ([answered(429), LOST, LOST, listed(invoice())], CREATE_INVOICE),
        ([LOST, LOST, LOST, LOST, EXPIRED], EXPIRE_INVOICE),
        ([LOST, answered(503), INVOICE], GET_INVOICE_BY_ID),
    ):
        budget = RetryBudget()
        budget.take(100)
        result, _ = drive(answers, operation, budget=budget)
        assert isinstance(result, CallResult)
        assert budget.tokens == 400
    at_once = RetryBudget()
    at_once.take(100)
    drive([LOST, listed(invoice())], CREATE_INVOICE, budget=at_once)
    assert at_once.tokens == 401
    in_vain = RetryBudget()
    in_vain.take(100)
    drive([LOST, *[listed()] * 4], CREATE_INVOICE, budget=in_vain)
    assert in_vain.tokens == 385


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
    steps = begun(GET_INVOICE_BY_ID, limits=Limits(1, 1, 1), clock=clock)
    next(steps)
    assert isinstance(steps.send(LOST), Wait)
    clock.now += 5
    with pytest.raises(exceptions.ConnectionException) as caught:
        steps.send(None)
    assert caught.value.attempts == 1


# ------------------------------------------------------------------------------------------ resolving


def patient_context(clock: Clock, events: list[Event] | None = None) -> Context:
    """What a call is given that looks again and again: one attempt a look."""
    tell = (lambda event: None) if events is None else events.append
    return context_of(policy=RetryPolicy(retries=0), clock=clock, tell=tell)


def looked_for(
    answers: list[Any],
    wait: float = 0.0,
    since: float = 0.0,
    *,
    given: Any = None,
    events: list[Event] | None = None,
    each: float = 0.1,
    **sought: Any,
) -> tuple[Any, list[Any]]:
    """Search for an invoice, the one of an error when that is given; what was found or raised, and the steps."""
    clock = Clock()
    context = patient_context(clock, events)
    look_up = InvoiceLookUp(given or sought_of("e", **sought).made_since(since, dated=True), {})
    return run(search(look_up, context, Limits(5, 1, 1), wait), answers, clock, each)


def test_resolve_finds_the_one_that_fits() -> None:
    """At once, or after growing pauses while it may wait, over faults too."""
    found, taken = looked_for([listed(invoice())])
    assert (found.value.id, waits(taken)) == ("x", [])
    late, taken = looked_for([listed(), LOST, listed(), listed(invoice())], wait=20)
    assert (late.value.id, waits(taken)) == ("x", [0.5, 1.0, 2.0])
    old, _ = looked_for([listed(invoice(age=60), invoice("y"))], since=BEGUN - 1)
    assert old.value.id == "y"
    patient, taken = looked_for([*[listed()] * 7, listed(invoice())], wait=100)
    assert (patient.value.id, waits(taken)) == ("x", [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0])


@pytest.mark.parametrize("skew", [-3600.0, -30.0, 0.0, 30.0, 3600.0])
def test_resolve_learns_the_servers_clock_when_the_create_could_not(skew: float) -> None:
    """No answer to the create bore a Date, so that its moment is by our clock; the first answer to resolve sets it right."""
    lost, _ = drive([LOST], CREATE_INVOICE, on_unknown="raise")
    assert isinstance(lost, exceptions.OutcomeUnknownException)
    sought = pickle.loads(pickle.dumps(lost)).sought
    for age, fits in ((-0.05, True), (60.0, False)):
        answer = listed(invoice(age=age - skew), date=BEGUN + skew + 0.1)
        found, _ = looked_for([answer], given=sought)
        assert isinstance(found, CallResult) is fits
    known, _ = drive([answered(503, date="Wed, 18 Nov 2026 11:06:40 GMT")], CREATE_INVOICE, on_unknown="raise")
    assert isinstance(known, exceptions.OutcomeUnknownException)
    ours_is_wrong_now, _ = looked_for([listed(invoice(), date=BEGUN + 7200)], given=known.sought)
    assert isinstance(ours_is_wrong_now, CallResult)


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
        (
            "error__mekari-vcr-invoice-not-found-404.json",
            404,
            "INVOICE_NOT_FOUND_ERROR",
            "Could not find invoice by id 6e86bc62165502ccd3c9dadf",
            (),
        ),
        (
            "error__mekari-vcr-invalid-api-key-401.json",
            401,
            "INVALID_API_KEY",
            "API key is not authorized for this API service",
            (),
        ),
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
        (
            "error__mekari-vcr-status-code-shape-400.json",
            400,
            "DATE_RANGE_TOO_BIG",
            "Date range is bigger than current maximum range",
            (),
        ),
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
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"down", b"[1,2]", b"12", b"\xff\xfe\x00", b'{"error_code":', b"null", b"NaN"], ids=repr
)
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


# ------------------------------------------------------------------------------------------ the small print


def test_a_lost_create_is_looked_up_unless_told_otherwise() -> None:
    """The default of the generator itself; without a way to look it up the loss is told as it is."""
    steps = begun()
    next(steps)
    assert isinstance(steps.send(LOST), Wait)
    alone = begun(recovers=False)
    next(alone)
    with pytest.raises(exceptions.ConnectionException) as caught:
        alone.send(LOST)
    assert (caught.value.outcome, caught.value.sought) == ("unknown", None)


def test_an_interrupt_while_nothing_is_under_way_has_no_note() -> None:
    """Before the first attempt, or in the wait after the server has refused it: no invoice was made."""

    def interrupted() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        next(begun(key=interrupted))
    assert not hasattr(caught.value, "__notes__")
    steps = begun()
    next(steps)
    assert isinstance(steps.send(answered(429)), Wait)
    with pytest.raises(KeyboardInterrupt) as caught:
        steps.throw(KeyboardInterrupt())
    assert not hasattr(caught.value, "__notes__")
    dropped = begun()
    next(dropped)
    with pytest.raises(GeneratorExit) as closed:
        dropped.throw(GeneratorExit())
    assert not hasattr(closed.value, "__notes__")


def test_a_call_ends_once() -> None:
    """Also when it is interrupted while its end is told."""
    for answer in (INVOICE, answered(404)):
        events: list[Event] = []

        def tell(event: Event) -> None:
            events.append(event)  # noqa: B023 - called before the next round
            if event.kind == "finished":
                raise KeyboardInterrupt

        steps = begun(GET_INVOICE_BY_ID, tell=tell)
        next(steps)
        with pytest.raises(KeyboardInterrupt):
            steps.send(answer)
        assert [event.kind for event in events] == ["started", "attempted", "finished"]


def test_steps_show_what_they_are() -> None:
    """For whoever drives a call by hand."""
    assert repr(Wait(0.25)) == "Wait(0.250)"
    assert repr(next(begun())) == "Send(Request(create_invoice: POST /v2/invoices/))"


def test_a_result_says_what_it_took() -> None:
    """Seconds by the clock of the call."""
    result, _ = drive([UNREACHED, INVOICE])
    assert isinstance(result, CallResult)
    assert result.elapsed == pytest.approx(0.45)


def test_a_second_success_within_a_call_gives_back_no_more_than_was_spent() -> None:
    """A resend succeeds, and then its list does: three paid look-ups are given back once."""
    budget = RetryBudget()
    budget.take(100)
    answers = [LOST, *SEARCHED, INVOICE, listed(invoice())]
    result, _ = drive(answers, CREATE_INVOICE, on_unknown="resend", budget=budget)
    assert isinstance(result, CallResult)
    assert budget.tokens == 401


def test_a_failure_keeps_its_cause_without_frames() -> None:
    """The transport's own error, and the codec's: the frames below them hold what was sent."""
    cause = OSError("reset by peer")
    lost = TransportError("reset", "the connection was lost", sent=True)
    lost.__cause__ = cause
    told, _ = drive([lost] * 3)
    assert isinstance(told, exceptions.ConnectionException)
    assert told.__cause__ is cause
    unusable, _ = drive([answered(200, b'{"id":"x"')])
    problem = unusable.__cause__  # type: ignore[union-attr]
    assert isinstance(problem, exceptions.ApiValueError)
    assert problem.__traceback__ is None
    assert problem.__context__ is None


def test_what_led_to_an_unusable_answer_is_not_kept() -> None:
    """A reader that fails while it handles an error of its own shows the last one alone."""

    def read(response: Response) -> Any:
        try:
            raise KeyError(response.text)
        except KeyError:
            raise exceptions.ApiValueError("odd")  # noqa: B904 - the context is what is looked at

    steps = begun(GET_INVOICE_BY_ID, read=read)
    next(steps)
    with pytest.raises(exceptions.ResponseException) as caught:
        steps.send(INVOICE)
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__context__ is None


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"", "the answer is empty"),
        (502, b"<html>", "the answer is text/html, not Xendit's"),
        (400, b"[1]", "the answer is not an error that Xendit documents"),
        (307, b"", "a redirect, which is not followed"),
        (307, b'{"a":1}', "a redirect, which is not followed"),
        (400, b"{}", "no message was given"),
        (400, b'{"errors":["x"]}', "the request was refused"),
    ],
)
def test_an_answer_without_a_message_is_described(status: int, body: bytes, said: str) -> None:
    """In words that say what kind of answer it was."""
    error = error_of_answer(GET_INVOICE_BY_ID, answered(status, body, content_type="text/html; charset=x"))
    assert error.errorMessage == said
    untyped = error_of_answer(GET_INVOICE_BY_ID, answered(502, b"<html>"))
    assert untyped.errorMessage == "the answer is not JSON, not Xendit's"


def test_a_field_error_without_a_readable_path_keeps_its_message() -> None:
    """A path of another kind is no path."""
    error = error_of_answer(CREATE_INVOICE, answered(400, b'{"errors":[{"path":{"a":1},"message":"bad"}]}'))
    assert error.errors == (("", "bad"),)


def test_the_events_of_failures_and_of_a_search() -> None:
    """A failed call ends with its status; a look-up that found nothing says so; a search is told like a call."""
    events: list[Event] = []
    drive([answered(404)], events=events)
    assert (events[-1].kind, events[-1].status, events[-1].outcome) == ("finished", 404, "rejected")
    lost: list[Event] = []
    drive([LOST, listed(), listed(invoice())], CREATE_INVOICE, events=lost)
    retrying = [(event.error, event.outcome, event.status) for event in lost if event.kind == "retrying"]
    assert retrying == [("ConnectionException", "unknown", None), ("nothing found", "done", None)]
    sought: list[Event] = []
    looked_for([listed(), listed(invoice())], wait=9, events=sought)
    assert [event.kind for event in sought] == ["started", "attempted", "retrying", "attempted", "finished"]
    assert {event.operation for event in sought} == {"get_invoices"}


def test_an_event_holds_nothing_that_is_not_known_yet() -> None:
    """None and nothing until there is something; milliseconds of the attempt, or since the call started."""
    events: list[Event] = []
    drive([UNREACHED, INVOICE], events=events)
    started, attempted, retrying, _, finished = events
    assert (started.outcome, started.status, started.error, started.wait, started.ms) == (None, None, None, 0.0, 0.0)
    assert (attempted.outcome, attempted.status, attempted.wait, attempted.headers) == ("not_sent", None, 0.0, ())
    assert (retrying.wait, retrying.ms) == (0.25, pytest.approx(100))
    assert (finished.error, finished.wait, finished.ms) == (None, 0.0, pytest.approx(450))


def test_the_first_attempt_is_made_however_little_time_there_is() -> None:
    """A budget below a millisecond is still one attempt."""
    result, taken = drive([INVOICE], limits=Limits(0.0005, 1, 1), each=0.0001)
    assert isinstance(result, CallResult)
    assert taken[0].limits.total == 0.0005


def test_a_name_alone_is_sought_at_any_age() -> None:
    """Whatever the server's clock says: without the moment of a create there is no bound."""
    for skew in (-86400.0, 86400.0, 60 * 365 * 86400.0):
        found, _ = looked_for([listed(invoice(age=7 * 86400.0), date=BEGUN + skew)], given=sought_of("e"))
        assert isinstance(found, CallResult)
    absent, _ = looked_for([listed()])
    assert isinstance(absent, exceptions.OutcomeUnknownException)
    assert (absent.operation, absent.outcome) == ("resolve", "unknown")


TOLD = b'{"error_code":"SERVER_ERROR","message":"down","errors":[{"path":"amount","message":"odd"}]}'


def test_what_went_wrong_first_stays_on_an_unknown_outcome() -> None:
    """Code, message, body, headers, fields at fault, model, hint: all that the server said."""
    answer = answered(500, TOLD, request_id="r", retry_after="7")
    plain = error_of_answer(CREATE_INVOICE, answer)
    lost, _ = drive([answer], CREATE_INVOICE, on_unknown="raise")
    assert isinstance(lost, exceptions.OutcomeUnknownException)
    for name in ("http_status", "errorCode", "errorMessage", "rawResponse", "body", "headers", "errors", "operation"):
        assert getattr(lost, name) == getattr(plain, name), name
        assert getattr(lost, name), name
    assert type(lost.model) is type(plain.model)
    assert (lost.retry_after, lost.request_id, lost.outcome) == (7.0, "r", "unknown")
    assert "the invoice may exist: down; it was not looked up. Do not" in str(lost)


def test_an_error_says_which_operation_failed_and_keeps_the_headers() -> None:
    """Whichever way it failed."""
    refused = error_of_answer(EXPIRE_INVOICE, answered(404, b"{}", request_id="r"))
    unusable, _ = drive([answered(200, b'{"id":5}', request_id="r")])
    conflict, _ = drive([answered(501, request_id="r"), PAID], EXPIRE_INVOICE)
    for error, operation in (
        (refused, "expire_invoice"),
        (unusable, "get_invoice_by_id"),
        (conflict, "expire_invoice"),
    ):
        assert isinstance(error, exceptions.XenditSdkException)
        assert (error.operation, error.request_id) == (operation, "r")
    assert isinstance(unusable, exceptions.ResponseException)
    assert (unusable.rawResponse, unusable.body) == ({"id": 5}, '{"id":5}')


@pytest.mark.parametrize(("status", "good"), [(199, False), (200, True), (299, True), (300, False)])
def test_which_statuses_are_good(status: int, good: bool) -> None:
    """The two hundreds."""
    result, _ = drive([Response(status, {}, INVOICE.data)])
    assert isinstance(result, CallResult) is good


@pytest.mark.parametrize(("status", "redirect"), [(299, False), (300, True), (399, True), (400, False)])
def test_which_statuses_are_redirects(status: int, redirect: bool) -> None:
    """The three hundreds."""
    error = error_of_answer(GET_INVOICE_BY_ID, answered(status))
    assert (error.errorMessage == "a redirect, which is not followed") is redirect


def test_the_authorization_hides_itself() -> None:
    """A traceback that shows variables shows asterisks."""
    _, taken = drive([INVOICE])
    assert repr(taken[0].request.headers["authorization"]) == "'***'"


def test_a_retry_after_a_timeout_costs_more() -> None:
    """Two retries each: 10 after silence, 5 after a reset."""
    late = TransportError("timeout", "no answer in time", sent=True)
    for failure, left in ((late, 480), (LOST, 490)):
        budget = RetryBudget()
        drive([failure] * 3, budget=budget)
        assert budget.tokens == left


def test_a_search_begins_no_look_when_its_time_is_over() -> None:
    """Not even at its last moment."""
    absent, taken = looked_for([listed(), listed(invoice())], wait=0.75, each=0.25)
    assert isinstance(absent, exceptions.OutcomeUnknownException)
    assert len(sent(taken)) == 1
    assert str(absent).startswith("no invoice fits yet")
    some, _ = looked_for([listed(invoice("a"), invoice("b"), invoice("z", age=99))], since=BEGUN - 5)
    assert [each.id for each in some.candidates] == ["a", "b"]


def test_a_look_up_that_does_not_fit_the_time_ends_the_looking() -> None:
    """No shorter wait is drawn instead; nothing is sent again on the strength of a look that was not made."""
    chances = iter([0.5, 1.0, 0.0, 0.0, 0.0])
    late, taken = drive(
        [LOST], CREATE_INVOICE, limits=Limits(3, 3, 3), each=2.9, on_unknown="resend", chance=lambda: next(chances)
    )
    assert isinstance(late, exceptions.OutcomeUnknownException)
    assert "; there was no time to look it up. Do not" in str(late)
    assert sent(taken) == ["create_invoice"]


def test_resend_whose_answer_is_lost_too_returns_what_the_list_shows() -> None:
    """The one invoice that stands there."""
    result, taken = drive([LOST, *SEARCHED, LOST, listed(invoice())], CREATE_INVOICE, on_unknown="resend")
    assert isinstance(result, CallResult)
    assert result.value.id == "x"
    assert sent(taken).count("create_invoice") == 2


def test_a_refused_create_is_not_looked_up() -> None:
    """The server said no: that is all."""
    result, taken = drive([answered(400)], CREATE_INVOICE)
    assert isinstance(result, exceptions.BadRequestException)
    assert sent(taken) == ["create_invoice"]


def test_what_the_errors_of_a_lost_create_say() -> None:
    """Word for word: they are read on a bad day."""
    lost, _ = drive([LOST, *[listed()] * 4], CREATE_INVOICE)
    said = lost.args[0]  # type: ignore[union-attr]
    assert said == (
        "the invoice may exist: the connection was lost; it was looked up and not found, which proves nothing yet. Do"
        " not create it again before InvoiceApi.resolve(error) has looked for it"
    )
    absent, _ = looked_for([listed()])
    assert absent.args == (
        "no invoice fits yet, which does not prove that none will; do not create it again before you know",
    )


def test_what_an_unusable_answer_is_called() -> None:
    """By its kind, cut, and its size."""
    long, _ = drive([answered(200, b"<p>", content_type="text/" + "x" * 99 + "; charset=utf-8")])
    assert str(long.args[0]).startswith(f"the answer (text/{'x' * 55}, 3 bytes) cannot be used: ")  # type: ignore[union-attr]
    untyped, _ = drive([answered(200, b"<p>")])
    assert str(untyped.args[0]).startswith("the answer (no content type, 3 bytes) cannot be used: ")  # type: ignore[union-attr]


def test_codes_and_messages_under_all_their_names() -> None:
    """Products of Xendit differ in how they name them."""
    for body in (b'{"errorCode":"X","errorMessage":"y"}', b'{"error":"X","error_message":"y"}'):
        error = error_of_answer(CREATE_INVOICE, answered(400, body))
        assert (error.errorCode, error.errorMessage) == ("X", "y")
    many = json.dumps({"errors": ["x"] * 150}).encode()
    assert len(error_of_answer(CREATE_INVOICE, answered(400, many)).errors) == 100


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "done"), (299, "done"), (300, "unknown"), (503, "unknown"), (None, "unknown")]
)
def test_the_outcome_of_an_answer_that_was_not_read_to_its_end(status: int | None, outcome: str) -> None:
    """The status came before: it says what was done."""
    told, _ = drive([TransportError("unreadable", "too long", sent=True, status=status)])
    assert isinstance(told, exceptions.ResponseException)
    assert (told.outcome, told.operation) == (outcome, "get_invoice_by_id")


def test_the_history_and_events_of_a_success() -> None:
    """An attempt that brought what was wanted has no error; each has its own milliseconds."""
    events: list[Event] = []
    drive([answered(503), INVOICE], events=events)
    first, retrying, second = events[1:4]
    assert retrying.status == 503
    assert (first.ms, second.ms) == (pytest.approx(100), pytest.approx(100))
    assert (second.outcome, second.error) == ("done", None)
    assert events[0].call == 2**53
    lost, _ = drive([LOST, *[listed()] * 4], CREATE_INVOICE)
    assert [(each.outcome, each.error) for each in lost.history[1:]] == [("done", None)] * 4  # type: ignore[union-attr]
    _, taken = drive([INVOICE])
    assert taken[0].request.headers["user-agent"] == "test"


def test_an_expire_leaves_time_to_be_read_back_whatever_is_said_of_creates() -> None:
    """`on_unknown` is for creates."""
    _, taken = drive([EXPIRED], EXPIRE_INVOICE, limits=Limits(3.0, 3.0, 3.0), on_unknown="raise")
    assert taken[0].limits.total == pytest.approx(2.0)


def test_no_look_is_begun_with_less_than_a_millisecond() -> None:
    """It could only fail."""
    late, taken = drive([LOST], CREATE_INVOICE, limits=Limits(1.0, 1, 1), each=0.7495)
    assert isinstance(late, exceptions.OutcomeUnknownException)
    assert sent(taken) == ["create_invoice"]
    resent, taken = drive([LOST, *[listed()] * 4], CREATE_INVOICE, limits=Limits(14.2505, 9, 9), on_unknown="resend")
    assert "no time to look long enough" in str(resent)
    assert sent(taken).count("create_invoice") == 1


def test_when_a_slow_call_began_by_the_servers_clock() -> None:
    """What the Date says less what the call took until then."""
    for age, fits in ((-1.0, True), (4.0, False)):
        found = [listed(invoice(age=age), date=BEGUN + ended) for ended in (18.25, 27.75, 37.75, 48.75)]
        result, _ = drive([LOST, *found], CREATE_INVOICE, limits=Limits(90, 9, 9), each=9.0)
        assert isinstance(result, CallResult) is fits


def test_a_search_without_a_date_keeps_the_bound_it_was_given() -> None:
    """Neither a second more nor one less; each look has the whole time of a look; pauses grow up to 8 s."""
    sought = sought_of("e").made_since(BEGUN, dated=False)
    for age, fits in ((-0.5, True), (0.5, False)):
        found, _ = looked_for([listed(invoice(age=age))], given=sought)
        assert isinstance(found, CallResult) is fits
    _, taken = looked_for([listed()] * 7, wait=24)
    assert waits(taken) == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0][: len(waits(taken))]
    assert waits(taken)[-2:] == [4.0, 8.0]
    assert {step.limits.total for step in taken if isinstance(step, Send)} == {5.0}


def test_an_interrupt_of_what_cannot_be_looked_up_has_no_note() -> None:
    """It passes through as it is."""
    alone = begun(recovers=False)
    next(alone)
    with pytest.raises(KeyboardInterrupt) as caught:
        alone.throw(KeyboardInterrupt())
    assert not hasattr(caught.value, "__notes__")


def test_a_look_up_has_what_is_left_of_the_call_and_says_how_it_failed() -> None:
    """The budget is one for all requests of a call."""
    refused, taken = drive([LOST, answered(401)], CREATE_INVOICE, limits=Limits(3.0, 3.0, 3.0))
    assert taken[-1].limits.total == pytest.approx(3.0 - 0.1 - 0.25)
    assert "; looking it up failed (UnauthorizedException). Do not" in str(refused)


def test_resend_whose_answer_cannot_be_used_returns_what_the_list_shows() -> None:
    """The server said yes: the list says to what."""
    result, _ = drive(
        [LOST, *SEARCHED, answered(200, b"<html>"), listed(invoice())], CREATE_INVOICE, on_unknown="resend"
    )
    assert isinstance(result, CallResult)
    assert result.value.id == "x"
