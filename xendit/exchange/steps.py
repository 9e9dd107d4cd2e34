"""What a call yields to its driver, what it returns in the end, and what its client gives to it."""

from __future__ import annotations

from xendit.headers import Secret

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Literal, TypeAlias

    from xendit.events import Event
    from xendit.operation import Request, Response, TransportError
    from xendit.policy import Limits, RetryBudget, RetryPolicy

    Steps: TypeAlias = "Generator[Send | Wait, Response | TransportError | None, CallResult]"


class Send:
    """Send this request within these limits."""

    __slots__ = ("limits", "request")
    is_sent: Literal[True] = True
    """By which a driver tells a `Send` from a `Wait`."""

    def __init__(self, request: Request, limits: Limits) -> None:
        self.request = request
        self.limits = limits

    def __repr__(self) -> str:
        return f"Send({self.request!r})"


class Wait:
    """Wait this many seconds."""

    __slots__ = ("seconds",)
    is_sent: Literal[False] = False

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __repr__(self) -> str:
        return f"Wait({self.seconds:.3f})"


class CallResult:
    """What a call brought: the value, the answer it was read from, and what it took.

    `recovered`: the value was found by a look-up, because the answer to the request itself was lost.
    """

    __slots__ = ("attempts", "elapsed", "recovered", "response", "value")

    def __init__(
        self, value: Any, response: Response, attempts: int, elapsed: float, *, recovered: bool = False
    ) -> None:
        self.value = value
        self.response = response
        self.attempts = attempts
        self.elapsed = elapsed
        self.recovered = recovered


class Context:
    """What a client gives to each of its calls.

    Args:
        key: gives the API key; it is called before every attempt.
        user_agent: the header of that name.
        host: the base URL, for events.
        policy: how often and after which waits to try again.
        budget: what all clients of the pool may spend on retries.
        clock: a monotonic clock in seconds.
        wall: seconds since 1970, for dates that the server sends.
        chance: a random number from 0 to 1.
        tell: receives the events of the call, and does not raise.
        listens: whether anybody listens to events of a kind; others are not made.
        trace: gives the headers by which the requests of a call, named by its number, join a trace; None where nobody traces.
    """

    __slots__ = (
        "_authorization",
        "budget",
        "chance",
        "clock",
        "host",
        "key",
        "listens",
        "policy",
        "tell",
        "trace",
        "user_agent",
        "wall",
    )

    def __init__(
        self,
        *,
        key: Callable[[], str],
        user_agent: str,
        host: str,
        policy: RetryPolicy,
        budget: RetryBudget,
        clock: Callable[[], float],
        wall: Callable[[], float],
        chance: Callable[[], float],
        tell: Callable[[Event], None],
        listens: Callable[[str], bool] = bool,
        trace: Callable[[int], dict[str, str]] | None = None,
    ) -> None:
        self._authorization = (Secret(), Secret())
        self.listens = listens
        self.key = key
        self.user_agent = user_agent
        self.host = host
        self.policy = policy
        self.budget = budget
        self.clock = clock
        self.wall = wall
        self.chance = chance
        self.tell = tell
        self.trace = trace

    def authorization(self) -> Secret:
        """HTTP Basic, with the key of this moment as the user name (source: Xendit's quick-setup page)."""
        key = self.key()
        known, authorization = self._authorization
        if key != known:
            from base64 import b64encode

            key = Secret(key)
            authorization = Secret("Basic " + b64encode(f"{key}:".encode("ascii")).decode("ascii"))
            self._authorization = key, authorization
        return authorization
