"""The program of a shop that gives money back, written as docs/RefundApi.md recommends, with its table of returns.

A return is stored first; then the refund is asked for. The desk may be killed at every yield, and what it wrote into the
table before stays. A new process asks again under the same reference: at once where Xendit knows a key or a reference
again, and elsewhere when nothing can be on its way any more.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.exceptions import (
    ApiValueError,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    OutcomeUnknownException,
    XenditSdkException,
)
from xendit.marks import mark
from xendit.refund.async_refund_api import AsyncRefundApi
from xendit.refund.webhook import RefundEvent
from xendit.refund.world.closing import close_books, exact
from xendit.refund.world.stepping import SteppingRefundApi
from xendit.testing.world.loops import CallCancelled
from xendit.testing.world.scenario import LIVENESS

if TYPE_CHECKING:
    from xendit.invoice.world.orders import InvoiceShop
    from xendit.refund.world.closing import Closing
    from xendit.sandbox.state.invoice.record import InvoiceRecord
    from xendit.testing.world.scenario import Scenario
    from xendit.testing.world.scheduler import Steps
    from xendit.testing.world.shop import ShopProcess

_HABITS = (
    "whole",
    "whole",
    "named",
    "parts",
    "parts",
    "part and rest",
    "direct",
    "direct parts",
    "greedy",
    "overdrawn",
)
"""What shoppers want back: all, all under a reference, two parts, a part and then the rest; through `create_refund` all or two
parts; more than was paid; two parts that are more than was paid together."""
_ARRIVED = 900.0
"""Seconds after which no request is on its way any more."""
_REFUSED = (BadRequestException, ForbiddenException, NotFoundException, ConflictException)
_PASSING = ("REFUND_IN_PROGRESS", "TEMPORARILY_UNAVAILABLE", "INSUFFICIENT_BALANCE", "RATE_LIMIT_EXCEEDED")
_TRIES = 4
"""How often the desk asks for what is refused for the moment."""
ENDED = ("succeeded", "failed", "cancelled", "refused")
STANDING = ("PENDING", "SUCCEEDED")


class Asked(NamedTuple):
    """What a call for a refund told the shop."""

    sent: tuple[int, ...]
    """The numbers of the requests that it sent."""
    outcome: str
    """`done`, `not asked` where our code refused it, `cancelled` where the shop has cancelled it, else that of the
    error."""
    refund_id: str | None
    reference: str | None
    calls: int
    """How many calls it is made of at most."""
    began: float
    ended: float
    """When, in seconds of the world."""
    stalled: float
    """Seconds for which its pauses were too long."""
    error: Exception | None


class RefundEffect(NamedTuple):
    """What the shop's handler did about a refund, committed."""

    key: str
    kind: str
    refund_id: str
    at: float


class WantedReturn:
    """A row of the table of returns.

    Args:
        return_id: such as `return-order-1-1`.
        invoice_id: of the invoice that was paid.
        amount: how much is to be given back; None for all that is left.
        reference: the shop's own id of the refund, or None.
        direct: whether it is asked for by `create_refund`.
        at: when it was wanted, in seconds of the world.
    """

    def __init__(
        self, return_id: str, invoice_id: str, amount: Decimal | None, reference: str | None, *, direct: bool
    ) -> None:
        self.id = return_id
        self.invoice_id = invoice_id
        self.amount = amount
        self.reference = self.first_reference = reference
        self.direct = direct
        self.state = "wanted"
        """wanted, asking, unknown, pending, succeeded, failed, cancelled, refused."""
        self.refund_id: str | None = None
        self.past: set[str] = set()
        """The refunds of earlier attempts, which have failed."""
        self.error: XenditSdkException | None = None
        """The error of a call that may have made a refund; a copy, made of it as a pickle is."""
        self.since = 0.0
        """When it was last asked for, in seconds of the world."""
        self.tries = 0
        self.again = False
        """Whether it was wanted again after it had failed."""
        self.asked: list[Asked] = []

    def bears(self, reference: str | None) -> bool:
        """Whether a refund of this reference is one of this return."""
        if self.reference is None:
            own = f"refund-{self.invoice_id}"
            return reference is not None and (reference == own or reference.startswith(f"{own}-"))
        return reference in (self.reference, self.first_reference)


