"""The tree of errors: what it says, what it hides, and that it survives a queue."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from xendit import exceptions
from xendit.exceptions import (
    ApiKeyError,
    ApiTypeError,
    OpenApiException,
    XenditSdkException,
    exception_for_status,
    redact,
    shortened,
)
from xendit.invoice.model import BadRequestError

CLASSES = [
    cls
    for name in exceptions.__all__
    if isinstance(cls := getattr(exceptions, name), type) and issubclass(cls, OpenApiException)
]
EVIDENCE: dict[str, Any] = {
    "http_status": 400,
    "errorCode": "API_VALIDATION_ERROR",
    "errorMessage": "Invalid input data",
    "rawResponse": {"x": 1},
    "body": '{"x":1}',
    "headers": {"request-id": "abc"},
    "errors": [("external_id", "must be a string")],
    "operation": "create_invoice",
    "outcome": "rejected",
    "attempts": 2,
    "elapsed": 1.25,
    "retry_after": 3.0,
}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_exception_pickles_with_its_evidence(cls: type[OpenApiException]) -> None:
    """Celery, multiprocessing and error trackers get the same error back."""
    original: OpenApiException
    if issubclass(cls, exceptions.UnsupportedException):
        original = cls("no good", operation="create_payout")
    elif issubclass(cls, XenditSdkException):
        original = cls("no good", **EVIDENCE, model=BadRequestError("X", "y"))
    elif cls is OpenApiException or issubclass(cls, exceptions.WebhookException):
        original = cls("no good")
    else:
        original = cls("no good", ["items", 2])  # type: ignore[call-arg]
    made = pickle.loads(pickle.dumps(original))
    assert type(made) is cls
    assert str(made) == str(original)
    assert made.args == original.args
    assert vars(made) == vars(original)


def test_the_text_tells_what_support_will_ask_for() -> None:
    """Status, code, message, fields at fault, operation, request id, attempts: in one line, without the body."""
    error = exceptions.BadRequestException(**EVIDENCE)
    assert str(error) == (
        "400 API_VALIDATION_ERROR: Invalid input data; external_id: must be a string"
        " (create_invoice, request id abc, 2 requests in 1.2 s)"
    )
    assert repr(error) == f"BadRequestException({str(error)!r})"
    assert (error.status, error.http_status, error.request_id) == ("400", 400, "abc")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key xnd_development_abcDEF+/=12 refused", "key xnd_*** refused"),
        ("Basic eG5kX2RldmVsb3BtZW50Og== sent", "Basic *** sent"),
        ("mail ayu.putri@example.co.id is bad", "mail *** is bad"),
        ('"payer_email" with value "a@b.c" fails', '"payer_email" with value "***" fails'),
        ("phone +62 812-3456-789 is bad", "phone *** is bad"),
        (
            "Could not find invoice by id 6e86bc62165502ccd3c9dadf",
            "Could not find invoice by id 6e86bc62165502ccd3c9dadf",
        ),
        ("Basic auth is needed", "Basic auth is needed"),
    ],
)
def test_keys_and_personal_data_are_masked(text: str, shown: str) -> None:
    """What a server repeats of a request does not reach a log through an error's text."""
    assert redact(text) == shown
    assert str(XenditSdkException(errorMessage=text)) == shown


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestException"),
        (401, "UnauthorizedException"),
        (403, "ForbiddenException"),
        (404, "NotFoundException"),
        (409, "ConflictException"),
        (418, "XenditSdkException"),
        (429, "RateLimitException"),
        (302, "XenditSdkException"),
        (500, "ServiceException"),
        (599, "ServiceException"),
    ],
)
def test_statuses_have_classes(status: int, name: str) -> None:
    """One class a meaning, all of them XenditSdkException."""
    cls = exception_for_status(status)
    assert cls.__name__ == name
    assert issubclass(cls, XenditSdkException)


def test_errors_are_builtins_too() -> None:
    """`except ValueError` and its kin catch what they should, and the official base catches all."""
    assert issubclass(ApiTypeError, TypeError)
    assert issubclass(exceptions.ApiValueError, ValueError)
    assert issubclass(exceptions.ApiAttributeError, AttributeError)
    assert issubclass(exceptions.ConfigurationException, ValueError)
    assert str(ApiKeyError("no field 'x'")) == "no field 'x'"
    assert all(issubclass(cls, OpenApiException) for cls in CLASSES)


def test_the_drawn_tree_is_the_tree() -> None:
    """The picture in the module's docstring names every class below the one it is drawn under."""
    drawing = (exceptions.__doc__ or "").splitlines()
    drawn = {}
    stack: list[tuple[int, str]] = []
    for line in drawing:
        name = next((word for word in line.split() if word.endswith(("Exception", "Error"))), None)
        if name is None or not hasattr(exceptions, name):
            continue
        depth = line.index(name)
        while stack and stack[-1][0] >= depth:
            stack.pop()
        drawn[name] = stack[-1][1] if stack else None
        stack.append((depth, name))
    assert set(drawn) == {cls.__name__ for cls in CLASSES}
    for name, parent in drawn.items():
        assert parent is None or issubclass(getattr(exceptions, name), getattr(exceptions, parent))


@pytest.mark.parametrize(
    "cls", [cls for cls in CLASSES if issubclass(cls, XenditSdkException)], ids=lambda cls: cls.__name__
)
def test_a_shopper_is_told_nothing_technical(cls: type[XenditSdkException]) -> None:
    """`user_message` is short and names no code, key or API."""
    assert 10 < len(cls.user_message) < 110
    assert not any(word in cls.user_message for word in ("API", "Xendit", "HTTP", "key", "error"))


def test_a_shopper_is_told_the_truth() -> None:
    """Trying again in a minute mends no certificate; an error that no operation made names no page."""
    assert "try again" not in exceptions.TlsException.user_message
    assert "page" not in exceptions.NotFoundException.user_message


def test_a_long_text_is_cut_with_a_mark_and_keeps_what_to_do() -> None:
    """What went wrong stands at its beginning and what to do at its end; the middle can go."""
    advice = "Do not create it again before InvoiceApi.resolve(error) has looked for it"
    error = exceptions.OutcomeUnknownException("the invoice may exist: " + "x" * 10_000 + ". " + advice)
    assert str(error).startswith("the invoice may exist: xxx")
    assert str(error).endswith(advice)
    assert " … " in str(error)
    assert len(str(error)) == 2000
    of_server = exceptions.BadRequestException(
        errorMessage="m" * 600 + " Use IDR.", errors=[("items", "e" * 5000 + " must be a list")], errorCode="C" * 200
    )
    assert len(str(of_server)) < 2700
    for part in ("Use IDR.; items: e", " must be a list"):
        assert part in str(of_server)
    assert str(of_server).count(" … ") == 3


@pytest.mark.parametrize(("length", "cut"), [(99, False), (100, False), (101, True), (5000, True)])
def test_a_text_is_cut_at_its_limit(length: int, cut: bool) -> None:
    """Not before, and then to the character."""
    text = shortened("a" * (length - 1) + "z", 100)
    assert (len(text) == 100, " … " in text, text[-1]) == (length >= 100, cut, "z")
