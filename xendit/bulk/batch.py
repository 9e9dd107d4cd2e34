"""create_many checks the requests and puts them into the journal. Then `Batch` works on them with threads, or
`AsyncBatch` with tasks. What a thread or a task does is written once, in `xendit.bulk.work`.
"""

from __future__ import annotations

from xendit.bulk.account import account_of
from xendit.bulk.creation import creation_of
from xendit.bulk.journal import Item, Journal, digest_of
from xendit.bulk.pace import Pace
from xendit.bulk.result import Result
from xendit.bulk.work import Work
from xendit.exceptions import ApiTypeError, ApiValueError, JournalException, OpenApiException, add_note
from xendit.process import daemonic
from xendit.setting_checks import unknown_choice
from xendit.static_typing import hinted
from xendit.words import setting_name, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import asyncio
    import os
    import queue
    import threading
    from collections.abc import AsyncIterator, Callable, Generator, Iterable
    from typing import Any, Literal, TypeAlias, overload

    from typing_extensions import TypedDict, Unpack

    from xendit.bulk.creation import Creation
    from xendit.bulk.result import Report
    from xendit.product_types import AsyncBatchApi, BatchApi, BatchRequest

    Outcomes: TypeAlias = queue.SimpleQueue[Result | BaseException | None]
    """What the workers of a batch hand out: results, and in the end each worker's error, or None."""
    OnUnknown: TypeAlias = Literal["lookup", "raise", "resend"]
    Requests: TypeAlias = Iterable[BatchRequest]

    class BatchOptions(TypedDict, total=False):
        """What `create_many` takes by name."""

        concurrency: int
        rate_limit: float | None
        journal: str | os.PathLike[str] | Journal | None
        on_unknown: OnUnknown | None
        key_rotated: bool
        with_fee_rule: str | None
        with_split_rule: str | None


if TYPE_CHECKING:

    @overload
    def create_many(api: BatchApi, requests: Requests, **options: Unpack[BatchOptions]) -> Batch: ...
    @overload
    def create_many(api: AsyncBatchApi, requests: Requests, **options: Unpack[BatchOptions]) -> AsyncBatch: ...


