"""Deliveries: what is sent when, the retries, and the log of what came of it.

A worker thread sends one webhook after the other, never inside a request. Webhooks to receivers in this process are
sent by the thread that asks for deliveries instead. A thread must hold the turn to send, and only one can hold it at a
time.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import logging
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from xendit.process import daemonic
from xendit.sandbox.deliveries.network import OpenConnection
from xendit.sandbox.deliveries.pending import PendingWebhook, pending_of, read_pending
from xendit.sandbox.deliveries.record import Delivery, Reason, read_delivery
from xendit.sandbox.deliveries.result import SendResult, class_of, result_of_answer
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.given import must_be, sentence, shown
from xendit.sandbox.state.core.retries import wait_after
from xendit.source import SYSTEM, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xendit.sandbox.deliveries.receiver import Receiver
    from xendit.sandbox.faults import Faults
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.storage import Storage

logger = logging.getLogger(__name__)

#: How many deliveries are remembered.
REMEMBERED = 1_000
#: How often a webhook may be sent again by one call of `resend`.
MOST_TIMES = 100
#: How long a webhook that the fault webhook_reorder holds back waits for another one to overtake it.
_OVERTAKEN = timedelta(seconds=60)
#: Seconds between two looks at the clock, which may be moved by hand.
_LOOK = 0.05


class Deliveries:
    """The worker, the schedule and the log.

    Args:
        clock: gives the time by which webhooks are due.
        assumptions: how long a receiver has, and what is tried again.
        faults: what may happen to a webhook.
        receiver: says where webhooks go now.
        token: their `x-callback-token`.
        storage: where they are kept; None: they end with the process.
        source: the clock by which the duration of an attempt is measured.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        assumptions: Assumptions,
        faults: Faults,
        receiver: Callable[[], Receiver | None],
        token: str,
        storage: Storage | None = None,
        source: Source = SYSTEM,
    ) -> None:
        self._clock = clock
        self._assumptions = assumptions
        self._faults = faults
        self._receiver = receiver
        self._token = token
        self._storage = storage
        self._source = source
        self._turn = threading.RLock()  # held while sending: one webhook at a time, whichever thread sends it
        self._busy = False
        self._changed = threading.Condition()
        self._queue: list[tuple[datetime, int, PendingWebhook, Reason]] = []
        self._order = itertools.count()
        self._webhooks: dict[str, PendingWebhook] = {}
        self._log: deque[Delivery] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._waiting: list[PendingWebhook] = []  # held back by webhook_reorder until another one was sent
        self._generation = 0
        self._closed = False
        self._wire = OpenConnection()
        self._worker = daemonic(threading.Thread(target=self._work, name="xendit-sandbox-webhooks"))
        if storage is not None:
            with self._changed:
                self._load(storage)

    def start(self) -> None:
        """Start the worker."""
        self._worker.start()

    def close(self) -> None:
        """End the worker. A delivery under way is cut off; webhooks that wait stay in the storage."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wire.close()
        if self._worker.is_alive():
            self._worker.join()

    @property
    def wire(self) -> OpenConnection:
        """The connection that webhooks to a URL go over."""
        return self._wire

    # -- what is to be sent

    def enqueue(self, announcement: Announcement) -> None:
        """Schedule the webhook of an announcement for now, and return at once."""
        with self._changed:
            webhook = pending_of(announcement, self._clock())
            webhook.generation = self._generation
            self._webhooks[webhook.id] = webhook
            self._push(webhook, "first")

    def resend(self, webhook_id: str, times: int = 1, reason: Reason = "resend") -> None:
        """Send a webhook again, whatever became of it. Raises SandboxError: 404, 400."""
        if times not in range(1, MOST_TIMES + 1) or times is True:
            text = must_be("the number of times", f"1 to {MOST_TIMES}", times, number=True)
            raise SandboxError(400, "SANDBOX_INVALID_TIMES", sentence(text))
        with self._changed:
            webhook = self._find(webhook_id)
            for _ in range(times):
                self._push(webhook, reason, self._clock())

    def reorder(self, webhook_ids: Iterable[str]) -> None:
        """Send webhooks again in the order given. Raises SandboxError: 404."""
        with self._changed:
            for webhook in [self._find(webhook_id) for webhook_id in webhook_ids]:
                self._push(webhook, "reorder", self._clock())

    def next_due(self) -> datetime | None:
        """Say when the next attempt is due; None when none is."""
        with self._changed:
            self._drop_stale()
            return self._queue[0][0] if self._queue else None

    # -- the log

    def recall(self, webhooks: Iterable[PendingWebhook], deliveries: Iterable[Delivery]) -> None:
        """Remember what was sent elsewhere. None of it is sent again unless it is resent."""
        with self._changed:
            for webhook in webhooks:
                webhook.generation = self._generation
                self._webhooks[webhook.id] = webhook
            for delivery in deliveries:
                self._count += 1
                self._log.append(replace(delivery, number=self._count))
            self._changed.notify_all()

    def log(self) -> tuple[Delivery, ...]:
        """Give what was delivered or tried since the last clearing, oldest first; the last 1,000."""
        with self._changed:
            return tuple(self._log)

    @property
    def last(self) -> int:
        """The number of the last attempt since the last clearing; 0 while there is none. It copies nothing."""
        return self._count

    def clear(self) -> None:
        """Forget the log and the schedule. The result of a delivery that is under way is not logged any more."""
        with self._changed:
            self._generation += 1
            self._queue.clear()
            self._webhooks.clear()
            self._waiting.clear()
            self._log.clear()
            self._count = 0

    def wait(self, count: int, timeout: float) -> tuple[Delivery, ...]:
        """Wait until the log holds `count` deliveries and give them all. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._log) >= count or self._closed, timeout):
                raise TimeoutError(f"{len(self._log)} of {count} webhook deliveries after {timeout} s")
            if len(self._log) < count:
                raise TimeoutError(f"the sandbox was closed after {len(self._log)} of {count} webhook deliveries")
            return tuple(self._log)

    # -- sending

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Stop the worker from sending for as long as the context is open; its holder may send."""
        with self._turn:
            yield

    def run_due(self) -> list[Delivery]:
        """Send, in this thread, all that is due by the clock, in order. Give the attempts."""
        made: list[Delivery] = []
        with self._turn:
            if self._busy:  # the receiver itself caused it; the loop that called the receiver sends it
                return made
            self._busy = True
            try:
                while (next_up := self._take()) is not None:
                    made += self._deliver(*next_up)
            finally:
                self._busy = False
        return made

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not self._is_work():
                    self._changed.wait(_LOOK if self._queue else None)
                if self._closed:
                    return
            try:
                self.run_due()
            except Exception:
                if self._closed:
                    return
                logger.exception("the webhook worker failed")
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, _LOOK)

    def _is_work(self) -> bool:
        receiver = self._receiver()
        if receiver is not None and receiver.in_process:
            return False
        self._drop_stale()
        return bool(self._queue) and self._queue[0][0] <= self._clock()

    def _take(self) -> tuple[PendingWebhook, Reason] | None:
        with self._changed:
            self._drop_stale()
            if self._closed or not self._queue or self._queue[0][0] > self._clock():
                return None
            _, _, webhook, reason = heapq.heappop(self._queue)
            if reason in ("first", "retry"):
                webhook.due = None
            return webhook, reason

    def _deliver(self, webhook: PendingWebhook, reason: Reason) -> list[Delivery]:
        met = self._faults.meet(webhook.kind, webhook.status, webhook.reference, webhook=True)
        faults = {one.kind: one for one in met}
        scheduled = reason in ("first", "retry")
        if scheduled and not webhook.overtaken and not faults.keys().isdisjoint(("webhook_delay", "webhook_reorder")):
            webhook.overtaken = True
            delay = faults.get("webhook_delay")
            wait = _OVERTAKEN if delay is None else timedelta(seconds=delay.duration)
            with self._changed:
                webhook.due = self._clock() + wait
                self._push(webhook, reason)
                if delay is None:
                    self._waiting.append(webhook)
            return []
        made = [self._attempt(webhook, reason, faults)]
        if "webhook_duplicate" in faults:
            made.append(self._attempt(webhook, "duplicate", faults))
        with self._changed:
            for overtaken in self._waiting:
                if overtaken.due is not None and overtaken is not webhook:
                    overtaken.due = self._clock()
                    self._push(overtaken, "retry" if overtaken.attempts else "first")
            self._waiting.clear()
        return made

    def _attempt(self, webhook: PendingWebhook, reason: Reason, faults: JsonMapping) -> Delivery:
        sent_at, began = self._clock(), self._source.monotonic()
        receiver = self._receiver()
        result = self._send(webhook, receiver, faults)
        webhook.attempts += 1
        if reason in ("first", "retry"):
            wait = wait_after(result.outcome, webhook.attempts, self._assumptions)
            webhook.due = None if wait is None else sent_at + wait
        elif result.outcome == "COMPLETED":
            webhook.due = None  # received at last: no need to try again
        delivery = Delivery(
            id=webhook.id,
            kind=webhook.kind,
            subject=webhook.subject,
            subject_status=webhook.status,
            reference=webhook.reference,
            url=None if receiver is None else receiver.url,
            body=webhook.body,
            outcome=result.outcome,
            sent_at=sent_at.astimezone(timezone.utc),
            milliseconds=round((self._source.monotonic() - began) * 1000, 3),
            response_status=result.status,
            response_body=result.body,
            error=result.error,
            error_class=result.error_class,
            attempt=webhook.attempts,
            reason=reason,
            next_attempt=webhook.due,
        )
        logger.debug("webhook %s: %s", delivery.id, delivery.outcome)
        return self._remember(webhook, delivery)

    def _send(self, webhook: PendingWebhook, receiver: Receiver | None, faults: JsonMapping) -> SendResult:
        if "webhook_drop" in faults:
            return SendResult("DROPPED", error="lost by an armed fault")
        if "webhook_fail" in faults:
            return result_of_answer(faults["webhook_fail"].status, "")
        if receiver is None:
            return SendResult("URL_NOT_SET", error="no webhook URL is set")
        token = "wrong-callback-token" if "webhook_token" in faults else self._token
        try:
            return result_of_answer(*receiver.send(webhook, token))
        except TimeoutError:
            timeout = self._assumptions.webhook_timeout
            return SendResult("TIMEOUT", error=f"no answer within {timeout:g} s", error_class="ETIMEDOUT")
        except (OSError, ValueError, http.client.HTTPException) as problem:
            line = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
            return SendResult("FAILED", error=line, error_class=class_of(problem))

    def _remember(self, webhook: PendingWebhook, delivery: Delivery) -> Delivery:
        with self._changed:
            if webhook.generation != self._generation or self._closed:
                return delivery
            self._count += 1
            delivery = replace(delivery, number=self._count)
            if self._storage is not None:
                self._storage.save_webhook(webhook.id, webhook.record(), delivery.record())
            if webhook.due is not None and delivery.reason in ("first", "retry"):
                self._push(webhook, "retry")
            self._log.append(delivery)
            if self._count % (REMEMBERED // 2) == 0:
                self._prune()
            self._changed.notify_all()
        return delivery

    # -- inside the lock

    def _push(self, webhook: PendingWebhook, reason: Reason, at: datetime | None = None) -> None:
        """Put a webhook into the queue: for the moment at which it is due, or for another one."""
        moment = webhook.due if at is None else at
        if moment is not None:
            heapq.heappush(self._queue, (moment, next(self._order), webhook, reason))
            self._changed.notify_all()

    def _drop_stale(self) -> None:
        """Drop entries at the head of the queue whose webhook has been rescheduled since."""
        while self._queue:
            due, _, webhook, reason = self._queue[0]
            if reason not in ("first", "retry") or webhook.due == due:
                return
            heapq.heappop(self._queue)

    def _find(self, webhook_id: str) -> PendingWebhook:
        webhook = self._webhooks.get(webhook_id)
        if webhook is None:
            text = f"There is no such webhook, or it is too long ago; {shown(webhook_id)} was given."
            raise SandboxError(404, "SANDBOX_WEBHOOK_NOT_FOUND", text)
        return webhook

    def _prune(self) -> None:
        """Forget the oldest webhooks that are done with, and the attempts that the log no longer holds."""
        done = [webhook_id for webhook_id, webhook in self._webhooks.items() if webhook.due is None]
        old = done[: max(len(done) - REMEMBERED, 0)]
        for webhook_id in old:
            del self._webhooks[webhook_id]
        if self._storage is not None:
            self._storage.forget(old, self._log[0].number)

    def _load(self, storage: Storage) -> None:
        for record in storage.webhooks():
            # A webhook that was due when the process ended may have been sent before. It is sent again, because the
            # promise is to send it at least once.
            webhook = read_pending(record, self._clock())
            self._webhooks[webhook.id] = webhook
            self._push(webhook, "retry" if webhook.attempts else "first")
        for record in storage.deliveries():
            self._log.append(read_delivery(record))
        self._count = self._log[-1].number if self._log else 0
