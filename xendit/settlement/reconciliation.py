"""reconcile: lists what was paid and what moved, brings the two together, and tells what does not add up.

Everything is listed into a file first (`store`), page by page, so that memory does not grow with the number of invoices
and a run that was interrupted goes on where it was. A payment belongs to the invoice that its `product_data` names; where
it names none, to the one whose `external_id` is its reference, and each row says which of the two it was.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter
from xendit.balance_and_transaction.transaction_api import TransactionApi
from xendit.bulk.account import Bound, account_of
from xendit.codec import number_text
from xendit.exceptions import ApiValueError, NotFoundException, ResponseException
from xendit.invoice.invoice_api import InvoiceApi
from xendit.settlement.period import Period, zone_of
from xendit.settlement.row import ZERO, Problem, SettlementRow, Total
from xendit.settlement.store import KeptInvoice, KeptTransaction, Store

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike
    from typing import Any

    from typing_extensions import Self

    from xendit.api_client import ApiClient
    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse
    from xendit.invoice.model.invoice import Invoice

MARGIN = timedelta(days=1)
"""The transaction of a payment may be written a little before or after its invoice says that it was paid."""
_INVOICES_A_PAGE, _TRANSACTIONS_A_PAGE = 100, 50


def reconcile(
    client: ApiClient,
    period: Period | str,
    zone: str | None = None,
    *,
    for_user_id: str | None = None,
    state: str | PathLike[str] | None = None,
    key_rotated: bool = False,
    ignore_unlinked: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Reconciliation:
    """List what was paid and what moved in a period, and bring the two together.

    Args:
        client: the account's.
        period: a Period, or a text as of `Period.of`, with `zone`.
        zone: the name of the time zone whose days the period is made of, such as `Asia/Jakarta`.
        for_user_id: business id of the sub-account (xenPlatform).
        state: a file to keep what was listed in: an interrupted run of the same question goes on from there. None:
            a temporary one.
        key_rotated: whether the account's key was replaced since the file was begun.
        ignore_unlinked: whether payments that name no invoice, such as those of other products, are no difference.
        progress: called with how many invoices and transactions more were listed.

    Returns:
        The rows, once all is listed. Close it, or use it in a `with` block.

    Raises:
        ApiTypeError, ApiValueError: the period or the time zone is none; nothing was sent.
        OSError: the file cannot be used, or is of another question's or account's.
        XenditSdkException: a page could not be read; what was listed until then is kept in `state`.
    """
    if isinstance(period, str):
        if zone is None:
            raise ApiValueError("reconcile: a period needs the time zone whose days it is made of", ("zone",))
        period = Period.of(period, zone)
    store = Store(state)
    try:
        _Listing(client, period, for_user_id, store, progress or (lambda _: None)).run(key_rotated=key_rotated)
        return Reconciliation(client, period, for_user_id, store, ignore_unlinked=ignore_unlinked)
    except BaseException:
        store.close()
        raise


class _Listing:
    """Lists invoices and transactions into the file, from where it is."""

    def __init__(
        self,
        client: ApiClient,
        period: Period,
        for_user_id: str | None,
        store: Store,
        progress: Callable[[int], object],
    ) -> None:
        self._invoices = InvoiceApi(client)
        self._transactions = TransactionApi(client)
        self._source = client.configuration.source
        self._account = account_of(client, for_user_id)
        self._period = period
        self._begin, self._end = _text(period.begin), _text(period.end)
        self._user = for_user_id
        self._store = store
        self._progress = progress

    def run(self, *, key_rotated: bool) -> None:
        """List what is not listed yet."""
        store, period = self._store, self._period
        question = json.dumps([period.begin.isoformat(), period.end.isoformat(), self._user])
        asked = hashlib.sha256(question.encode()).hexdigest()
        kept = store.state("account")
        if kept is not None:
            problem = Bound(**kept).problem(self._account, key_rotated=key_rotated)
            if problem is not None:
                raise OSError(f"the file of the reconciliation {problem}")
        if store.state("asked") != asked:
            store.begin_anew(asked=asked, account=self._account.bound(self._source.hexadecimal(16))._asdict())
        self._progress(store.count("invoices") + store.count("transactions"))
        if not store.state("invoices listed"):
            self._list_invoices(store.state("last invoice"))
        if not store.state("transactions listed"):
            self._list_transactions(store.state("last transaction"))

    def _list_invoices(self, cursor: str | None) -> None:
        period, over = self._period, False
        while not over:
            page = self._invoices.get_invoices(
                for_user_id=self._user,
                statuses=["PAID", "SETTLED"],
                paid_after=period.begin,
                paid_before=period.end,
                limit=_INVOICES_A_PAGE,
                last_invoice=cursor,
            )
            over = len(page) < _INVOICES_A_PAGE
            following = page[-1].id if page else cursor
            if not over and following == cursor:
                raise ResponseException("the list of invoices does not follow its cursor", outcome="done")
            cursor = following
            rows = [row for row in map(_kept_invoice, page) if row is not None and self._in_period(row.paid_at)]
            new = self._store.take(rows, **{"last invoice": cursor, "invoices listed": over})
            self._progress(new)

    def _list_transactions(self, cursor: str | None) -> None:
        period, over = self._period, False
        span = DateRangeFilter(gte=period.begin - MARGIN, lte=period.end + MARGIN)
        while not over:
            page = self._transactions.get_all_transactions(
                for_user_id=self._user, created=span, limit=_TRANSACTIONS_A_PAGE, after_id=cursor
            )
            data = page.get("data") or []
            over = not page.get("has_more", len(data) == _TRANSACTIONS_A_PAGE)
            following = data[-1].id if data else cursor
            if not over and following == cursor:
                raise ResponseException("the list of transactions does not follow its cursor", outcome="done")
            cursor = following
            new = self._store.take(
                map(_kept_transaction, data), **{"last transaction": cursor, "transactions listed": over}
            )
            self._progress(new)

    def _in_period(self, paid_at: str) -> bool:
        return self._begin <= paid_at < self._end


class Reconciliation:
    """What was found. Going through it gives a `SettlementRow` for each payment, then for all else that moved in the period.

    Each time it is gone through, the rows are made anew from the file; none is kept in memory.
    """

    def __init__(
        self, client: ApiClient, period: Period, for_user_id: str | None, store: Store, *, ignore_unlinked: bool
    ) -> None:
        self.period = period
        self._invoices = InvoiceApi(client)
        self._user = for_user_id
        self._store = store
        self._ignore_unlinked = ignore_unlinked
        self._totals: dict[tuple[str, str], Total] | None = None
        self._outside: dict[str, bool] = {}
        self._zone = zone_of(period.zone)
        store.is_listed()
        self._join_by_reference()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a temporary one is gone."""
        self._store.close()

    @property
    def invoices(self) -> int:
        """How many invoices were paid in the period."""
        return self._store.count("invoices")

    @property
    def transactions(self) -> int:
        """How many transactions were listed: those of the period, and of a day around it."""
        return self._store.count("transactions")

    def totals(self) -> list[Total]:
        """The sums by currency and channel, in the order of their names."""
        if self._totals is None:
            for _ in self:  # which counts
                pass
        assert self._totals is not None
        return [self._totals[key] for key in sorted(self._totals)]

    @property
    def differences(self) -> int:
        """How many rows do not add up."""
        return sum(each.differences for each in self.totals())

    def __iter__(self) -> Iterator[SettlementRow]:
        """The rows; those of payments in the order in which they were paid."""
        totals: dict[tuple[str, str], Total] = {}
        for row in self._rows():
            key = row.currency, row.channel
            if key not in totals:
                totals[key] = Total(*key)
            totals[key].add(row)
            yield row
        self._totals = totals

    # ---- the rows

    def _join_by_reference(self) -> None:
        """Bring payments that name no invoice to the one whose `external_id` they bear, the same amount first."""
        for invoice in self._store.unpaid_invoices():
            candidates = self._store.unlinked_payments(str(invoice.external_id))
            found = [each for each in candidates if each.currency == invoice.currency]
            same = [each for each in found if _decimal(each.amount) == _decimal(invoice.paid)]
            if same or found:
                self._store.join((same or found)[0].id, invoice.id)

    def _rows(self) -> Iterator[SettlementRow]:
        for invoice, several in self._store.invoices():
            payments: list[KeptTransaction | None] = [each for each in several if each.type == "PAYMENT"] or [None]
            given = [each for each in several if each.type != "PAYMENT"]
            for payment in payments:
                yield self._payment_row(invoice, payment, given, is_first=payment is payments[0])
        begin, end = _text(self.period.begin), _text(self.period.end)
        for transaction in self._store.others(begin, end):
            row = self._other_row(transaction)
            if row is not None:
                yield row

    def _payment_row(
        self, invoice: KeptInvoice, payment: KeptTransaction | None, given: list[KeptTransaction], *, is_first: bool
    ) -> SettlementRow:
        """The row of a payment. What was given back of the invoice stands in that of its first one."""
        paid = _decimal(invoice.paid)
        refunded = charged_back = ZERO
        for each in given if is_first else ():
            if _stands(each) and each.type == "REFUND":
                refunded += _decimal(each.amount)
            elif _stands(each):
                charged_back += _decimal(each.amount)
        facts: dict[str, Any] = {
            "kind": "payment",
            "currency": invoice.currency or "",
            "channel": (payment and payment.channel) or invoice.channel or "",
            "invoice_id": invoice.id,
            "external_id": invoice.external_id,
            "paid_at": self._local(invoice.paid_at),
            "paid": paid if is_first else ZERO,
            "refunded": refunded,
            "charged_back": charged_back,
        }
        if payment is None:
            return SettlementRow(**facts, difference=-paid, problem=Problem.NO_TRANSACTION)
        amount = _decimal(payment.amount)
        problem, difference = _judged(invoice, payment, is_first=is_first)
        if problem is None and refunded + charged_back > paid:
            problem, difference = Problem.REFUNDS, paid - refunded - charged_back
        return SettlementRow(
            **facts,
            **self._moved(payment, amount),
            joined_by="payment_link_id" if payment.link == invoice.id else "reference_id",
            difference=difference,
            problem=problem,
        )

    def _other_row(self, transaction: KeptTransaction) -> SettlementRow | None:
        """The row of what belongs to none of the invoices; None for a payment of an invoice of another period."""
        amount = _decimal(transaction.amount)
        is_out = transaction.cashflow == "MONEY_OUT"
        facts: dict[str, Any] = {
            "currency": transaction.currency or "",
            "channel": transaction.channel or "",
            "invoice_id": transaction.link,
            "external_id": transaction.reference_id,
            "paid_at": self._local(transaction.created),
            **self._moved(transaction, -amount if is_out else amount),
        }
        if transaction.type == "PAYMENT" and not is_out:
            if transaction.link is not None and self._is_outside(transaction.link):
                return None
            unlinked = transaction.link is None and self._ignore_unlinked
            if unlinked:
                return SettlementRow(kind="other", **facts)
            return SettlementRow(kind="payment", **facts, difference=amount, problem=Problem.NO_INVOICE)
        if transaction.type in ("REFUND", "CHARGEBACK"):
            name = "refunded" if transaction.type == "REFUND" else "charged_back"
            joined = "none" if transaction.link is None else "payment_link_id"
            taken = amount if _stands(transaction) else ZERO
            facts |= {"joined_by": joined, name: taken}
            return SettlementRow(kind=transaction.type.lower(), **facts)
        return SettlementRow(kind="other", **facts)

    def _moved(self, transaction: KeptTransaction, amount: Decimal) -> dict[str, Any]:
        net = _decimal(transaction.net) if transaction.net is not None else amount
        return {
            "transaction_id": transaction.id,
            "transaction_type": transaction.type,
            "amount": amount,
            "fee": _decimal(transaction.fee),
            "tax": _decimal(transaction.tax),
            "net": -net if transaction.cashflow == "MONEY_OUT" else net,
            "settlement": transaction.settlement or "",
            "settles_at": None if transaction.settles_at is None else self._local(transaction.settles_at),
        }

    def _is_outside(self, invoice_id: str) -> bool:
        """Whether an invoice that is not among those of the period was paid at another time. It is read, once."""
        if invoice_id not in self._outside:
            if len(self._outside) > 1_000:
                self._outside.clear()
            try:
                invoice = self._invoices.get_invoice_by_id(invoice_id, for_user_id=self._user)
            except NotFoundException:
                self._outside[invoice_id] = False
            else:
                kept = _kept_invoice(invoice)
                begin, end = _text(self.period.begin), _text(self.period.end)
                self._outside[invoice_id] = kept is not None and not begin <= kept.paid_at < end
        return self._outside[invoice_id]

    def _local(self, text: str) -> datetime:
        """A moment that was kept, by the clock of the period's time zone."""
        return datetime.fromisoformat(f"{text[:26]}+00:00").astimezone(self._zone)


