"""The decisions of a call as pure functions: how long it may take, what became of an attempt, whether it is tried
again, after which wait, and how many retries the clients of a pool may spend together.

This module does no I/O and has neither a clock nor randomness of its own: all that varies is handed in. RetryBudget
alone has state.
"""

from __future__ import annotations

from xendit.exceptions import ConfigurationException
from xendit.words import setting_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})
"""Answers that say «not now» rather than «no». Those from 520 on are Cloudflare's, which stands before Xendit: the
server behind it could not be reached, or gave it no whole answer in time."""

LONGEST_WINDOW = 60.0
"""Seconds of the window of Xendit's rate limit (source: its page on rate limits). A quota is full again after that."""

_A_YEAR = 366 * 86400.0
"""A `Retry-After` date that is further ahead than this comes from a broken clock, and is ignored."""


class Value:
    """A small immutable value, compared by its slots."""

    __slots__: tuple[str, ...] = ()

    def _hold(self, **values: object) -> None:
        hold = object.__setattr__
        for name, value in values.items():
            hold(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed; make another one")

    def _key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._key()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({shown})"


class Limits(Value):
    """Time limits in seconds: of the whole call, of connecting, of the server's silence."""

    __slots__ = ("total", "connect", "read")  # noqa: RUF023 - the order of the constructor
    total: float
    connect: float
    read: float

    def __init__(self, total: float, connect: float, read: float) -> None:
        hold = object.__setattr__  # as _hold, in a third of the time: every attempt makes a Limits
        hold(self, "total", total)
        hold(self, "connect", connect)
        hold(self, "read", read)

    def within(self, remaining: float) -> Limits:
        """The limits of one attempt when this much of the call's time is left."""
        return Limits(remaining, min(self.connect, remaining), min(self.read, remaining))


class RetryPolicy(Value):
    """How a call is repeated, and how a create whose outcome is not known is looked up.

    Args:
        retries: attempts after the first; 0 for none.
        first_wait: the longest wait before the first retry, in seconds; it doubles each time.
        longest_wait: the longest wait that we choose ourselves, in seconds; the server may ask for a longer one.
        lookups: how often a create whose outcome is not known is looked up within the call, 1 to 20.
        resend_after: with `on_unknown="resend"`, for how many seconds the thing must have been looked for in vain
            before the create is sent again.

    Raises:
        ConfigurationException: a value that cannot be used; the text names it.
    """

    __slots__ = ("retries", "first_wait", "longest_wait", "lookups", "resend_after")  # noqa: RUF023 - the constructor's order
    retries: int
    first_wait: float
    longest_wait: float
    lookups: int
    resend_after: float

    def __init__(
        self,
        retries: int = 2,
        first_wait: float = 0.25,
        longest_wait: float = 8.0,
        lookups: int = 4,
        resend_after: float = 10.0,
    ) -> None:
        self._hold(
            retries=_count("retries", retries, 0),
            first_wait=_span("first_wait", first_wait),
            longest_wait=_span("longest_wait", longest_wait),
            lookups=_count("lookups", lookups, 1),
            resend_after=_span("resend_after", resend_after),
        )

    def wait(self, attempt: int, hint: float | None, chance: float) -> float:
        """Seconds to wait after this attempt (the first is 1).

        The wait has full jitter: it is a random time between nothing and the doubled wait, so that many clients do not
        come back together. It is never shorter than the server's hint.

        Args:
            attempt: how many attempts were made.
            hint: what the server asked for, in seconds, or None.
            chance: a random number from 0 to 1.
        """
        if hint is not None:
            return hint + chance * min(1.0, 0.1 * hint + 0.05)
        return chance * min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))


