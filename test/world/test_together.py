"""Simulated worlds whose workers finish several events in one commit: what a promise forbids does not happen in them either."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from xendit.invoice.world.orders import InvoiceShop
from xendit.testing.world.scenario import PROFILES, Profile, run_seed
from xendit.webhook import batch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers with a batch, sync and async; what worlds log is what goes wrong in them, as it should."""
    monkeypatch.setattr(InvoiceShop, "events_together", 20)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_promise_is_broken(profile: Profile) -> None:
    """Each holds when processes are killed, handlers fail or overrun their leases, and databases break, in the middle of batches."""
    for seed in range(40):
        assert run_seed(seed, profile=profile).violations == (), f"seed {seed}"


def _forget(each: Any, **_: bool) -> None:
    each.alone = None


def _hurry(each: Any) -> Any:
    each.called[:] = each.fit
    return ((each._functions[claim.key], claim.event) for claim in each.fit[:1])


@pytest.mark.parametrize(("method", "defect"), [("fail", _forget), ("calls", _hurry)])
def test_a_planted_defect_is_found(method: str, defect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are taken as handled whose handler failed, or was not called."""
    monkeypatch.setattr(batch.EventBatch, method, defect)
    assert any(run_seed(seed).violations for seed in range(200))
