"""Verifier: whether a request comes from Xendit, judged before anything of it is parsed. No I/O.

Xendit's token is static: it proves that the sender knows it, but not who wrote the body, or when.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from xendit.exceptions import (
    ConfigurationException,
    WebhookBodyException,
    WebhookSizeException,
    WebhookTokenException,
    WebhookTypeException,
)
from xendit.headers import Secret
from xendit.settings import WEBHOOK_TOKEN, find_setting, flaw_of
from xendit.static_typing import hinted
from xendit.webhook.event import read_event
from xendit.webhook.failure import without_variables
from xendit.words import setting_name, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, NoReturn, TypeAlias

    from xendit.webhook.event import Event

    #: A dict, a list of pairs, Django's META, a WSGI environ, an ASGI scope, the headers of a Lambda event.
    HeaderSource: TypeAlias = Any
    #: A webhook token, or several while one replaces another. None and "" count as not given.
    Tokens: TypeAlias = "str | Sequence[str | None] | None"
    TokenFor: TypeAlias = "Callable[[str], Tokens]"

__all__ = ["Verifier", "header_values", "hidden_tokens", "listed_tokens", "tokens_of_settings", "usable_tokens"]

TOKEN_HEADER = "x-callback-token"  # noqa: S105 - the header's name
MAX_BODY = 256 * 1024
"""Bytes that a body may have. Real ones have about one thousand."""
_LONGEST_TOKEN = 1024
SET_TOKEN = f"set {WEBHOOK_TOKEN} to the one that the dashboard shows under Settings, Webhooks"

#: Finds the user id whose token to ask for, without parsing. The parsed body is later checked to name the same one.
_USER_ID = re.compile(rb'"user_id"\s{0,16}:\s{0,16}"([0-9A-Za-z_-]{1,64})"')


@hinted
class Verifier:
    """Turns the headers and the raw body of a request into an event, or says why it is not to be believed.

    The tokens themselves are not kept, only their digests. A verifier may be used from any thread.

    A verifier that is given no token looks for one in the settings at each request. So a module may make a verifier
    before the secret is there, and in a test it follows the sandbox. A missing or empty token never accepts anything.

    Args:
        tokens: your webhook token from the dashboard, or several while one is being replaced. With None, `""` or an
            empty list, `XENDIT_WEBHOOK_TOKEN` is read at each request, from the environment (commas separate several)
            or from Django's settings (a text, or a list).
        token_for: gives the token of a sub-account by its user id (xenPlatform), or None when it has none. Such a token
            vouches for events of that user id only.
        max_body: bytes that a body may have.

    Raises:
        ConfigurationException: an argument is of a wrong type. A token that is missing or malformed is reported only
            when a request is judged.
    """

    __slots__ = ("_digests", "_flaw", "max_body", "token_for")

    def __init__(
        self,
        tokens: Tokens = None,
        *,
        token_for: TokenFor | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._digests: tuple[bytes, ...] = ()
        self._flaw: str | None = None
        self.token_for = token_for
        self.max_body = max_body
        tokens = hidden_tokens(tokens)
        given = listed_tokens(tokens, "tokens")
        if token_for is not None and not callable(token_for):
            raise ConfigurationException(f"token_for must be a function of a user id, {type_name(token_for)} was given")
        if type(max_body) is not int or max_body < 1:
            raise ConfigurationException(
                f"max_body must be a whole number of bytes above zero, {setting_name(max_body)} was given"
            )
        try:
            self._digests = _digests_of(given, "tokens")
        except ConfigurationException as error:
            self._flaw = str(error)

    def __repr__(self) -> str:
        count = len(self._digests)
        what = f"of {count} token{'' if count == 1 else 's'}" if count or self._flaw else f"by {WEBHOOK_TOKEN}"
        return f"<Verifier {what}{'' if self.token_for is None else ', token_for=…'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Verifier is not pickled: make one where it is used")

    def check_tokens(self) -> None:
        """Judge the tokens themselves: whether a request could be believed at all.

        Raises:
            ConfigurationException: there is no token, or one is malformed; the text names the setting, never the token.
        """
        self._known_digests()

    @without_variables
    def check_head(self, headers: HeaderSource) -> None:
        """Judge what can be judged before the body is read, so that the body of a stranger is never read.

        Raises:
            ConfigurationException: there is no token to compare with, or one is malformed.
            WebhookSizeException: the request says that its body is too long.
            WebhookBodyException: the request's Content-Length is no length.
            WebhookTokenException: the token is missing, or it is wrong and cannot be that of a sub-account.
        """
        digests = self._known_digests()
        self._declared_length(headers)
        given = _given_token(headers)
        if self.token_for is None and not _is_among(given, digests):
            raise _wrong_token()

    @without_variables
    def verify(self, headers: HeaderSource, body: bytes, *, user_id: str | None = None) -> Event:
        """The event of a request. Nothing of the body is parsed before the token matches.

        Args:
            headers: the request's headers, in whatever form your framework has them.
            body: the raw body. A text that was decoded and encoded again may differ from what was sent.
            user_id: whose token to ask `token_for`, if your URL says so; else the id that the body names is used.

        Returns:
            An event of the product whose body it is; an OtherEvent for an envelope that no product here reads; an
            UnreadableEvent for a body that the models cannot read.

        Raises:
            WebhookException: the request is not to be believed; `http_status` is what to answer.
            ConfigurationException: there is no token to compare with, or one is malformed: answer 503.
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
        if bound is not None and event.user_id != bound:
            raise _wrong_token()  # a sub-account's token vouches for that sub-account alone
        return event

    def _check_token(self, headers: HeaderSource, body: bytes, user_id: str | None) -> str | None:
        """Judge the token. If only a sub-account's token was right, return the user id that the event must then have."""
        digests = self._known_digests()
        given = _given_token(headers)
        if _is_among(given, digests):
            return None
        if self.token_for is not None:
            found = _USER_ID.search(body) if user_id is None else None
            account = found[1].decode("ascii") if found else user_id
            if account is not None and _is_among(given, _digests_of(_asked(self.token_for, account), "token_for")):
                return account
        raise _wrong_token()

    def _known_digests(self) -> tuple[bytes, ...]:
        """The digests of the tokens that were given, or else of those that the settings hold at this moment."""
        if self._flaw is not None:
            raise ConfigurationException(self._flaw)
        if self._digests:
            return self._digests
        found, origin = tokens_of_settings()
        if not found and self.token_for is None:
            raise ConfigurationException(f"there is no webhook token: give tokens=... or {SET_TOKEN}")
        return _digests_of(found, origin)

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
    if type(headers) is _Headers:
        return headers.get(wanted, [])
    return [value for each, value in _pairs(headers) if each == wanted]


