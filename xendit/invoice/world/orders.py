"""The program of a shop that sells over invoices, written as the documents recommend, with its order table.

The order is stored first; then the invoice is created. A create whose outcome is unknown is kept until it is resolved.
Each process may be killed at every yield; what it wrote into the table before stays.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.exceptions import NotFoundException, OutcomeUnknownException, XenditSdkException
from xendit.invoice.async_invoice_api import AsyncInvoiceApi
from xendit.invoice.invoice_api import InvoiceApi
from xendit.invoice.reconciliation import reconcile
from xendit.marks import mark
from xendit.testing.world.async_inboxes import LoopInbox, resting
from xendit.testing.world.database import WorldDatabaseError
from xendit.testing.world.inboxes import WorldWork
from xendit.testing.world.loops import CallCancelled
from xendit.testing.world.users import handled_by_user
from xendit.webhook import procedures
from xendit.webhook.async_worker import AsyncTransactionWorker, AsyncWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.invoice.webhook import InvoiceEvent
    from xendit.invoice.world.batches import MonthlyBatch
    from xendit.invoice.world.payers import Payers
    from xendit.testing.world.database import WorldTransaction
    from xendit.testing.world.loops import WorldLoop
    from xendit.testing.world.scenario import Scenario
    from xendit.testing.world.scheduler import Steps
    from xendit.testing.world.shop import ShopProcess, WorldShop
    from xendit.webhook.inbox import State, Stored

_TRIES = 3
"""How often a shopper tries to check out."""
_FOREVER = 7_200.0
"""Seconds after which a create that could not be found is made anew: late requests arrive within minutes."""
CHANNELS = {"IDR": ("BCA", "OVO", "QRIS"), "PHP": ("7ELEVEN", "GCASH", "QRPH")}
"""The channels that a shop offers, by its currency: of three kinds, with three kinds of fees."""


class Told(NamedTuple):
    """What a create told the shop."""

    task: str
    """The task that made the call: its sendings are those of the call."""
    outcome: str
    """`done`, `cancelled` where the shop has cancelled it, or that of the error."""
    invoice_id: str | None
    began: float
    ended: float
    """When, in seconds of the world."""
    error: XenditSdkException | CallCancelled | None


class ShopEffect(NamedTuple):
    """What the shop's handler did, committed."""

    key: str
    kind: str
    invoice_id: str
    external_id: str
    rank: int
    payment_id: str | None
    is_late: bool = False
    """Whether the handler had outlived its lease, so that another worker may have gone on with the subject before."""


class Handling(NamedTuple):
    """An event that a handler works on."""

    key: str
    until: float
    """When the lease of its worker ends, by the clock of the database."""
    jumps: int
    """How often that clock was set before."""
    owner: str | None
    """The name of its worker's claim."""


class Order:
    """A row of the order table."""

    __slots__ = ("amount", "error", "id", "invoice_id", "since", "state", "told", "tries")

    def __init__(self, order_id: str, amount: float) -> None:
        self.id = order_id
        self.amount = amount
        self.state = "new"
        """new, creating, unknown, open, failed, paid, expired."""
        self.invoice_id: str | None = None
        self.error: XenditSdkException | None = None
        """The error of a create that may have made an invoice; a copy, made of it as a pickle is."""
        self.since = 0.0
        """When it was last sent, in seconds of the world."""
        self.tries = 0
        self.told: list[Told] = []


