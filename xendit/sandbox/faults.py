"""Faults: which request or webhook fails in which way, and how often.

This module only decides. `server` and `connections` act on the faults of a request, `deliveries` on those of a webhook.
Faults are armed from Python or over the control plane; nothing in a request of the API can arm one.
"""

from __future__ import annotations

import itertools
import random
import threading
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from xendit.sandbox.products import operations, product_rules, webhook_statuses
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.given import must_be
from xendit.source import SYSTEM, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

#: Kinds of faults of a request, and whether the operation is carried out although the fault strikes.
REQUEST_KINDS: dict[str, bool] = {
    "latency": True,
    "error": False,
    "rate_limit": False,
    "limiter": True,
    "hang": False,
    "reset": False,
    "truncate": True,
    "garbage": False,
    "html": False,
    "commit_then_reset": True,
    "commit_then_timeout": True,
    "commit_then_error": True,
}
#: Kinds of faults of a webhook.
WEBHOOK_KINDS = (
    "webhook_drop",
    "webhook_duplicate",
    "webhook_delay",
    "webhook_reorder",
    "webhook_token",
    "webhook_fail",
)
#: What a message calls a type.
_CALLED: dict[type, str] = {str: "a text", int: "a whole number"}
#: How many faults can be armed at a time.
MOST = 100

#: Error codes that all products share, with the status and message of each (docs/Fidelity.md). Where no message was
#: recorded, it is ours. A product declares the codes that are its own.
ERRORS: dict[str, tuple[int, str]] = {
    "SERVER_ERROR": (
        500,
        "Something unexpected happened. We are investigating this issue. Please try again later.",
    ),
    "ACCESS_SUSPENDED": (403, "The access to this service was suspended."),
    "REQUEST_FORBIDDEN_ERROR": (403, "The API key is forbidden to perform this request."),
    "UNAUTHORIZED_SENDER_IP": (403, "Your request from IP 127.0.0.1 is not on the allow-list."),
    "INVALID_API_KEY": (401, "API key is not authorized for this API service"),
}


def error_answers() -> dict[str, tuple[int, str]]:
    """Give the status and message of every code that has an answer of its own."""
    answers = dict(ERRORS)
    for rules in product_rules():
        answers.update(rules.error_answers)
    return answers


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a fault is. Raises ValueError for values that make no fault; the text names the field."""

    kind: str
    """One of REQUEST_KINDS or WEBHOOK_KINDS."""
    match: str = "*"
    """The operation that meets it, such as create, get, list or expire; for webhooks a status, such as PAID or EXPIRED;
    of one product alone as in invoice.create; `*` for all."""
    external_id: str | None = None
    """Only requests or webhooks about the merchant's own id of this text; for requests, only a create has one."""
    times: int | None = None
    """How often it strikes before it is spent; None means until it is cleared."""
    after: int = 0
    """How many matching requests pass before it begins."""
    probability: float = 1.0
    """How likely it strikes each time."""
    seed: int = 0
    """The seed of the random numbers that decide about `probability`: the same seed gives the same run."""
    seconds: float | None = None
    """For latency, how long the answer takes (1 if not given). For hang and commit_then_timeout, when the connection is
    closed, and for webhook_delay, how long the webhook waits by the sandbox's clock (60 if not given)."""
    status: int = 500
    """For error, commit_then_error and html, the HTTP status; for webhook_fail, the status that the receiver is taken to
    have answered."""
    error_code: str = "SERVER_ERROR"
    """For error and commit_then_error, the code; a known one brings its own status and message."""
    message: str | None = None
    """For error and commit_then_error, the message in place of the code's own."""
    limit: int = 60
    """For limiter, requests a minute for each endpoint and account."""

    def __post_init__(self) -> None:
        known = (*REQUEST_KINDS, *WEBHOOK_KINDS)
        if self.kind not in known:
            raise ValueError(
                must_be("kind", f"one of {', '.join(known)}", None if self.kind == "" else self.kind, known)
            )
        for name, kinds in (
            ("match", (str,)),
            ("external_id", (str, type(None))),
            ("times", (int, type(None))),
            ("after", (int,)),
            ("probability", (int, float)),
            ("seed", (int,)),
            ("seconds", (int, float, type(None))),
            ("status", (int,)),
            ("error_code", (str,)),
            ("message", (str, type(None))),
            ("limit", (int,)),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, kinds):
                wanted = "a number" if float in kinds else _CALLED[kinds[0]]
                # One kind of error for one kind of mistake.
                raise ValueError(must_be(name, wanted, value, number=int in kinds))  # noqa: TRY004
        places = (*(webhook_statuses() if self.kind in WEBHOOK_KINDS else operations()), "*")
        if self.match not in places:
            raise ValueError(must_be("match", f"one of {', '.join(places)} for {self.kind}", self.match, places))
        if self.times is not None and self.times < 1:
            raise ValueError(must_be("times", "1 or more", self.times, number=True))
        if self.after < 0:
            raise ValueError(must_be("after", "0 or more", self.after, number=True))
        if not 0 <= self.probability <= 1:
            raise ValueError(must_be("probability", "0 to 1", self.probability, number=True))
        if not 0 <= self.duration <= 86_400:
            raise ValueError(must_be("seconds", "0 to 86400", self.seconds, number=True))
        if not 400 <= self.status <= 599:
            raise ValueError(must_be("status", "400 to 599", self.status, number=True))
        if not 0 <= self.limit <= 1_000_000:
            raise ValueError(must_be("limit", "0 to 1000000", self.limit, number=True))

    @property
    def duration(self) -> float:
        """`seconds`, or the default of this kind of fault."""
        if self.seconds is not None:
            return self.seconds
        return 1.0 if self.kind == "latency" else 60.0

    @property
    def commits(self) -> bool:
        """Whether the operation is carried out although the fault strikes."""
        return REQUEST_KINDS.get(self.kind, False)

    def refusal(self) -> SandboxError:
        """Give the error answer of `error` and `commit_then_error`."""
        status, message = error_answers().get(self.error_code, (self.status, "The sandbox was told to answer so."))
        return SandboxError(status, self.error_code, self.message or message)


