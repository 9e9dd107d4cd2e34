"""The promises about refunds, each as a function that looks for where it was broken. They know nothing of how the product
keeps them: they compare what the shop was told, and what its handler did, with what stands in Xendit's books.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from xendit.refund.world.closing import exact
from xendit.refund.world.returns import ENDED, STANDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xendit.refund.world.returns import Asked, ReturnDesk, WantedReturn
    from xendit.sandbox.state.refund.record import RefundRecord
    from xendit.testing.world.scenario import Scenario

Check: TypeAlias = "Callable[[Scenario, ReturnDesk], None]"

CHECKERS: list[Check] = []
"""Every checker, in the order in which they are asked."""

USER_CHECKERS: list[Check] = []
"""Those that are asked where a user's own handler stands in the world."""
_CLOCKWORK = 0.01
"""Seconds by which the simulated network may be later than a limit says."""
_TOLD = {"SUCCEEDED": "refund_succeeded", "FAILED": "refund_failed"}
_OF_REFUND = {"PENDING": "PENDING", "SUCCEEDED": "SUCCESS", "FAILED": "FAILED", "CANCELLED": "VOIDED"}
_JUST = {
    "REFUND_AMOUNT_EXCEEDED",
    "MAXIMUM_REFUND_AMOUNT_REACHED",
    "INSUFFICIENT_BALANCE",
    "REFUND_IN_PROGRESS",
    "TEMPORARILY_UNAVAILABLE",
}
"""What Xendit may refuse a refund for in these worlds."""


_PASSING = ("REFUND_IN_PROGRESS", "INSUFFICIENT_BALANCE")
"""What it refuses only for the moment."""


def checker(check: Check) -> Check:
    """Have a function asked at the end of every world that gives money back."""
    CHECKERS.append(check)
    return check


def _refunds(scenario: Scenario, desk: ReturnDesk) -> list[RefundRecord]:
    """The refunds of a shop, in the order in which they were made."""
    owner = scenario.gateway.shared.account(desk.shop.key).user_id
    ledger: Iterable[RefundRecord] = scenario.gateway.book("refund").ledger
    return sorted((each for each in ledger if each.account.owner == owner), key=lambda each: (each.created, each.id))


def _of_return(scenario: Scenario, desk: ReturnDesk, wanted: WantedReturn) -> list[RefundRecord]:
    """The refunds that were made for a return."""
    several = _refunds(scenario, desk)
    return [each for each in several if each.invoice_id == wanted.invoice_id and wanted.bears(each.reference_id)]


def _overlap(one: RefundRecord, other: RefundRecord) -> bool:
    """Whether two refunds stood at the same time; `other` was made later."""
    return one.status in STANDING or one.updated > other.created


# ------------------------------------------------------------------------------------------ giving back


@checker
def refunded_once(scenario: Scenario, desk: ReturnDesk) -> None:
    """No return is given back twice, whatever was lost and whoever was killed; what the network itself doubles counts once."""
    requests = {each.id: each.request for each in scenario.gateway.made}
    for wanted in desk.returns.values():
        made = _of_return(scenario, desk, wanted)
        for number, one in enumerate(made):
            for other in made[number + 1 :]:
                if requests[one.id] != requests[other.id] and _overlap(one, other):
                    said = f"{wanted.id} was given back by requests {requests[one.id]} and {requests[other.id]}"
                    scenario.world.violate("refunded once", said)


@checker
def never_more_than_paid(scenario: Scenario, desk: ReturnDesk) -> None:
    """Of no payment more is given back than was paid."""
    given: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in _refunds(scenario, desk):
        if each.status in STANDING:
            given[each.invoice_id] += exact(each.amount)
    ledger = scenario.gateway.book("invoice").ledger
    for invoice_id, amount in given.items():
        record = ledger.get(invoice_id)
        paid = Decimal(0) if record is None or record.payment is None else exact(record.payment.amount)
        if amount > paid:
            scenario.world.violate("never more than was paid", f"{amount} of {paid} was given back of {invoice_id}")


