"""Verifier: whether a request comes from Xendit, judged before anything of it is parsed. No I/O.

Xendit's token is static: it proves that the sender knows it, and neither who wrote the body nor when.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re

from xendit.codec import type_name
from xendit.exceptions import (
    ConfigurationException,
    WebhookBodyException,
    WebhookSizeException,
    WebhookTokenException,
    WebhookTypeException,
)
from xendit.webhook.event import InvoiceEvent, read_event

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, NoReturn, TypeAlias

    from xendit.webhook.event import Event

    #: A dict, a list of pairs, Django's META, a WSGI environ, an ASGI scope, the headers of a Lambda event.
    HeaderSource: TypeAlias = Any
    TokenFor: TypeAlias = "Callable[[str], str | Sequence[str] | None]"

__all__ = ["Verifier", "header_values"]

TOKEN_HEADER = "x-callback-token"  # noqa: S105 - the header's name
MAX_BODY = 256 * 1024
"""Bytes that a body may have. Real ones have about one thousand."""
_LONGEST_TOKEN = 1024

#: Whose token to ask for, found without parsing; that the parsed body says the same is checked afterwards.
_USER_ID = re.compile(rb'"user_id"\s{0,16}:\s{0,16}"([0-9A-Za-z_-]{1,64})"')


class Verifier:
    """Turns the headers and the raw body of a request into an event, or says why it is not to be believed.

    The tokens themselves are not kept, only their digests. A verifier may be used from any thread.

    Args:
        tokens: your webhook token from the dashboard, or several while one is being replaced. None: the
            environment variable `XENDIT_WEBHOOK_TOKEN`, where commas separate several.
        token_for: gives the token of a sub-account by its user id (xenPlatform), or None when it has none.
            Such a token vouches for events of that user id only.
        max_body: bytes that a body may have.

    Raises:
        ConfigurationException: there is no token, or one is empty or cannot stand in a header.
    """

    __slots__ = ("_digests", "max_body", "token_for")

    def __init__(
        self,
        tokens: str | Sequence[str] | None = None,
        *,
        token_for: TokenFor | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        if tokens is None:
            named = os.environ.get("XENDIT_WEBHOOK_TOKEN")
            tokens = [] if named is None else [token.strip() for token in named.split(",")]
            if not tokens and token_for is None:
                raise ConfigurationException(
                    "there is no webhook token: give tokens=... or set XENDIT_WEBHOOK_TOKEN to the one that the"
                    " dashboard shows under Settings, Webhooks"
                )
        elif not tokens and not isinstance(tokens, str) and token_for is None:
            raise ConfigurationException("tokens is empty: a webhook endpoint needs at least one token")
        if token_for is not None and not callable(token_for):
            raise ConfigurationException(f"token_for must be a function of a user id, {type_name(token_for)} was given")
        if type(max_body) is not int or max_body < 1:
            raise ConfigurationException("max_body must be a number of bytes above zero")
        self._digests = _digests_of(tokens)
        self.token_for = token_for
        self.max_body = max_body

    def __repr__(self) -> str:
        more = "" if self.token_for is None else ", token_for=…"
        return f"<Verifier of {len(self._digests)} token{'' if len(self._digests) == 1 else 's'}{more}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Verifier is not pickled: make one where it is used")

    def check_head(self, headers: HeaderSource) -> None:
        """Judge what can be judged before the body is read, so that a stranger's body is not.

        Raises:
            WebhookSizeException: the request says that its body is too long.
            WebhookBodyException: the request says its length in a way that no length is said.
            WebhookTokenException: the token is missing, or wrong and no sub-account's can be right.
        """
        self._declared_length(headers)
        given = _given_token(headers)
        if self.token_for is None and not _is_among(given, self._digests):
            raise _wrong_token()

    def verify(self, headers: HeaderSource, body: bytes, *, user_id: str | None = None) -> Event:
        """The event of a request. Nothing of the body is parsed before the token matches.

        Args:
            headers: the request's headers, in whatever form your framework has them.
            body: the raw body. Text that was decoded and encoded again need not be what was sent.
            user_id: whose token to ask `token_for`, when your URL tells; else what the body says.

        Returns:
            An InvoiceEvent; an OtherEvent for an envelope; an UnreadableEvent for what the models cannot read.

        Raises:
            WebhookException: the request is not to be believed; `http_status` is what to answer.
        """
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise WebhookBodyException(f"the body is {type_name(body)}: hand over the raw bytes of the request")
        body = bytes(body)
        length = self._declared_length(headers)
        if len(body) > self.max_body:
            raise WebhookSizeException(f"the body has {len(body)} bytes, {self.max_body} are allowed")
        bound = self._check_token(headers, body, user_id)
        _check_type(headers)
        if length is not None and length != len(body):
            lost = "" if body else ": something has read it before the endpoint, and has not kept it"
            raise WebhookBodyException(f"the request says {length} bytes, the body has {len(body)}{lost}")
        webhook_ids = header_values(headers, "webhook-id")
        webhook_id = webhook_ids[0].decode("ascii", "replace")[:100] if len(webhook_ids) == 1 else None
        event = read_event(body, webhook_id=webhook_id)
        if bound is not None and (not isinstance(event, InvoiceEvent) or event.user_id != bound):
            raise _wrong_token()  # a sub-account's token vouches for that sub-account alone
        return event

    def _check_token(self, headers: HeaderSource, body: bytes, user_id: str | None) -> str | None:
        """Judge the token; gives the user id that the event must have, when only that one's token was right."""
        given = _given_token(headers)
        if _is_among(given, self._digests):
            return None
        if self.token_for is not None:
            found = _USER_ID.search(body) if user_id is None else None
            account = found[1].decode("ascii") if found else user_id
            if account is not None and _is_among(given, _digests_of(_asked(self.token_for, account))):
                return account
        raise _wrong_token()

    def _declared_length(self, headers: HeaderSource) -> int | None:
        lengths = header_values(headers, "content-length")
        if not lengths or lengths == [b""]:
            return None
        if len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
            raise WebhookBodyException("the request does not say how long its body is in a way that can be read")
        length = int(lengths[0])
        if length > self.max_body:
            raise WebhookSizeException(f"the request says {length} bytes, {self.max_body} are allowed")
        return length