@hinted
def create_many(
    api: BatchApi | AsyncBatchApi,
    requests: Requests,
    *,
    concurrency: int = 4,
    rate_limit: float | None = None,
    journal: str | os.PathLike[str] | Journal | None = None,
    on_unknown: OnUnknown | None = None,
    key_rotated: bool = False,
    with_fee_rule: str | None = None,
    with_split_rule: str | None = None,
) -> Batch | AsyncBatch:
    """Create many invoices. Nothing is sent before you iterate over what it returns.

    All requests are checked first. An item is known by its `external_id`, which must differ from all others of the
    batch. No item is sent twice, unless nothing of it had reached the server, or the server had answered 429. With a
    journal this holds even after the process has ended: give the same requests and the same journal again, and the
    batch goes on where it stopped; what was under way when a process died is looked up. Several processes may work on
    one batch at a time.

    A journal belongs to the account that began it: its host, its mode, its sub-account and its key, of which the
    journal holds a salted digest alone. For another account it is refused.

    Args:
        api: for an API whose calls block, such as InvoiceApi, a `Batch`, to be iterated with `for`; for one of asyncio,
            such as AsyncInvoiceApi, an `AsyncBatch`, with `async for`. A view of `for_user` creates for that
            sub-account.
        requests: models or dicts; none when the journal already holds what is to be done.
        concurrency: how many requests are under way at a time, 1 to 100.
        rate_limit: requests a minute at most, spread evenly; else as many as the rate-limit headers of answers allow.
        journal: path of a SQLite file, a SQLAlchemy URL (extra `inbox`), or a `Journal`; else it is kept in memory.
        on_unknown: as for `create_invoice`; with "resend", what a look-up did not find is created again after
            `RetryPolicy.resend_after` seconds, at the risk that the first one arrives late.
        key_rotated: True says that the account's key was replaced since the journal was begun; it is then bound to the
            new key.
        with_fee_rule, with_split_rule: as for `create_invoice`, for all requests.

    Raises:
        ApiTypeError, ApiValueError: a request or an argument cannot be used; the text names it. Nothing was sent.
        ConfigurationException: the journal cannot be used, or belongs to another account; there is no key.
        JournalException: the journal cannot be written.
    """
    creation = creation_of(api)
    if type(concurrency) is not int or not 1 <= concurrency <= 100:
        raise ApiValueError(
            f"concurrency must be an int from 1 to 100, {setting_name(concurrency)} was given", ("concurrency",)
        )
    if rate_limit is not None and (type(rate_limit) not in (int, float) or not 0 < rate_limit <= 1e6):
        raise ApiValueError(
            f"rate_limit must be a number of requests a minute above 0, {setting_name(rate_limit)} was given",
            ("rate_limit",),
        )
    problem = None if on_unknown is None else unknown_choice(on_unknown)
    if problem is not None:
        raise ApiValueError(problem, ("on_unknown",))
    if not isinstance(key_rotated, bool):
        raise ApiTypeError(f"key_rotated: {type_name(key_rotated)} was given, a bool is needed", ("key_rotated",))
    added = {"for_user_id": api.user_id, "with_fee_rule": with_fee_rule, "with_split_rule": with_split_rule}
    items = _items(creation, requests, added)
    # A journal in memory ends with this batch, so no other account can ever use it.
    account = None if journal is None else account_of(api.api_client, api.user_id)
    owned = not isinstance(journal, Journal)
    kept = (
        journal
        if isinstance(journal, Journal)
        else Journal(":memory:" if journal is None else journal, source=api.api_client.configuration.source)
    )
    try:
        kept.add(items, account, key_rotated=key_rotated)
    except BaseException:
        if owned:
            kept.close()
        raise
    after = on_unknown or api.api_client.configuration.on_unknown
    work = Work(kept, Pace(rate_limit), api.api_client, creation, added, after)
    made = AsyncBatch if creation.is_async else Batch
    return made(api, work, concurrency)


def _items(creation: Creation, requests: Iterable[object], added: dict[str, str | None]) -> list[Item]:
    """The requests as they will be sent, checked."""
    items: list[Item] = []
    seen: dict[str, int] = {}
    for number, request in enumerate(requests):
        try:
            text = creation.text_of(request, added)
        except OpenApiException as error:
            raise type(error)(f"requests[{number}]: {error.args[0]}", ("requests", number)) from error
        external_id = creation.external_id_of(text)
        if external_id in seen:
            raise ApiValueError(
                f"requests[{number}]: external_id {external_id!r} came before, as requests[{seen[external_id]}];"
                " a batch tells its items by it",
                ("requests", number),
            )
        seen[external_id] = number
        items.append(Item(external_id, text, digest_of(text, added)))
    return items