class InvoiceShop:
    """The shop's program.

    Args:
        scenario: the world it is in.
        shop: its processes.
        payers: who pays.
    """

    events_together = 1
    """How many events its workers finish in one commit."""

    def __init__(self, scenario: Scenario, shop: WorldShop, payers: Payers) -> None:
        self.scenario = scenario
        self.world = scenario.world
        self.shop = shop
        self.payers = payers
        self.luck = self.world.stream(f"{shop.name} program")
        self.currency = scenario.assumptions.default_currency
        self.orders: dict[str, Order] = {}
        self.batch: MonthlyBatch | None = None
        self.effects: list[ShopEffect] = []
        """What the handler committed, in order."""
        self._keys: set[str] = set()
        self._handled_now: dict[str, Handling] = {}
        """What is being handled, by subject. A process that is killed leaves its own here, as it leaves its lease."""
        self.overlaps: list[str] = []
        """Where two workers handled events of one subject at once, in a sentence each."""
        self.clumsy = self.luck.choice((0.0, 0.0, 0.1, 0.5))
        """The probability that the handler raises."""
        self._on_unknown = self.luck.choice(("lookup", "lookup", "raise", "resend"))
        if scenario.doubles:
            self._on_unknown = "resend"
        self.resends = self._on_unknown == "resend"
        self._attempts = self.luck.choice((2, 10))
        self.late_workers = self.luck.choice((0.0, 0.0, 7_200.0))
        """When the workers begin; events that came before that have piled up."""
        self._reconciled = 0.0
        """When it was reconciled for the last time, in seconds of the world."""
        end = scenario.faults_end
        self._reconciles = (end * self.luck.chance(), end + 3_600.0)[self.luck.chance() < 0.7 :]
        self._trusts_webhooks = self.luck.chance() < 0.7
        self._joins = self.luck.chance() < 0.6
        """Whether it has a TransactionWorker."""
        self._lease = self.luck.choice((5.0, 60.0, 60.0))
        self._mails = self.luck.chance() < 0.3 and not (self._joins and shop.database.single_writer)
        """Whether its handler takes a step that must not happen twice. A joint handler cannot if there is one writer at
        a time."""
        self._mailed: dict[str, int] = {}
        """What `event.once` has given, by event."""
        self._sent = 0
        self.twice: list[str] = []
        """Where a step was taken again though it had ended, in a sentence each."""
        self.web = shop.server("web", self._look_back)
        self.cron = shop.server("cron", self._keep_house)
        for number in range(1, 1 + self.luck.choice((1, 2))):
            shop.server(f"worker {number}", self._work)

    def _look_back(self, server: ShopProcess) -> None:
        """Go through the orders that the previous web process left behind."""
        for order in self.orders.values():
            if order.state == "creating":  # nobody will ever hear the answer
                order.state = "unknown"
                self.world.note(server.name, "finds", f"{order.id} under way")
                self._resolve_later(order)

    # -- the checkout

    def expect(self, order_id: str, after: float) -> None:
        """A shopper comes."""
        steps = self.luck.below(200)
        amount: float = 10_000 + 500 * steps
        if self.currency != "IDR":  # with cents, whose sums are no sums of binary fractions
            amount = round(100.1 + 5.07 * steps, 2)
        order = self.orders[order_id] = Order(order_id, amount)
        self.world.at(after, self._come, order)

    def _come(self, order: Order) -> None:
        if not self.web.alive:
            self.world.at(30.0, self._come, order)
            return
        order.tries += 1
        self.web.start(f"{self.web.name} {order.id} try {order.tries}", self._check_out(order))

    def _check_out(self, order: Order) -> Steps:
        """What the shop's view does when its shopper orders."""
        world = self.world
        task = world.current
        assert task is not None
        order.state, order.since = "creating", world.now
        yield 0.002  # committed
        api = self.web.api(InvoiceApi, AsyncInvoiceApi, self.shop.patience())
        request: Any = {
            "external_id": order.id,
            "amount": order.amount,
            "payment_methods": list(CHANNELS[self.currency]),
            "invoice_duration": self.luck.choice((600, 3_600, 86_400)),
        }
        began = world.now
        steps: Any = api.create_invoice(request, on_unknown=self._on_unknown)
        try:
            invoice = yield from steps
        except OutcomeUnknownException as error:
            order.state, order.error = "unknown", deepcopy(error)
            order.told.append(Told(task.name, error.outcome or "", None, began, world.now, error))
            world.note(task.name, "told unknown", order.id)
            self._resolve_later(order)
            return
        except CallCancelled as cancelled:
            mark("cancelling: a coroutine that awaits an invoice")
            order.state, order.error = "unknown", None
            order.told.append(Told(task.name, "cancelled", None, began, world.now, cancelled))
            world.note(task.name, "cancelled", order.id)
            self._resolve_later(order)
            return
        except XenditSdkException as error:
            order.state = "failed"
            order.told.append(Told(task.name, error.outcome or "", None, began, world.now, error))
            world.note(task.name, f"told {error.outcome}", order.id)
            if order.tries < _TRIES:
                world.at(self.luck.between(5.0, 120.0), self._come, order)
            return
        order.told.append(Told(task.name, "done", invoice.id, began, world.now, None))
        self._opened(order, invoice)

    def _opened(self, order: Order, invoice: Any) -> None:
        """There is a payment page."""
        self.world.note(self.shop.name, "opened", f"{order.id} {invoice.id}")
        order.state, order.invoice_id, order.error = "open", invoice.id, None
        self.payers.show(self, order)

    # -- what could not be found out

    def _resolve_later(self, order: Order) -> None:
        """Have cron look for it in a minute. Where cron is down, it finds the order in the table when it begins anew."""
        if self.cron.alive:
            self.cron.start(f"{self.cron.name} {order.id}", self._resolve(order), 60.0)

    def _resolve(self, order: Order) -> Steps:
        """Look for what a create may have made, until it is known."""
        world = self.world
        api = self.cron.api(InvoiceApi, AsyncInvoiceApi)
        pause = 60.0
        while order.state == "unknown":
            try:
                if order.error is None:
                    steps: Any = api.resolve(order.id, amount=order.amount, currency=self.currency)
                else:
                    steps = api.resolve(order.error)
                invoice = yield from steps
            except OutcomeUnknownException as error:
                if error.candidates:  # the network has doubled it: a human decides for the oldest
                    self._opened(order, min(error.candidates, key=lambda each: each.created))
                    return
                if world.now - order.since > _FOREVER:
                    world.note(self.cron.name, "creates anew", order.id)
                    order.state, order.error = "failed", None
                    self.world.at(0.1, self._come, order)
                    return
            except XenditSdkException:
                pass
            else:
                self._opened(order, invoice)
                return
            yield pause
            pause = min(pause * 2, 3_600.0)

    def stored(self, state: State) -> list[Stored]:
        """The events of the inbox in one state."""
        return self.shop.inbox.stored(state)

    def _keep_house(self, server: ShopProcess) -> None:
        """What cron does: it goes on with what is unknown, and reconciles now and then."""
        for order in self.orders.values():
            if order.state == "unknown":
                server.start(f"{server.name} {order.id}", self._resolve(order), 60.0)
        server.start(f"{server.name} reconcile", self._reconcile(server))
        server.start(f"{server.name} letters", self._replay_letters())

    def _replay_letters(self) -> Steps:
        """A person looks at the dead letters, and lets them be handled again."""
        while True:
            yield 36_000.0
            for letter in self.stored("dead"):
                with suppress(WorldDatabaseError):  # then at the next time
                    yield from self.cron.inbox.transact(partial(procedures.replay, letter.key))

    def _reconcile(self, server: ShopProcess) -> Steps:
        """Reconcile. The documents say each hour and after every outage; here it is done as often as it shows
        something.

        In some worlds nobody reconciles. As long as no webhook is given up, everything must work without it.
        """
        for moment in self._reconciles:
            if moment <= self.world.now:
                continue
            yield moment - self.world.now
            if self._trusts_webhooks and not self.scenario.deliveries.given_up:
                continue
            while not self._has_reconciled(server):
                yield 3600.0  # the next run of the job, an hour later

    def _has_reconciled(self, server: ShopProcess) -> bool:
        """One run of the job that reconciles."""
        since = timedelta(hours=25) + timedelta(seconds=self.world.now - self._reconciled)
        api = InvoiceApi(server.blocking())
        try:
            inbox: Any = server.inbox  # which lacks what only people call
            found = reconcile(api, since, inbox, source=self.shop.source)
        except (XenditSdkException, WorldDatabaseError) as error:
            self.world.note(server.name, "cannot reconcile", type(error).__name__)
            return False
        self._reconciled = self.world.now
        self.world.note(server.name, "reconciles", f"{found.listed} listed, {found.added} added")
        return True

    # -- what webhooks tell

    def _work(self, server: ShopProcess) -> None:
        """Begin a worker, of the kind that this shop has."""
        handler: Callable[..., Steps] = partial(self._handled_jointly if self._joins else self._handled, server)
        if self.scenario.handler is not None:
            handler = partial(handled_by_user, self.scenario, server)
        begins = max(0.0, self.late_workers - self.world.now)
        settings: dict[str, Any] = {"lease": self._lease, "attempts": self._attempts}
        if self.scenario.handler is None:
            settings["batch"] = self.events_together
        if server.loop is not None and self.scenario.handler is None:
            worker = self._async_worker(server.loop, handler, settings)
            server.start(f"{server.name} work", server.loop.awaited(worker.run()), begins)
            return
        joins = self._joins and self.scenario.handler is None
        other = None if self.scenario.handler is not None and self.scenario.refunded is None else handler
        work = WorldWork(
            server.inbox,
            handler,
            self.shop.bell,
            joins=joins,
            blocks=self.scenario.handler is not None,
            other=other,
            source=self.shop.source,
            **settings,
        )
        server.start(f"{server.name} work", work.working(), begins)

    def _async_worker(self, loop: WorldLoop, handler: Callable[..., Steps], settings: dict[str, Any]) -> Any:
        """The product's own worker for event loops, whose handler takes the same steps."""
        inbox: Any = LoopInbox(self.shop.database, loop, self.shop.source)
        source = resting(self.shop.source, self.shop.bell, loop)
        name = f"{loop.process.name} handler"

        async def handled(event: Any) -> None:
            await loop.done(handler(event), name)

        async def handled_jointly(event: Any, transaction: WorldTransaction) -> None:
            await loop.done(handler(event, transaction), name)

        if self._joins:
            return AsyncTransactionWorker(inbox, handled_jointly, other=handled_jointly, source=source, **settings)
        return AsyncWorker(inbox, handled, other=handled, source=source, **settings)

    def _handled_jointly(self, server: ShopProcess, event: InvoiceEvent, transaction: WorldTransaction) -> Steps:
        """The handler of a TransactionWorker: what it changes commits with the event."""
        handling = self._begin_handling(event)
        try:
            yield from self._ponder(event)
            yield from self._take_step(server, event)
        finally:
            self._end_handling(event, handling)
        transaction.effect(lambda: self._change(event))

    def _handled(self, server: ShopProcess, event: InvoiceEvent) -> Steps:
        """The handler of a Worker, which may meet an event twice: it does nothing where the event's key is there already."""
        handling = self._begin_handling(event)
        try:
            yield from self._ponder(event)
            yield from self._take_step(server, event)
            if event.dedupe_key not in self._keys:
                self._change(event, is_late=self._is_late(handling))
        finally:
            self._end_handling(event, handling)
        yield 0.001

    def _begin_handling(self, event: InvoiceEvent) -> Handling:
        """Note that a handler has an event, and whether another worker's lease of one of the same subject is in force."""
        database = self.shop.database
        other = self._handled_now.get(event.subject)
        if other is not None and other.jumps == database.jumps and database.now() < other.until:
            self.overlaps.append(f"{event.dedupe_key} is handled while another worker has {other.key}")
        row = database.rows.get(event.dedupe_key)
        until = 0.0 if row is None or row.lease_until is None else row.lease_until
        owner = None if row is None else row.owner
        handling = self._handled_now[event.subject] = Handling(event.dedupe_key, until, database.jumps, owner)
        return handling

    def _is_late(self, handling: Handling) -> bool:
        """Whether a handler has outlived its lease, which each step of the event renews; or the clock was set meanwhile."""
        database = self.shop.database
        row = database.rows.get(handling.key)
        is_ours = row is not None and row.owner == handling.owner and database.now() < (row.lease_until or 0.0)
        return not is_ours or handling.jumps != database.jumps

    def _end_handling(self, event: InvoiceEvent, handling: Handling) -> None:
        if self._handled_now.get(event.subject) is handling:
            del self._handled_now[event.subject]

    def _ponder(self, event: InvoiceEvent) -> Steps:
        """What a handler does before it writes: it takes its time, and may raise."""
        yield 0.002
        if self.world.strikes(self.clumsy, self.luck):
            if self.luck.chance() < 0.3:
                self.world.note(self.shop.name, "handler overruns", event.dedupe_key)
                yield 2.0 * self._lease * self.luck.chance()
                return
            self.world.note(self.shop.name, "handler raises", event.dedupe_key)
            raise RuntimeError("the handler's own trouble")

    def _take_step(self, server: ShopProcess, event: InvoiceEvent) -> Steps:
        """What may not happen twice outside the database: a mail, by `event.once`."""
        if not self._mails:
            return
        key, loop = event.dedupe_key, server.loop
        if loop is None:
            number = yield from event.once("mail", self._mail, key)
        else:

            async def mailed() -> Any:
                return await loop.done(self._mail(key))

            number = yield from loop.awaited(event.once("mail", mailed))
        if self._mailed.setdefault(key, number) != number:
            self.twice.append(f"the step of {key} has given {number} after {self._mailed[key]}")
        if self.world.strikes(self.clumsy, self.luck):
            self.world.note(self.shop.name, "handler raises", key)
            raise RuntimeError("the handler's own trouble, after its step")

    def _mail(self, key: str) -> Steps:
        """Send the mail of an event, and give its number."""
        if key in self._mailed:
            self.twice.append(f"the step of {key} was taken again though it had ended")
        yield 0.02
        self._sent += 1
        number = self._sent
        self.world.note(self.shop.name, "mails", key)
        yield 0.01
        return number

    def _change(self, event: InvoiceEvent, *, is_late: bool = False) -> None:
        """What the handler writes, in one commit: the effect, and the order's state."""
        take = self.shop.takers.get(type(event))
        if take is not None:  # of another product
            self._keys.add(event.dedupe_key)
            take(event)
            return
        order = self.orders.get(event.external_id or "")
        effect = ShopEffect(
            event.dedupe_key,
            event.stored_kind,
            event.invoice_id,
            event.external_id or "",
            event.rank,
            event.payment_id,
            is_late,
        )
        self.effects.append(effect)
        self._keys.add(event.dedupe_key)
        self.world.note(self.shop.name, "handled", f"{effect.kind} {effect.external_id} {effect.invoice_id}")
        if order is not None and order.invoice_id in (None, event.invoice_id) and event.stored_kind != "second_payment":
            order.state = event.kind

    # -- by hand

    def cancel(self, order: Order) -> None:
        """The shop expires an invoice by hand."""
        if self.web.alive and order.invoice_id is not None:
            self.web.start(f"{self.web.name} {order.id} cancels", self._cancelled(order))

    def _cancelled(self, order: Order) -> Steps:
        api = self.web.api(InvoiceApi, AsyncInvoiceApi)
        assert order.invoice_id is not None
        steps: Any = api.expire_invoice(order.invoice_id)
        try:
            invoice = yield from steps
        except NotFoundException:
            said = "not pending"
        except XenditSdkException as error:
            said = f"{type(error).__name__} {error.outcome}"
        else:
            said = str(invoice.status)
        self.world.note(self.shop.name, "cancelled", f"{order.id}: {said}")
        self.payers.cancellations.append((order.invoice_id, said, self.world.now))
