"""WorldShop: what every shop in a world has, whatever it sells: processes that can die, clients, an endpoint, an inbox, workers.

What the shop does with these is written in the module `world` of each product.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from xendit.configuration import Configuration
from xendit.source import SYSTEM
from xendit.testing.world.clients import BlockingClient, WorldClient
from xendit.testing.world.inboxes import Bell, WorldInbox
from xendit.testing.world.loops import Awaited, LoopClient, WorldLoop
from xendit.testing.world.network import WorldTransport
from xendit.testing.world.scheduler import WorldProcess
from xendit.webhook.endpoint import Answer, Webhook, acknowledgement

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.testing.world.database import WorldDatabase
    from xendit.testing.world.deliveries import Arrival
    from xendit.testing.world.network import Network
    from xendit.testing.world.scheduler import Steps, World
    from xendit.webhook.event import Event

_DOWN = (2.0, 90.0)
"""Seconds after which a process that was killed is there again, at least and at most."""


class WorldWebhook(Webhook):
    """The endpoint, for code that stores the event in steps."""

    def judge(self, headers: dict[str, str], body: bytes) -> Event | Answer:
        """The event of a request that is to be believed, or the answer to another one."""
        return self._judged("POST", [headers, body], None, None)

    def failed(self, error: Exception) -> Answer:
        """The answer when an event could not be stored."""
        return self._failed("the inbox", error)


class ShopProcess(WorldProcess):
    """A process of a shop: killed at any step, and begun anew after a while.

    Args:
        shop: whose it is.
        role: what it does, such as `web`.
        begin: begins its work, each time that the process is started.
    """

    def __init__(self, shop: WorldShop, role: str, begin: Callable[[ShopProcess], object]) -> None:
        super().__init__(shop.world, f"{shop.name} {role}", shop.frailty)
        self.shop = shop
        self.role = role
        self.begin = begin
        self._open()

    def _open(self) -> None:
        """What a process has in its memory when it is new."""
        self.transport = WorldTransport(self.shop.network, self, self.world.stream(f"{self.name} network"))
        self.client = WorldClient(self.shop.configuration, self.transport)
        self.inbox = WorldInbox(self.shop.database, self, self.shop.source)
        self.loop = WorldLoop(self) if self.shop.awaits else None

    def api(self, kind: Callable[[Any], Any], async_kind: Callable[[Any], Any], patience: float | None = None) -> Any:
        """An API object over a client of this process, whose methods give steps: the async one if the shop awaits.

        `patience` is how many seconds the shop awaits a call before it cancels it.
        """
        if self.loop is None:
            return kind(self.client)
        client = LoopClient(self.shop.configuration, self.transport, self.loop)
        return Awaited(async_kind(client), self.loop, patience)

    def blocking(self) -> BlockingClient:
        """A client for code that is no generator."""
        return BlockingClient(self.shop.configuration, self.transport)

    def killed(self) -> None:
        """It is begun anew after a while, as a supervisor does."""
        self.world.at(self.luck.between(*_DOWN), self._again)

    def _again(self, _: object) -> None:
        self.alive = True
        self.world.note(self.name, "starts again")
        self._open()
        self.begin(self)


class WorldShop:
    """A shop in a world.

    Args:
        world, network: where it is, and what it sends through.
        number: which shop it is, from 1.
        database: where its webhooks and its orders are.
        frailty: the probability that a process is killed at a step.
        settings: of its clients.
        awaits: whether its clients and its workers are those for event loops.
        impatience: the probability that it cancels a coroutine that awaits a call.
    """

    def __init__(
        self,
        world: World,
        network: Network,
        number: int,
        database: WorldDatabase,
        *,
        frailty: float = 0.0,
        settings: dict[str, Any] | None = None,
        awaits: bool = False,
        impatience: float = 0.0,
    ) -> None:
        self.awaits = awaits
        self._impatience = impatience if awaits else 0.0
        self._hurry = world.stream(f"shop {number} patience")
        self.world = world
        self.network = network
        self.name = f"shop {number}"
        self.key = f"xnd_development_world{number}"
        self.token = f"token-of-shop-{number}"
        self.database = database
        self.frailty = frailty
        self.skew = 0.0
        """Seconds by which the calendars of its machines are wrong."""
        self.source = world.source(self.name, self._skewed, self._pause)
        self.configuration = Configuration(
            host="https://api.xendit.test", api_key=self.key, proxy="", source=self.source, **(settings or {})
        )
        self.bell = Bell(database)
        self.inbox = WorldInbox(database, WorldProcess(world, f"{self.name} by hand"), self.source)
        """The inbox as checkers look into it, from outside of all processes."""
        inbox: Any = self.inbox  # it lacks the methods that only people call
        self.webhook = WorldWebhook(inbox, self.token, source=self.source)
        self.servers: list[ShopProcess] = []
        self.acknowledged: list[str] = []
        """The keys of the events that the endpoint has acknowledged with 200."""
        self.takers: dict[type[Event], Callable[[Any], object]] = {}
        """What other products than that of the shop's handler do with their events, by the class of the event. It is
        called where the handler commits."""
        self._turn = 0

    def _skewed(self) -> float:
        return self.skew

    async def _pause(self, seconds: float) -> None:
        """A pause of a coroutine; like any pause, it may be longer than it should be."""
        loop: Any = asyncio.get_running_loop()
        await SYSTEM.pause(seconds + loop.process.transport.stall(loop.caller()))

    def patience(self) -> float | None:
        """How many seconds the shop awaits the next call; None where it awaits it to its end."""
        if not self._impatience or not self.world.strikes(self._impatience, self._hurry):
            return None
        return self._hurry.choice((0.05, 1.0, 10.0)) * self._hurry.chance()

    def server(self, role: str, begin: Callable[[ShopProcess], object]) -> ShopProcess:
        """Begin a process of the shop."""
        server = ShopProcess(self, role, begin)
        self.servers.append(server)
        begin(server)
        return server

    # -- webhooks

    def receive(self, arrival: Arrival) -> bool:
        """Hand a webhook to a web process. Returns False if none is running."""
        web = [server for server in self.servers if server.role.startswith("web") and server.alive]
        if not web:
            return False
        self._turn += 1
        server = web[self._turn % len(web)]

        def hang_up() -> None:
            self.world.wake(arrival.sender, None)

        server.noticing[hang_up] = None
        server.start(f"{server.name} endpoint", self._answered(server, arrival, hang_up))
        return True

    def _answered(self, server: ShopProcess, arrival: Arrival, hang_up: Callable[[], None]) -> Steps:
        """The endpoint's side of a delivery."""
        world, webhook = self.world, self.webhook
        headers = {**arrival.headers, "x-callback-token": self.token}
        ends = world.now + webhook.deadline
        answer = webhook.judge(headers, arrival.body)
        if not isinstance(answer, Answer):
            try:
                added = yield from server.inbox.storing(answer)
                if world.now > ends:
                    raise TimeoutError("the event was not stored in time")  # noqa: TRY301 - as any other failure
                answer = acknowledgement(added)
            except Exception as error:  # noqa: BLE001 - as the endpoint itself does
                answer = webhook.failed(error)
        world.note(server.name, "answers", f"{answer.status} {answer.outcome}", behind=arrival.sender.name)
        if answer.status == 200 and answer.key is not None:
            self.acknowledged.append(answer.key)
        yield 0.001
        server.noticing.pop(hang_up, None)
        world.wake(arrival.sender, answer.status)