def header_values(headers: HeaderSource, name: str) -> list[bytes]:
    """Every value of a header, in any form that a framework has headers in. Never raises."""
    wanted = name.lower().encode("ascii")
    return [value for each, value in _pairs(headers) if each == wanted]


def _pairs(headers: HeaderSource) -> Iterator[tuple[bytes, bytes]]:
    """Names in lower case with hyphens, and values, as bytes."""
    if isinstance(headers, dict) and isinstance(headers.get("headers"), (list, tuple)) and "type" in headers:
        headers = headers["headers"]  # an ASGI scope
    items = headers.items() if hasattr(headers, "items") else headers
    # `headers or ()`: a framework may have None where there is nothing.
    for pair in items or ():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            continue
        name = _as_bytes(pair[0])
        if name is None:
            continue
        name = name.lower()
        if name.startswith(b"http_"):
            name = name[5:].replace(b"_", b"-")
        elif name in (b"content_length", b"content_type"):
            name = name.replace(b"_", b"-")
        values = pair[1] if isinstance(pair[1], (list, tuple)) else [pair[1]]
        for each in values:
            value = _as_bytes(each)
            if value is not None:
                yield name, value.strip()


def _as_bytes(value: object) -> bytes | None:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return str(value).encode() if isinstance(value, int) else None


def _given_token(headers: HeaderSource) -> bytes:
    found = header_values(headers, TOKEN_HEADER)
    if len(found) != 1 or not 0 < len(found[0]) <= _LONGEST_TOKEN:
        raise _wrong_token()
    return found[0]


def _is_among(given: bytes, digests: Sequence[bytes]) -> bool:
    """Compare with every token, of equal length as digests, so that the time tells nothing."""
    digest = hashlib.sha256(given).digest()
    matched = False
    for each in digests:
        matched |= hmac.compare_digest(digest, each)
    return matched


def _wrong_token() -> WebhookTokenException:
    return WebhookTokenException("the header x-callback-token is missing, doubled or not one of the tokens")


def _asked(token_for: TokenFor, user_id: str) -> str | Sequence[str]:
    try:
        found = token_for(user_id)
    except LookupError:  # a mapping's way to say that it knows no such account
        return ()
    return () if found is None else found


def _digests_of(tokens: str | Sequence[str]) -> tuple[bytes, ...]:
    several = [tokens] if isinstance(tokens, str) else list(tokens)
    for token in several:
        if not isinstance(token, str):
            raise ConfigurationException(f"a webhook token must be a str, {type_name(token)} was given")
        if not token:
            raise ConfigurationException("a webhook token is empty: anyone could send an empty header")
        if not token.isascii() or not token.isprintable() or token != token.strip():
            raise ConfigurationException(
                "a webhook token holds a space at an end, a line end or a character that is not ASCII: copy it"
                " again from the dashboard"
            )
        if len(token) > _LONGEST_TOKEN:
            raise ConfigurationException(f"a webhook token is longer than {_LONGEST_TOKEN} characters")
    return tuple(hashlib.sha256(token.encode("ascii")).digest() for token in several)


def _check_type(headers: HeaderSource) -> None:
    types = header_values(headers, "content-type")
    kind = types[0].partition(b";")[0].strip().lower() if types else b""
    is_json = kind in (b"", b"application/json", b"text/json") or (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    )
    if len(types) > 1 or not is_json:
        raise WebhookTypeException("the content type is not JSON")
    encodings = header_values(headers, "content-encoding")
    if any(each.lower() not in (b"", b"identity") for each in encodings):
        raise WebhookTypeException("the body is compressed; it must come as it is")
