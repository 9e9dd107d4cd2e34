"""When a webhook is tried again. The waits are Xendit's; an assumption says after which outcomes it is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions

STEPS = tuple(timedelta(minutes=minutes) for minutes in (15, 45, 120, 180, 360, 720))
"""The wait before each retry, from the attempt before it: 24 hours in all (docs: webhook behavior)."""


def wait_after(outcome: str, attempts: int, assumptions: Assumptions) -> timedelta | None:
    """Say how long to wait after so many attempts, the last of which ended so; None when that was the last."""
    if outcome not in assumptions.retried_outcomes or attempts > assumptions.webhook_retries:
        return None
    return STEPS[attempts - 1] if attempts <= len(STEPS) else None