@checker
def not_even_asked(scenario: Scenario, desk: ReturnDesk) -> None:
    """More than was paid is refused before a refund is asked for."""
    creates = {
        line.about.partition(" ")[0]
        for line in scenario.world.trace
        if line.what == "sends" and line.about.endswith(" create_refund")
    }
    ledger = scenario.gateway.book("invoice").ledger
    for wanted in desk.returns.values():
        paid = exact(ledger.get(wanted.invoice_id).payment.amount)
        if wanted.direct or wanted.amount is None or wanted.amount <= paid:
            continue
        for asked in wanted.asked:
            if any(str(number) in creates for number in asked.sent):
                scenario.world.violate("too much is not asked for", f"{wanted.id}: {wanted.amount} of {paid}")


@checker
def none_lost(scenario: Scenario, desk: ReturnDesk) -> None:
    """A refund that was acknowledged exists, and is the one that was asked for."""
    ledger = scenario.gateway.book("refund").ledger
    for wanted in desk.returns.values():
        for refund_id in {asked.refund_id for asked in wanted.asked} | {wanted.refund_id} | wanted.past:
            if refund_id is None:
                continue
            record = ledger.get(refund_id)
            if record is None:
                scenario.world.violate("refunds exist", f"{wanted.id} was told {refund_id}, which does not exist")
            elif record.invoice_id != wanted.invoice_id or not wanted.bears(record.reference_id):
                scenario.world.violate("refunds exist", f"{wanted.id} was given {record.reference_id} {refund_id}")
            elif wanted.amount is not None and wanted.amount != exact(record.amount):
                scenario.world.violate("refunds exist", f"{wanted.id} was given one over {record.amount}")


@checker
def none_denied(scenario: Scenario, desk: ReturnDesk) -> None:
    """Nobody is told that a refund failed, or was not asked for, that was made."""
    made = {each.request: each.id for each in scenario.gateway.made if each.kind == "refund"}
    for wanted in desk.returns.values():
        for asked in wanted.asked:
            if asked.outcome in ("done", "cancelled") or _says_unknown(asked):
                continue
            if getattr(asked.error, "errorCode", None) in _PASSING:
                continue  # a copy of the request, made by the network, may have come when it was no longer refused
            for number in asked.sent:
                if number in made:
                    said = f"{wanted.id} was told {asked.outcome}, and request {number} has made {made[number]}"
                    scenario.world.violate("no refund denied", said)


def _says_unknown(asked: Asked) -> bool:
    return type(asked.error).__name__ == "OutcomeUnknownException"


@checker
def unknown_named(scenario: Scenario, desk: ReturnDesk) -> None:
    """When the client cannot know what became of a refund, it says so, and leaves what it takes to find out; and so where a
    call was cancelled.
    """
    made = {each.request for each in scenario.gateway.made}
    for wanted in desk.returns.values():
        for asked in wanted.asked:
            if asked.outcome == "cancelled" and made.intersection(asked.sent):
                reference = asked.reference or f"refund-{wanted.invoice_id}"
                if not any(reference in note for note in getattr(asked.error, "notes", ())):
                    said = f"{wanted.id} was cancelled, and nothing says that it may exist"
                    scenario.world.violate("unknown refunds named", said)
            if not _says_unknown(asked):
                continue
            sought = getattr(asked.error, "sought", None)
            if asked.outcome not in ("unknown", "done"):
                scenario.world.violate("unknown refunds named", f"{wanted.id} was told the outcome {asked.outcome!r}")
            if sought is None or not wanted.bears(sought.reference_id):
                scenario.world.violate("unknown refunds named", f"{wanted.id}: nothing says what to look for")


@checker
def refused_justly(scenario: Scenario, desk: ReturnDesk) -> None:
    """A return is refused for what is left of the payment, or by Xendit for what Xendit has to refuse it for."""
    ledger = scenario.gateway.book("invoice").ledger
    for wanted in desk.returns.values():
        if wanted.state != "refused":
            continue
        asked = wanted.asked[-1]
        code = getattr(asked.error, "errorCode", None)
        if asked.outcome == "rejected":
            blind = scenario.assumptions.refund_requests == "payment_request" and code == "API_VALIDATION_ERROR"
            if code not in _JUST and not blind:
                scenario.world.violate("refused justly", f"{wanted.id} was refused with {code}")
            continue
        paid = exact(ledger.get(wanted.invoice_id).payment.amount)
        stood = sum(
            (exact(each.amount) for each in _refunds(scenario, desk) if _stood(scenario, each, wanted, asked)),
            Decimal(0),
        )
        least = paid if wanted.amount is None else wanted.amount + stood
        if least <= paid and not (wanted.amount is None and stood >= paid):
            scenario.world.violate(
                "refused justly", f"{wanted.id} was refused, though only {stood} of {paid} was given back"
            )


