"""What one worker of a batch does, as a generator that does no I/O of its own.

The generator yields what it wants done (a function of the journal to call, a pause, a create, a look-up) and is sent
the result. So threads and tasks drive the same code. An item is marked in the journal before it is sent. If the process
dies before the item is settled, the next run looks it up; it never sends such an item again without being told to.
"""

from __future__ import annotations

import json
from functools import partial

from xendit.bulk.journal import Turn
from xendit.bulk.result import Result
from xendit.exceptions import JournalException, OutcomeUnknownException, RateLimitException, XenditSdkException
from xendit.marks import mark
from xendit.operation import rate_limit_of

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from decimal import Decimal
    from typing import Any, Literal, TypeAlias, TypeVar

    from xendit.bulk.creation import Creation
    from xendit.bulk.journal import Journal
    from xendit.bulk.pace import Pace

    T = TypeVar("T")
    Step: TypeAlias = tuple[str, Any]
    Steps: TypeAlias = Generator[Step, Any, T]

_TRIES = 5
"""How often an item is tried in one run while nothing reaches the server, or the answer is 429."""
_DOWN = 10
"""After so many tries in a row that reached no server, the run ends and leaves the rest to the next run."""
_MARGIN = 2.0
"""Seconds by which a lease outlasts the call."""
_SKEW = 60.0
"""Seconds by which the clock of the journal may be ahead of ours."""
_LONGEST_WAIT = 1.0
"""Seconds after which to ask again whether another run has given up an item."""


