"""A batch of invoices in a world: begun once a month, killed, and continued from its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.invoice.invoice_api import InvoiceApi
from xendit.testing.world.batches import WorldJournal, run_batch

if TYPE_CHECKING:
    from xendit.invoice.world.orders import InvoiceShop
    from xendit.testing.world.scenario import Scenario
    from xendit.testing.world.scheduler import Steps
    from xendit.testing.world.shop import ShopProcess

_RUNS = 8
"""How often it is continued after a run that has left something undone."""


class MonthlyBatch:
    """A shop's batch: its requests, its journal, and the processes that work on it.

    Args:
        scenario: the world it is in.
        program: the shop's program.
    """

    def __init__(self, scenario: Scenario, program: InvoiceShop) -> None:
        self.world = scenario.world
        self.program = program
        self.luck = self.world.stream(f"{program.shop.name} batch")
        trouble = self.luck.choice((0.0, 0.0, 0.05))
        self.journal = WorldJournal(self.world, program.shop.source, trouble)
        count = 2 + self.luck.below(4)
        self.items = tuple(f"item-{number}" for number in range(1, count + 1))
        self._begins = 0.5 * scenario.faults_end * self.luck.chance() ** self.luck.choice((3, 12))
        self._ends = scenario.faults_end
        self._workers = 1 + self.luck.below(3)
        self._rate = self.luck.choice((None, None, 60.0))
        for number in range(1, 1 + self.luck.choice((1, 1, 2))):
            program.shop.server(f"bulk {number}", self._begin)

    def _begin(self, process: ShopProcess) -> None:
        """A process begins, or begins anew: it goes on with the batch."""
        process.start(f"{process.name} runs", self._run(process), max(0.0, self._begins - self.world.now))

    def _run(self, process: ShopProcess) -> Steps:
        """Run the batch, until nothing is left or it has been tried often enough after the faults."""
        requests: list[dict[str, object]] = [
            {"external_id": item, "amount": 25_000, "payment_methods": ["BCA"]} for item in self.items
        ]
        runs = 0
        while runs < _RUNS:
            api = InvoiceApi(process.client)
            self.world.note(process.name, "runs the batch")
            steps = run_batch(api, requests, self.journal, self._workers, rate_limit=self._rate)
            tasks = [process.start(f"{process.name} worker {number}", each) for number, each in enumerate(steps, 1)]
            while not all(task.done for task in tasks):
                yield 5.0
            left = [result for result in self.journal.results() if result.state not in ("created", "failed")]
            if not left:
                return
            runs += self.world.now > self._ends
            yield self.luck.between(60.0, 7_200.0)
