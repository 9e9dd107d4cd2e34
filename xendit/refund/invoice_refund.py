"""How an invoice is refunded, as a generator of calls: its driver makes each call and sends the answer back. No I/O.

Before anything is created, the generator finds out what was paid, through which payment request, and what was given
back already. What to create follows from that alone. So a program that asks for the same refund again, because it
crashed or its answer was lost, is given the refund that exists.
"""

from __future__ import annotations

from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    OpenApiException,
    OutcomeUnknownException,
    XenditSdkException,
    add_note,
)
from xendit.marks import mark
from xendit.policy import Value
from xendit.refund.operations import CREATE_REFUND, GET_ALL_REFUNDS
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from decimal import Decimal
    from typing import Any, TypeAlias

    from xendit.operation import Operation
    from xendit.refund.model.refund import Refund

    #: The generator of the calls: it is sent the answer to each call, or its error is thrown into it.
    RefundSteps: TypeAlias = Generator["NextCall", Any, Refund]

_WHO = "refund_invoice"


class NextCall(Value):
    """A call to make: its operation and its arguments by name."""

    __slots__ = ("operation", "arguments")  # noqa: RUF023 - the constructor's order
    operation: Operation
    arguments: dict[str, Any]

    def __init__(self, operation: Operation, arguments: dict[str, Any]) -> None:
        self._hold(operation=operation, arguments=arguments)


class Wish(Value):
    """What is to be given back, as it was asked for.

    Args:
        amount: in major units, a number or a money value; None for all that is left.
        reason: a RefundReason or its text.
        reference_id: your own id for the refund, or None.
        payment_request_id: the payment request of the payment, if it is known.
        metadata: your own data, or None.
        idempotency_key: the key to send, or None.
        for_user_id: business id of the sub-account, or None.

    Raises:
        ApiTypeError, ApiValueError: the amount is not valid; nothing was sent.
    """

    __slots__ = (  # noqa: RUF023 - the constructor's order
        "amount",
        "reason",
        "reference_id",
        "payment_request_id",
        "metadata",
        "idempotency_key",
        "for_user_id",
    )
    amount: object
    reason: str
    reference_id: str | None
    payment_request_id: str | None
    metadata: object
    idempotency_key: str | None
    for_user_id: str | None

    def __init__(
        self,
        amount: object,
        reason: str,
        reference_id: str | None,
        payment_request_id: str | None,
        metadata: object,
        idempotency_key: str | None,
        for_user_id: str | None,
    ) -> None:
        if amount is not None:
            from xendit.amounts import given_money

            exact, _ = given_money(amount, None, (_WHO,))
            if exact <= 0:
                raise ApiValueError(f"{_WHO}: the amount must be above 0", ("amount",))
        for name, text in (("reference_id", reference_id), ("payment_request_id", payment_request_id)):
            if text is not None and not (is_text(text) and text):
                given = "an empty text" if text == "" else type_name(text)
                raise ApiTypeError(f"{_WHO}: {name} must be a text, {given} was given", (name,))
        self._hold(
            amount=amount,
            reason=reason,
            reference_id=reference_id,
            payment_request_id=payment_request_id,
            metadata=metadata,
            idempotency_key=idempotency_key,
            for_user_id=for_user_id,
        )


def is_text(value: object) -> bool:
    """Whether something that a user gave is a text."""
    return isinstance(value, str)


def check_invoice(invoice: Any) -> None:
    """Raise ApiTypeError for what is neither an invoice nor the id of one."""
    known = isinstance(invoice, str) or (hasattr(invoice, "__plan__") and hasattr(invoice, "is_paid"))
    if not known:
        raise ApiTypeError(
            f"{_WHO} takes an Invoice, an InvoiceCallback or an invoice's id, {type_name(invoice)} was given",
            ("invoice",),
        )