class Work:
    """What the workers of a run share, and what each of them does."""

    def __init__(
        self,
        journal: Journal,
        pace: Pace,
        client: Any,
        creation: Creation,
        added: dict[str, str | None],
        on_unknown: str,
    ) -> None:
        self.journal = journal
        self.creation = creation
        source = client.configuration.source
        self.run_id = source.hexadecimal(16)
        self._now = source.monotonic
        self.stopped = False
        self.created = 0
        """How many invoices this run has made, or found to be made."""
        self.unwritten: list[str] = []
        """The external ids of invoices that exist and that the journal could not note."""
        self._pace = pace
        self._added = added
        self._on_unknown = on_unknown
        self._tries: dict[str, int] = {}
        self._down = 0
        self._lease = client.configuration.timeout + _MARGIN
        self._quiet = client.configuration.retry_policy.resend_after

    def waits_for(self) -> str | None:
        """What keeps the run from sending just now, in words; None when nothing does."""
        return self._pace.reason(self._now())

    def worker(self) -> Steps[None]:
        """The work of one worker, until nothing is left or the run is stopped.

        It yields the name of what is to be done, with its arguments: `journal`, a function of the journal to call;
        `pause`, seconds; `create`, a body and keywords; `resolve`, an error; `result`, a Result to hand out.
        """
        started = yield "journal", self.journal.begin
        while not self.stopped:
            wait = self._pace.delay(self._now())
            if wait:
                if (yield "journal", partial(self.journal.is_done, self.run_id, started)):
                    return
                mark("bulk: the pace waits")
                yield "pause", wait
                continue
            counted = True
            try:
                turn = yield "journal", partial(self.journal.claim, self.run_id, started, self._lease)
                counted = not isinstance(turn, Turn)
            finally:
                if counted:
                    self._pace.ended(None, self._now())
            if turn is None:
                return
            if not isinstance(turn, Turn):
                mark("bulk: another run has what is left")
                yield "pause", min(turn, _LONGEST_WAIT)
                continue
            result = yield from (self._send(turn) if turn.fresh else self._find(turn))
            if result is None:
                mark("bulk: an item is given back")
                yield "journal", partial(self.journal.release, turn.key, self.run_id)
            else:
                yield from self._settle(turn, result)

    def _settle(self, turn: Turn, result: Result) -> Steps[None]:
        """Note in the journal what became of an item, and hand it out, even when the journal can no longer be written."""
        self.created += result.state == "created"
        try:
            yield "journal", partial(self.journal.settle, turn.key, self.run_id, result)
        except JournalException:
            if result.state == "created":
                self.unwritten.append(turn.external_id)
            yield "result", result
            raise
        yield "result", result

    def _send(self, turn: Turn) -> Steps[Result | None]:
        """Send an item. Returns None when nothing was done, so that the item may be sent again in this run."""
        body = json.loads(turn.body, parse_float=_exact)
        added = {name: value for name, value in self._added.items() if value is not None and name != "for_user_id"}
        try:  # the API object is already a view for the sub-account
            answer = yield "create", (body, {**added, "on_unknown": self._on_unknown})
        except XenditSdkException as error:
            failure = error
        except BaseException:
            self._pace.ended(None, self._now())
            raise
        else:
            self._pace.ended(answer.rate_limit, self._now())
            self._down = 0
            return _created(turn, answer.data)
        now = self._now()
        self._pace.ended(rate_limit_of(failure.headers), now)
        limited = isinstance(failure, RateLimitException)
        self._down = self._down + 1 if failure.outcome == "not_sent" else 0
        if self._down >= _DOWN:
            mark("bulk: the server is down")
            self.stopped = True
        if limited or failure.outcome == "not_sent":
            tries = self._tries[turn.key] = self._tries.get(turn.key, 0) + 1
            hint = failure.retry_after if limited else None
            mark("bulk: all workers hold")
            self._pace.hold(min(2.0**tries, 16.0) / 8 if hint is None else hint, now)
            if tries < _TRIES and turn.fresh and not self.stopped:
                return None
        return _failed(turn, failure)

    def _find(self, turn: Turn) -> Steps[Result | None]:
        """Look for what an earlier run may have made of an item."""
        mark("bulk: an earlier run's item is looked for")
        self._pace.ended(None, self._now())  # a look-up does not count as a create
        body = json.loads(turn.body, parse_float=_exact)
        lost = OutcomeUnknownException("a process ended while it created this", outcome="unknown")
        lost.sought = self.creation.sought(body, self._added).made_since(turn.begun - _SKEW, dated=False)
        found = yield from self._look(turn, lost)
        if self._on_unknown != "resend" or not _absent(found):
            mark("bulk: what an earlier run sent is known" if found.state == "created" else "bulk: it stays unknown")
            return found
        quiet = self._quiet - (turn.now - turn.begun)
        if quiet > 0:
            yield "pause", quiet
            found = yield from self._look(turn, lost)
            if not _absent(found):
                return found
        while wait := self._pace.delay(self._now()):
            yield "pause", wait
            if self.stopped:
                return found
        mine = yield "journal", partial(self.journal.renew, turn.key, self.run_id, self._lease)
        if not mine or self.stopped:
            self._pace.ended(None, self._now())
            return found
        return (yield from self._send(turn))

    def _look(self, turn: Turn, lost: XenditSdkException) -> Steps[Result]:
        try:
            found = yield "resolve", lost
        except OutcomeUnknownException as error:
            return _failed(turn, error)
        except XenditSdkException as error:
            return Result(turn.external_id, "unknown", message=f"it could not be looked up: {error}", error=error)
        return _created(turn, found)


def _created(turn: Turn, made: Any) -> Result:
    return Result(turn.external_id, "created", made.id, made.get("invoice_url"), invoice=made)


def _failed(turn: Turn, error: XenditSdkException) -> Result:
    if turn.fresh and (isinstance(error, RateLimitException) or error.outcome == "not_sent"):
        return Result(turn.external_id, "pending", message=str(error), error=error)
    state: Literal["failed", "unknown"] = "failed" if turn.fresh and error.outcome == "rejected" else "unknown"
    return Result(turn.external_id, state, message=str(error), error=error)


def _absent(found: Result) -> bool:
    """Whether the item was looked up and no invoice bears its external_id."""
    return isinstance(found.error, OutcomeUnknownException) and not found.error.candidates


def _exact(text: str) -> float | Decimal:
    """A number of a journal as it was given: a float where a float holds it exactly, else a Decimal."""
    from decimal import Decimal

    number = float(text)
    return number if repr(number) == text else Decimal(text)
