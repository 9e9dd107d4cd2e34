"""The shop in Flask, from the order to the receipt: with the fixture of `xendit.testing`."""

import pytest
import sqlalchemy as sa

from xendit.sandbox import Sandbox
from xendit.testing.world.users import UserWorlds


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory):
    """The shop, imported once, with a database of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_DATABASE", str(tmp_path_factory.mktemp("shop") / "shop.db"))
        import flask_shop
    yield flask_shop
    flask_shop.engine.dispose()


@pytest.fixture
def shop(module, xendit_sandbox: Sandbox):
    """The shop without orders. Its client and its endpoint follow the sandbox, whose webhooks come to it."""
    module.metadata.drop_all(module.engine)
    module.metadata.create_all(module.engine)
    xendit_sandbox.deliver_to(module.app)
    return module


def test_an_order_is_paid_once(shop, xendit_sandbox: Sandbox) -> None:
    """The webhook marks it, and a second one changes nothing."""
    client = shop.app.test_client()
    bought = client.post("/orders")
    assert bought.status_code == 303
    assert ": pending" in client.get("/").text
    [delivery] = pay(xendit_sandbox, bought.headers["Location"])
    assert delivery.status == 200
    assert ": paid" in client.get("/").text
    xendit_sandbox.resend(delivery)
    assert xendit_sandbox.deliveries[-1].status == 200
    assert ": paid" in client.get("/").text


def test_an_order_expires(shop, xendit_sandbox: Sandbox) -> None:
    """Nobody pays for a day."""
    client = shop.app.test_client()
    client.post("/orders")
    xendit_sandbox.advance("25h")
    assert ": expired" in client.get("/").text


def test_a_webhook_of_a_stranger_is_refused(shop) -> None:
    """Without the token nothing changes."""
    assert shop.app.test_client().post("/webhooks/xendit", json={"status": "PAID"}).status_code == 401


def test_orders_are_marked_in_bad_weather(shop, xendit_world: UserWorlds) -> None:
    """In simulated worlds an order that was paid ends as paid, and no other one, whatever is killed, doubled or lost."""
    orders = shop.orders

    def handle(event) -> None:
        with shop.engine.begin() as connection:
            place(connection, event)
            shop.handle.function_for(event)(event, connection)

    def place(connection: sa.Connection, event) -> None:
        """The world has created the order and its price; here its row follows when the first webhook comes."""
        order_id = int(event.external_id.removeprefix("order-"))
        if connection.execute(sa.select(orders).where(orders.c.id == order_id)).first() is None:
            connection.execute(sa.insert(orders).values(id=order_id, amount=event.callback.amount, status="pending"))

    def count_paid(external_id: str) -> int:
        with shop.engine.begin() as connection:
            found = sa.select(orders.c.status).where(orders.c.id == int(external_id.removeprefix("order-")))
            return connection.execute(found).scalar() in ("paid", "paid twice")

    for world in xendit_world:
        with shop.engine.begin() as connection:
            connection.execute(sa.delete(orders))
        world.run(handle, fulfilled=count_paid)


def pay(sandbox: Sandbox, invoice_url: str):
    """Pay an invoice, and give what was delivered for it."""
    sandbox.pay(invoice_url.rpartition("/")[2])
    return sandbox.deliveries
