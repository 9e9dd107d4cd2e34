"""The promises, each as a function that looks for where it was broken. They know nothing of how the product keeps them.

A checker compares what the shop was told, and what its handler did, with what stands in Xendit's books. It is called once, at the
end of a world, with the scenario and one shop, and says `world.violate(promise, sentence)` for each breach. The promise is a
sentence of docs/Reliability.md or docs/Webhooks.md; its short name is what a failing seed shows first.
"""

from __future__ import annotations

from asyncio import all_tasks
from base64 import b64encode
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from xendit.exceptions import XenditSdkException
from xendit.testing.world.scheduler import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.invoice.world.orders import InvoiceShop
    from xendit.testing.world.scenario import Scenario

Check: TypeAlias = "Callable[[Scenario, InvoiceShop], None]"

CHECKERS: list[Check] = []
"""Every checker, in the order in which they are asked."""

USER_CHECKERS: list[Check] = []
"""Those that are asked where a user's own handler stands in the world."""

_PROMPT = 4.5
"""Seconds within which workers that have nothing else to do handle an event: less than the shortest lease, which is 5."""

_STANDING = {"web": 0, "bulk": 0, "cron": 2, "worker": 8}
"""How many tasks a process may have in the end, by its role: of those that have an end, none."""

_CLOCKWORK = 0.01
"""Seconds by which the simulated network may be later than a limit says."""


def checker(check: Check) -> Check:
    """Have a function asked at the end of every world."""
    CHECKERS.append(check)
    return check


# ------------------------------------------------------------------------------------------ creates


@checker
def created_once(scenario: Scenario, shop: InvoiceShop) -> None:
    """A create is never sent twice: of an order there is one invoice, whatever the network itself may have doubled."""
    if (
        shop.resends
        and scenario.weather.latest + scenario.gateway.lag >= shop.shop.configuration.retry_policy.resend_after
    ):
        return  # who asks for it is told that what comes later makes two
    made: dict[str, set[int]] = {}
    items = () if shop.batch is None else shop.batch.items
    for each in scenario.gateway.made:
        if each.reference in shop.orders or each.reference in items:
            made.setdefault(each.reference, set()).add(each.request)
    for order_id, requests in made.items():
        if len(requests) > 1:
            sent = ", ".join(str(number) for number in sorted(requests))
            scenario.world.violate("created once", f"{order_id} has {len(requests)} invoices, made by requests {sent}")


@checker
def charged_once(scenario: Scenario, shop: InvoiceShop) -> None:
    """No shopper pays an order twice: there is never a second payment page of an order that is paid."""
    paid: dict[str, set[str]] = {}
    for payment in shop.payers.payments:
        if payment.order in shop.orders:
            paid.setdefault(payment.order, set()).add(payment.invoice_id)
    for order_id, invoices in paid.items():
        if len(invoices) > 1:
            scenario.world.violate("charged once", f"{order_id} was paid over {len(invoices)} invoices")


@checker
def none_lost(scenario: Scenario, shop: InvoiceShop) -> None:
    """An invoice that was acknowledged exists, and is the one that was asked for."""
    ledger = scenario.gateway.book("invoice").ledger
    for order in shop.orders.values():
        for told in order.told:
            if told.outcome != "done" or told.invoice_id is None:
                continue
            record = ledger.get(told.invoice_id)
            if record is None:
                scenario.world.violate("none lost", f"{order.id} was told {told.invoice_id}, which does not exist")
            elif record.external_id != order.id or record.amount != order.amount:
                scenario.world.violate("none lost", f"{order.id} was given the invoice of {record.external_id}")
        if order.invoice_id is not None and order.invoice_id not in ledger:
            scenario.world.violate("none lost", f"{order.id} has the invoice {order.invoice_id}, which does not exist")


@checker
def none_denied(scenario: Scenario, shop: InvoiceShop) -> None:
    """Nobody is told that a create failed while its invoice exists."""
    made = {each.request: each for each in scenario.gateway.made}
    for order in shop.orders.values():
        for told in order.told:
            if told.outcome not in ("not_sent", "rejected"):
                continue
            for number in scenario.network.sendings.get(told.task, ()):
                if number in made:
                    said = f"{order.id} was told {told.outcome}, and request {number} has made {made[number].id}"
                    scenario.world.violate("none denied", said)


@checker
def unknown_named(scenario: Scenario, shop: InvoiceShop) -> None:
    """When the client cannot know, it says so, and leaves what it takes to find out; and so where a call was cancelled."""
    made = {each.request for each in scenario.gateway.made}
    for order in shop.orders.values():
        for told in order.told:
            if told.outcome == "cancelled":
                said = any(order.id in note for note in getattr(told.error, "notes", ()))
                if not said and made.intersection(scenario.network.sendings.get(told.task, ())):
                    scenario.world.violate(
                        "unknown named", f"{order.id} was cancelled, and nothing says that it may exist"
                    )
                continue
            if told.outcome not in ("done", "not_sent", "rejected", "unknown"):
                scenario.world.violate("unknown named", f"{order.id} was told the outcome {told.outcome!r}")
            if told.outcome == "unknown" or (told.outcome == "done" and told.error is not None):
                sought = getattr(told.error, "sought", None)
                if sought is None or sought.external_id != order.id:
                    scenario.world.violate("unknown named", f"{order.id} is unknown, and nothing says what to look for")


