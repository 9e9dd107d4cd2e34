"""A sandbox that shows a world: its dashboard has the books, the requests and the webhooks of what was lived through."""

from __future__ import annotations

import logging
from collections import Counter

import pytest

from xendit.testing.world.scenario import FULL, MONEY, Profile, Scenario
from xendit.testing.world.shown import sandbox_of


@pytest.fixture(autouse=True)
def quiet() -> object:
    """What worlds log is what goes wrong in them, as it should."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("profile", [FULL, MONEY], ids=["full", "money"])
def test_all_that_xendit_knows_is_shown(profile: Profile) -> None:
    """Each record as it is in the end, each request with what its client heard, each attempt to deliver a webhook."""
    faults: Counter[str | None] = Counter()
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for seed in range(12):
        scenario = Scenario(seed, profile=profile)
        outcome = scenario.run()
        sandbox = sandbox_of(scenario, outcome)
        try:
            for book in scenario.gateway.shared:
                shown = {record.id: record.status for record in sandbox.book(book.kind).ledger}
                assert shown == {record.id: record.status for record in book.ledger}
            requests = sandbox.requests.after()
            assert [each.number for each in requests] == list(range(1, scenario.network.sent + 1))[-1000:]
            heard = Counter(line.about for line in outcome.trace if line.what == "hears" and line.who != "gateway")
            assert Counter(f"{each.number} {each.status}" for each in requests if each.status) == heard
            assert all(each.milliseconds >= 0 and each.path.startswith("/") for each in requests)
            attempts = scenario.deliveries.attempts
            assert [each.number for each in sandbox.deliveries] == list(range(1, len(attempts) + 1))
            assert {each.id for each in sandbox.deliveries} == {each.webhook.id for each in attempts}
            assert [each.sent_at for each in sandbox.deliveries] == sorted(each.sent_at for each in sandbox.deliveries)
            assert all((each.error is None) == (each.outcome == "COMPLETED") for each in sandbox.deliveries)
            faults.update(each.fault for each in requests)
            outcomes.update(each.outcome for each in sandbox.deliveries)
            reasons.update(each.reason for each in sandbox.deliveries)
        finally:
            sandbox.close()
    assert len(faults) > 5
    assert outcomes.keys() >= {"COMPLETED", "FAILED"}
    assert {"first", "retry"} <= set(reasons) <= {"first", "retry", "duplicate"}


def test_the_clock_stands_where_the_world_ended() -> None:
    """Nothing falls due by itself, and nothing is sent again unless somebody resends it."""
    scenario = Scenario(3)
    outcome = scenario.run()
    sandbox = sandbox_of(scenario, outcome)
    try:
        count = len(sandbox.deliveries)
        assert count > 0
        assert sandbox.clock() == sandbox.clock()
        assert sandbox.deliver() == ()
        sandbox.resend(sandbox.deliveries[0])
        [again] = sandbox.deliver()
        assert (again.number, again.outcome, again.reason) == (count + 1, "URL_NOT_SET", "resend")
    finally:
        sandbox.close()
