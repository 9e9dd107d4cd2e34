"""The shop in FastAPI, from the order to the receipt: with the fixture of `xendit.testing`."""

import pytest
from fastapi.testclient import TestClient

from xendit.sandbox import Sandbox


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory):
    """The shop, imported once, with a database of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_DATABASE", str(tmp_path_factory.mktemp("shop") / "shop.db"))
        import fastapi_shop
    yield fastapi_shop
    fastapi_shop.engine.dispose()


@pytest.fixture
def shop(module, xendit_sandbox: Sandbox):
    """The shop without orders. Its client and its endpoint follow the sandbox, whose webhooks come to it."""
    module.metadata.drop_all(module.engine)
    module.metadata.create_all(module.engine)
    xendit_sandbox.deliver_to(module.app)
    return module


def test_an_order_is_paid_once(shop, xendit_sandbox: Sandbox) -> None:
    """The webhook marks it, and a second one changes nothing."""
    client = TestClient(shop.app, follow_redirects=False)
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


def test_an_order_expires(shop, xendit_sandbox: Sandbox) -> None:
    """Nobody pays for a day."""
    client = TestClient(shop.app, follow_redirects=False)
    order = order_of(client.post("/orders").headers["Location"], xendit_sandbox)
    xendit_sandbox.advance("25h")
    assert client.get(order).json()["status"] == "expired"


def test_a_webhook_of_a_stranger_is_refused(shop) -> None:
    """Without the token nothing changes."""
    assert TestClient(shop.app).post("/webhooks/xendit", json={"status": "PAID"}).status_code == 401


def order_of(invoice_url: str, sandbox: Sandbox) -> str:
    """The receipt of the order that an invoice is for."""
    [record] = [one for one in sandbox.export()["records"] if one["id"] == invoice_url.rpartition("/")[2]]
    return f"/orders/{record['external_id']}"


def pay(sandbox: Sandbox, invoice_url: str):
    """Pay an invoice, and give what was delivered for it."""
    sandbox.pay(invoice_url.rpartition("/")[2])
    return sandbox.deliveries