@checker
def budgets_kept(scenario: Scenario, shop: InvoiceShop) -> None:
    """The time limit bounds the whole call: attempts, waits, look-ups."""
    limit = shop.shop.configuration.timeout
    for order in shop.orders.values():
        for told in order.told:
            taken = told.ended - told.began - scenario.network.stalled.get(told.task, 0.0)
            if taken > limit + _CLOCKWORK:
                scenario.world.violate("budgets kept", f"a call for {order.id} took {taken:.3f} s of {limit:g} s")


# ------------------------------------------------------------------------------------------ batches


@checker
def journals_true(scenario: Scenario, shop: InvoiceShop) -> None:
    """A journal says of each item what became of it, whoever was killed meanwhile."""
    if shop.batch is None:
        return
    made: dict[str, list[str]] = {}
    for each in scenario.gateway.made:
        made.setdefault(each.reference, []).append(each.id)
    for text in shop.batch.journal.overlaps:
        scenario.world.violate("an item has one run", text)
    results = shop.batch.journal.results()
    if [each.external_id for each in results] != list(shop.batch.items):
        scenario.world.violate(
            "journals are true", f"the journal holds {len(results)} items of {len(shop.batch.items)}"
        )
    for result in results:
        there = made.get(result.external_id, [])
        if result.state == "created" and result.invoice_id not in there:
            scenario.world.violate("journals are true", f"{result.external_id} is created, and is not there")
        if result.state in ("failed", "pending") and there:
            scenario.world.violate("journals are true", f"{result.external_id} is {result.state}, and is there")
        if result.state == "sending":
            scenario.world.violate("batches end", f"{result.external_id} is under way in the end")
        if result.state == "unknown" and len(there) == 1:
            scenario.world.violate("batches end", f"{result.external_id} is unknown in the end, and is there")


# ------------------------------------------------------------------------------------------ expiring by hand


@checker
def cancelled_truly(scenario: Scenario, shop: InvoiceShop) -> None:
    """An expire that succeeds has expired the invoice; one that is told that it was paid is about a paid one."""
    ledger = scenario.gateway.book("invoice").ledger
    mine = {order.invoice_id for order in shop.orders.values()}
    for invoice_id, said, _ in shop.payers.cancellations:
        if invoice_id not in mine:
            continue
        record = ledger.get(invoice_id)
        steps = [] if record is None else [step.what for step in record.steps]
        if said == "EXPIRED" and "expired" not in steps:
            scenario.world.violate("cancelled truly", f"{invoice_id} was told expired, and never was")
        if said in ("PENDING", "PAID", "SETTLED"):
            scenario.world.violate("cancelled truly", f"expiring {invoice_id} succeeded, and gave one that is {said}")
        if said.startswith("ConflictException") and "paid" not in steps:
            scenario.world.violate("cancelled truly", f"{invoice_id} was told paid, and never was")
        if said == "not pending" and len(steps) == 1:
            scenario.world.violate("cancelled truly", f"{invoice_id} was told not pending, and is")


# ------------------------------------------------------------------------------------------ webhooks


@checker
def effects_once(scenario: Scenario, shop: InvoiceShop) -> None:
    """Each event is handled exactly once, however often it was brought, and whoever was killed meanwhile."""
    for key, count in Counter(effect.key for effect in shop.effects).items():
        if count > 1:
            scenario.world.violate("every effect once", f"{key} was handled {count} times")
    seconds = Counter(payment.invoice_id for payment in shop.payers.payments if payment.is_second)
    told = Counter((effect.invoice_id, effect.kind) for effect in shop.effects)
    for (invoice_id, kind), count in told.items():
        most = seconds[invoice_id] if kind == "second_payment" else 1
        if count > most:
            scenario.world.violate("every effect once", f"{kind} of {invoice_id} was handled {count} times, not {most}")


@checker
def one_at_a_time(scenario: Scenario, shop: InvoiceShop) -> None:
    """Two events of one subject are never worked on by two workers, as long as the lease of the first one is in force."""
    for text in shop.overlaps:
        scenario.world.violate("one worker at a time", text)


@checker
def steps_once(scenario: Scenario, shop: InvoiceShop) -> None:
    """A step that has ended, `event.once`, is never taken again, and every later attempt is given what it has given."""
    for text in shop.twice:
        scenario.world.violate("every step once", text)


