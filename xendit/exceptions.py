"""Every error this library raises, and the one warning category it uses. Nothing else lives here.

    OpenApiException
    ├── ApiTypeError (TypeError)             a value of the wrong type, before any I/O
    ├── ApiValueError (ValueError)           a value of the right type that cannot be used
    ├── ApiAttributeError (AttributeError)   an attribute that no model has
    ├── ApiKeyError (KeyError)               a key that no model has
    ├── WebhookException                     a request to your webhook endpoint that is not to be believed
    │   ├── WebhookBodyException         400
    │   ├── WebhookTokenException        401
    │   ├── WebhookSizeException         413
    │   └── WebhookTypeException         415
    └── XenditSdkException                   a call that failed, or could not be made
        ├── ConfigurationException (ValueError)   a bad key or setting; nothing was sent
        ├── JournalException                      the journal of a batch cannot be read or written
        ├── ConnectionException                   no answer: refused, reset, name not found
        │   ├── TlsException                      the certificate or the handshake was refused
        │   └── TimeoutException                  no answer in time
        ├── ResponseException                     an answer that cannot be read or trusted
        ├── OutcomeUnknownException               it may have been created; look before creating again
        ├── UnsupportedException (NotImplementedError)   a product that this package does not have
        ├── BadRequestException          400
        ├── UnauthorizedException        401
        ├── ForbiddenException           403
        ├── NotFoundException            404
        ├── ConflictException            409
        ├── RateLimitException           429
        └── ServiceException             5xx

Any other status is a plain XenditSdkException. All of them pickle, and none shows an API key or
personal data in its text; what the server sent is kept whole in `body`, `rawResponse`, `headers` and `model`.
"""

from __future__ import annotations

from xendit.headers import Headers
from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = [
    "ApiAttributeError",
    "ApiKeyError",
    "ApiTypeError",
    "ApiValueError",
    "BadRequestException",
    "ConfigurationException",
    "ConflictException",
    "ConnectionException",
    "ForbiddenException",
    "JournalException",
    "NotFoundException",
    "OpenApiException",
    "OutcomeUnknownException",
    "RateLimitException",
    "ResponseException",
    "ServiceException",
    "TimeoutException",
    "TlsException",
    "UnauthorizedException",
    "UnsupportedException",
    "WebhookBodyException",
    "WebhookException",
    "WebhookSizeException",
    "WebhookTokenException",
    "WebhookTypeException",
    "XenditSdkException",
    "XenditWarning",
    "exception_for_status",
    "redact",
]


class XenditWarning(UserWarning):
    """Something was accepted that is probably a mistake: an unknown field, a value the API changes."""


def redact(text: str) -> str:
    """The text with API keys, credentials, e-mail addresses and phone numbers replaced by `***`."""
    import re

    text = re.sub(r"eG5k[A-Za-z0-9+/=]{8,}", "***", text)  # a key in Base64
    text = re.sub(r"xnd_[A-Za-z]+_[A-Za-z0-9+/=_-]*", "xnd_***", text)
    text = re.sub(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._-]{8,}", r"\1 ***", text)
    text = re.sub(r"[^\s\"'<>()\[\]{},;:=@]{1,64}@[^\s\"'<>()\[\]{},;:=@]{1,255}", "***", text)
    return re.sub(r"\+\d[\d ()-]{6,}\d", "***", text)


def shortened(text: str, limit: int) -> str:
    """A text of at most this many characters.

    It is cut in the middle, with a mark there, because a message begins with what went wrong and ends with what to do.
    """
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 3]} … {text[-tail:]}"


def _revive(cls: type[OpenApiException], args: tuple[object, ...], state: dict[str, object]) -> OpenApiException:
    """An exception as it was pickled; no constructor runs, so its signature may grow."""
    exception = cls.__new__(cls, *args)
    exception.args = args
    exception.__dict__.update(state)
    return exception


class OpenApiException(Exception):
    """The base of every error of this library."""

    def __reduce__(self) -> tuple[object, ...]:
        return _revive, (type(self), self.args, self.__dict__.copy())

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre><b>{type(self).__name__}</b>: {escape(str(self))}</pre>"


@hinted
class _InvalidItem(OpenApiException):
    """The base of errors about one value: it says where the value was."""

    path_to_item: tuple[str | int, ...]
    """Where the value stands, such as `("items", 2, "price")`; empty when it is not inside anything."""

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(msg)
        self.path_to_item = tuple(path_to_item or ())


class ApiTypeError(_InvalidItem, TypeError):
    """A value of a type that the field or parameter does not take. Nothing was sent."""


class ApiValueError(_InvalidItem, ValueError):
    """A value of the right type that cannot be used: NaN, an empty id, text that is no date. Nothing was sent."""


class ApiAttributeError(_InvalidItem, AttributeError):
    """An attribute that the model does not have."""