def _judged(invoice: KeptInvoice, payment: KeptTransaction, *, is_first: bool) -> tuple[Problem | None, Decimal]:
    """Why an invoice and its payment do not add up, and by how much; None and 0 where they do."""
    paid, amount = _decimal(invoice.paid), _decimal(payment.amount)
    if not is_first:
        return Problem.TWICE, amount
    if payment.currency != invoice.currency:
        return Problem.CURRENCY, amount
    if payment.status in ("FAILED", "REVERSED", "VOIDED"):
        return Problem.FAILED, -paid
    if amount != paid:
        return Problem.AMOUNT, amount - paid
    if payment.net is not None:
        left = amount - _decimal(payment.fee) - _decimal(payment.tax)
        if _decimal(payment.net) != left:
            return Problem.NET, _decimal(payment.net) - left
    return None, ZERO


def _stands(transaction: KeptTransaction) -> bool:
    """Whether money that went out did so, or still may."""
    return transaction.status not in ("FAILED", "VOIDED", "REVERSED")


def _kept_invoice(invoice: Invoice) -> KeptInvoice | None:
    """An invoice as it is kept; None for one that does not say when it was paid."""
    moment: Any = invoice.paid_at or invoice.updated
    if not isinstance(moment, datetime):
        return None
    paid: Any = invoice.amount if invoice.paid_amount is None else invoice.paid_amount
    return KeptInvoice(
        invoice.id,
        invoice.external_id,
        _text(moment),
        _code(invoice.currency),
        invoice.payment_channel or _code(invoice.payment_method),
        _number(paid),
        _code(invoice.status),
    )


