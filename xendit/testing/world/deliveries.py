"""WebhookSender: Xendit's webhooks in a world, on Xendit's own schedule: retried, doubled, out of order, late, or lost.

The schedule, the headers and the body are the sandbox's. What may happen on the way is the world's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xendit.marks import mark
from xendit.sandbox.deliveries.pending import pending_of
from xendit.sandbox.deliveries.receiver import headers_of
from xendit.sandbox.state.core.retries import wait_after
from xendit.testing.world.scheduler import WorldProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox.deliveries.pending import PendingWebhook
    from xendit.sandbox.deliveries.result import Outcome
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.testing.world.network import Weather
    from xendit.testing.world.scheduler import Steps, Task, World

_MARKS = {
    "webhook lost": "deliveries: a webhook is lost",
    "answer lost": "deliveries: the answer is lost",
    "webhook doubled": "deliveries: a webhook comes twice at once",
    "webhook late": "deliveries: a webhook is overtaken",
    "webhook timed out": "deliveries: a webhook times out",
}
FAULTS = tuple(_MARKS)
"""What can happen to one attempt to deliver."""

_LATEST = 7_200.0
"""Seconds by which a late webhook comes later, at most."""


class Arrival(NamedTuple):
    """A webhook that has reached a shop."""

    headers: dict[str, str]
    body: bytes
    sender: Task
    """The task to wake with the status of the answer, or with None if the connection broke."""


class WebhookAttempt(NamedTuple):
    """An attempt to deliver a webhook."""

    webhook: PendingWebhook
    number: int
    """Which attempt for this webhook it was, from 1."""
    began: float
    ended: float
    """In seconds of the world."""
    outcome: Outcome
    status: int | None
    """What was answered; None if nothing was heard."""
    fault: str


class WebhookSender:
    """Sends what the gateway announces.

    Args:
        world: where it is.
        assumptions: as of the gateway.
        receive: hands a webhook to the shop of an account, and says whether anybody was there to take it.
        weather: says when nothing comes through.
        kinds, rate: the faults that this world has, and the probability that an attempt meets one.
    """

    def __init__(
        self,
        world: World,
        assumptions: Assumptions,
        receive: Callable[[PendingWebhook, Arrival], bool],
        weather: Weather,
        kinds: tuple[str, ...],
        rate: float,
    ) -> None:
        self.world = world
        self.process = WorldProcess(world, "deliveries")
        self.weather = weather
        self.announced: list[Announcement] = []
        """All that was to be told, in order."""
        self.given_up = 0
        """How many webhooks will not be sent any more although none of their attempts was answered well."""
        self.attempts: list[WebhookAttempt] = []
        """All attempts, in the order in which they ended."""
        self._assumptions = assumptions
        self._receive = receive
        self._luck = world.stream("deliveries")
        self._kinds = kinds
        self._rate = rate if kinds else 0.0

    def announce(self, announcement: Announcement) -> None:
        """Begin to tell something."""
        self.announced.append(announcement)
        webhook = pending_of(announcement)
        name = f"webhook {len(self.announced)}"
        self.world.note("gateway", "announces", f"{name}: {announcement.status} of {announcement.reference}")
        self.process.start(name, self._deliver(webhook, name), 0.2 + 2.0 * self._luck.chance())

    def _deliver(self, webhook: PendingWebhook, name: str) -> Steps:
        """All attempts for one webhook."""
        world = self.world
        while True:
            fault = ""
            if world.strikes(self._rate, self._luck):
                fault = self._luck.choice(self._kinds)
                world.note("network", fault, name)
                mark(_MARKS[fault])
            if fault == "webhook late":
                yield _LATEST * self._luck.chance()
            webhook.attempts += 1
            outcome = yield from self._attempt(webhook, name, fault)
            if fault == "webhook doubled":
                outcome = yield from self._attempt(webhook, name, "")  # its answer is waited for
            wait = wait_after(outcome, webhook.attempts, self._assumptions)
            if wait is None:
                if outcome != "COMPLETED":
                    mark("deliveries: a webhook is given up")
                    self.given_up += 1
                    world.note("gateway", "gives up", name)
                return
            mark("deliveries: a webhook is tried again")
            yield wait.total_seconds()

    def _attempt(self, webhook: PendingWebhook, name: str, fault: str) -> Steps:
        """One attempt; gives its outcome in the sandbox's words."""
        number, began = webhook.attempts, self.world.now
        outcome, status = yield from self._tried(webhook, name, fault)
        self.attempts.append(WebhookAttempt(webhook, number, began, self.world.now, outcome, status, fault))
        return outcome

    def _tried(self, webhook: PendingWebhook, name: str, fault: str) -> Steps:
        """The same; gives the outcome and the status of the answer."""
        world = self.world
        if fault == "webhook timed out":  # it is not sent again, so `reconcile` has to find it
            yield self._assumptions.webhook_timeout
            return "TIMEOUT", None
        if self.weather.parts(world.now):
            mark("deliveries: nothing comes through")
            yield 0.1
            return "FAILED", None
        if fault == "webhook lost":
            yield 0.1
            return "FAILED", None
        yield 0.05
        task = world.current
        assert task is not None  # these are its steps
        arrival = Arrival(headers_of(webhook, ""), webhook.body.encode("ascii"), task)
        world.note("gateway", "delivers", name)
        if not self._receive(webhook, arrival):
            mark("deliveries: nobody is there to take it")
            yield 0.05
            return "FAILED", None
        if fault == "webhook doubled":
            return "COMPLETED", None  # the second one does not wait for the first one's answer
        world.wake(task, 0, self._assumptions.webhook_timeout)
        status = yield None
        if status == 0:
            mark("deliveries: the answer does not come in time")
            world.note("gateway", "waited in vain", name)
            return "TIMEOUT", None
        if status is None:
            mark("deliveries: whoever took it was killed")
        elif status >= 300:
            mark("deliveries: the endpoint could not store it")
        if status is None or not 200 <= status < 300 or fault == "answer lost":
            world.note("gateway", "hears", f"{name}: {status}")
            return "FAILED", status
        return "COMPLETED", status