def refund_steps(invoice: Any, wish: Wish, new_id: str) -> RefundSteps:
    """The calls that refund an invoice.

    Args:
        invoice: as `check_invoice` takes it.
        wish: what is to be given back.
        new_id: a unique text, for a refund that needs a reference of its own.

    Raises:
        ApiValueError: it cannot be given back; nothing was created.
    """
    if isinstance(invoice, str) or not invoice.is_paid:  # the invoice at hand may be outdated
        from xendit.invoice.operations import GET_INVOICE_BY_ID

        invoice_id = invoice if isinstance(invoice, str) else invoice.id
        arguments = {"invoice_id": invoice_id, "for_user_id": wish.for_user_id}
        invoice = yield NextCall(GET_INVOICE_BY_ID, arguments)
    if not invoice.is_paid:
        raise ApiValueError(
            f"{_WHO}: the invoice is {invoice.status}, and only what was paid is given back", ("invoice",)
        )
    payment = wish.payment_request_id or invoice.get("payment_request_id")
    if not isinstance(payment, str) or not payment:
        payment = yield from _payment_request(invoice, wish)
    known = yield from _refunds_of(invoice, payment, wish)
    from xendit.amounts import exact_decimal, exact_sum
    from xendit.codec.scalars import number_text

    paid = invoice.amount if invoice.paid_amount is None else invoice.paid_amount
    total = exact_decimal(paid, (_WHO, "paid_amount"))
    standing = [each for each in known if each.is_standing]
    left = exact_sum([total, *(-exact_decimal(each.amount, (_WHO, "amount")) for each in standing)])
    base = wish.reference_id or f"refund-{invoice.id}"
    names = _spellings(base, known, own=wish.reference_id is not None)
    if wish.reference_id is not None or wish.amount is None:
        same = [each for each in standing if each.reference_id in names]
        if same:
            mark("refunding: it is there already")
            return _the_same(same[-1], wish, invoice.currency)
    exact = _amount_of(wish, left, invoice.currency, standing)
    ended = sum(not each.is_standing and each.reference_id in names for each in known)
    if ended:
        mark("refunding: an earlier refund has failed")
    reference = base
    if wish.reference_id is None and wish.amount is not None:
        reference = f"{base}-{new_id}"
    elif wish.reference_id is None and ended:  # the earlier one has failed, and this is another
        reference = f"{base}-{ended + 1}"
    body = {
        "reference_id": reference,
        "amount": exact,
        "currency": None if invoice.currency is None else str(invoice.currency),
        "reason": wish.reason,
        "metadata": wish.metadata,
        **({"payment_request_id": payment} if payment else {"invoice_id": invoice.id}),
    }
    key = wish.idempotency_key or _key_of(invoice.id, reference, number_text(exact, ("amount",)), ended)
    arguments = {"idempotency_key": key, "for_user_id": wish.for_user_id, "create_refund": body}
    try:
        made: Refund = yield NextCall(CREATE_REFUND, arguments)
    except OutcomeUnknownException as unknown:
        failed = [each for each in known if not each.is_standing and each.reference_id == reference]
        if failed and unknown.errorCode in CREATE_REFUND.existing:
            add_note(
                unknown,
                f"{_WHO}: {failed[-1].id} bears this reference_id and is {failed[-1].status}. An account may take each"
                " reference_id once; if resolve(error) finds no other refund, give another reference_id",
            )
        raise
    return made


def _spellings(base: str, known: Iterable[Refund], *, own: bool) -> set[str]:
    """The references that a refund of all that is left may have. After a failed refund, a number is added."""
    if own:
        return {base}
    count = sum(1 for _ in known)
    return {base, *(f"{base}-{number}" for number in range(2, count + 2))}


def _the_same(found: Refund, wish: Wish, currency: object) -> Refund:
    """The refund that was asked for before, if it has the amount that is asked for now."""
    if wish.amount is not None:
        from xendit.amounts import given_money, same_amount

        exact, _ = given_money(wish.amount, None, (_WHO,))
        if not same_amount(exact, found.amount, currency):
            raise ApiValueError(
                f"{_WHO}: a refund over {found.amount} bears this reference_id already: {found.id}; another one needs"
                " another reference_id",
                ("reference_id",),
            )
    return found