def _kept_transaction(transaction: TransactionResponse) -> KeptTransaction:
    fee, data = transaction.get("fee"), transaction.product_data
    taxes = (
        (fee.value_added_tax, fee.xendit_withholding_tax, fee.third_party_withholding_tax) if fee is not None else ()
    )
    withheld = sum((Decimal(_number(each) or "0") for each in taxes if each), ZERO)
    settles: Any = transaction.estimated_settlement_time
    created: Any = transaction.created
    return KeptTransaction(
        transaction.id,
        _code(transaction.type),
        _code(transaction.status),
        _code(transaction.cashflow),
        transaction.reference_id or None,
        _code(transaction.currency),
        transaction.channel_code or _code(transaction.channel_category),
        _number(transaction.amount),
        None if fee is None else _number(fee.xendit_fee),
        number_text(withheld, ()),
        _number(transaction.net_amount),
        _code(transaction.settlement_status),
        _text(settles) if isinstance(settles, datetime) else None,
        _text(created) if isinstance(created, datetime) else "",
        (data.payment_link_id or None) if data is not None else None,
        (data.payment_request_id or None) if data is not None else None,
    )


def _code(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> str | None:
    """An amount as its text; None for what is none."""
    if type(value) is int:  # as nearly all are; a bool is none
        return str(value)
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    return number_text(value, ()) if is_number else None


def _decimal(text: str | None) -> Decimal:
    return ZERO if text is None else Decimal(text)


def _text(moment: datetime) -> str:
    """A moment as text that sorts: UTC, always with microseconds."""
    if moment.tzinfo is not timezone.utc:
        moment = moment.astimezone(timezone.utc)
    return f"{moment.isoformat(timespec='microseconds')[:26]}Z"
