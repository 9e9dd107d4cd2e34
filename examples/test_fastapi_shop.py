"""The shop in FastAPI, from the order to the receipt: with the fixture of `xendit.testing`."""

import asyncio
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from xendit.sandbox import Sandbox
from xendit.testing.world.users import UserWorlds


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The shop, imported anew, with a database of its own."""
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path_factory.mktemp("shop") / "shop.db"))
    sys.modules.pop("fastapi_shop", None)
    return importlib.import_module("fastapi_shop")


@pytest.fixture
def client(shop: ModuleType, xendit_sandbox: Sandbox) -> Iterator[TestClient]:
    """A client of the shop, which has no orders yet. Its own client and its endpoint follow the sandbox."""
    xendit_sandbox.deliver_to(shop.app)
    with TestClient(shop.app, follow_redirects=False) as client:  # as a server does, it runs what `lifespan` says
        yield client


def test_an_order_is_paid_once(client: TestClient, xendit_sandbox: Sandbox) -> None:
    """The webhook marks it, and a second one changes nothing."""
    bought = client.post("/orders")
    assert bought.status_code == 303
    order = order_of(bought.headers["Location"], xendit_sandbox)
    assert client.get(order).json()["status"] == "pending"
    [delivery] = pay(xendit_sandbox, bought.headers["Location"])
    assert delivery.status == 200
    assert client.get(order).json()["status"] == "paid"
    xendit_sandbox.resend(delivery)
    assert xendit_sandbox.deliveries[-1].status == 200
    assert client.get(order).json()["status"] == "paid"


def test_the_shelf_sells(client: TestClient, xendit_sandbox: Sandbox) -> None:
    """What a browser opens first has the button to buy, and then the orders."""
    assert '<form method="post" action="/orders"><button>Buy for Rp 150,000' in client.get("/").text
    pay(xendit_sandbox, client.post("/orders").headers["Location"])
    client.post("/orders")
    shelf = client.get("/").text
    assert '<a href="/orders/1">Order 1</a>: paid' in shelf
    assert '<a href="/orders/2">Order 2</a>: pending' in shelf


def test_an_order_expires(client: TestClient, xendit_sandbox: Sandbox) -> None:
    """Nobody pays for a day."""
    order = order_of(client.post("/orders").headers["Location"], xendit_sandbox)
    xendit_sandbox.advance("25h")
    assert client.get(order).json()["status"] == "expired"


def test_orders_are_told_apart(client: TestClient, xendit_sandbox: Sandbox) -> None:
    """Each by its own number, as an integer."""
    pages = [client.post("/orders").headers["Location"] for _ in range(3)]
    pay(xendit_sandbox, pages[1])
    found = [client.get(order_of(page, xendit_sandbox)).json() for page in pages]
    assert [order["id"] for order in found] == [1, 2, 3]
    assert [order["status"] for order in found] == ["pending", "paid", "pending"]


def test_a_webhook_of_a_stranger_is_refused(client: TestClient) -> None:
    """Without the token nothing changes."""
    assert client.post("/webhooks/xendit", json={"status": "PAID"}).status_code == 401


def test_orders_are_marked_in_bad_weather(shop: ModuleType, xendit_world: UserWorlds) -> None:
    """In simulated worlds an order that was paid ends as paid, and no other one, whatever is killed, doubled or lost."""
    orders, loop = shop.orders, asyncio.new_event_loop()

    def handle(event) -> None:
        """The world's time is not the loop's: each event is a visit to it, with a transaction of its own."""
        loop.run_until_complete(settle(event))

    async def settle(event) -> None:
        async with shop.engine.begin() as connection:
            order_id = int(event.external_id.removeprefix("order-"))
            if (await connection.execute(sa.select(orders).where(orders.c.id == order_id))).first() is None:
                # The world has created the order and its price; here its row follows when the first webhook comes.
                row = {"id": order_id, "amount": event.callback.amount, "status": "pending"}
                await connection.execute(sa.insert(orders).values(row))
            await shop.handle.function_for(event)(event, connection)

    async def status_of(external_id: str) -> str | None:
        async with shop.engine.begin() as connection:
            found = sa.select(orders.c.status).where(orders.c.id == int(external_id.removeprefix("order-")))
            return (await connection.execute(found)).scalar()

    async def empty() -> None:
        async with shop.engine.begin() as connection:
            await connection.run_sync(shop.metadata.create_all)
            await connection.execute(sa.delete(orders))

    def count_paid(external_id: str) -> int:
        return loop.run_until_complete(status_of(external_id)) in ("paid", "paid twice")

    for world in xendit_world:
        loop.run_until_complete(empty())
        world.run(handle, fulfilled=count_paid)
    loop.run_until_complete(shop.engine.dispose())
    loop.close()


def order_of(invoice_url: str, sandbox: Sandbox) -> str:
    """The receipt of the order that an invoice is for."""
    [record] = [one for one in sandbox.export()["records"] if one["id"] == invoice_url.rpartition("/")[2]]
    return f"/orders/{record['external_id'].removeprefix('order-')}"


def pay(sandbox: Sandbox, invoice_url: str):
    """Pay an invoice, and give what was delivered for it."""
    sandbox.pay(invoice_url.rpartition("/")[2])
    return sandbox.deliveries
