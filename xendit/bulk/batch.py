"""create_many: the work on one batch as a generator, and its two drivers, threads and tasks.

A worker yields what it wants done: journal work, a pause, a create, a look-up. It does no I/O of its own, so both
drivers run the same code. An item is marked in the journal before it is sent; what is marked and not settled when a
process dies is looked up by the next, and never sent again by itself.
"""

from __future__ import annotations

import json
import time
from functools import partial
from uuid import uuid4

from xendit.bulk.journal import Claim, Item, Journal, digest_of
from xendit.bulk.pace import Pace
from xendit.bulk.result import Result
from xendit.codec import type_name
from xendit.configuration import unknown_choice
from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    OpenApiException,
    OutcomeUnknownException,
    RateLimitException,
    XenditSdkException,
    add_note,
)
from xendit.invoice.async_invoice_api import AsyncInvoiceApi
from xendit.invoice.invoice_api import InvoiceApi
from xendit.invoice.operations import CREATE_INVOICE, sought_of
from xendit.operation import rate_limit_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
    from typing import Any, Literal, TypeAlias, overload

    from xendit.bulk.result import Report
    from xendit.invoice.dicts import CreateInvoiceRequestDict
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

    Step: TypeAlias = tuple[str, Any]
    OnUnknown: TypeAlias = Literal["lookup", "raise", "resend"]

_TRIES = 5
"""How often an item is tried in one run while nothing reaches the server, or the server says that it is too much."""
_DOWN = 10
"""After so many tries in a row that reached nobody the run ends, and leaves the rest for the next one."""
_MARGIN = 2.0
"""Seconds by which a lease outlasts the call."""
_SKEW = 60.0
"""Seconds by which the clock of the journal may be ahead of ours."""
_LONGEST_WAIT = 1.0
"""Seconds between two looks at what another run has."""


if TYPE_CHECKING:

    @overload
    def create_many(
        api: InvoiceApi,
        requests: Iterable[CreateInvoiceRequest | CreateInvoiceRequestDict],
        *,
        concurrency: int = 4,
        rate_limit: float | None = None,
        journal: str | os.PathLike[str] | Journal | None = None,
        on_unknown: OnUnknown | None = None,
        with_fee_rule: str | None = None,
        with_split_rule: str | None = None,
    ) -> Batch: ...
    @overload
    def create_many(
        api: AsyncInvoiceApi,
        requests: Iterable[CreateInvoiceRequest | CreateInvoiceRequestDict],
        *,
        concurrency: int = 4,
        rate_limit: float | None = None,
        journal: str | os.PathLike[str] | Journal | None = None,
        on_unknown: OnUnknown | None = None,
        with_fee_rule: str | None = None,
        with_split_rule: str | None = None,
    ) -> AsyncBatch: ...


def create_many(
    api: InvoiceApi | AsyncInvoiceApi,
    requests: Iterable[CreateInvoiceRequest | CreateInvoiceRequestDict],
    *,
    concurrency: int = 4,
    rate_limit: float | None = None,
    journal: str | os.PathLike[str] | Journal | None = None,
    on_unknown: OnUnknown | None = None,
    with_fee_rule: str | None = None,
    with_split_rule: str | None = None,
) -> Batch | AsyncBatch:
    """Create many invoices. Nothing is sent before you iterate over what it returns.

    All requests are checked first. An item is told by its `external_id`, which no other of the batch may bear. None
    is sent twice, unless nothing had reached the server or the server had answered 429. With a journal this holds
    over processes too: give the same requests and the same journal again, and the batch goes on where it stopped;
    what was under way when a process died is looked up. Several processes may work on one batch at a time.

    Args:
        api: for an InvoiceApi a `Batch`, to be iterated with `for`; for an AsyncInvoiceApi an `AsyncBatch`, with
            `async for`. A view of `for_user` creates for that sub-account.
        requests: models or dicts; none when the journal already holds what is to be done.
        concurrency: how many are under way at a time, 1 to 100.
        rate_limit: requests a minute at most, spread evenly; else as many as the answers' rate-limit headers allow.
        journal: path of a SQLite file, a SQLAlchemy URL (extra `inbox`), or a `Journal`; else it is kept in memory.
        on_unknown: as of `create_invoice`; with "resend", what a look-up did not find is created again after
            `RetryPolicy.resend_after` seconds, at the risk that the first one arrives late.
        with_fee_rule, with_split_rule: as of `create_invoice`, for all.

    Raises:
        ApiTypeError, ApiValueError: a request or an argument cannot be used; the text names it. Nothing was sent.
        ConfigurationException: the journal cannot be used.
    """
    if not isinstance(api, (InvoiceApi, AsyncInvoiceApi)):
        raise ApiTypeError(
            f"create_many: {type_name(api)} was given, an InvoiceApi or AsyncInvoiceApi is needed", ("api",)
        )
    if type(concurrency) is not int or not 1 <= concurrency <= 100:
        raise ApiValueError("concurrency must be an int from 1 to 100", ("concurrency",))
    if rate_limit is not None and (type(rate_limit) not in (int, float) or not 0 < rate_limit <= 1e6):
        raise ApiValueError("rate_limit must be a number of requests a minute above 0", ("rate_limit",))
    problem = None if on_unknown is None else unknown_choice(on_unknown)
    if problem is not None:
        raise ApiValueError(problem, ("on_unknown",))
    added = {"for_user_id": api.user_id, "with_fee_rule": with_fee_rule, "with_split_rule": with_split_rule}
    items = _items(requests, added)
    owned = not isinstance(journal, Journal)
    kept = journal if isinstance(journal, Journal) else Journal(":memory:" if journal is None else journal)
    try:
        kept.add(items)
    except BaseException:
        if owned:
            kept.close()
        raise
    work = _Work(kept, Pace(rate_limit), api.api_client, added, on_unknown or api.api_client.configuration.on_unknown)
    made = Batch if isinstance(api, InvoiceApi) else AsyncBatch
    return made(api, work, concurrency)