def _amount_of(wish: Wish, left: Decimal, currency: object, standing: list[Refund]) -> Decimal:
    """What is to be given back, checked against what is left of what was paid."""
    from xendit.amounts import cut_amount, given_money
    from xendit.codec.scalars import number_text

    ids = ", ".join(str(each.id) for each in standing[:5])
    if left <= 0:
        mark("refunding: nothing is left to give back")
        raise ApiValueError(f"{_WHO}: all that was paid is given back already, or about to be: {ids}", ("amount",))
    if wish.amount is None:
        return left
    code = None if currency is None else str(currency)
    exact, _ = given_money(wish.amount, code, (_WHO,))
    if cut_amount(exact, code) != exact:
        raise ApiValueError(f"{_WHO}: {number_text(exact, ())} has decimals that {code} does not have", ("amount",))
    if exact > left:
        mark("refunding: more is wanted than is left")
        given_back = f" beside {ids}" if ids else ""
        raise ApiValueError(
            f"{_WHO}: {number_text(exact, ())} is more than what is left to give back{given_back}: {number_text(left, ())}",
            ("amount",),
        )
    return exact


def _key_of(invoice_id: str, reference: str, amount: str, ended: int) -> str:
    """An idempotency key: the same for the same refund, and a new one after one of the same reference that came to nothing.

    Other refunds of the payment do not count, because they may be made while the answer to this one is on its way.
    """
    from hashlib import sha256

    text = "\n".join((invoice_id, reference, amount, str(ended)))
    return f"refund-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _payment_request(invoice: Any, wish: Wish) -> Generator[NextCall, Any, str | None]:
    """The payment request through which the invoice was paid, as its transaction says; None if that is not known.

    A key that may not read transactions does not prevent a refund, because Xendit has accepted the invoice's id too.
    """
    from xendit.balance_and_transaction.operations import GET_ALL_TRANSACTIONS

    asked: dict[str, object] | None = {
        "reference_id": invoice.external_id,
        "types": ["PAYMENT"],
        "limit": 50,
        "for_user_id": wish.for_user_id,
    }
    found: list[Any] = []
    assert GET_ALL_TRANSACTIONS.listing is not None
    while asked is not None:
        try:
            page = yield NextCall(GET_ALL_TRANSACTIONS, asked)
        except (BadRequestException, ForbiddenException, NotFoundException):
            mark("refunding: the payment request cannot be read")
            return None
        except XenditSdkException:
            raise
        except OpenApiException:  # no query can hold this external_id
            return None
        for each in page.data or ():
            data = each.product_data
            if data is not None and data.payment_link_id == invoice.id and data.payment_request_id:
                found.append(each)
        asked = GET_ALL_TRANSACTIONS.listing.following(asked, page)
    own = [each for each in found if each.product_id == invoice.get("payment_id")]
    chosen = own or [each for each in found if str(each.status) == "SUCCESS"] or found
    return str(chosen[-1].product_data.payment_request_id) if chosen else None


def _refunds_of(invoice: Any, payment: str | None, wish: Wish) -> Generator[NextCall, Any, list[Refund]]:
    """The existing refunds of an invoice, listed by its id and by its payment request, each once."""
    known: dict[str, Refund] = {}
    assert GET_ALL_REFUNDS.listing is not None
    for name, value in (("invoice_id", invoice.id), ("payment_request_id", payment)):
        asked: dict[str, object] | None = {name: value, "limit": 50, "for_user_id": wish.for_user_id}
        while asked is not None and value is not None:
            try:
                page = yield NextCall(GET_ALL_REFUNDS, asked)
            except NotFoundException:  # there is no such list, or nothing in it
                break
            known.update((each.id, each) for each in page.data or ())
            asked = GET_ALL_REFUNDS.listing.following(asked, page)
    mine = [each for each in known.values() if _is_of(each, invoice.id, payment)]
    if len(mine) < len(known):
        mark("refunding: what was listed is of another payment")
    return mine


def _is_of(refund: Refund, invoice_id: str, payment: str | None) -> bool:
    """Whether a refund may be of an invoice: it names it or its payment request, or it names neither.

    A server may pass over a filter, and then a list holds the refunds of others, too.
    """
    named = (refund.invoice_id, refund.payment_request_id)
    return not any(named) or named[0] == invoice_id or (payment is not None and named[1] == payment)
