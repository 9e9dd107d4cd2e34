"""Sandbox: a whole local Xendit in this process. Puts state, server and deliveries together, and takes them apart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from xendit.sandbox.connections import Server
from xendit.sandbox.deliveries import Deliveries, Delivery, read_target
from xendit.sandbox.server import Application
from xendit.sandbox.state import Assumptions, State, invoice_body
from xendit.sandbox.state.accounts import is_test_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from decimal import Decimal
    from types import TracebackType

    from xendit.sandbox.state import Permission

API_KEY = "xnd_development_sandbox"
CALLBACK_TOKEN = "sandbox-callback-token"


class Sandbox:
    """A local stand-in for the Invoice API over HTTP on 127.0.0.1, with webhooks.

        with Sandbox(webhook_url="http://127.0.0.1:8000/webhooks") as sandbox:
            ...  # an InvoiceApi with host=sandbox.url and api_key=sandbox.api_key
            sandbox.pay(invoice_id)
            sandbox.wait_for_delivery()

    Args:
        api_key: the test key to use (`xnd_development_…`). Any other test key works too, as another account.
        callback_token: what webhooks carry as `x-callback-token`.
        webhook_url: where webhooks go; an `http://` address of this machine. None: nowhere.
        port: where to listen; 0 takes a free port.
        now: the clock, giving aware datetimes; the real one when None.
        assumptions: the choices where nothing certain is known of the real API (docs/Fidelity.md).
        api_keys: the only keys that count beside `api_key`, and what each may do: `none`, `read` or `write`.
        merchant_name: whose invoices these are.

    Raises:
        ValueError: for a key that is no test key, a token that is no header value, or a webhook URL that is not
            on this machine.
        OSError: from `start`, when the port is taken.

    Every method may be called from any thread.
    """

    def __init__(
        self,
        *,
        api_key: str = API_KEY,
        callback_token: str = CALLBACK_TOKEN,
        webhook_url: str | None = None,
        port: int = 0,
        now: Callable[[], datetime] | None = None,
        assumptions: Assumptions | None = None,
        api_keys: Mapping[str, Permission] | None = None,
        merchant_name: str = "Sandbox Merchant",
    ) -> None:
        if not is_test_key(api_key):
            raise ValueError(
                "api_key must be a test key: xnd_development_ and anything after it, never a live key"
            )
        if not (callback_token and callback_token.isascii() and callback_token.isprintable()):
            raise ValueError("callback_token must be printable ASCII")
        self._api_key = api_key
        self._callback_token = callback_token
        self._first_webhook_url = webhook_url
        self.webhook_url = webhook_url
        self._port = port
        self._state = State(
            now=now,
            assumptions=assumptions,
            api_keys=None if api_keys is None else {api_key: "write", **api_keys},
            merchant_name=merchant_name,
        )
        self._state.now()  # a clock that is none is found here, not in a thread
        self._deliveries = Deliveries(self._state.assumptions.webhook_timeout)
        self._publishing = threading.Lock()
        self._server: Server | None = None
        self._closed = False

    def __repr__(self) -> str:
        where = "closed" if self._closed else self.url if self._server is not None else "not started"
        return f"<Sandbox: {where}>"

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> Sandbox:
        """Listen and answer, in threads, until `close`. Raises RuntimeError the second time."""
        if self._server is not None or self._closed:
            raise RuntimeError("a Sandbox is started once; make another one")
        server = Server(self._port, self._answer, self._tick)
        self._server = server
        self._application = Application(self._state, self.url, self, self._publish)
        self._deliveries.start()
        server.start()
        return self

    def close(self) -> None:
        """End every thread and socket. Does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        if self._server is not None:
            self._server.close()
        self._deliveries.close()

    # -- where it is

    @property
    def url(self) -> str:
        """The address of the API: `http://127.0.0.1:<port>`. Raises RuntimeError before the start."""
        if self._server is None:
            raise RuntimeError("the Sandbox is not started: use `with Sandbox() as sandbox:`")
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def api_key(self) -> str:
        """The test key to call it with."""
        return self._api_key

    @property
    def callback_token(self) -> str:
        """What webhooks carry as `x-callback-token`."""
        return self._callback_token

    @property
    def webhook_url(self) -> str | None:
        """Where webhooks go from now on. Setting raises ValueError for an address not on this machine."""
        return self._webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        if url is not None:
            read_target(url)
        self._webhook_url = url

    # -- what happens to invoices

    def pay(
        self, invoice_id: str, *, channel: str | None = None, amount: float | Decimal | None = None
    ) -> dict[str, Any]:
        """Pay an invoice of any account, send the webhook, and give the invoice as the API shows it.

        `channel` is a code such as BCA, OVO, QRIS or CREDIT_CARD; the first that the invoice offers when None.
        `amount` is what was paid; all of it when None.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PENDING, 400 for another channel or no
        amount.
        """
        invoice = self._state.pay(invoice_id, channel=channel, amount=amount)
        self._publish()
        return invoice_body(invoice, self.url)

    def expire(self, invoice_id: str) -> dict[str, Any]:
        """Expire a PENDING invoice of any account, as its merchant would, and give it as the API shows it.

        Raises SandboxError: 404 for an unknown id or one that is not PENDING.
        """
        invoice = self._state.expire(self._state.find(invoice_id).account, invoice_id)
        self._publish()
        return invoice_body(invoice, self.url)

    def reset(self) -> None:
        """Forget invoices, deliveries and counts, and send webhooks where they went at first."""
        with self._publishing:
            self._state.reset()
            self._deliveries.clear()
        self.webhook_url = self._first_webhook_url

    # -- webhooks

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhook deliveries since the last reset, oldest first; the last 1,000."""
        return self._deliveries.log()

    def wait_for_delivery(self, count: int = 1, timeout: float = 5) -> tuple[Delivery, ...]:
        """Wait until `count` webhooks were delivered, or tried, and give them all. `timeout` is in seconds.

        Raises TimeoutError.
        """
        return self._deliveries.wait(count, timeout)

    # -- called by the server

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return self._application(environ, start_response)

    def _tick(self) -> None:
        self._state.sweep()
        self._publish()

    def _publish(self) -> None:
        """Hand over what must be told, in the order in which it happened."""
        with self._publishing:
            for event in self._state.drain():
                self._deliveries.enqueue(
                    event.invoice.id, event.body, url=self._webhook_url, token=self._callback_token
                )
