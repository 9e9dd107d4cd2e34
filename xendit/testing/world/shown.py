"""A sandbox whose dashboard shows Xendit's side of a world that was lived through: its books, requests and webhooks."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from xendit.sandbox.deliveries.record import Delivery
from xendit.sandbox.local import Sandbox
from xendit.sandbox.requests import LoggedRequest
from xendit.sandbox.state.core.times import format_time
from xendit.testing.world.scheduler import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.testing.world.scenario import Outcome, Scenario

_ERRORS = {"TIMEOUT": "ETIMEDOUT", "FAILED": "ECONNRESET"}
"""The classes of error of attempts of which nothing was heard."""

_ENDS = ("timeout", "reset", "connect", "unreadable")
"""What the network does to a request with which it has ended for its client."""


def sandbox_of(scenario: Scenario, outcome: Outcome) -> Sandbox:
    """A sandbox that stands at the end of a world, and holds what was in it by then. Its clock stands still."""
    sandbox = Sandbox(assumptions=scenario.assumptions)
    sandbox.freeze(_at(scenario, scenario.world.now))
    for book in scenario.gateway.shared:
        mine = sandbox.book(book.kind)
        for record in book.ledger:
            mine.keep(record)
    webhooks = {each.webhook.id: each.webhook for each in scenario.deliveries.attempts}
    sandbox.recall(webhooks.values(), _deliveries(scenario))
    sandbox.requests.recall(_requests(scenario, outcome))
    return sandbox


def _at(scenario: Scenario, seconds: float) -> datetime:
    """A moment of the world, by Xendit's clock."""
    return datetime.fromtimestamp(EPOCH + seconds + scenario.gateway.skew, timezone.utc)


def _deliveries(scenario: Scenario) -> Iterator[Delivery]:
    """The attempts to deliver webhooks, each with what befell it."""
    seen: set[tuple[str, int]] = set()
    attempts = sorted(scenario.deliveries.attempts, key=lambda each: each.began)
    began = {(each.webhook.id, each.number): each.began for each in attempts}
    for each in attempts:
        webhook, key = each.webhook, (each.webhook.id, each.number)
        later = began.get((webhook.id, each.number + 1))
        error = failed = None
        if each.outcome != "COMPLETED":
            error = "nothing was heard" if each.status is None else f"the receiver answered {each.status}"
            error, failed = each.fault or error, _ERRORS.get(each.outcome)
            if each.status is not None and each.status >= 300:
                failed = f"{each.status // 100}xx"
        yield Delivery(
            id=webhook.id,
            subject=webhook.subject,
            subject_status=webhook.status,
            url=f"http://{scenario.shop_of(webhook).name.replace(' ', '-')}.test/webhooks/xendit",
            body=webhook.body,
            outcome=each.outcome,
            sent_at=_at(scenario, each.began),
            milliseconds=round((each.ended - each.began) * 1000, 3),
            response_status=each.status,
            error=error,
            error_class=failed,
            attempt=each.number,
            reason="duplicate" if key in seen else "first" if each.number == 1 else "retry",
            next_attempt=None if later is None else _at(scenario, later),
            kind=webhook.kind,
            reference=webhook.reference,
        )
        seen.add(key)


def _requests(scenario: Scenario, outcome: Outcome) -> Iterator[LoggedRequest]:
    """What the shops' clients sent, each with the status that they heard, and what befell it on its way."""
    sent: dict[str, float] = {}
    heard: dict[str, tuple[float, int | None]] = {}
    faults: dict[str, str] = {}
    for line in outcome.trace:
        number, _, rest = line.about.partition(" ")
        if line.what == "sends":
            sent[number] = line.at
        elif line.what == "hears" and number in sent and number not in heard:
            heard[number] = line.at, int(rest)
        elif line.who == "network" and number in sent:
            faults.setdefault(number, line.what)
            if line.what in _ENDS:
                heard.setdefault(number, (line.at, None))
    for count, request in enumerate(scenario.network.requests, 1):
        number = str(count)
        ended, status = heard.get(number, (sent[number], None))
        path, _, query = request.target.partition("?")
        yield LoggedRequest(
            number=count,
            at=format_time(_at(scenario, ended)),
            method=request.method,
            path=path,
            query=query,
            status=status,
            milliseconds=round((ended - sent[number]) * 1000, 3),
            error_code=None,
            fault=faults.get(number),
            request_id=f"request-{number}",
        )
