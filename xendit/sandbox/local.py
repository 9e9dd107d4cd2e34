"""Sandbox: a whole local Xendit in this process. It starts and ends state, server and deliveries together."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.sandbox.connections import Server
from xendit.sandbox.control import position
from xendit.sandbox.deliveries.network import UrlReceiver
from xendit.sandbox.deliveries.record import Delivery
from xendit.sandbox.deliveries.schedule import Deliveries
from xendit.sandbox.deliveries.target import read_target
from xendit.sandbox.faults import Faults, read_fault
from xendit.sandbox.hosts import Hosts
from xendit.sandbox.parts import parts_of
from xendit.sandbox.product_actions import ProductActions
from xendit.sandbox.products import product_rules
from xendit.sandbox.requests import RequestLog
from xendit.sandbox.seeds import checked as checked_seed, grow, harvest, read_file
from xendit.sandbox.server import Application
from xendit.sandbox.settings import assumptions_of, check_address, several
from xendit.sandbox.state import Assumptions, SharedState
from xendit.sandbox.state.core.accounts import is_test_key
from xendit.sandbox.state.core.clock import Clock, checked
from xendit.sandbox.state.core.given import must_be
from xendit.sandbox.state.core.times import read_duration
from xendit.sandbox.storage import Storage, file_of
from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType

    from xendit.sandbox.deliveries.pending import PendingWebhook
    from xendit.sandbox.deliveries.receiver import Receiver
    from xendit.sandbox.deliveries.record import Reason
    from xendit.sandbox.state import Permission
    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.book import B, Book
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.ledger import Record

API_KEY = "xnd_development_sandbox"
CALLBACK_TOKEN = "sandbox-callback-token"


@hinted
class Sandbox(ProductActions):
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
        assumptions: the choices where nothing certain is known about the real API (docs/Fidelity.md). A file keeps
            them. With None, those of the file count, or else our own.
        assume: single choices by name, which go before `assumptions`, such as `{"default_currency": "PHP"}`.
        api_keys: the only keys that are accepted beside `api_key`, and what each may do: `none`, `read` or `write`.
        merchant_name: whose invoices these are.
        db: a file to keep everything in, so that it survives, or a directory, in which the file is `xendit-sandbox.db`;
            None keeps it in memory.
        speed: how many seconds pass on its clock in one real second.
        listen: the address to listen at. An address that other machines can reach also needs `exposed=True`, because
            whoever reaches the port can do everything that you can.
        exposed: see `listen`.
        allowed_hosts: what a Host header may hold beside the names of loopback: `NAME` allows any port or none,
            `NAME:PORT` only that port.
        webhook_hosts: names or addresses that webhooks may go to beside this machine.
        source: where time, chance and ids come from (`xendit.source`).

    Raises:
        ValueError: a key is no test key, the token cannot be a header value, the webhook URL is not on this machine,
            the sandbox must not listen at the address, or an allowed host is malformed.
        OSError: when the file cannot be used; from `start`, when the port is taken.

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
        assume: JsonMapping | None = None,
        api_keys: Mapping[str, Permission] | None = None,
        merchant_name: str = "Sandbox Merchant",
        db: str | Path | None = None,
        speed: float = 1.0,
        listen: str = "127.0.0.1",
        exposed: bool = False,
        allowed_hosts: Iterable[str] = (),
        webhook_hosts: Iterable[str] = (),
        source: Source = SYSTEM,
    ) -> None:
        if not is_test_key(api_key):
            raise ValueError("api_key must be a test key: xnd_development_ and anything after it, never a live key")
        if not (callback_token and callback_token.isascii() and callback_token.isprintable()):
            raise ValueError("callback_token must be printable ASCII")
        check_address(listen, exposed=exposed)
        self._api_key = api_key
        self._callback_token = callback_token
        self._listen = listen
        self._hosts = Hosts(several("allowed_hosts", allowed_hosts))
        self._webhook_hosts = frozenset(several("webhook_hosts", webhook_hosts))
        self._port = port
        self._first_speed = speed
        self._source = source
        self.clock = Clock(now or source.now)
        self.clock()  # so that a broken clock raises here, and not in a thread of the server
        self.clock.run(speed)
        self.faults = Faults(source)
        self.requests = RequestLog(self.clock, source.monotonic)
        self._receiver: Receiver | None = None
        self._first_webhook_url = webhook_url
        if webhook_url is not None:
            read_target(webhook_url, self._webhook_hosts)
        self._storage = None if db is None else Storage(file_of(db))
        try:
            if self._storage is not None:  # comes first, because this clock decides what is due
                self._recall_clock(self._storage)
            assumptions = assumptions_of(self._storage, assumptions, assume or {})
            self._shared = SharedState(
                self.clock,
                assumptions,
                api_keys=None if api_keys is None else {api_key: "write", **api_keys},
                merchant_name=merchant_name,
                persistence=self._storage,
                source=source,
            )
            for rules in product_rules():
                rules.book(self._shared)
            self._deliveries = Deliveries(
                self.clock, assumptions, self.faults, self._where, callback_token, self._storage, source
            )
            if self._storage is not None:
                self._recall(self._storage)
        except BaseException:
            if self._storage is not None:
                self._storage.close()
            raise
        if webhook_url is not None:
            self.webhook_url = webhook_url
        self._publishing = threading.Lock()
        self._server: Server | None = None
        self._closed = False

    def _recall_clock(self, storage: Storage) -> None:
        kept = storage.setting("clock")
        if kept is not None and self._first_speed == 1.0:
            self.clock.load(kept)

    def _recall(self, storage: Storage) -> None:
        """Load the records and settings of the file."""
        for book in self._shared:
            book.recall(storage.records(book.kind))
        for book in self._shared:
            book.recalled()
        kept = storage.setting("webhook_url")
        if kept is not None and self._first_webhook_url is None:
            self.webhook_url = kept

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
        server = Server(self._port, self._answer, self._tick, self.clock, self._listen)
        self._server = server
        self._application = Application(
            self._shared,
            product_rules(),
            parts_of(self._shared, self, server.port),
            self.url,
            self.faults,
            self._publish,
            self.requests,
            functools.partial(position, self._shared, self),
            self._hosts,
        )
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
        if self._storage is not None:
            self._storage.close()

    # -- addresses and settings

    @property
    def url(self) -> str:
        """The address of the API, such as `http://127.0.0.1:<port>`. Raises RuntimeError before the start."""
        if self._server is None:
            raise RuntimeError("the Sandbox is not started: use `with Sandbox() as sandbox:`")
        host = "127.0.0.1" if self._listen in ("0.0.0.0", "::", "localhost") else self._listen
        return f"http://{host}:{self._server.port}"

    @property
    def db(self) -> Path | None:
        """The file that everything is kept in; None when it is kept in memory."""
        return None if self._storage is None else self._storage.path

    @property
    def assumptions(self) -> Assumptions:
        """What it assumes of the real API and of the account that it stands for."""
        return self._shared.assumptions

    def book(self, kind: str) -> Book[Any]:
        """Give the records of a product, such as `invoice`, with all that its rules can do with them.

        Raises ValueError for a kind that there is not.
        """
        return self._shared.book(kind)

    def book_of(self, book: type[B]) -> B:
        """Give the book of a class, such as that of a product's rules. Raises ValueError where there is none."""
        return self._shared.book_of(book)

    def account(self, for_user_id: str | None = None) -> Account:
        """Give the account of `api_key`, or of a sub-account. Raises SandboxError: 400."""
        return self._shared.account(self._api_key, for_user_id)

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
        return None if self._receiver is None else self._receiver.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        if url is None:
            self._receiver = None
        else:
            target = read_target(url, self._webhook_hosts)
            timeout = self._shared.assumptions.webhook_timeout
            self._receiver = UrlReceiver(target, timeout, self._webhook_hosts, self._deliveries.wire)
        if self._storage is not None:
            self._storage.set_setting("webhook_url", url)

    def deliver_to(self, target: Any, path: str = "/webhooks/xendit", *, kind: str | None = None) -> None:
        """Say what receives webhooks: a URL, a WSGI or ASGI application, a `Webhook`, a function, or None for nobody.

        A `Webhook` is asked as the adapter of a framework asks it. A function of one argument is given a
        `ReceivedWebhook`, a function of two `(headers, body)`. It may be async. It returns nothing (which means 200), a
        status, or an object that has a status.

        A receiver in this process is called in the thread that pays, expires or lets time pass, before that call
        returns. For webhooks that an API call caused, call `deliver`. `path` is the path at which an application is
        asked. `kind` says what a callable is (`wsgi`, `asgi`, `handler`, `request`) if its parameters do not show that.

        Raises ValueError for a URL that is not on this machine, for an object that cannot be called, and for a `kind`
        beside a `Webhook`.
        """
        if target is None or isinstance(target, str):
            self.webhook_url = target
            return
        from xendit.sandbox.deliveries.in_process import InProcessReceiver, callable_of, kind_of

        kinds = ("wsgi", "asgi", "handler", "request")
        if kind is not None and kind not in kinds:
            raise ValueError(must_be("kind", "wsgi, asgi, handler or request", kind, kinds))
        called = callable_of(target)
        if kind is not None and called is not target:
            raise ValueError("kind says what a callable is; a Webhook is given without it")
        self._receiver = InProcessReceiver(called, kind or kind_of(called), path)  # type: ignore[arg-type]

    # -- time

    def advance(self, by: str | float | timedelta) -> tuple[Delivery, ...]:
        """Let time pass, such as `25h`, `1d12h`, `90s`, seconds or a timedelta: reminders, expiries, settlements
        and webhook retries that fall due happen in their order, each at its own moment, before this returns.

        Returns the deliveries that were made. Raises ValueError for what is no duration.
        """
        until = self.clock() + read_duration(by)
        made: list[Delivery] = []
        with self._deliveries.turn():
            ran = not self.clock.frozen
            self.clock.freeze()
            try:
                while True:
                    self._shared.sweep()
                    self._publish()
                    made += self._deliveries.run_due()
                    due = min(filter(None, (self._shared.next_due(), self._deliveries.next_due())), default=None)
                    if due is None or due > until:
                        break
                    self.clock.set(max(due, self.clock()))
                self.clock.set(max(until, self.clock()))
            finally:
                if ran:
                    self.clock.resume()
        self.changed_clock()
        return tuple(made)

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop the clock, at once or at a moment (an aware datetime or ISO 8601), and give the time."""
        moment = self.clock.freeze(None if at is None else checked(at))
        self.changed_clock()
        return moment

    def changed_clock(self) -> None:
        """Store the clock, and do what has fallen due."""
        if self._storage is not None:
            self._storage.set_setting("clock", self.clock.dump())
        self._shared.sweep()
        self._publish()

    # -- everything

    def reset(self) -> None:
        """Forget all records, deliveries, faults and counts. The clock and the target of webhooks are as at the start."""
        with self._publishing:
            self._shared.reset()
            self._deliveries.clear()
        self.faults.reset()
        self.requests.clear()
        self.clock.reset()
        if self._first_speed != 1.0:
            self.clock.run(self._first_speed)
        self.webhook_url = self._first_webhook_url
        if self._storage is not None:
            self._storage.set_setting("clock", None)

    def export(self) -> JsonObject:
        """Give the invoices and settings as JSON values that `load` takes."""
        url = None if self._receiver is None or self._receiver.in_process else self._receiver.url
        return harvest(self._shared, url)

    def plant(self, seed: JsonMapping | str | Path) -> dict[str, list[Record]]:
        """Take over a seed or an export: a dict, or the path of a .toml or .json file (docs/Sandbox.md).

        Returns the records of all products, by their kinds. No webhook tells of them.
        Raises ValueError, OSError.
        """
        found = checked_seed(dict(seed)) if not isinstance(seed, (str, Path)) else read_file(Path(seed))
        faults = [read_fault(one) for one in found.get("faults", [])]
        now = found.get("now")
        if now is not None:
            self.clock.set(checked(now))
        planted = grow(found, self._api_key, self._shared)
        if found.get("webhook_url") is not None:
            self.webhook_url = found["webhook_url"]
        for fault in faults:
            self.faults.add(fault)
        self.changed_clock()
        return {
            kind: [one for one in records if one.id in self._shared.book(kind).ledger]
            for kind, records in planted.items()
        }

    # -- webhooks

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhook deliveries since the last reset, oldest first; the last 1,000."""
        return self._deliveries.log()

    @property
    def last_delivery(self) -> int:
        """The number of the last webhook delivery since the last reset; 0 while there is none."""
        return self._deliveries.last

    def deliver(self) -> tuple[Delivery, ...]:
        """Deliver, in this thread, all webhooks that are due, and give the deliveries that were made."""
        self._shared.sweep()
        self._publish()
        return tuple(self._deliveries.run_due())

    def recall(self, webhooks: Iterable[PendingWebhook], deliveries: Iterable[Delivery]) -> None:
        """Remember what was sent elsewhere, such as in a simulated world. None of it is sent again unless it is resent."""
        self._deliveries.recall(webhooks, deliveries)

    def resend(self, webhook_id: str | Delivery, *, times: int = 1, reason: Reason = "resend") -> None:
        """Send a webhook again, so many times, with the same `webhook-id`. Raises SandboxError: 404, 400."""
        self._deliveries.resend(_webhook_id(webhook_id), times, reason)
        self.publish()

    def reorder(self, webhook_ids: Sequence[str | Delivery]) -> None:
        """Send webhooks again, in the order given. Raises SandboxError: 404."""
        self._deliveries.reorder([_webhook_id(one) for one in webhook_ids])
        self.publish()

    def wait_for_delivery(self, count: int = 1, timeout: float = 5) -> tuple[Delivery, ...]:
        """Wait until `count` webhooks were delivered, or tried, and give them all. `timeout` is in seconds.

        Raises TimeoutError.
        """
        self.publish()
        return self._deliveries.wait(count, timeout)

    def _where(self) -> Receiver | None:
        return self._receiver

    def publish(self) -> None:
        """Hand the announcements to the deliveries; a receiver in this process is called here, in this thread."""
        self._publish()
        if self._receiver is not None and self._receiver.in_process:
            self._deliveries.run_due()

    # -- called by the server

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return self._application(environ, start_response)

    def _tick(self) -> None:
        self._shared.sweep()
        self._publish()

    def _publish(self) -> None:
        """Hand the announcements to the deliveries, in the order in which they were made."""
        with self._publishing:
            for announcement in self._shared.drain():
                self._deliveries.enqueue(announcement)


def _webhook_id(given: str | Delivery) -> str:
    return given.id if isinstance(given, Delivery) else given