def _items(requests: Iterable[Any], added: dict[str, str | None]) -> list[Item]:
    """The requests as they will be sent, checked."""
    items: list[Item] = []
    seen: set[str] = set()
    for number, request in enumerate(requests):
        try:
            body = CREATE_INVOICE.request({"create_invoice_request": request, **added}).body
        except OpenApiException as error:
            raise type(error)(f"requests[{number}]: {error.args[0]}", ("requests", number)) from error
        assert body is not None
        text = body.decode("ascii")
        external_id = json.loads(text)["external_id"]
        if external_id in seen:
            raise ApiValueError(
                f"requests[{number}]: external_id {external_id!r} came before; a batch tells its items by it",
                ("requests", number),
            )
        seen.add(external_id)
        items.append(Item(external_id, text, digest_of(text, added)))
    return items


class _Work:
    """What a run's workers share, and how one of them works."""

    def __init__(
        self, journal: Journal, pace: Pace, client: Any, added: dict[str, str | None], on_unknown: str
    ) -> None:
        self.journal = journal
        self.run_id = uuid4().hex
        self.stopped = False
        self._pace = pace
        self._added = added
        self._on_unknown = on_unknown
        self._tries: dict[str, int] = {}
        self._down = 0
        self._lease = client.configuration.timeout + _MARGIN
        self._quiet = client.configuration.retry_policy.resend_after

    def worker(self) -> Generator[Step, Any, None]:
        """One worker, until nothing is left or the run is stopped. Yields what is to be done:

        `journal` a function of the journal to call; `pause` seconds; `create` a body and keywords; `resolve` an
        error; `result` a Result to hand out.
        """
        started = yield "journal", self.journal.begin
        while not self.stopped:
            wait = self._pace.delay(time.monotonic())
            if wait:
                if (yield "journal", partial(self.journal.is_done, self.run_id, started)):
                    return
                yield "pause", wait
                continue
            counted = True
            try:
                claim = yield "journal", partial(self.journal.claim, self.run_id, started, self._lease)
                counted = not isinstance(claim, Claim)
            finally:
                if counted:
                    self._pace.ended(None, time.monotonic())
            if claim is None:
                return
            if not isinstance(claim, Claim):
                yield "pause", min(claim, _LONGEST_WAIT)
                continue
            result = yield from (self._send(claim) if claim.fresh else self._find(claim))
            if result is None:
                yield "journal", partial(self.journal.release, claim.key, self.run_id)
            else:
                yield "journal", partial(self.journal.settle, claim.key, self.run_id, result)
                yield "result", result

    def _send(self, claim: Claim) -> Generator[Step, Any, Result | None]:
        """Send an item. None: nothing was done, and it may be sent again when the others may."""
        body = json.loads(claim.body, parse_float=_exact)
        keywords = {**self._added, "on_unknown": self._on_unknown}
        del keywords["for_user_id"]  # the API is a view for it
        try:
            answer = yield "create", (body, keywords)
        except XenditSdkException as error:
            failure = error
        except BaseException:
            self._pace.ended(None, time.monotonic())
            raise
        else:
            self._pace.ended(answer.rate_limit, time.monotonic())
            self._down = 0
            return _created(claim, answer.data)
        now = time.monotonic()
        self._pace.ended(rate_limit_of(failure.headers), now)
        limited = isinstance(failure, RateLimitException)
        self._down = self._down + 1 if failure.outcome == "not_sent" else 0
        if self._down >= _DOWN:
            self.stopped = True
        if limited or failure.outcome == "not_sent":
            tries = self._tries[claim.key] = self._tries.get(claim.key, 0) + 1
            hint = failure.retry_after if limited else None
            self._pace.hold(min(2.0**tries, 16.0) / 8 if hint is None else hint, now)
            if tries < _TRIES and claim.fresh and not self.stopped:
                return None
        return _failed(claim, failure)

    def _find(self, claim: Claim) -> Generator[Step, Any, Result | None]:
        """Look for what an earlier run may have made of an item."""
        self._pace.ended(None, time.monotonic())  # a look-up is no create
        body = json.loads(claim.body, parse_float=_exact)
        lost = OutcomeUnknownException("a process ended while it created this", outcome="unknown")
        lost.sought = sought_of(
            claim.external_id, body.get("amount"), body.get("currency"), self._added["for_user_id"]
        ).made_since(claim.begun - _SKEW, dated=False)
        found = yield from self._look(claim, lost)
        if self._on_unknown != "resend" or not _absent(found):
            return found
        quiet = self._quiet - (claim.now - claim.begun)
        if quiet > 0:
            yield "pause", quiet
            found = yield from self._look(claim, lost)
            if not _absent(found):
                return found
        while wait := self._pace.delay(time.monotonic()):
            yield "pause", wait
            if self.stopped:
                return found
        mine = yield "journal", partial(self.journal.renew, claim.key, self.run_id, self._lease)
        if not mine or self.stopped:
            self._pace.ended(None, time.monotonic())
            return found
        return (yield from self._send(claim))

    def _look(self, claim: Claim, lost: XenditSdkException) -> Generator[Step, Any, Result]:
        try:
            invoice = yield "resolve", lost
        except OutcomeUnknownException as error:
            return _failed(claim, error)
        except XenditSdkException as error:
            return Result(claim.external_id, "unknown", message=f"it could not be looked up: {error}", error=error)
        return _created(claim, invoice)


