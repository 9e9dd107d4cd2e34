"""Scenario: what a seed decides: how bad the network is, how many shops there are, and how they fail.

Each world has other kinds of faults (swarm testing). If every world had all kinds, the frequent ones would hide what
only two rare ones together can show. A run has two parts. First faults happen, and no promise may be broken. Then the
world heals, and everything must come to its end within a stated time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from xendit.policy import RetryPolicy
from xendit.products import product_of, products
from xendit.sandbox.state import Assumptions
from xendit.testing.world import deliveries, network
from xendit.testing.world.database import WorldDatabase
from xendit.testing.world.deliveries import Arrival, WebhookSender
from xendit.testing.world.gateway import Gateway
from xendit.testing.world.network import Network, Partition, Weather
from xendit.testing.world.scheduler import World
from xendit.testing.world.shop import WorldShop

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from xendit.sandbox.deliveries.pending import PendingWebhook
    from xendit.testing.world.chance import Stream
    from xendit.testing.world.scheduler import TraceLine, Violation

LIVENESS = 30 * 3600.0
"""Seconds after the faults have healed within which everything must be done: Xendit's last retry comes after 24 hours,
and `reconcile` looks back 25."""


class Profile(NamedTuple):
    """How much happens in a world. What can happen is the same in all profiles: they have all faults and all checkers."""

    name: str
    orders: int
    shops: tuple[int, ...]
    """How many shops there are: one of these numbers, all equally likely."""
    settlements: tuple[float, ...]
    """Seconds from a payment to its settlement, which brings another webhook; 0 means that it is not settled."""
    batches: float
    """The probability that a shop also creates many at once."""
    frailties: tuple[float, ...]
    """The probability that a process is killed at a step."""
    troubles: tuple[float, ...]
    """The probability that a transaction of a database meets a fault."""
    rates: tuple[float, ...]
    """The probability that a request meets a fault."""
    webhook_rates: tuple[float, ...]
    """The probability that an attempt to deliver a webhook meets a fault."""
    partitions: tuple[int, ...]
    """How many spans of time there are in which nothing comes through."""
    jumps: tuple[int, ...]
    """How often a clock of a shop is set."""
    doubles: float
    """The probability of a world whose requests arrive late and are sent again. Otherwise things are rarely made
    twice."""
    awaiting: float
    """The probability that a shop has the asynchronous client and workers."""
    returns: float = 0.0
    """The probability that what was paid is to be given back. With 0 nothing happens to money after it was paid and
    settled."""
    impatience: tuple[float, ...] = ()
    """The probability that a shop with the asynchronous client cancels a coroutine that awaits a call: one of these."""


FULL = Profile(
    "full",
    orders=4,
    shops=(1, 1, 1, 2),
    settlements=(0.0, 0.0, 3_600.0, 86_400.0),
    batches=0.15,
    frailties=(0.0, 0.0, 0.002, 0.02),
    troubles=(0.0, 0.0, 0.05, 0.3),
    rates=(0.0, 0.05, 0.2, 0.5),
    webhook_rates=(0.0, 0.1, 0.4),
    partitions=(0, 0, 0, 1, 2),
    jumps=(0, 0, 0, 1, 2),
    doubles=0.04,
    awaiting=0.25,
)
"""About 85 lines of trace a world."""
TRIAL = Profile(
    "trial",
    orders=4,
    shops=(1,),
    settlements=(0.0,) * 11 + (3_600.0,),
    batches=0.01,
    frailties=(0.0,) * 10 + (0.002, 0.02),
    troubles=(0.0,) * 10 + (0.05, 0.3),
    rates=(0.0,) * 6 + (0.02, 0.05, 0.1, 0.3),
    webhook_rates=(0.0,) * 6 + (0.1, 0.4),
    partitions=(0,) * 8 + (1, 2),
    jumps=(0,) * 10 + (1, 2),
    doubles=0.01,
    awaiting=0.05,
)
"""About 51 lines of trace a world, as in the first trial of this simulation; meant for very many seeds."""
MONEY = FULL._replace(
    name="money",
    orders=3,
    settlements=(0.0, 3_600.0, 86_400.0),
    batches=0.0,
    doubles=0.02,
    awaiting=0.35,
    returns=0.8,
    impatience=(0.0, 0.0, 0.2),
)
"""As `full`, without batches; but most of what was paid is given back, wholly or in parts, and the books are closed."""
PROFILES = {each.name: each for each in (FULL, TRIAL, MONEY)}


class Play(Protocol):
    """What a product brings to a world: what a shop does with it, what its payers do, and what must hold.

    A product's module `world` names its class as `PLAY`; it is made with the scenario, after those of the products that
    stand before it in the list.
    """

    @staticmethod
    def assumed(world: World, profile: Profile) -> Mapping[str, Hashable]:
        """What is assumed of Xendit as far as the product is concerned, by the names of `Assumptions`."""
        ...

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
    behind: dict[int, str]
    """What some lines of the trace are about, by their number (`World.behind`)."""
    raised: Exception | None
    """What a user's own handler raised last."""