class _Run:
    """What both kinds of batch share."""

    def __init__(self, api: Any, work: Work, concurrency: int) -> None:
        self._api = api
        self._create = getattr(api.with_raw_response, work.creation.operation.name)
        self._work = work
        self._concurrency = concurrency
        self._begun = False

    @property
    def journal(self) -> Journal:
        """The journal of the batch."""
        return self._work.journal

    def __len__(self) -> int:
        """How many items the batch has, those of earlier runs included."""
        return len(self.journal)

    def __bool__(self) -> bool:
        return True

    def results(self) -> list[Result]:
        """What became of every item until now, those of earlier runs included, in the order of the requests."""
        return self.journal.results()

    def report(self) -> Report:
        """How the batch stands, earlier runs included."""
        return self.journal.report()

    def _standing(self) -> str:
        """How the batch stands, in words, even when the journal cannot be read."""
        try:
            told = str(self.report())
        except JournalException:
            told = f"{self._work.created} created by this run; the journal cannot be read"
        unwritten = self._work.unwritten
        if unwritten:
            told += (
                f"; {', '.join(unwritten[:10])}: created, which the journal could not note; the next run looks"
                f" {'it' if len(unwritten) == 1 else 'them'} up"
            )
        return told

    @property
    def waits_for(self) -> str | None:
        """What keeps the batch from sending just now, in words, such as the rate limit; None when nothing does."""
        return self._work.waits_for()

    def _begin(self) -> None:
        if self._begun:
            raise ApiValueError("this batch was run already; call create_many again to go on with it", ("requests",))
        self._begun = True

    def _note(self, interrupt: BaseException) -> None:
        """Say in an interrupt or an error what was done and what was not."""
        if isinstance(interrupt, GeneratorExit):
            return
        if isinstance(interrupt, JournalException) and self._work.unwritten:
            interrupt.outcome = "unknown"
        add_note(interrupt, f"create_many was stopped: {self._standing()}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._standing()}>"


@hinted
class Batch(_Run):
    """A batch over threads, made by `create_many`. Iterate over it once; each item is given when it is done.

    When the loop is left, by `break`, an exception or Ctrl-C, no further item is begun, and the items under way are
    waited for. Then `report()` says what was done. An interrupt that comes while the loop waits has the report as a
    note.
    """

    _api: BatchApi

    def __iter__(self) -> Generator[Result, None, None]:
        self._begin()
        return self._results()

    def _results(self) -> Generator[Result, None, None]:
        from queue import SimpleQueue
        from threading import Event, Thread

        done: SimpleQueue[Result | BaseException | None] = SimpleQueue()
        stop = Event()
        threads = [
            daemonic(Thread(target=self._drive, args=(done, stop), name=f"xendit-bulk-{number}"))
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

    def _stop(self, stop: threading.Event, threads: list[threading.Thread]) -> None:
        self._work.stopped = True
        stop.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()

    def _drive(self, done: Outcomes, stop: threading.Event) -> None:
        """One worker, in its thread."""
        steps = self._work.worker()
        problem: BaseException | None = None
        try:
            act: Callable[..., Any] = steps.send
            given: object = None
            while True:
                what, value = act(given)
                act, given = steps.send, None
                try:
                    if what == "journal":
                        given = value()
                    elif what == "pause":
                        stop.wait(value)
                    elif what == "create":
                        given = self._create(value[0], **value[1])
                    elif what == "resolve":
                        given = self._api.resolve(value)
                    else:
                        done.put(value)
                except BaseException as error:  # noqa: BLE001 - the worker decides what it means
                    act, given = steps.throw, error
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the thread that iterates
            problem = error
        done.put(problem)


@hinted
class AsyncBatch(_Run):
    """A batch over tasks, made by `create_many`. Iterate over it once; each item is given when it is done.

    When it is cancelled, no further item is begun, and the items under way are waited for. A second cancellation ends
    those too; the next run with the same journal then looks them up. After a `break`, `await batch.stop()`.
    """

    _api: AsyncBatchApi

    def __init__(self, api: object, work: Work, concurrency: int) -> None:
        super().__init__(api, work, concurrency)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping: asyncio.Event | None = None

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
        """Begin no further item, and wait for the items under way."""
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

    async def _drive(self, done: asyncio.Queue[Result | BaseException | None]) -> None:
        """One worker, in its task."""
        import asyncio

        steps = self._work.worker()
        problem: BaseException | None = None
        try:
            act: Callable[..., Any] = steps.send
            given: object = None
            while True:
                what, value = act(given)
                act, given = steps.send, None
                try:
                    if what == "journal":
                        given = await asyncio.to_thread(value)
                    elif what == "pause":
                        assert self._stopping is not None  # a worker runs in a run
                        await _pause(self._stopping, value)
                    elif what == "create":
                        given = await self._create(value[0], **value[1])
                    elif what == "resolve":
                        given = await self._api.resolve(value)
                    else:
                        done.put_nowait(value)
                except BaseException as error:  # noqa: BLE001 - the worker decides what it means
                    act, given = steps.throw, error
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 - raised in the task that iterates
            problem = error
        finally:
            done.put_nowait(problem)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until the run is stopped."""
    import asyncio

    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except asyncio.TimeoutError:
        return