def _created(claim: Claim, invoice: Any) -> Result:
    return Result(claim.external_id, "created", invoice.id, invoice.invoice_url, invoice=invoice)


def _failed(claim: Claim, error: XenditSdkException) -> Result:
    if claim.fresh and (isinstance(error, RateLimitException) or error.outcome == "not_sent"):
        return Result(claim.external_id, "pending", message=str(error), error=error)
    state: Any = "failed" if claim.fresh and error.outcome == "rejected" else "unknown"
    return Result(claim.external_id, state, message=str(error), error=error)


def _absent(found: Result) -> bool:
    """Whether it was looked for, and no invoice bears its external_id."""
    return isinstance(found.error, OutcomeUnknownException) and not found.error.candidates


def _exact(text: str) -> Any:
    """A number as it was given: what a float cannot hold was a Decimal."""
    from decimal import Decimal

    number = float(text)
    return number if repr(number) == text else Decimal(text)


class _Run:
    """What both kinds of batch share."""

    def __init__(self, api: Any, work: _Work, concurrency: int) -> None:
        self._api = api
        self._work = work
        self._concurrency = concurrency
        self._begun = False

    @property
    def journal(self) -> Journal:
        """The journal of the batch."""
        return self._work.journal

    def results(self) -> list[Result]:
        """What became of every item until now, those of earlier runs included, in the order of the requests."""
        return self.journal.results()

    def report(self) -> Report:
        """How the batch stands, earlier runs included."""
        return self.journal.report()

    def _begin(self) -> None:
        if self._begun:
            raise ApiValueError("this batch was run already; call create_many again to go on with it", ("requests",))
        self._begun = True

    def _note(self, interrupt: BaseException) -> None:
        """Say in an interrupt what was done and what was not."""
        if not isinstance(interrupt, GeneratorExit):
            add_note(interrupt, f"create_many was stopped: {self.report()}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.report()}>"


class Batch(_Run):
    """A batch over threads, made by `create_many`. Iterate over it once; each item is given when it is done.

    When the loop is left, by `break`, an exception or Ctrl-C, no item is begun any more, those under way are waited
    for, and `report()` says what was done. An interrupt that comes while the loop waits bears the report as a note.
    """

    _api: InvoiceApi

    def __iter__(self) -> Iterator[Result]:
        self._begin()
        return self._results()

    def _results(self) -> Iterator[Result]:
        from queue import SimpleQueue
        from threading import Event, Thread

        done: SimpleQueue[Result | BaseException | None] = SimpleQueue()
        stop = Event()
        threads = [
            Thread(target=self._drive, args=(done, stop), name=f"xendit-bulk-{number}", daemon=True)
            for number in range(self._concurrency)
        ]
        problem: BaseException | None = None
        try:
            for thread in threads:
                thread.start()
            working = len(threads)
            while working:
                each = done.get()
                if isinstance(each, Result):
                    yield each
                else:
                    working -= 1
                    if each is not None:
                        problem = problem or each
                        self._work.stopped = True
                        stop.set()
        except BaseException as interrupt:
            self._stop(stop, threads)
            self._note(interrupt)
            raise
        if problem is not None:
            self._note(problem)
            raise problem

    def _stop(self, stop: Any, threads: list[Any]) -> None:
        self._work.stopped = True
        stop.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()

    def _drive(self, done: Any, stop: Any) -> None:
        """One worker, in its thread."""
        steps = self._work.worker()
        problem: BaseException | None = None
        try:
            act: Callable[..., Any] = steps.send
            given: Any = None
            while True:
                what, value = act(given)
                act, given = steps.send, None
                try:
                    if what == "journal":
                        given = value()
                    elif what == "pause":
                        stop.wait(value)
                    elif what == "create":
                        given = self._api.with_raw_response.create_invoice(value[0], **value[1])
                    elif what == "resolve":
                        given = self._api.resolve(value)
                    else:
                        done.put(value)
                except BaseException as error:  # noqa: BLE001 - the worker knows what it means
                    act, given = steps.throw, error
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the thread that iterates
            problem = error
        done.put(problem)


class AsyncBatch(_Run):
    """A batch over tasks, made by `create_many`. Iterate over it once; each item is given when it is done.

    When it is cancelled, no item is begun any more and those under way are waited for; a second cancellation ends
    them too, and the journal then has them looked up by the next run. After a `break`, `await batch.stop()`.
    """

    _api: AsyncInvoiceApi

    def __init__(self, api: Any, work: _Work, concurrency: int) -> None:
        super().__init__(api, work, concurrency)
        self._tasks: list[Any] = []
        self._stopping: Any = None

    def __aiter__(self) -> AsyncIterator[Result]:
        self._begin()
        return self._results()

    async def _results(self) -> AsyncIterator[Result]:
        import asyncio

        done: asyncio.Queue[Result | BaseException | None] = asyncio.Queue()
        self._stopping = asyncio.Event()
        self._tasks = [asyncio.ensure_future(self._drive(done)) for _ in range(self._concurrency)]
        problem: BaseException | None = None
        try:
            working = len(self._tasks)
            while working:
                each = await done.get()
                if isinstance(each, Result):
                    yield each
                else:
                    working -= 1
                    if each is not None:
                        problem = problem or each
                        self._work.stopped = True
                        self._stopping.set()
        except BaseException as interrupt:
            await self.stop()
            self._note(interrupt)
            raise
        if problem is not None:
            self._note(problem)
            raise problem

    async def stop(self) -> None:
        """Begin no item any more, and wait for those under way."""
        import asyncio

        self._work.stopped = True
        if self._stopping is not None:
            self._stopping.set()
        try:
            await asyncio.gather(*self._tasks)
        except BaseException:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            raise

    async def _drive(self, done: Any) -> None:
        """One worker, in its task."""
        import asyncio

        steps = self._work.worker()
        problem: BaseException | None = None
        try:
            act: Callable[..., Any] = steps.send
            given: Any = None
            while True:
                what, value = act(given)
                act, given = steps.send, None
                try:
                    if what == "journal":
                        given = await asyncio.to_thread(value)
                    elif what == "pause":
                        await _pause(self._stopping, value)
                    elif what == "create":
                        given = await self._api.with_raw_response.create_invoice(value[0], **value[1])
                    elif what == "resolve":
                        given = await self._api.resolve(value)
                    else:
                        done.put_nowait(value)
                except BaseException as error:  # noqa: BLE001 - the worker knows what it means
                    act, given = steps.throw, error
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 - raised in the task that iterates
            problem = error
        finally:
            done.put_nowait(problem)


async def _pause(stopping: Any, seconds: float) -> None:
    """Wait so long, or until the run is stopped."""
    import asyncio

    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except asyncio.TimeoutError:
        return