class Scenario:
    """One world, made from its seed.

    Args:
        seed: which one.
        profile: how much happens.
        size: the number of orders, in place of that of the profile.
        without: the numbers of faults to take out, for shrinking.
        handler: a user's own handler, in place of that of a product's play.
        fulfilled: says how often that handler has fulfilled an order.
        refunded: says how often that handler has booked a refund; None if it is not called with events of refunds.
    """

    def __init__(
        self,
        seed: int,
        *,
        profile: Profile = FULL,
        size: int | None = None,
        without: frozenset[int] = frozenset(),
        handler: Callable[[Any], object] | None = None,
        fulfilled: Callable[[str], int] | None = None,
        refunded: Callable[[str], int] | None = None,
    ) -> None:
        self.handler = handler
        self.refunded = refunded
        self.profile = profile
        self.fulfilled = fulfilled
        self.raised: Exception | None = None
        """What the user's handler raised last."""
        self.world = world = World(seed, without=without)
        self.size = profile.orders if size is None else size
        self.luck = luck = world.stream("scenario")
        self.faults_end = luck.choice((600.0, 7_200.0, 43_200.0, 93_600.0))
        """When the faults heal, in seconds."""
        modules = [module for product in products() if (module := _world_of(product.folder)) is not None]
        settlement, retried = luck.choice(profile.settlements), luck.choice((1, 1, 2))
        choices: dict[str, Hashable] = {}
        for module in modules:
            choices.update(module.PLAY.assumed(world, profile))
        self.assumptions = assumptions = _assumed(settlement, retried, tuple(choices.items()))
        self.weather = weather = _weather(luck, self.faults_end, profile)
        self.doubles = luck.chance() < profile.doubles
        """Whether requests arrive late and the shop has them sent again, so that an order has two invoices, one to take
        back."""
        if self.doubles:
            self.weather = weather = Weather(("late reset", "slow"), 0.7, latest=20.0, spares_reads=True)
        self.gateway = Gateway(
            world,
            self._announce,
            assumptions=assumptions,
            skew=luck.choice((0.0, 0.0, -3_600.0, 40.0, 3_600.0)),
            lag=luck.choice((0.0, 0.0, 0.5, 3.0)),
        )
        self.network = Network(world, self.gateway, weather)
        kinds, rate = _swarm(luck, deliveries.FAULTS, profile.webhook_rates)
        self.deliveries = WebhookSender(world, assumptions, self._receive, weather, kinds, rate)
        frailty = luck.choice(profile.frailties)
        trouble, single_writer = luck.choice(profile.troubles), luck.chance() < 0.4
        impatience = world.stream("impatience").choice(profile.impatience or (0.0,))
        self.shops = [
            WorldShop(
                world,
                self.network,
                number,
                WorldDatabase(world, f"database {number}", trouble=trouble, single_writer=single_writer),
                frailty=frailty,
                settings={"retries": RetryPolicy(resend_after=luck.choice((2.0, 10.0)))},
                awaits=luck.chance() < profile.awaiting,
                impatience=impatience,
            )
            for number in range(1, 1 + luck.choice(profile.shops))
        ]
        self._by_account = {self.gateway.shared.account(shop.key).user_id: shop for shop in self.shops}
        self.has_batch = luck.chance() < profile.batches
        """Whether a shop also creates many at once."""
        self.plays: list[Play] = []
        for module in modules:
            self.plays.append(module.PLAY(self))

    def _announce(self, announcement: object) -> None:
        self.deliveries.announce(announcement)  # type: ignore[arg-type]

    def _receive(self, webhook: PendingWebhook, arrival: Arrival) -> bool:
        """Hand a webhook to the shop whose account it is about."""
        return self.shop_of(webhook).receive(arrival)

    def shop_of(self, webhook: PendingWebhook) -> WorldShop:
        """The shop that a webhook is for."""
        record = self.gateway.book(webhook.kind).ledger.get(webhook.subject)
        return self._by_account[record.account.owner]

    def _jump(self, shop: WorldShop) -> None:
        """A clock of a shop is set: that of its machines, or that of its database."""
        seconds = self.luck.choice((-7_200.0, -90.0, 90.0, 3_600.0))
        of_database = self.luck.chance() < 0.6
        if not self.world.strikes(1.0, self.luck):
            return
        clock = shop.database if of_database else shop
        clock.skew += seconds
        shop.database.jumps += of_database
        self.world.note(shop.database.name if of_database else shop.name, "clock jumps", f"{seconds:+.0f} s")

    def run(self) -> Outcome:
        """Run the world: first with faults, then without, and then judge it."""
        world = self.world
        for play in self.plays:
            play.begin()
        for _ in range(self.luck.choice(self.profile.jumps)):
            world.at(self.faults_end * self.luck.chance() ** 3, self._jump, self.luck.choice(self.shops))
        world.run(self.faults_end)
        for shop in self.shops:
            shop.database.jumps += shop.database.skew != 0.0
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
            world.behind,
            self.raised,
        )
        world.end()
        return outcome