class _Headers(dict[bytes, list[bytes]]):
    """The headers of a request, read once: names in lower case with hyphens, each with its values."""

    def __repr__(self) -> str:
        return f"<the headers of a request: {', '.join(name.decode('ascii', 'replace') for name in self)}>"


def read_headers(headers: HeaderSource) -> HeaderSource:
    """The same headers in a form in which each is found at once, for callers that look several times. Never raises."""
    found = _Headers()
    for name, value in _pairs(headers):
        found.setdefault(name, []).append(value)
    return found


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
    """Compare with every token, as digests, which have equal length, so that the time taken reveals nothing."""
    digest = hashlib.sha256(given).digest()
    matched = False
    for each in digests:
        matched |= hmac.compare_digest(digest, each)
    return matched


def _wrong_token() -> WebhookTokenException:
    return WebhookTokenException("the header x-callback-token is missing, doubled or not one of the tokens")


def _asked(token_for: TokenFor, user_id: str) -> list[Secret]:
    try:
        return listed_tokens(hidden_tokens(token_for(user_id)), "token_for")
    except LookupError:  # how a mapping says that it has no such account
        return []


def tokens_of_settings() -> tuple[list[Secret], str]:
    """The tokens that the environment or Django's settings hold, and where they were found, for a message.

    Raises:
        ConfigurationException: Django's setting is neither a text nor a list of texts.
    """
    found = find_setting(WEBHOOK_TOKEN)
    if found is None:
        return [], WEBHOOK_TOKEN
    if isinstance(found.value, str):
        return listed_tokens([Secret(token.strip()) for token in found.value.split(",")], found.origin), found.origin
    return listed_tokens(hidden_tokens(found.value), found.origin), found.origin


def usable_tokens() -> list[Secret]:
    """The tokens that the settings hold, for whoever sends a webhook; an empty list where there are none.

    Raises:
        ConfigurationException: one of them is malformed; the text says where it was found, and never shows the token.
    """
    found, origin = tokens_of_settings()
    _digests_of(found, origin)
    return found


def hidden_tokens(tokens: object) -> Any:
    """The same tokens, as texts that a traceback with variables does not show. Anything else is returned as it is."""
    if isinstance(tokens, str):
        return Secret(tokens)
    if isinstance(tokens, (list, tuple, set, frozenset)):
        return [Secret(token) if isinstance(token, str) else token for token in tokens]
    return tokens


def listed_tokens(tokens: Any, where: str) -> list[Secret]:
    """Tokens as a list. None and "" count as not given, alone or in a list.

    Raises:
        ConfigurationException: something other than texts was given.
    """
    if tokens is None:
        return []
    several = [tokens] if isinstance(tokens, str) else tokens
    if isinstance(several, (bytes, bytearray)) or not hasattr(several, "__iter__"):
        raise ConfigurationException(f"{where} must be a str or a list of str, {type_name(tokens)} was given")
    found = []
    for token in several:
        if token is not None and not isinstance(token, str):
            raise ConfigurationException(f"{where} must be a str or a list of str, {type_name(token)} is among them")
        if token:
            found.append(Secret(token))
    return found


def _digests_of(tokens: list[Secret], where: str) -> tuple[bytes, ...]:
    """The digests of tokens, after checking that each has a form that a header can have."""
    for token in tokens:
        flaw = flaw_of(token)
        if flaw is None and len(token) > _LONGEST_TOKEN:
            flaw = f"is longer than {_LONGEST_TOKEN} characters"
        if flaw is not None:
            raise ConfigurationException(f"{where}: the webhook token {flaw}")
    return tuple(hashlib.sha256(token.encode("ascii")).digest() for token in tokens)


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