def _count(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 20:
        raise ConfigurationException(
            f"RetryPolicy: {name} must be an int from {least} to 20, {setting_name(value)} was given; no request was made"
        )
    return value


def _span(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 3600:
        raise ConfigurationException(
            f"RetryPolicy: {name} must be from 0 to 3600 seconds, {setting_name(value)} was given; no request was made"
        )
    return float(value)


def watch_pause(pauses: int, chance: float) -> float:
    """Seconds between two looks at what is waited for: from 1, half as much again each time, to 30.

    A pause is never shorter than half a second. A part of it is random, so that many waiters do not look together.

    Args:
        pauses: how many pauses there were before.
        chance: a random number from 0 to 1.
    """
    return min(30.0, 1.5 ** min(pauses, 20)) * (0.5 + 0.5 * chance)


class RetryBudget:
    """What the clients of one pool may spend on retries together, so that an outage is not made worse.

    It is a bucket of tokens, with the numbers of botocore. A retry costs 5 tokens, or 10 after a timeout. A call that
    succeeds at once gives 1 back; a call that succeeds after retries gives back what they cost. First attempts cost
    nothing, so even an empty bucket fills again once the server is well. Threads may share it.
    """

    CAPACITY = 500
    RETRY = 5
    AFTER_TIMEOUT = 10

    def __init__(self) -> None:
        self.unlock()
        self._tokens = self.CAPACITY

    def unlock(self) -> None:
        """Replace the lock: a forked child may have inherited one that a thread of its parent held."""
        from _thread import allocate_lock

        self._lock = allocate_lock()

    @property
    def tokens(self) -> int:
        """What is left, 0 to CAPACITY."""
        return self._tokens

    def take(self, cost: int) -> bool:
        """Spend this much, if it is there."""
        with self._lock:
            if cost > self._tokens:
                return False
            self._tokens -= cost
            return True

    def give(self, amount: int) -> None:
        """Put this much back."""
        if self._tokens == self.CAPACITY:  # mostly it is full, and a success changes nothing
            return
        with self._lock:
            self._tokens = min(self.CAPACITY, self._tokens + amount)


def outcome_of(status: int) -> str:
    """What an answer that is no success says about the request: `rejected`, or `unknown` when it may have been done.

    A 4xx says that it was not done. Everything else says nothing: 408 and 425, which come from servers in between, a
    redirect, a 5xx, and a status that no standard knows.
    """
    return "rejected" if 400 <= status < 500 and status not in (408, 425) else "unknown"


def may_retry(*, repeatable: bool, sent: bool, status: int | None, refused: bool) -> bool:
    """Whether a failed attempt may be repeated without the risk that its work is done twice.

    Args:
        repeatable: whether doing the operation twice does no harm.
        sent: whether the request, or a part of it, may have reached the server.
        status: the answer's HTTP status, or None when there was no answer.
        refused: whether another attempt will fail in the same way, as with a bad certificate.
    """
    if refused:
        return False
    if status is not None:
        return status == 429 or (repeatable and status in RETRIED_STATUSES)
    return repeatable or not sent


def server_hint(headers: Mapping[str, str], now: float, *, limited: bool = True) -> float | None:
    """Seconds the server asked to wait: Retry-After, in seconds or as a date; without it, after a 429,
    Rate-Limit-Reset.

    Every answer of Xendit's bears Rate-Limit-Reset, which tells when the quota is full again. After a 429 the next
    request can succeed at that moment. After a 503 the header says nothing about when the server is well again. A hint
    that cannot be read is ignored; a moment in the past counts as 0.

    Args:
        headers: the answer's headers, names in lower case.
        now: the wall clock in seconds since 1970.
        limited: whether the answer is a 429.
    """
    text = headers.get("retry-after", "").strip()
    if _is_plain_number(text):
        return float(text)
    if (moment := http_date(text)) is not None and moment - now < _A_YEAR:
        return max(0.0, moment - now)
    if text[:1] == "-" and _is_plain_number(text[1:]):
        return 0.0
    return window_reset(headers) if limited else None


def window_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the quota is full again, from Rate-Limit-Reset: at most LONGEST_WINDOW.

    A longer time is a mistake of some server on the way (another unit, or a moment instead of a span), and would stop a
    batch for an hour or for ever. Coming back too early costs only one more 429.
    """
    told = plain_number(headers.get("rate-limit-reset", ""))
    return None if told is None else min(told, LONGEST_WINDOW)


def reset_is_absurd(headers: Mapping[str, str]) -> bool:
    """Whether Rate-Limit-Reset names a longer time than any window has, so that `window_reset` cut it."""
    return (plain_number(headers.get("rate-limit-reset", "")) or 0.0) > LONGEST_WINDOW


def plain_number(text: str) -> float | None:
    """The number that a header holds, or None when it is none."""
    return float(text) if _is_plain_number(text.strip()) else None


def _is_plain_number(text: str) -> bool:
    """Whether a text is up to fifteen ASCII digits, perhaps with up to six behind a point, and nothing else."""
    whole, point, fraction = text.partition(".")
    return (
        text.isascii()
        and whole.isdigit()
        and len(whole) <= 15
        and (not point or (fraction.isdigit() and len(fraction) <= 6))
    )


def http_date(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date, or None."""
    if not text.isascii() or len(text) > 40 or not text.endswith("GMT"):
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
