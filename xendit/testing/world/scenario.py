"""Scenario: what a seed decides: how bad the network is, how many shops there are, how they fail, and what is left when all is over.

Each world has other faults (swarm testing): one in which everything may happen at once hides what only two rare faults together show.
The run has two parts. First faults happen, and nothing that a promise forbids may happen. Then the world heals, and everything
must come to its end within a stated time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from xendit.policy import RetryPolicy
from xendit.products import products
from xendit.sandbox.state import Assumptions
from xendit.testing.world import deliveries, network
from xendit.testing.world.database import WorldDatabase
from xendit.testing.world.deliveries import Arrival, WebhookSender
from xendit.testing.world.gateway import Gateway
from xendit.testing.world.network import Network, Partition, Weather
from xendit.testing.world.scheduler import World
from xendit.testing.world.shop import WorldShop

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox.deliveries.pending import PendingWebhook
    from xendit.testing.world.chance import Stream
    from xendit.testing.world.scheduler import TraceLine, Violation

LIVENESS = 30 * 3600.0
"""Seconds after the faults have healed within which everything must be done: Xendit's last retry comes after 24 hours,
and `reconcile` looks back 25."""


class Play(Protocol):
    """What a product brings to a world: what a shop does with it, what its payers do, and what must hold.

    A product's module `world` names its class as `PLAY`; it is made with the scenario.
    """

    def begin(self) -> None:
        """Begin the shop's processes and plan what its payers do."""

    def judge(self) -> None:
        """Say at the end, with `world.violate`, which promises were broken."""


class Outcome(NamedTuple):
    """What came of one world."""

    seed: int
    digest: str
    events: int
    faults: int
    violations: tuple[Violation, ...]
    trace: tuple[TraceLine, ...]


class Scenario:
    """One world, made from its seed.

    Args:
        seed: which one.
        size: how much happens: the number of orders.
        without: the numbers of faults to take out, for shrinking.
        handler: a user's own, in place of that of a product's play.
        fulfilled: says how often an order was fulfilled by it.
    """

    def __init__(
        self,
        seed: int,
        *,
        size: int = 4,
        without: frozenset[int] = frozenset(),
        handler: Callable[[Any], object] | None = None,
        fulfilled: Callable[[str], int] | None = None,
    ) -> None:
        self.handler = handler
        self.fulfilled = fulfilled
        self.world = world = World(seed, without=without)
        self.size = size
        self.luck = luck = world.stream("scenario")
        self.faults_end = luck.choice((600.0, 7_200.0, 43_200.0, 93_600.0))
        """When the faults heal, in seconds."""
        self.assumptions = assumptions = Assumptions(
            settlement_delay=luck.choice((0.0, 0.0, 3_600.0, 86_400.0)),
            retried_outcomes=frozenset(luck.choice((("FAILED",), ("FAILED",), ("FAILED", "TIMEOUT")))),
        )
        self.weather = weather = _weather(luck, self.faults_end)
        self.gateway = Gateway(
            world,
            self._announce,
            assumptions=assumptions,
            skew=luck.choice((0.0, 0.0, -3_600.0, 40.0, 3_600.0)),
            lag=luck.choice((0.0, 0.0, 0.5, 3.0)),
        )
        self.network = Network(world, self.gateway, weather)
        kinds, rate = _swarm(luck, deliveries.FAULTS, (0.0, 0.1, 0.4))
        self.deliveries = WebhookSender(world, assumptions, self._receive, weather, kinds, rate)
        frailty = luck.choice((0.0, 0.0, 0.002, 0.02))
        trouble, single_writer = luck.choice((0.0, 0.0, 0.05, 0.3)), luck.chance() < 0.4
        self.shops = [
            WorldShop(
                world,
                self.network,
                number,
                WorldDatabase(world, f"database {number}", trouble=trouble, single_writer=single_writer),
                frailty=frailty,
                settings={"retries": RetryPolicy(resend_after=luck.choice((2.0, 10.0)))},
            )
            for number in range(1, luck.choice((2, 2, 2, 3)))
        ]
        self._by_account = {self.gateway.shared.account(shop.key).user_id: shop for shop in self.shops}
        modules = (product.optional_module("world") for product in products())
        self.has_batch = luck.chance() < 0.15
        """Whether a shop also creates many at once."""
        self.plays: list[Play] = [module.PLAY(self) for module in modules if module is not None]

    def _announce(self, announcement: object) -> None:
        self.deliveries.announce(announcement)  # type: ignore[arg-type]

    def _receive(self, webhook: PendingWebhook, arrival: Arrival) -> bool:
        """Hand a webhook to the shop whose account it is about."""
        record = self.gateway.book(webhook.kind).ledger.get(webhook.subject)
        return self._by_account[record.account.owner].receive(arrival)

    def _jump(self, shop: WorldShop) -> None:
        """A clock of a shop is set: that of its machines, or that of its database."""
        seconds = self.luck.choice((-7_200.0, -90.0, 90.0, 3_600.0))
        of_database = self.luck.chance() < 0.6
        if not self.world.strikes(1.0, self.luck):
            return
        clock = shop.database if of_database else shop
        clock.skew += seconds
        self.world.note(shop.database.name if of_database else shop.name, "clock jumps", f"{seconds:+.0f} s")

    def run(self) -> Outcome:
        """Live through it: faults, then none, then judge."""
        world = self.world
        for play in self.plays:
            play.begin()
        for _ in range(self.luck.choice((0, 0, 0, 1, 2))):
            world.at(self.faults_end * self.luck.chance() ** 3, self._jump, self.luck.choice(self.shops))
        world.run(self.faults_end)
        for shop in self.shops:
            shop.skew = shop.database.skew = 0.0
        world.healed = True
        world.note("world", "heals")
        world.run(self.faults_end + LIVENESS)
        for play in self.plays:
            play.judge()
        outcome = Outcome(
            world.seed,
            world.digest(),
            len(world.trace),
            world.faults,
            tuple(world.violations),
            tuple(world.trace),
        )
        world.end()
        return outcome


def run_seed(seed: int, *, size: int = 4, without: frozenset[int] = frozenset()) -> Outcome:
    """Live through the world of a seed."""
    return Scenario(seed, size=size, without=without).run()


def _swarm(luck: Stream, kinds: tuple[str, ...], rates: tuple[float, ...]) -> tuple[tuple[str, ...], float]:
    """Which kinds of fault a world has, and how often one of them strikes."""
    rate = luck.choice(rates)
    several = luck.chance() < 0.5
    chosen = tuple(kind for kind in kinds if luck.chance() < 0.5) if several else (luck.choice(kinds),)
    return chosen, rate


def _weather(luck: Stream, end: float) -> Weather:
    """How bad the network is."""
    kinds, rate = _swarm(luck, network.FAULTS, (0.0, 0.05, 0.2, 0.5))
    partitions = []
    for _ in range(luck.choice((0, 0, 0, 1, 2))):
        begin = end * luck.chance() ** luck.choice((3, 12))
        partitions.append(Partition(begin, min(end, begin + luck.choice((5.0, 60.0, 1_800.0)))))
    return Weather(
        kinds,
        rate,
        tuple(partitions),
        luck.choice((1.0, 5.0, 60.0)),
        luck.choice((4.0, 30.0, 300.0)),
        luck.choice((0.0, 0.0, 0.2)),
    )