class ApiKeyError(_InvalidItem, KeyError):
    """A key that is no field of the model and was not in what the server sent."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class WebhookException(OpenApiException):
    """A request to your webhook endpoint that is not to be believed. Its text shows neither token nor body."""

    http_status: int = 400
    """The HTTP status to answer."""
    answer: str = "the request cannot be read"
    """What the answer may say: a fixed text, the same for every cause of this class."""


class WebhookBodyException(WebhookException):
    """400: the body is not JSON, not UTF-8, nested too deeply, or not as long as the request said."""

    answer = "the body is not JSON"


class WebhookTokenException(WebhookException):
    """401: the header `x-callback-token` is missing, there twice, or not one of your tokens."""

    http_status = 401
    answer = "the header x-callback-token is missing or wrong"


class WebhookSizeException(WebhookException):
    """413: the body is longer than the limit."""

    http_status = 413
    answer = "the body is too long"


class WebhookTypeException(WebhookException):
    """415: the body says that it is something else than JSON, or compressed."""

    http_status = 415
    answer = "the body must be application/json"


@hinted
class XenditSdkException(OpenApiException):
    """A call that failed. Its class says how; its attributes hold the evidence.

    `str()` names status, code, message, the fields at fault and the request id, and never the body,
    which may hold personal data.
    """

    status: str
    """The HTTP status as text, such as `"404"`; empty when there was no answer."""
    http_status: int | None
    """The HTTP status as a number; None when there was no answer."""
    errorCode: str
    """Xendit's `error_code`, such as `"INVOICE_NOT_FOUND_ERROR"`, or empty. An open list: compare, do not enumerate."""
    errorMessage: str
    """Xendit's `message`, unchanged; it may repeat what was sent. Without one, what went wrong in our words."""
    body: str | None
    """The answer's body as text, cut at the limit for error bodies; None when there was no answer."""
    rawResponse: Any
    """The body as the official exception has it: decoded when it is JSON, else its text."""
    headers: Headers
    """The answer's headers, found by name in any case; empty when there was no answer."""
    errors: tuple[tuple[str, str], ...]
    """The fields that Xendit found fault with, as (path, message) pairs, such as `("external_id", "must be a string")`."""
    model: Any
    """The error body as its declared model (BadRequestError, InvoiceNotFoundError …), or None when it is not JSON."""
    operation: str | None
    """The operation that failed, such as `"create_invoice"`."""
    outcome: str | None
    """What happened to the request: `"not_sent"`, `"rejected"`, `"unknown"` (the server may have acted) or `"done"`."""
    attempts: int
    """How many times the request was tried."""
    elapsed: float
    """Seconds from the start of the call to its failure, waits included."""
    retry_after: float | None
    """Seconds after which the server said to come back, or None."""
    history: tuple[Any, ...]
    """Every attempt of the call as a `xendit.events.Attempt`: what was sent, its outcome, status and wait."""
    idempotency_key: str | None = None
    """The idempotency key with which the request was sent, if the API documents one. A call that is given this key may
        repeat the request, however this call ended. None if there is no key."""
    sought: Any
    """What identifies the thing that a failed create may have made, for `InvoiceApi.resolve` and its like; else
    None."""

    user_message = "The payment service could not complete the request. Please try again later."
    """A short text fit for a shopper: no code, no internals. An operation may have a better one for a status."""

    def __init__(
        self,
        message: str = "",
        *,
        http_status: int | None = None,
        errorCode: str = "",  # noqa: N803 - the official attribute's name
        errorMessage: str = "",  # noqa: N803
        rawResponse: object = None,  # noqa: N803
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[tuple[str, str]] = (),
        model: object = None,
        operation: str | None = None,
        outcome: str | None = None,
        attempts: int = 0,
        elapsed: float = 0.0,
        retry_after: float | None = None,
        history: Sequence[object] = (),
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.status = "" if http_status is None else str(http_status)
        self.errorCode = errorCode
        self.errorMessage = errorMessage or message
        self.body = body
        self.rawResponse = body if rawResponse is None else rawResponse
        self.headers = Headers(headers or {})
        self.errors = tuple(errors)
        self.model = model
        self.operation = operation
        self.outcome = outcome
        self.attempts = attempts
        self.elapsed = elapsed
        self.retry_after = retry_after
        self.history = tuple(history)
        self.sought = None

    @property
    def request_id(self) -> str | None:
        """Xendit's `Request-Id`: the one thing to quote when you write to their support."""
        value: str | None = self.headers.get("request-id")
        return value

    @property
    def status_code(self) -> int | None:
        """`http_status` under its name in xendit-python 0.x, whose class XenditError this class replaces."""
        return self.http_status

    @property
    def error_code(self) -> str:
        """`errorCode` under the name that it had in xendit-python 0.x."""
        return self.errorCode

    @property
    def message(self) -> str:
        """`errorMessage` under a name that programs for xendit-python 0.x use."""
        return self.errorMessage

    def __str__(self) -> str:
        told = " ".join(part for part in (self.status, shortened(self.errorCode, 100)) if part)
        said = shortened(str(self.args[0]), 2000) if self.args and self.args[0] else shortened(self.errorMessage, 500)
        text = ": ".join(part for part in (told, said) if part)
        if self.errors:
            faults = "; ".join(f"{path}: {message}" if path else message for path, message in self.errors)
            text += "; " + shortened(faults, 2000)
        evidence = [self.operation or ""]
        if self.request_id:
            evidence.append(f"request id {self.request_id}")
        if self.attempts > 1:
            evidence.append(f"{self.attempts} requests in {self.elapsed:.1f} s")
        shown = ", ".join(part for part in evidence if part)
        whole = redact(text + (f" ({shortened(shown, 500)})" if shown else ""))
        return "".join(each if each.isprintable() else " " for each in whole)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class ConfigurationException(XenditSdkException, ValueError):
    """A missing or unusable key, host or setting. No request was made."""

    user_message = "Payments are not set up correctly. Please contact the shop."


class JournalException(XenditSdkException):
    """The journal of a batch cannot be read or written: the disk is full, another program has locked it, or its
    database does not answer.

    `__cause__` is the database's error. `outcome` is `"unknown"` when an invoice was made and the journal could not
    note it; the next run of the same batch looks that invoice up.
    """


class ConnectionException(XenditSdkException):
    """No answer came: the connection was refused, reset or could not be made."""

    user_message = "The payment service cannot be reached at the moment. Please try again in a minute."


class TlsException(ConnectionException):
    """The server's certificate or the TLS handshake was refused. Nothing was sent.

    Another attempt would fail in the same way. Check the certificate file, the clock, and any proxy on the way.
    """

    user_message = "A secure connection to the payment service could not be made. Please contact the shop."


class TimeoutException(ConnectionException):
    """No answer came in time. `outcome` says whether the server may have acted."""


class ResponseException(XenditSdkException):
    """An answer that cannot be read or does not fit the request. `__cause__` says what was wrong with it."""


@hinted
class OutcomeUnknownException(XenditSdkException):
    """The request was sent, and it is not known what became of it: the thing that it was to create may exist.

    Do not create it again. `InvoiceApi.resolve(error)` looks an invoice up, at once or later. `__cause__` is what went
    wrong first.
    """

    candidates: tuple[Any, ...] = ()
    """Things that bear the same id (for an invoice, the `external_id`): all that fit, or if none fits, all that were
    found."""

    user_message = "We could not confirm it yet. Please do not order again; check back in a minute."


class UnsupportedException(XenditSdkException, NotImplementedError):
    """A product of Xendit's, or a name of xendit-python 0.x, that this package does not have. Nothing was sent."""

    def __init__(self, message: str = "", *, operation: str | None = None) -> None:
        super().__init__(message, operation=operation, outcome="not_sent")


class BadRequestException(XenditSdkException):
    """400: the request was refused. `errors` and `errorCode` say why."""

    user_message = "The payment could not be set up with these details."


class UnauthorizedException(XenditSdkException):
    """401: the API key is missing, wrong, revoked, or public where a secret one is needed."""

    user_message = "Payments are not set up correctly. Please contact the shop."


class ForbiddenException(XenditSdkException):
    """403: the key may not do this, the account is suspended, or the sender's address is not allowed."""

    user_message = "Payments are not set up correctly. Please contact the shop."


class NotFoundException(XenditSdkException):
    """404: the thing that was asked for, or that the request refers to, does not exist. `expire_invoice` raises it also
    for an invoice that is no longer PENDING.
    """

    user_message = "What was asked for does not exist or can no longer be used."


class ConflictException(XenditSdkException):
    """409: the request conflicts with an earlier one."""


class RateLimitException(XenditSdkException):
    """429: too many requests. `retry_after` says in how many seconds to come back."""

    user_message = "The payment service is busy. Please try again in a minute."


class ServiceException(XenditSdkException):
    """5xx: the fault is on the server's side."""


_BY_STATUS: dict[int, type[XenditSdkException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    429: RateLimitException,
}


def exception_for_status(status: int) -> type[XenditSdkException]:
    """The class of errors for an HTTP status; XenditSdkException itself where no class has the meaning."""
    return ServiceException if status >= 500 else _BY_STATUS.get(status, XenditSdkException)


def add_note(interrupt: BaseException, text: str) -> None:
    """Does what `BaseException.add_note` does, which Python 3.10 lacks. The note is kept where later versions keep it."""
    notes = getattr(interrupt, "__notes__", None)
    interrupt.__notes__ = [*(notes if isinstance(notes, list) else []), text]  # type: ignore[attr-defined, unused-ignore]