class ReturnDesk:
    """The desk of a shop.

    Args:
        scenario: the world it is in.
        program: the program that sold what is given back.
    """

    def __init__(self, scenario: Scenario, program: InvoiceShop) -> None:
        self.scenario = scenario
        self.world = scenario.world
        self.program = program
        self.shop = program.shop
        self.luck = self.world.stream(f"{self.shop.name} returns")
        self.returns: dict[str, WantedReturn] = {}
        self.effects: list[RefundEffect] = []
        """What the handler committed about refunds, in order."""
        self.cancellations: list[tuple[str, str]] = []
        """Refund, and what the shop was told."""
        self.closings: list[Closing] = []
        """The books, as they were read; the last ones when everything has come to its end."""
        self.closed = False
        """Whether they were read in the end."""
        assumptions = scenario.assumptions
        self.is_known_again = "replayed" in assumptions.refund_keys or "unique" in assumptions.refund_references
        """Whether Xendit itself makes one refund of two requests for the same."""
        self._asks_at_once = self.is_known_again and self.luck.chance() < 0.7
        self._on_unknown = self.luck.choice(("lookup", "lookup", "raise"))
        self._cancels = self.luck.choice((0.0, 0.0, 0.4))
        self.shop.takers[RefundEvent] = self._take

    def open(self) -> None:
        """Begin its process, and wait for payments."""
        self.desk = self.shop.server("desk", self._begin)
        self.scenario.gateway.shared.follow("invoice", self._paid)
        for moment in (0.5 * self.scenario.faults_end, self.scenario.faults_end + LIVENESS - 600.0):
            self.world.at(moment, self._close)

    def _begin(self, server: ShopProcess) -> None:
        """A process begins, or begins anew: it goes on with all returns that have not ended."""
        for each in self.returns.values():
            if each.state not in ENDED:
                server.start(f"{server.name} {each.id}", self._tend(each))

    # -- what shoppers want back

    def _paid(self, before: InvoiceRecord | None, invoice: InvoiceRecord) -> None:
        """An invoice was paid, and its shopper may want money back."""
        order = self.program.orders.get(invoice.external_id)
        if order is None or invoice.status != "PAID" or (before is not None and before.status == "PAID"):
            return
        if self.luck.chance() >= self.scenario.profile.returns or invoice.payment is None:
            return
        paid = exact(invoice.payment.amount)
        part = self._share(paid)
        wanted: list[tuple[Decimal | None, bool]]
        habit = self.luck.choice(_HABITS)
        if habit in ("whole", "named"):
            wanted = [(None, False)]
        elif habit in ("parts", "direct parts"):
            second = part if 2 * part <= paid and self.luck.chance() < 0.5 else self._share(paid - part)
            wanted = [(part, habit == "direct parts"), (second, habit == "direct parts")]
        elif habit == "part and rest":
            wanted = [(part, False), (None, False)]
        elif habit == "direct":
            wanted = [(paid, True)]
        elif habit == "greedy":
            wanted = [(paid + part, False)]
        else:
            wanted = [(part, False), (paid, False)]
        after = self.luck.between(1.0, 900.0)
        for number, (amount, direct) in enumerate(wanted, 1):
            return_id = (
                f"return-{order.id}-{sum(each.startswith(f'return-{order.id}-') for each in self.returns) + number}"
            )
            reference = None if amount is None and habit != "named" else return_id
            self.world.at(after, self._want, WantedReturn(return_id, invoice.id, amount, reference, direct=direct))
            after += self.luck.choice((0.1, 30.0, 1_800.0)) * self.luck.chance()

    def _share(self, amount: Decimal) -> Decimal:
        """A part of an amount, in units that its currency has."""
        unit = Decimal(1) if self.program.currency == "IDR" else Decimal("0.01")
        return (amount * Decimal(1 + self.luck.below(80)) / 100).quantize(unit, ROUND_DOWN).max(unit)

    def _want(self, wanted: WantedReturn) -> None:
        """A shopper wants something back: it stands in the table."""
        self.returns[wanted.id] = wanted
        self.world.note(self.shop.name, "is to give back", f"{wanted.id} {wanted.amount or 'all that is left'}")
        if self.desk.alive:
            self.desk.start(f"{self.desk.name} {wanted.id}", self._tend(wanted))

    # -- the desk

    def _tend(self, wanted: WantedReturn) -> Steps:
        """Work on a return until it has ended."""
        if wanted.state == "asking":  # by a process that was killed: nobody will ever hear the answer
            self.world.note(self.desk.name, "finds", f"{wanted.id} under way")
            wanted.state, wanted.error = "unknown", None
        while wanted.state not in ENDED:
            if wanted.state == "wanted":
                yield from self._ask(wanted)
            elif wanted.state == "unknown":
                yield from self._find(wanted)
            else:
                yield from self._wait(wanted)

    def _ask(self, wanted: WantedReturn) -> Steps:
        """Ask for the refund, or ask again."""
        world, network = self.world, self.scenario.network
        task = world.current
        assert task is not None  # these are its steps
        wanted.tries += 1
        wanted.state, wanted.since = "asking", world.now
        yield 0.002  # committed
        reference = wanted.reference
        direct = wanted.direct and (wanted.tries == 1 or self.scenario.assumptions.refund_keys == "replayed")
        before, stalled = len(network.sendings.get(task.name, ())), network.stalled.get(task.name, 0.0)
        began, refund_id, state = world.now, None, "wanted"
        failure: XenditSdkException | ApiValueError | CallCancelled | None = None
        try:
            refund = yield from self._called(wanted, direct=direct)
        except OutcomeUnknownException as error:
            outcome, state, failure = error.outcome or "", "unknown", error
        except ApiValueError as error:
            outcome, state, failure = "not asked", "refused", error
        except CallCancelled as error:
            mark("cancelling: a coroutine that awaits a refund")
            outcome, state, failure = "cancelled", "unknown", error
        except XenditSdkException as error:
            outcome, failure = error.outcome or "", error
            passes = error.errorCode in _PASSING and wanted.tries < _TRIES
            is_refused = isinstance(error, _REFUSED) and error.operation == "create_refund" and outcome == "rejected"
            state = "refused" if is_refused and not passes else "wanted"
        else:
            outcome, refund_id = "done", refund.id
            self._made(wanted, refund)
        if wanted.state == "asking":  # else its webhook was here before
            wanted.state, wanted.since = state, world.now
            wanted.error = deepcopy(failure) if isinstance(failure, OutcomeUnknownException) else None
        sent = tuple(network.sendings.get(task.name, ())[before:])
        calls = 1 if direct else 6
        stalled = network.stalled.get(task.name, 0.0) - stalled
        wanted.asked.append(Asked(sent, outcome, refund_id, reference, calls, began, world.now, stalled, failure))
        world.note(task.name, f"told {outcome}", f"{wanted.id} {refund_id or type(failure).__name__}")
        if wanted.state == "wanted":
            yield min(30.0 * 3.0**wanted.tries, 3_600.0) * (0.5 + self.luck.chance())

    def _called(self, wanted: WantedReturn, *, direct: bool) -> Steps:
        """The call."""
        api = self.desk.api(SteppingRefundApi, AsyncRefundApi, self.shop.patience())
        steps: Any
        if direct:
            key, unknown = wanted.reference, self._on_unknown
            steps = api.create_refund(idempotency_key=key, create_refund=self._body(wanted), on_unknown=unknown)
        else:
            steps = api.refund_invoice(wanted.invoice_id, wanted.amount, reference_id=wanted.reference)
        return (yield from steps)

    def _body(self, wanted: WantedReturn) -> dict[str, Any]:
        """What `create_refund` is given."""
        body: dict[str, Any] = {"reference_id": wanted.reference, "amount": wanted.amount, "reason": "OTHERS"}
        if self.scenario.assumptions.refund_requests == "both" and wanted.id.endswith("-1"):
            return {**body, "invoice_id": wanted.invoice_id}
        paid = self.scenario.gateway.book("transaction").payment(invoice_id=wanted.invoice_id)
        return {**body, "payment_request_id": paid.payment_request_id}

    def _made(self, wanted: WantedReturn, refund: Any) -> None:
        """There is a refund."""
        if refund.id in wanted.past or wanted.state in ENDED:
            return  # its webhook has told it before
        wanted.refund_id, wanted.error = refund.id, None
        wanted.state = "pending"
        if refund.is_final:
            self._end(wanted, str(refund.status))

    def _find(self, wanted: WantedReturn) -> Steps:
        """Look for what a call may have made, until it is found, or nothing can be on its way any more."""
        world = self.world
        pause = 30.0
        while wanted.state == "unknown":
            if wanted.error is not None:
                api = self.desk.api(SteppingRefundApi, AsyncRefundApi)
                try:
                    steps: Any = api.resolve(wanted.error)
                    refund = yield from steps
                except OutcomeUnknownException as error:
                    bearing = [each for each in error.candidates if each.id not in wanted.past]
                    standing = [each for each in bearing if each.is_standing]
                    if not standing and self.scenario.assumptions.refund_references == "unique":
                        standing = bearing  # it has failed, and no other one can bear its reference
                    if standing:  # a person decides: for the oldest, where the network has doubled it
                        self._made(wanted, min(standing, key=lambda each: each.created))
                        return
                except XenditSdkException:
                    pass
                else:
                    self._made(wanted, refund)
                    return
            if self._asks_at_once or world.now - wanted.since > _ARRIVED:
                world.note(self.desk.name, "asks again", wanted.id)
                wanted.state, wanted.error = "wanted", None
                return
            yield pause
            pause = min(pause * 2, 600.0)

    def _wait(self, wanted: WantedReturn) -> Steps:
        """Wait for the webhook; and where it does not come, look."""
        refund_id = wanted.refund_id
        assert refund_id is not None
        if self.luck.chance() < self._cancels:
            yield 120.0 * self.luck.chance()
            yield from self._cancel(wanted, refund_id)
        pause = 900.0
        while wanted.state == "pending":
            yield pause * (0.5 + self.luck.chance())
            pause = min(pause * 3, 10_800.0)
            if wanted.state != "pending":
                return
            api = self.desk.api(SteppingRefundApi, AsyncRefundApi)
            try:
                steps: Any = api.get_refund(refund_id)
                refund = yield from steps
            except XenditSdkException:
                continue
            if refund.is_final and wanted.state == "pending":
                mark("refunding: it ended before its webhook told it")
                self._end(wanted, str(refund.status))

    def _cancel(self, wanted: WantedReturn, refund_id: str) -> Steps:
        """The shop takes a refund back."""
        api = self.desk.api(SteppingRefundApi, AsyncRefundApi)
        try:
            steps: Any = api.cancel_refund(refund_id)
            refund = yield from steps
        except XenditSdkException as error:
            said = f"{type(error).__name__} {error.outcome}"
        else:
            said = str(refund.status)
            if refund.is_final and wanted.state == "pending":
                self._end(wanted, said)
        self.world.note(self.shop.name, "cancelled", f"{refund_id}: {said}")
        self.cancellations.append((refund_id, said))

    def _end(self, wanted: WantedReturn, status: str) -> None:
        """A refund has ended. One that failed is wanted again, once."""
        wanted.state = status.lower()
        self.world.note(self.shop.name, wanted.state, f"{wanted.id} {wanted.refund_id}")
        if wanted.state != "failed" or wanted.again:
            return
        assert wanted.refund_id is not None
        wanted.again = True
        wanted.past.add(wanted.refund_id)
        wanted.refund_id, wanted.state = None, "wanted"
        if wanted.reference is not None and self.is_known_again:
            wanted.reference += "-again"

    # -- what webhooks tell

    def _take(self, event: RefundEvent) -> None:
        """What the handler writes about a refund, in one commit: the effect, and the state of the return."""
        self.effects.append(RefundEffect(event.dedupe_key, event.kind, event.refund_id, self.world.now))
        self.world.note(self.shop.name, "handled", f"{event.kind} {event.external_id} {event.refund_id}")
        for each in self.returns.values():
            if event.refund_id in each.past or not each.bears(event.external_id):
                continue
            if each.state == "refused" and not event.is_succeeded:
                continue  # an earlier attempt had made one that failed
            if each.refund_id is None:  # also where one was refused whose copy, which the network made, was not
                if each.state == "asking":
                    mark("refunding: the webhook overtook the answer")
                each.refund_id = event.refund_id
            if each.refund_id == event.refund_id and each.state not in ENDED[:3]:
                each.error = None
                self._end(each, event.refund.status)

    # -- the books

    def _close(self, _: object) -> None:
        if self.desk.alive:
            self.desk.start(f"{self.desk.name} books", self._closed())

    def _closed(self) -> Steps:
        """Finance reads the books, and reads them again where it cannot, as one who waits for them does."""
        for pause in (0.001, 30.0, 60.0, 120.0):
            yield pause
            closing = close_books(self.desk, self.program.currency)
            if closing is not None:
                self.closings.append(closing)
                self.closed = self.world.healed
                return
