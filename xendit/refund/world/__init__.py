"""Refunds in a simulated world (`xendit.testing.world`): a shop that gives back what was paid, and what must hold.

returns    the table of returns, and how the shop's desk works through it
stepping   RefundApi for code that gives steps
ends       what becomes of a refund at its channel
closing    the books, read through the client at the end
checkers   the promises, each as a function that looks for where it was broken

The payments are those of the play of invoices; the webhooks come through the same deliveries, endpoint, inbox and workers.
A world has this only where its profile lets what was paid be given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.invoice.world import InvoicePlay
from xendit.refund.world.checkers import CHECKERS, USER_CHECKERS
from xendit.refund.world.ends import RefundEnds
from xendit.refund.world.returns import ReturnDesk

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from xendit.testing.world.scenario import Profile, Scenario
    from xendit.testing.world.scheduler import World

__all__ = ["PLAY"]


class RefundPlay:
    """What refunds bring to a world."""

    @staticmethod
    def assumed(world: World, profile: Profile) -> Mapping[str, Hashable]:
        """How Xendit takes refunds: each of the ways that it is known or supposed to have."""
        if not profile.returns:
            return {}
        luck = world.stream("refund assumptions")
        return {
            "default_currency": luck.choice(("IDR", "PHP")),
            "refund_delay": luck.choice((0.0, 1.0, 30.0, 600.0, 7_200.0)),
            "refund_keys": luck.choice(("ignored", "ignored", "replayed")),
            "refund_references": luck.choice(("any", "any", "unique")),
            "refund_requests": luck.choice(("both", "payment_request")),
            "refund_codes": luck.choice(("docs", "sdk")),
            "refund_funds": "cash" if luck.chance() < 0.15 else "unchecked",
            "concurrent_refunds": luck.chance() < 0.8,
        }

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.desks: list[ReturnDesk] = []
        if scenario.profile.returns:
            self.ends = RefundEnds(scenario)
            invoices = next(play for play in scenario.plays if isinstance(play, InvoicePlay))
            self.desks = [ReturnDesk(scenario, program) for program in invoices.shops]

    def begin(self) -> None:
        """Open the desks."""
        for desk in self.desks:
            desk.open()

    def judge(self) -> None:
        """Ask every checker of every desk; where a user's handler stands, those that are about it."""
        for desk in self.desks:
            for check in CHECKERS if self.scenario.handler is None else USER_CHECKERS:
                check(self.scenario, desk)


PLAY = RefundPlay
