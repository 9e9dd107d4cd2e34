"""The shop in FastAPI, from the order to the receipt: with the fixture of `xendit.testing`."""

import importlib.util
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from xendit.sandbox import Sandbox


@pytest.fixture
def shop(xendit_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The shop on an empty database; the sandbox's webhooks come to it."""
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    spec = importlib.util.spec_from_file_location("fastapi_shop", Path(__file__).parent / "fastapi_shop.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    xendit_sandbox.deliver_to(module.app)
    yield module
    module.engine.dispose()


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