def _stood(scenario: Scenario, refund: RefundRecord, wanted: WantedReturn, asked: Asked) -> bool:
    """Whether a refund of the same payment stood at some time while a return was asked for."""
    if refund.invoice_id != wanted.invoice_id:
        return False
    began, ended = (_moment(scenario, seconds) for seconds in (asked.began, asked.ended))
    return refund.created.timestamp() <= ended and (refund.status in STANDING or refund.updated.timestamp() >= began)


def _moment(scenario: Scenario, seconds: float) -> float:
    """A moment of the world by Xendit's clock, in seconds since 1970."""
    return scenario.world.wall() - scenario.world.now + seconds + scenario.gateway.skew


@checker
def budgets_kept(scenario: Scenario, desk: ReturnDesk) -> None:
    """The time limit bounds each call of which a refund is made."""
    limit = desk.shop.configuration.timeout
    for wanted in desk.returns.values():
        for asked in wanted.asked:
            taken = asked.ended - asked.began - asked.stalled
            if taken > asked.calls * limit + _CLOCKWORK:
                said = f"asking for {wanted.id} took {taken:.3f} s of {asked.calls} times {limit:g} s"
                scenario.world.violate("budgets kept", said)


@checker
def cancelled_truly(scenario: Scenario, desk: ReturnDesk) -> None:
    """A cancel that succeeds has cancelled the refund; one that is told that it has ended is about one that has."""
    ledger = scenario.gateway.book("refund").ledger
    for refund_id, said in desk.cancellations:
        status = ledger.get(refund_id).status
        if said == "CANCELLED" and status != "CANCELLED":
            scenario.world.violate("refunds cancelled truly", f"{refund_id} was told cancelled, and is {status}")
        if said in ("PENDING", "SUCCEEDED", "FAILED"):
            scenario.world.violate("refunds cancelled truly", f"cancelling {refund_id} gave one that is {said}")
        if said.startswith("ConflictException") and status == "PENDING":
            scenario.world.violate("refunds cancelled truly", f"{refund_id} was told ended, and is pending")


# ------------------------------------------------------------------------------------------ webhooks


@checker
def effects_once(scenario: Scenario, desk: ReturnDesk) -> None:
    """Each refund has its effect once, and no other effect than that of what became of it."""
    ledger = scenario.gateway.book("refund").ledger
    for (refund_id, kind), count in Counter((each.refund_id, each.kind) for each in desk.effects).items():
        if count > 1:
            scenario.world.violate("every refund's effect once", f"{kind} of {refund_id} was handled {count} times")
        record = ledger.get(refund_id)
        if record is None or _TOLD.get(record.status) != kind:
            status = "not there" if record is None else record.status
            scenario.world.violate("every refund's effect once", f"{kind} was handled, and {refund_id} is {status}")


@checker
def effects_at_all(scenario: Scenario, desk: ReturnDesk) -> None:
    """In the end each refund that succeeded or failed has had its effect, unless Xendit gave its webhook up."""
    if scenario.deliveries.given_up:
        return
    handled = {(each.refund_id, each.kind) for each in desk.effects}
    for each in _refunds(scenario, desk):
        if each.status in _TOLD and (each.id, _TOLD[each.status]) not in handled:
            said = f"{each.reference_id} {each.id} is {each.status}, and nothing came of it"
            scenario.world.violate("refunds are handled", said)


# ------------------------------------------------------------------------------------------ everything comes to its end


@checker
def returns_settled(scenario: Scenario, desk: ReturnDesk) -> None:
    """In the end no return is unknown or under way, and the shop's table says of each what became of it."""
    ledger = scenario.gateway.book("refund").ledger
    for wanted in desk.returns.values():
        if wanted.state not in ENDED:
            scenario.world.violate("returns are settled", f"{wanted.id} is {wanted.state} in the end")
            continue
        made = _of_return(scenario, desk, wanted)
        if wanted.state == "refused":
            if any(each.status in STANDING for each in made) and not scenario.deliveries.given_up:
                scenario.world.violate("returns are settled", f"{wanted.id} is refused, and was given back")
            continue
        record = None if wanted.refund_id is None else ledger.get(wanted.refund_id)
        if record is None or record.status.lower() != wanted.state:
            status = "not there" if record is None else record.status
            scenario.world.violate("returns are settled", f"{wanted.id} is {wanted.state}, and its refund is {status}")


