"""Invoices in a simulated world (`xendit.testing.world`): a shop that sells over them, payers, and what must hold.

orders     the shop's program, as docs/Production.md and docs/Webhooks.md say that it is to be written
payers     what payers and banks do
checkers   the promises, each as a function that looks for where it was broken
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.invoice.world.batches import MonthlyBatch
from xendit.invoice.world.checkers import CHECKERS, USER_CHECKERS
from xendit.invoice.world.orders import InvoiceShop
from xendit.invoice.world.payers import Payers

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from xendit.testing.world.scenario import Profile, Scenario
    from xendit.testing.world.scheduler import World

__all__ = ["PLAY"]


class InvoicePlay:
    """What invoices bring to a world."""

    @staticmethod
    def assumed(world: World, profile: Profile) -> Mapping[str, Hashable]:  # noqa: ARG004 - the signature of all plays
        """Nothing but what every world assumes."""
        return {}

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.payers = Payers(scenario)
        self.shops = [InvoiceShop(scenario, shop, self.payers) for shop in scenario.shops]

    def begin(self) -> None:
        """Begin the shops' processes and let shoppers come."""
        luck = self.scenario.luck
        for number in range(1, self.scenario.size + 1):
            shop = self.shops[luck.below(len(self.shops))]
            shop.expect(f"order-{number}", self.scenario.faults_end * luck.chance() ** 4)
        if self.scenario.has_batch:
            self.shops[0].batch = MonthlyBatch(self.scenario, self.shops[0])

    def judge(self) -> None:
        """Ask every checker of every shop; where a user's handler stands, those that are about it."""
        for shop in self.shops:
            for check in CHECKERS if self.scenario.handler is None else USER_CHECKERS:
                check(self.scenario, shop)


PLAY = InvoicePlay
