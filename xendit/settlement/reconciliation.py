"""reconcile: lists paid invoices and transactions, matches the two, and tells what does not add up.

Everything is listed first, page by page: into the file that was named (`store`), so that an interrupted run can go on where
it was, else into memory (`memory`), or a temporary file once it is too much for that. A payment belongs to the invoice that
its `product_data` names. If it names none, it belongs to the invoice whose `external_id` is its reference. Each row says by
which of the two it was matched.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from decimal import Decimal

from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter
from xendit.balance_and_transaction.operations import GET_ALL_TRANSACTIONS
from xendit.bulk.account import Bound, account_of
from xendit.exceptions import ApiValueError, NotFoundException, ResponseException
from xendit.invoice.invoice_api import InvoiceApi
from xendit.invoice.operations import GET_INVOICES
from xendit.settlement.memory import InMemory
from xendit.settlement.period import Period, zone_of
from xendit.settlement.reading import (
    INVOICES_A_PAGE,
    OLD,
    TRANSACTIONS_A_PAGE,
    InvoiceWalk,
    TransactionWalk,
    kept_invoice,
    moment_text,
)
from xendit.settlement.row import ZERO, Problem, SettlementRow, Total
from xendit.settlement.store import KeptInvoice, KeptTransaction, Store

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike
    from typing import Any, TypeAlias

    from typing_extensions import Self

    from xendit.api_client import ApiClient
    from xendit.settlement.reading import RowPage

    AnyStore: TypeAlias = Store | InMemory
    When: TypeAlias = Callable[[str], datetime | None]
    """Makes a time of a moment that was kept."""

MARGIN = timedelta(days=1)
"""The transaction of a payment may be written a little before or after its invoice says that it was paid."""
_MANY_PAGES = 10
"""From so many pages on it pays to import msgspec, which parses them faster, if the extra `speed` is installed."""
_FAILED = ("FAILED", "REVERSED", "VOIDED")
"""The statuses of money that did not move, or came back."""
_PAID_AT = KeptInvoice._fields.index("paid_at")
_TYPE = KeptTransaction._fields.index("type")
_make = tuple.__new__


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
    """List the invoices that were paid in a period and the transactions of that period, and match the two.

    Args:
        client: a client for the account.
        period: a Period, or a text as of `Period.of`, with `zone`.
        zone: the name of the time zone whose days the period is made of, such as `Asia/Jakarta`.
        for_user_id: business id of the sub-account (xenPlatform).
        state: a file to keep what was listed in: an interrupted run of the same question goes on from there. Once all
            rows were gone through, the next run begins anew, for what was pending may be settled by then. None: memory,
            or a temporary file once it is too much for that.
        key_rotated: whether the account's key was replaced since the file was begun.
        ignore_unlinked: whether payments that name no invoice, such as those of other products, count as right.
        progress: called with how many invoices and transactions more were listed.

    Returns:
        The rows, once all is listed. Close it, or use it in a `with` block.

    Raises:
        ApiTypeError, ApiValueError: the period or the time zone is not valid; nothing was sent.
        OSError: the file cannot be used, or was made with other arguments or for another account.
        XenditSdkException: a page could not be read; what was listed until then is kept in `state`.
    """
    if isinstance(period, str):
        if zone is None:
            raise ApiValueError("reconcile: a period needs the time zone whose days it is made of", ("zone",))
        period = Period.of(period, zone)
    listing = _Listing(client, period, for_user_id, progress, state)
    try:
        listing.run(key_rotated=key_rotated)
        return Reconciliation(client, period, for_user_id, listing.store, ignore_unlinked=ignore_unlinked)
    except BaseException:
        listing.store.close()
        raise


class _Listing:
    """Lists invoices and transactions into a store, from where an earlier run ended."""

    def __init__(
        self,
        client: ApiClient,
        period: Period,
        for_user_id: str | None,
        progress: Callable[[int], object] | None,
        state: str | PathLike[str] | None,
    ) -> None:
        self._client = client
        self._source = client.configuration.source
        self._account = account_of(client, for_user_id)
        self._period = period
        self._user = for_user_id
        self._progress = progress or (lambda _: None)
        self._pages = 0
        self.store: AnyStore = InMemory() if state is None else Store(state)
        """Where all is kept: another one than before, once it is too much for memory."""

    def run(self, *, key_rotated: bool) -> None:
        """List what is not listed yet."""
        store, period = self.store, self._period
        question = json.dumps([period.begin.isoformat(), period.end.isoformat(), self._user])
        asked = hashlib.sha256(question.encode()).hexdigest()
        kept = store.state("account")
        if kept is not None:
            problem = Bound(**kept).problem(self._account, key_rotated=key_rotated)
            if problem is not None:
                raise OSError(f"the file of the reconciliation {problem}")
        if store.state("asked") != asked or store.state("told"):
            store.begin_anew(asked=asked, account=self._account.bound(self._source.hexadecimal(16))._asdict())
        self._progress(store.count("invoices") + store.count("transactions"))
        if not store.state("invoices listed"):
            self._list_invoices(store.state("last invoice"))
        if not self.store.state("transactions listed"):
            self._list_transactions(self.store.state("last transaction"))

    def _list_invoices(self, cursor: str | None) -> None:
        period, over = self._period, False
        begin, end = moment_text(period.begin), moment_text(period.end)
        pages = InvoiceWalk(GET_INVOICES)
        while not over:
            asked = {
                "for_user_id": self._user,
                "statuses": ["PAID", "SETTLED"],
                "paid_after": period.begin,
                "paid_before": period.end,
                "limit": INVOICES_A_PAGE,
                "last_invoice": cursor,
            }
            page: RowPage = self._client.call(pages, asked, {})
            over, following = not page.more, page.last or cursor
            if not over and following == cursor:
                raise ResponseException("the list of invoices does not follow its cursor", outcome="done")
            cursor = following
            rows = [row for row in page.rows if begin <= row[_PAID_AT] < end]
            self._keep("invoices", rows, **{"last invoice": cursor, "invoices listed": over})

    def _list_transactions(self, cursor: str | None) -> None:
        period, over = self._period, False
        span = DateRangeFilter(gte=period.begin - MARGIN, lte=period.end + MARGIN)
        pages = TransactionWalk(GET_ALL_TRANSACTIONS)
        while not over:
            asked = {
                "for_user_id": self._user,
                "created": span,
                "limit": TRANSACTIONS_A_PAGE,
                "after_id": cursor,
            }
            page: RowPage = self._client.call(pages, asked, {})
            over, following = not page.more, page.last or cursor
            if not over and following == cursor:
                raise ResponseException("the list of transactions does not follow its cursor", outcome="done")
            cursor = following
            self._keep("transactions", page.rows, **{"last transaction": cursor, "transactions listed": over})

    def _keep(self, table: str, rows: Iterable[tuple[object, ...]], **state: object) -> None:
        """Keep the rows of a page and how far the listing has come, and tell how many were new."""
        self._pages += 1
        if self._pages == _MANY_PAGES:
            from xendit.codec.compiler import hasten

            hasten()
        self._progress(self.store.take(table, rows, **state))
        if isinstance(self.store, InMemory) and self.store.is_full:
            self.store = self.store.moved()


class Reconciliation:
    """What was found. Iterating gives a `SettlementRow` for each payment, then one for each other movement in the
    period.

    Each iteration makes the rows anew; none is kept.
    """

    def __init__(
        self, client: ApiClient, period: Period, for_user_id: str | None, store: AnyStore, *, ignore_unlinked: bool
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
        """Close the file, if there is one; a temporary one is gone."""
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
            for _ in self._counted(_no_time):  # going through the rows counts
                pass
        assert self._totals is not None
        return [self._totals[key] for key in sorted(self._totals)]

    @property
    def differences(self) -> int:
        """How many rows do not add up."""
        return sum(each.differences for each in self.totals())

    def __iter__(self) -> Iterator[SettlementRow]:
        """The rows; those of payments in the order in which they were paid."""
        return self._counted(self._local)

    # ---- the rows. Of those that are only counted nobody sees the times, so `when` need not make any.

    def _counted(self, when: When) -> Iterator[SettlementRow]:
        """The rows. After the last of them, the sums are known."""
        totals: dict[tuple[str, str], Total] = {}
        for row in self._rows(when):
            key = row.currency, row.channel
            if key not in totals:
                totals[key] = Total(*key)
            totals[key].add(row)
            yield row
        self._store.note(told=True)
        self._totals = totals

    def _join_by_reference(self) -> None:
        """Match payments that name no invoice with the invoice whose `external_id` they bear, the same amount first."""
        for invoice in self._store.unpaid_invoices():
            candidates = self._store.unlinked_payments(str(invoice.external_id))
            found = [each for each in candidates if each.currency == invoice.currency]
            same = [each for each in found if _decimal(each.amount) == _decimal(invoice.paid)]
            if same or found:
                self._store.join((same or found)[0].id, invoice.id)

    def _rows(self, when: When) -> Iterator[SettlementRow]:
        for invoice, several in self._store.invoices():
            if len(several) == 1 and several[0][_TYPE] == "PAYMENT":  # as nearly all
                yield self._payment_row(invoice, several[0], [], when, is_first=True)
                continue
            payments = [each for each in several if each[_TYPE] == "PAYMENT"]
            given = [KeptTransaction._make(each) for each in several if each[_TYPE] != "PAYMENT"]
            if not payments:
                yield self._unpaid_row(KeptInvoice._make(invoice), given, when)
            for number, payment in enumerate(payments):
                yield self._payment_row(invoice, payment, given, when, is_first=not number)
        begin, end = moment_text(self.period.begin), moment_text(self.period.end)
        for transaction in self._store.others(begin, end):
            row = self._other_row(transaction, when)
            if row is not None:
                yield row

    def _unpaid_row(self, invoice: KeptInvoice, given: list[KeptTransaction], when: When) -> SettlementRow:
        """The row of an invoice that no listed transaction paid."""
        paid = _decimal(invoice.paid)
        refunded, charged_back = _given_back(given)
        return SettlementRow(
            kind="payment",
            currency=invoice.currency or "",
            channel=invoice.channel or "",
            invoice_id=invoice.id,
            external_id=invoice.external_id,
            paid_at=when(invoice.paid_at),
            paid=paid,
            refunded=refunded,
            charged_back=charged_back,
            difference=-paid,
            problem=Problem.NO_TRANSACTION,
        )

    def _payment_row(
        self,
        invoice: tuple[Any, ...],
        payment: tuple[Any, ...],
        given: list[KeptTransaction],
        when: When,
        *,
        is_first: bool,
    ) -> SettlementRow:
        """The row of a payment, from the fields of a KeptInvoice and of a KeptTransaction.

        Refunds and chargebacks of an invoice are shown in the row of its first payment.
        """
        invoice_id, external_id, paid_at, invoiced_in, invoice_channel, paid_, _ = invoice
        id_, kind, status, flow, _, currency, channel, amount_, fee_, tax_, net_, state, settles_at, _, link, _, _ = (
            payment
        )
        paid = _decimal(paid_)
        amount = paid if amount_ == paid_ else _decimal(amount_)
        fee, tax = _decimal(fee_), _decimal(tax_)
        rest = amount - fee - tax
        net = amount if net_ is None else Decimal(net_)
        refunded = charged_back = difference = ZERO
        if given and is_first:
            refunded, charged_back = _given_back(given)
        problem = None
        if not is_first:
            problem, difference = Problem.TWICE, amount
        elif currency != invoiced_in:
            problem, difference = Problem.CURRENCY, amount
        elif status in _FAILED:
            problem, difference = Problem.FAILED, -paid
        elif amount != paid:
            problem, difference = Problem.AMOUNT, amount - paid
        elif net != rest and net_ is not None:
            problem, difference = Problem.NET, net - rest
        elif given and refunded + charged_back > paid:
            problem, difference = Problem.REFUNDS, paid - refunded - charged_back
        return _make(
            SettlementRow,
            (
                "payment",
                invoiced_in or "",
                channel or invoice_channel or "",
                invoice_id,
                external_id,
                when(paid_at),
                paid if is_first else ZERO,
                id_,
                kind,
                "payment_link_id" if link == invoice_id else "reference_id",
                amount,
                fee,
                tax,
                -net if flow == "MONEY_OUT" else net,
                state or "",
                None if settles_at is None else when(settles_at),
                refunded,
                charged_back,
                difference,
                problem,
            ),
        )

    def _other_row(self, transaction: KeptTransaction, when: When) -> SettlementRow | None:
        """The row of a transaction that belongs to no invoice of the period; None if it paid one of another period."""
        amount = _decimal(transaction.amount)
        is_out = transaction.cashflow == "MONEY_OUT"
        facts: dict[str, Any] = {
            "currency": transaction.currency or "",
            "channel": transaction.channel or "",
            "invoice_id": transaction.link,
            "external_id": transaction.reference_id,
            "paid_at": when(transaction.created),
            **self._moved(transaction, -amount if is_out else amount, when),
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
            taken = ZERO if transaction.status in _FAILED else amount
            facts |= {"joined_by": joined, name: taken}
            return SettlementRow(kind=transaction.type.lower(), **facts)
        return SettlementRow(kind="other", **facts)

    def _moved(self, transaction: KeptTransaction, amount: Decimal, when: When) -> dict[str, Any]:
        net = _decimal(transaction.net) if transaction.net is not None else amount
        return {
            "transaction_id": transaction.id,
            "transaction_type": transaction.type,
            "amount": amount,
            "fee": _decimal(transaction.fee),
            "tax": _decimal(transaction.tax),
            "net": -net if transaction.cashflow == "MONEY_OUT" else net,
            "settlement": transaction.settlement or "",
            "settles_at": None if transaction.settles_at is None else when(transaction.settles_at),
        }

    def _is_outside(self, invoice_id: str) -> bool:
        """Whether an invoice that is not among those of the period was paid at another time. The API is asked once."""
        if invoice_id not in self._outside:
            if len(self._outside) > 1_000:
                self._outside.clear()
            try:
                invoice = self._invoices.get_invoice_by_id(invoice_id, for_user_id=self._user)
            except NotFoundException:
                self._outside[invoice_id] = False
            else:
                kept = kept_invoice(invoice)
                begin, end = moment_text(self.period.begin), moment_text(self.period.end)
                self._outside[invoice_id] = kept is not None and not begin <= kept.paid_at < end
        return self._outside[invoice_id]

    def _local(self, text: str) -> datetime:
        """A moment that was kept, by the clock of the period's time zone."""
        moment = datetime.fromisoformat(f"{text[:26]}+00:00" if OLD else text)
        try:
            return moment.astimezone(self._zone)
        except OverflowError:  # `9999-12-31`, which means never
            return moment


def _no_time(_text: str) -> None:
    """In place of a time."""


def _given_back(several: list[KeptTransaction]) -> tuple[Decimal, Decimal]:
    """The sums of refunds and of chargebacks, those included that may still be carried out."""
    refunded = charged_back = ZERO
    for each in several:
        if each.status in _FAILED:
            continue
        if each.type == "REFUND":
            refunded += _decimal(each.amount)
        else:
            charged_back += _decimal(each.amount)
    return refunded, charged_back


def _decimal(text: str | None) -> Decimal:
    return ZERO if text is None else Decimal(text)
