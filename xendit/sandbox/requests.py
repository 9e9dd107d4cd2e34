"""The log of the requests to the API: what was asked, what was answered, and how long that took. In memory, bounded.

It holds no headers and no bodies, so it contains neither keys nor personal data of payers.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.web import Request, Response

REMEMBERED = 1_000
"""How many requests are remembered; the oldest make room."""

#: Paths that are not the API: the pages, their files, the control plane, and what browsers ask for by themselves.
_OWN = re.compile(r"/(_sandbox|web|static)(/.*)?|/|/openapi\.json|/favicon\.ico", re.DOTALL)
#: Faults after which the client has no status: the connection broke before one, or what came was no HTTP.
_UNANSWERED = ("hang", "timeout", "reset", "garbage")
_STATUS = re.compile(r"[1-5]([0-9]{2}|xx)", re.ASCII)


@dataclass(frozen=True)
class LoggedRequest:
    """A request to the API."""

    number: int
    """Counts all requests of this sandbox from 1 on."""
    at: str
    """When it was answered, by the sandbox's clock, in ISO 8601."""
    method: str
    path: str
    query: str
    """What stood behind the question mark, as it came."""
    status: int | None
    """What the client was answered; None where a fault left it without a status."""
    milliseconds: float
    """How long the answer took, a fault's wait included."""
    error_code: str | None
    """The code in the answer's body, where it is an error."""
    fault: str | None
    """The kind of the armed fault that it met."""
    request_id: str
    """The `Request-Id` header of the answer."""

    def json(self) -> JsonObject:
        """Give the JSON object that the control plane shows."""
        return asdict(self)


class RequestLog:
    """The last requests. Every method may be called from any thread."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=REMEMBERED)
        self._count = 0
        self.monotonic = monotonic
        """Seconds, to measure how long an answer takes."""

    def after(self, number: int = 0) -> tuple[LoggedRequest, ...]:
        """Give the requests whose number is above one, oldest first."""
        if number >= self._count:
            return ()
        with self._lock:
            return tuple(one for one in self._requests if one.number > number)

    @property
    def count(self) -> int:
        """The number of the last request."""
        return self._count

    def clear(self) -> None:
        """Forget the requests; their numbers go on."""
        with self._lock:
            self._requests.clear()

    def recall(self, requests: Iterable[LoggedRequest]) -> None:
        """Remember requests that were made elsewhere."""
        with self._lock:
            for each in requests:
                self._count += 1
                self._requests.append(replace(each, number=self._count))

    def note(self, request: Request, response: Response, began: float) -> None:
        """Remember a request and its answer, unless it was none to the API."""
        if _OWN.fullmatch(request.path):
            return
        broken = request.environ.get("xendit.breakage", ("",))[0] in _UNANSWERED
        took = (self.monotonic() - began) * 1000
        at = format_time(self._now())
        with self._lock:
            self._count += 1
            self._requests.append(
                LoggedRequest(
                    number=self._count,
                    at=at,
                    method=request.method,
                    path=request.path,
                    query=request.query_string.decode("latin-1"),
                    status=None if broken else response.status_code,
                    milliseconds=round(took, 3),
                    error_code=None if broken or response.status_code < 400 else _code_of(response),
                    fault=request.environ.get("xendit.fault"),
                    request_id=response.headers.get("Request-Id", ""),
                )
            )


@dataclass(frozen=True)
class RequestFilter:
    """Which requests are shown. An empty field admits all.

    Raises ValueError for a text that is no status.
    """

    statuses: tuple[str, ...] = ()
    """Each a status such as `404`, a class such as `4xx`, or `failed`: every 4xx, 5xx, and those without an answer."""
    methods: tuple[str, ...] = ()
    path: str = ""
    """A path, for itself and what is below it; `*` stands for anything, and then the whole path must fit."""

    def __post_init__(self) -> None:
        for one in self.statuses:
            if one.lower() != "failed" and _STATUS.fullmatch(one.lower()) is None:
                raise ValueError(f"{one!r} is no status such as 404, 4xx or failed")

    def admits(self, method: str, path: str, status: int | None) -> bool:
        """Say whether a request is among them."""
        return (
            (not self.methods or method.upper() in (one.upper() for one in self.methods))
            and (not self.statuses or any(_is_of(one.lower(), status) for one in self.statuses))
            and (not self.path or self._is_at(path))
        )

    def among(self, requests: Iterable[LoggedRequest]) -> list[LoggedRequest]:
        """Give those that are admitted, in their order."""
        return [one for one in requests if self.admits(one.method, one.path, one.status)]

    def _is_at(self, path: str) -> bool:
        if "*" in self.path:
            return fnmatchcase(path, self.path)
        wanted = f"/{self.path.strip('/')}"
        return path == wanted or path.startswith(f"{wanted.rstrip('/')}/")


def _is_of(wanted: str, status: int | None) -> bool:
    if wanted == "failed":
        return status is None or status >= 400
    return status is not None and (str(status) == wanted or f"{status // 100}xx" == wanted)


def _code_of(response: Response) -> str | None:
    """The error code of an answer; None where its body is no error of the API."""
    try:
        code = json.loads(response.get_data())["error_code"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None