@checker
def leases_used(scenario: Scenario, shop: InvoiceShop) -> None:
    """What a worker has claimed it handles: where nothing goes wrong no event waits until a lease has run out."""
    database = shop.shop.database
    if database.trouble or database.jumps or shop.clumsy or shop.shop.frailty or scenario.handler is not None:
        return
    begun = EPOCH + shop.late_workers
    for row in shop.stored("done"):
        waited = (row.done_at or 0.0) - max(row.received_at, begun)
        if waited > _PROMPT:
            scenario.world.violate("claimed is handled", f"{row.key} waited {waited:.1f} s for idle workers")


@checker
def ranks_kept(scenario: Scenario, shop: InvoiceShop) -> None:
    """A lower state never comes after a higher one: PENDING < EXPIRED < PAID < SETTLED.

    What a handler writes after its lease is its own affair, unless it writes in the inbox's transaction.
    """
    highest: dict[str, int] = {}
    for effect in shop.effects:
        before = highest.get(effect.invoice_id, -1)
        if effect.rank < before and not effect.is_late:
            scenario.world.violate(
                "ranks kept", f"{effect.kind} of {effect.external_id} was handled after a higher state"
            )
        highest[effect.invoice_id] = max(before, effect.rank)


@checker
def acknowledged_kept(scenario: Scenario, shop: InvoiceShop) -> None:
    """What was acknowledged is in the inbox, whatever happened to the process that answered."""
    stored = {row.key for state in ("waiting", "working", "done", "dead") for row in shop.stored(state)}
    for key in shop.shop.acknowledged:
        if key not in stored:
            scenario.world.violate("acknowledged is kept", f"{key} was answered 200, and is not in the inbox")


# ------------------------------------------------------------------------------------------ everything comes to its end


@checker
def payments_handled(scenario: Scenario, shop: InvoiceShop) -> None:
    """In the end every payment has had its effect: by a webhook, or by reconciling."""
    handled = {(effect.invoice_id, effect.kind) for effect in shop.effects}
    for payment in shop.payers.payments:
        if payment.order in shop.orders and (payment.invoice_id, "paid") not in handled:
            scenario.world.violate("payments are handled", f"{payment.order} was paid, and nothing came of it")
    if scenario.deliveries.given_up:
        return  # what no webhook tells, and no list holds, nobody can know
    # By their number: which of two came first nobody can know where `reconcile` found one before its webhook came.
    told = Counter(effect.invoice_id for effect in shop.effects if effect.kind == "second_payment")
    for payment in shop.payers.payments:
        if payment.is_second and payment.order in shop.orders and not told[payment.invoice_id]:
            scenario.world.violate("payments are handled", f"{payment.order} was paid twice, and one had no effect")


@checker
def nothing_left(scenario: Scenario, shop: InvoiceShop) -> None:
    """In the end no create is unknown, and no event waits."""
    for order in shop.orders.values():
        if order.state in ("creating", "unknown"):
            scenario.world.violate("unknowns are resolved", f"{order.id} is {order.state} in the end")
    for state in ("waiting", "working"):
        for row in shop.stored(state):
            scenario.world.violate("events are done", f"{row.key} is {state} in the end")
    tokens = [server.transport.budget.tokens for server in shop.shop.servers]
    if not all(0 <= left <= 500 for left in tokens):
        scenario.world.violate("budgets kept", f"the retry budgets hold {tokens}")


@checker
def nothing_leaks(scenario: Scenario, shop: InvoiceShop) -> None:
    """Nothing leaks: no secret stands in what the shop was told of an order, and in the end no task is left over."""
    secrets = (shop.shop.key, b64encode(f"{shop.shop.key}:".encode()).decode(), shop.shop.token)
    for order in shop.orders.values():
        for told in order.told:
            if isinstance(told.error, XenditSdkException):
                shown = f"{told.error} {told.error!r} {vars(told.error)} {' '.join(told.error.headers.values())}"
                if any(secret in shown for secret in secrets):
                    scenario.world.violate("nothing leaks", f"an error about {order.id} shows a secret of the shop")
    for server in shop.shop.servers:
        most = _STANDING.get(server.role.partition(" ")[0])
        left = len(server.tasks) + (0 if server.loop is None else len(all_tasks(server.loop)))
        if most is not None and left > most:  # those of other products have promises of their own
            scenario.world.violate("nothing leaks", f"{server.name} has {left} tasks in the end")


# ------------------------------------------------------------------------------------------ a user's own handler


def fulfilled_once(scenario: Scenario, shop: InvoiceShop) -> None:
    """Each order that was paid was fulfilled once by the user's handler, and no other one at all."""
    count = scenario.fulfilled
    assert count is not None
    paid = {payment.order for payment in shop.payers.payments}
    for order in shop.orders.values():
        times = count(order.id)
        if order.id in paid and times > 1:
            scenario.world.violate("fulfilled once", f"your handler fulfilled {order.id} {times} times")
        elif order.id in paid and times < 1:
            scenario.world.violate("fulfilled at all", f"your handler never fulfilled {order.id}, which was paid")
        elif order.id not in paid and times:
            scenario.world.violate("fulfilled when paid", f"your handler fulfilled {order.id}, which was not paid")


USER_CHECKERS.append(fulfilled_once)
