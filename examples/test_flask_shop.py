"""The shop in Flask, from the order to the receipt: with the fixture of `xendit.testing`."""

import importlib.util
from pathlib import Path

import pytest

from xendit.sandbox import Sandbox


@pytest.fixture
def shop(xendit_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The shop on an empty database; the sandbox's webhooks come to it."""
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    spec = importlib.util.spec_from_file_location("flask_shop", Path(__file__).parent / "flask_shop.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    xendit_sandbox.deliver_to(module.app)
    yield module
    module.engine.dispose()


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


def pay(sandbox: Sandbox, invoice_url: str):
    """Pay an invoice, and give what was delivered for it."""
    sandbox.pay(invoice_url.rpartition("/")[2])
    return sandbox.deliveries
