"""`python -m xendit.sandbox demo`: the SDK's main job, end to end, on this machine alone.

It starts the sandbox and a small shop that receives webhooks, then does through InvoiceApi what a shop does:
create, list, be paid, be told, expire, and meet an error. Each step prints the code and what came of it.
"""

from __future__ import annotations

import argparse
import hmac
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import TYPE_CHECKING

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model import (
    CreateInvoiceRequest,
    CustomerObject,
    InvoiceCallback,
    InvoiceItem,
    InvoiceStatus,
)
from xendit.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xendit.invoice.model import Invoice

PATIENCE = 10.0
"""Seconds to wait for the webhook."""


class Shop(ThreadingHTTPServer):
    """A shop's webhook endpoint: checks the token, decodes the body, answers at once."""

    daemon_threads = True

    def __init__(self, token: str) -> None:
        self.token = token.encode()
        self.events: Queue[InvoiceCallback] = Queue()
        super().__init__(("127.0.0.1", 0), _Receiver)

    @property
    def url(self) -> str:
        """Where webhooks are to be sent."""
        return f"http://127.0.0.1:{self.server_port}/webhooks/xendit"


class _Receiver(BaseHTTPRequestHandler):
    server: Shop  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), 256 * 1024))
        token = self.headers.get("x-callback-token", "").encode()
        if not hmac.compare_digest(token, self.server.token):
            self.send_response(401)
        else:
            self.server.events.put(InvoiceCallback.from_json(body))
            self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo tells what happened."""


class Narrator:
    """Prints the steps: what is done in bold, what came of it below."""

    def __init__(self) -> None:
        self._steps = 0
        styled = sys.stdout.isatty()
        self._bold, self._dim, self._plain = ("\033[1m", "\033[2m", "\033[0m") if styled else ("", "", "")

    def step(self, title: str, code: str) -> None:
        """A new step: its title and the code that does it."""
        self._steps += 1
        print(f"\n{self._bold}{self._steps}. {title}{self._plain}")
        for line in code.splitlines():
            print(f"   {self._dim}>>> {line}{self._plain}")

    def tell(self, name: str, value: object) -> None:
        """One line of what came of it."""
        print(f"   {name:<16} {value}")


def show(teller: Narrator, invoice: Invoice) -> None:
    """What a shop keeps of an invoice."""
    teller.tell("id", invoice.id)
    teller.tell("status", invoice.status)
    teller.tell("amount", f"{invoice.currency} {invoice.amount:,}")
    teller.tell("expires", f"{invoice.expiry_date:%Y-%m-%d %H:%M} UTC")
    teller.tell("payment page", invoice.invoice_url)


def run(sandbox: Sandbox, shop: Shop) -> None:
    """The steps, on a running sandbox that sends its webhooks to the shop."""
    teller = Narrator()
    client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))
    api = InvoiceApi(client)
    print(f"A local Xendit runs at {sandbox.url}; nothing leaves this machine.")
    print(f"{client!r}")

    teller.step(
        "A shop creates an invoice and sends its payer to the payment page",
        'invoice = api.create_invoice(CreateInvoiceRequest("order-1", 150000, items=[...], customer=...))',
    )
    request = CreateInvoiceRequest(
        external_id="order-1",
        amount=150000,
        currency="IDR",
        description="Two bags of Toraja coffee",
        customer=CustomerObject(given_names="Ayu", email="ayu@example.com"),
        items=[InvoiceItem(name="Toraja coffee, 250 g", price=75000, quantity=2)],
        metadata={"table": 4},
    )
    invoice = api.create_invoice(request)
    show(teller, invoice)

    teller.step("It finds the invoice again", 'api.get_invoices(external_id="order-1", statuses=["PENDING"])')
    found = api.get_invoices(external_id="order-1", statuses=[InvoiceStatus.PENDING])
    teller.tell("found", f"{len(found)}: {[each.id for each in found]}")

    teller.step(
        "The payer pays; the webhook arrives with the callback token",
        "sandbox.pay(invoice.id)\ncallback = InvoiceCallback.from_json(body)",
    )
    sandbox.pay(invoice.id)
    callback = shop.events.get(timeout=PATIENCE)
    teller.tell("order", callback.external_id)
    teller.tell("status", f"{callback.status}, is_paid is {callback.is_paid}")
    teller.tell("paid", f"{callback.currency} {callback.paid_amount:,} by {callback.payment_channel}")
    teller.tell("at", f"{callback.paid_at:%Y-%m-%d %H:%M:%S} UTC")

    teller.step("It asks Xendit before it ships, which is the safe way", "api.get_invoice_by_id(callback.id)")
    teller.tell("status", api.get_invoice_by_id(callback.id).status)

    teller.step("Another order is given up: its invoice is expired", "api.expire_invoice(other.id)")
    other = api.create_invoice({"external_id": "order-2", "amount": 50000})
    teller.tell("status", f"{other.status}, then {api.expire_invoice(other.id).status}")
    teller.tell("webhook", shop.events.get(timeout=PATIENCE).status)

    teller.step(
        "An error is one exception that says what was wrong",
        'api.create_invoice({"external_id": "order-3", "amount": -1})',
    )
    try:
        api.create_invoice({"external_id": "order-3", "amount": -1})
    except xendit.XenditSdkException as error:
        teller.tell(type(error).__name__, error)
        teller.tell("for the shopper", error.user_message)
    print("\nAll of it ran. Next: `xendit sandbox run -- COMMAND`, your application beside a local Xendit.")


def main(arguments: Sequence[str] = ()) -> int:
    """Run the demo; 0 when every step worked."""
    argparse.ArgumentParser(prog="python -m xendit.sandbox demo", description=__doc__).parse_args(arguments)
    with Sandbox() as sandbox, Shop(sandbox.callback_token) as shop:
        worker = threading.Thread(target=shop.serve_forever, args=(0.05,), name="shop")
        worker.start()
        try:
            sandbox.webhook_url = shop.url
            run(sandbox, shop)
        finally:
            shop.shutdown()
            worker.join()
    return 0
