"""The shop in FastAPI, from the order to the receipt: with the fixture of `xendit.testing`."""

import importlib
import sys
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from xendit.sandbox import Sandbox


@pytest.fixture
def client(
    xendit_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client of the shop, which has no orders yet. Its own client and its endpoint follow the sandbox."""
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path_factory.mktemp("shop") / "shop.db"))
    sys.modules.pop("fastapi_shop", None)
    shop = importlib.import_module("fastapi_shop")
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


def order_of(invoice_url: str, sandbox: Sandbox) -> str:
    """The receipt of the order that an invoice is for."""
    [record] = [one for one in sandbox.export()["records"] if one["id"] == invoice_url.rpartition("/")[2]]
    return f"/orders/{record['external_id'].removeprefix('order-')}"


def pay(sandbox: Sandbox, invoice_url: str):
    """Pay an invoice, and give what was delivered for it."""
    sandbox.pay(invoice_url.rpartition("/")[2])
    return sandbox.deliveries