def run_seed(
    seed: int, *, profile: Profile = FULL, size: int | None = None, without: frozenset[int] = frozenset()
) -> Outcome:
    """Live through the world of a seed."""
    return Scenario(seed, profile=profile, size=size, without=without).run()


@lru_cache(maxsize=64)
def _world_of(folder: str) -> Any:
    """The part that a product plays in worlds; None where it plays none. It is looked for once, because that takes long."""
    return product_of(folder).optional_module("world")


@lru_cache(maxsize=1024)
def _assumed(settlement: float, retried: int, choices: tuple[tuple[str, Any], ...]) -> Assumptions:
    """What is assumed of Xendit: after how many seconds it settles, after how many outcomes it tries a webhook again, and
    what the products add to that.
    """
    retried_outcomes = frozenset(("FAILED", "TIMEOUT")[:retried])
    return Assumptions(settlement_delay=settlement, retried_outcomes=retried_outcomes, **dict(choices))


def _swarm(luck: Stream, kinds: tuple[str, ...], rates: tuple[float, ...]) -> tuple[tuple[str, ...], float]:
    """Which kinds of fault a world has, and how often one of them strikes."""
    rate = luck.choice(rates)
    several = luck.chance() < 0.5
    chosen = tuple(kind for kind in kinds if luck.chance() < 0.5) if several else (luck.choice(kinds),)
    return chosen, rate


def _weather(luck: Stream, end: float, profile: Profile) -> Weather:
    """How bad the network is."""
    kinds, rate = _swarm(luck, network.FAULTS, profile.rates)
    partitions = []
    for _ in range(luck.choice(profile.partitions)):
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