# ------------------------------------------------------------------------------------------ the books


@checker
def books_agree(scenario: Scenario, desk: ReturnDesk) -> None:
    """Each payment and each refund is one transaction, and their sum is the balance, to the cent."""
    account = scenario.gateway.shared.account(desk.shop.key)
    book = scenario.gateway.book("transaction")
    mine = [each for each in book.ledger if each.account.owner == account.user_id]
    payments = {each.payment_link_id: each for each in mine if each.type == "PAYMENT"}
    refunds = {each.product_id: each for each in mine if each.type == "REFUND"}
    expected = {"CASH": Decimal(0), "HOLDING": Decimal(0)}
    paid = [each for each in scenario.gateway.book("invoice").ledger if each.account.owner == account.user_id]
    paid = [each for each in paid if each.status in ("PAID", "SETTLED")]
    for invoice in paid:
        found = payments.get(invoice.id)
        if found is None or exact(found.amount) != exact(invoice.payment.amount):
            scenario.world.violate("the books agree", f"{invoice.external_id} was paid, and no transaction says so")
            continue
        net = exact(found.amount) - exact(found.xendit_fee) - exact(found.value_added_tax)
        if net != exact(found.net_amount):
            scenario.world.violate("the books agree", f"{found.id} has {found.net_amount} left, and not {net}")
        expected["CASH" if invoice.status == "SETTLED" else "HOLDING"] += net
    given = _refunds(scenario, desk)
    for refund in given:
        found = refunds.get(refund.id)
        if found is None or exact(found.amount) != exact(refund.amount) or found.status != _OF_REFUND[refund.status]:
            scenario.world.violate("the books agree", f"{refund.reference_id} {refund.id} has no such transaction")
        if refund.status in STANDING:
            expected["CASH"] -= exact(refund.amount)
    if len(mine) != len(paid) + len(given):
        said = f"there are {len(mine)} transactions of {len(paid)} payments and {len(given)} refunds"
        scenario.world.violate("the books agree", said)
    if not desk.closed:
        scenario.world.violate("the books are closed", f"the books of {desk.shop.name} could not be read in the end")
        return
    last = desk.closings[-1]
    for name, told in (("CASH", last.cash), ("HOLDING", last.holding)):
        if told != expected[name]:
            scenario.world.violate("the books agree", f"{name} is {told}, and the transactions make {expected[name]}")
    read = {each.id: each for each in last.read}
    if set(read) != {each.id for each in mine}:
        scenario.world.violate("the books agree", f"{len(read)} transactions were read of {len(mine)}")
    total = Decimal(0)
    for each in last.read:
        if each.status in ("SUCCESS", "PENDING"):
            total += exact(each.net_amount) if str(each.cashflow) == "MONEY_IN" else -exact(each.net_amount)
    if total != last.cash + last.holding:
        said = f"what was read makes {total}, and the balances are {last.cash} and {last.holding}"
        scenario.world.violate("the books agree", said)


@checker
def read_once(scenario: Scenario, desk: ReturnDesk) -> None:
    """Who goes through all transactions meets none of them twice, whatever is added meanwhile."""
    for closing in desk.closings:
        for transaction_id, count in Counter(each.id for each in closing.read).items():
            if count > 1:
                scenario.world.violate("each transaction once", f"{transaction_id} was read {count} times")


# ------------------------------------------------------------------------------------------ a user's own handler


def booked_once(scenario: Scenario, desk: ReturnDesk) -> None:
    """Each refund that succeeded was booked once by the user's handler, and no other one at all."""
    count = scenario.refunded
    assert count is not None
    for each in _refunds(scenario, desk):
        times, named = count(each.id), f"{each.reference_id} {each.id}"
        if each.status == "SUCCEEDED" and times > 1:
            scenario.world.violate("booked once", f"your handler booked the refund {named} {times} times")
        elif each.status == "SUCCEEDED" and times < 1 and not scenario.deliveries.given_up:
            scenario.world.violate("booked at all", f"your handler never booked the refund {named}, which succeeded")
        elif each.status != "SUCCEEDED" and times:
            scenario.world.violate("booked when given back", f"your handler booked {named}, which is {each.status}")


USER_CHECKERS.append(booked_once)
