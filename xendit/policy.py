"""Pure decisions of a call: how long it may take, whether it is tried again, and after which wait.

No I/O, no clock, no randomness of its own: all that varies is handed in.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NoReturn

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that say «not now» rather than «no»."""


class _Value:
    """A small immutable value, compared by its slots."""

    __slots__: tuple[str, ...] = ()

    def _hold(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed; make another one")

    def _key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._key()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({shown})"


class Limits(_Value):
    """Time limits in seconds: of the whole call, of connecting, of the server's silence."""

    __slots__ = ("total", "connect", "read")  # noqa: RUF023 - the order of the constructor
    total: float
    connect: float
    read: float

    def __init__(self, total: float, connect: float, read: float) -> None:
        self._hold(total=total, connect=connect, read=read)

    def within(self, remaining: float) -> Limits:
        """The limits of one attempt when this much of the call's time is left."""
        return Limits(remaining, min(self.connect, remaining), min(self.read, remaining))


class RetryPolicy(_Value):
    """How a call is repeated.

    Args:
        retries: attempts after the first; 0 for none.
        first_wait: the longest wait before the first retry, in seconds; it doubles each time.
        longest_wait: no wait of our own choosing is longer, in seconds.
    """

    __slots__ = ("retries", "first_wait", "longest_wait")  # noqa: RUF023 - the order of the constructor
    retries: int
    first_wait: float
    longest_wait: float

    def __init__(self, retries: int = 2, first_wait: float = 0.25, longest_wait: float = 8.0) -> None:
        self._hold(retries=retries, first_wait=first_wait, longest_wait=longest_wait)

    def wait(self, attempt: int, hint: float | None, chance: float) -> float:
        """Seconds to wait after this attempt (the first is 1).

        Full jitter: anything between nothing and the doubled wait, so that many clients do not come back
        together. A server's hint is never undercut.

        Args:
            attempt: how many attempts were made.
            hint: what the server asked for, in seconds, or None.
            chance: a random number from 0 to 1.
        """
        if hint is not None:
            return hint + chance * min(1.0, 0.1 * hint + 0.05)
        return chance * min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))


def may_retry(*, repeatable: bool, sent: bool, status: int | None, refused: bool) -> bool:
    """Whether a failed attempt may be made again without the risk of doing its work twice.

    Args:
        repeatable: the operation only reads, so that doing it twice does no harm.
        sent: the request, or a part of it, may have reached the server.
        status: the answer's HTTP status, or None when there was no answer.
        refused: the failure is one that another attempt will meet again, such as a bad certificate.
    """
    if refused:
        return False
    if status is not None:
        return status == 429 or (repeatable and status in RETRIED_STATUSES)
    return repeatable or not sent


def server_hint(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds the server asked to wait: Retry-After in seconds or as a date, else Rate-Limit-Reset.

    A hint that cannot be read is no hint; one in the past is 0.

    Args:
        headers: the answer's headers, names in lower case.
        now: the wall clock in seconds since 1970.
    """
    for name in ("retry-after", "rate-limit-reset"):
        text = headers.get(name, "").strip()
        digits = text.replace(".", "", 1)
        if text.isascii() and digits.isdigit() and len(text) <= 17 and text[0] != "." and text[-1] != ".":
            return float(text)
        if text and name == "retry-after" and (moment := _http_date(text)) is not None:
            return max(0.0, moment - now)
    return None


def _http_date(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date, or None."""
    from email.utils import parsedate_to_datetime

    if not text.isascii() or len(text) > 40 or not text.endswith("GMT"):
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