def read_fault(given: JsonMapping) -> Fault:
    """Make a fault of a JSON object. Raises ValueError, also for an unknown member."""
    names = [one.name for one in fields(Fault)]
    unknown = [name for name in given if name not in names]
    if unknown or "kind" not in given:
        raise ValueError(f"a fault has kind and any of {', '.join(names[1:])}; not {', '.join(unknown) or 'nothing'}")
    return Fault(**given)


@dataclass
class Armed:
    """A fault that is armed, with how often it was met and the random numbers that decide about it."""

    id: str
    fault: Fault
    seen: int = 0
    struck: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def json(self) -> JsonObject:
        """Give the JSON object that the control plane shows."""
        shown = {one.name: getattr(self.fault, one.name) for one in fields(Fault)}
        return {"id": self.id, **shown, "seen": self.seen, "struck": self.struck, "spent": self.spent}

    @property
    def spent(self) -> bool:
        """Whether it will not strike again."""
        return self.fault.times is not None and self.struck >= self.fault.times

    def strikes(self) -> bool:
        """Count a request or webhook that it matches, and say whether it meets the fault."""
        if self.spent:
            return False
        self.seen += 1
        if self.seen <= self.fault.after or self.dice.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The armed faults. Every method may be called from any thread.

    sandbox.faults.arm("commit_then_reset", match="create", times=1)
    sandbox.faults.clear()
    """

    def __init__(self, source: Source = SYSTEM) -> None:
        self._lock = threading.Lock()
        self._source = source
        self._armed: dict[str, Armed] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Armed]:
        """Go through the armed faults, oldest first."""
        with self._lock:
            return iter(list(self._armed.values()))

    def arm(self, kind: str, **options: Any) -> Armed:
        """Arm a fault; the options are the fields of `Fault`. Raises ValueError."""
        return self.add(read_fault({"kind": kind, **options}))

    def add(self, fault: Fault) -> Armed:
        """Arm a fault. Raises ValueError when there are too many."""
        with self._lock:
            if len(self._armed) >= MOST:
                raise ValueError(f"{MOST} faults are armed already; clear some")
            armed = Armed(f"fault-{next(self._numbers)}", fault, dice=self._dice(fault.seed))
            self._armed[armed.id] = armed
            return armed

    def _dice(self, seed: int | None) -> random.Random:
        """The random numbers of a fault, which are the same for the same seed."""
        return random.Random(int.from_bytes(self._source.entropy(8), "big") if seed is None else seed)

    def disarm(self, fault_id: str) -> bool:
        """Take a fault back, and say whether it was armed."""
        with self._lock:
            return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Take all of them back."""
        with self._lock:
            self._armed.clear()

    def reset(self) -> None:
        """Take all of them back, and number the next one 1 again."""
        with self._lock:
            self._armed.clear()
            self._numbers = itertools.count(1)

    def meet(self, kind: str, place: str, reference: str | None, *, webhook: bool = False) -> list[Fault]:
        """Say which faults a request or a webhook meets, oldest first.

        `kind` is the kind of the record, `place` the operation or the status, `reference` the merchant's own id.
        """
        if not self._armed:  # the common case needs no lock
            return []
        with self._lock:
            return [
                one.fault
                for one in self._armed.values()
                if (one.fault.kind in WEBHOOK_KINDS) == webhook
                and one.fault.match in ("*", place, f"{kind}.{place}")
                and one.fault.external_id in (None, reference)
                and one.strikes()
            ]
