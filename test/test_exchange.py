"""One call as a generator, driven by hand: no socket, no clock, no luck."""

from __future__ import annotations

import json
from typing import Any

import pytest
from recorded import payload

from xendit import exceptions
from xendit.exchange import Result, Send, Wait, error_of_answer, exchange
from xendit.invoice.operations import CREATE_INVOICE, EXPIRE_INVOICE, GET_INVOICE_BY_ID
from xendit.operation import Response, TransportError
from xendit.policy import Limits, RetryPolicy

INVOICE = Response(200, {"content-type": "application/json"}, b'{"id":"x","amount":1}')
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
) -> tuple[Result | Exception, list[Any]]:
    """Feed the answers, each after some seconds; the result or error, and the steps taken."""
    clock = Clock()
    arguments: dict[str, Any] = {"invoice_id": "x", "create_invoice_request": {"external_id": "e", "amount": 1}}
    steps = exchange(
        operation.request(arguments),
        operation.read,
        key=lambda: "xnd_development_k",
        user_agent="test",
        limits=limits,
        policy=policy,
        clock=clock,
        wall=lambda: 0.0,
        chance=lambda: 1.0,
    )
    taken: list[Any] = []
    queue = list(answers)
    answer: Any = None
    try:
        while True:
            step = steps.send(answer)
            taken.append(step)
            if isinstance(step, Send):
                answer = queue.pop(0)
                clock.now += each
            else:
                answer = None
                clock.now += step.seconds
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


@pytest.mark.parametrize("operation", [CREATE_INVOICE, EXPIRE_INVOICE], ids=str)
def test_a_post_is_repeated_only_when_nothing_was_sent_or_on_429(operation: Any) -> None:
    """Anything else may have happened already."""
    for failure in (LOST, answered(500), answered(502), answered(503), answered(504)):
        result, taken = drive([failure], operation)
        assert isinstance(result, exceptions.XenditSdkException)
        assert (result.attempts, result.outcome) == (1, "unknown")
        assert len(taken) == 1
    for failure in (UNREACHED, answered(429)):
        result, _ = drive([failure, INVOICE], operation)
        assert isinstance(result, Result)


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


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>welcome</html>", b"[]", b'{"id":5}', b'{"id":"x"', b"null", b"12", b"\xff\xfe"],
    ids=repr,
)
def test_a_good_status_with_an_unreadable_body_is_a_response_exception(body: bytes) -> None:
    """The codec's error is the cause; status, headers and text are kept; a create is said to be done."""
    result, _ = drive([answered(200, body, content_type="text/html; x=1", request_id="r")], CREATE_INVOICE)
    assert isinstance(result, exceptions.ResponseException)
    assert isinstance(result.__cause__, (exceptions.ApiTypeError, exceptions.ApiValueError))
    assert (result.http_status, result.outcome, result.request_id) == (200, "done", "r")
    assert "text/html" in str(result)
    assert "welcome" not in str(result)


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
