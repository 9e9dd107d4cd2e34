"""Reads pages of invoices and of transactions straight into what is kept of them, without a model of each. No I/O.

A month is some hundred pages, and of each invoice only seven values are kept. So values go from the JSON into the rows
of the file without models, as long as each value that is looked at has its declared type, and no key came twice. Any
other page is read into models, which know what to do with odd values, and the rows are made from these. The rows are
the same either way; `test_settlement_reading.py` compares the two.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime, timezone
from decimal import Decimal
from typing import NamedTuple

from xendit.balance_and_transaction.model.fee_response import FeeResponse
from xendit.balance_and_transaction.model.product_data import ProductData
from xendit.codec import Surprise, jsontext, number_text
from xendit.exceptions import ApiValueError
from xendit.messages import LARGE_ANSWER, Request
from xendit.operation import Operation
from xendit.settlement.row import ZERO
from xendit.settlement.store import KeptInvoice, KeptTransaction

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse
    from xendit.balance_and_transaction.model.transactions_response import TransactionsResponse
    from xendit.invoice.model.invoice import Invoice
    from xendit.messages import Arguments, Response

    Json: TypeAlias = Any
    """A value from JSON. Its type is checked before it is used."""
    Row: TypeAlias = tuple[str | None, ...]
    """What is kept of an invoice or a transaction, in the order of the columns of its table."""

INVOICES_A_PAGE, TRANSACTIONS_A_PAGE = 100, 50
_TEXTS = {str, type(None)}
_usual_id = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_ANY_ID = "ID-OF-THE-LAST-ITEM"
"""Stands for the cursor in a request that is written once for all pages."""
OLD = sys.version_info < (3, 11)
"""Whether Python does not read the Z of a time."""
_LARGEST = 10**15
"""Taxes below this are added up as integers. Beyond it a sum of Decimals may round, and that sum is the one that
counts."""


class RowPage(NamedTuple):
    """A page of a list."""

    rows: Sequence[tuple[Any, ...]]
    """What is kept of its items, each in the order of the columns of its table."""
    last: str | None
    """The id of the last item, whether it is kept or not."""
    more: bool
    """Whether there may be another page."""


class _Listed(Operation):
    """An operation that lists, and reads a page into a `RowPage`. One is for one walk through a list.

    Args:
        declared: the operation.
    """

    cursor: str
    """The parameter that says after which item a page begins."""

    def __init__(self, declared: Operation) -> None:
        self.__dict__.update(vars(declared))
        self._before: tuple[Arguments, Mapping[str, str] | None, Request] | None = None

    def request(self, arguments: Arguments, headers: Mapping[str, str] | None = None, **how: Any) -> Request:
        """The request for a page. Those of one walk differ in the cursor alone, so that the rest is written once."""
        cursor = arguments.get(self.cursor)
        if not isinstance(cursor, str) or _usual_id(cursor) is None:
            return super().request(arguments, headers, **how)
        same = {**arguments, self.cursor: _ANY_ID}
        if self._before is None or self._before[:2] != (same, headers):
            self._before = same, headers, super().request(same, headers, **how)
        made = self._before[2]
        return Request(self, made.method, made.target.replace(_ANY_ID, cursor), dict(made.headers), None)

    def read(self, response: Response) -> RowPage:
        """A good answer's body as a page. Raises ApiTypeError or ApiValueError."""
        data = response.data
        try:
            if len(data) <= LARGE_ANSWER:
                parsed = jsontext.parse_fast(data)
                if strings_in_json(parsed) == jsontext.strings_in(data):  # else a key came twice
                    return self.quickly(parsed)
        except Exception:  # noqa: BLE001, S110 - the models below know what to make of it, or say what it was
            pass
        page = self.carefully(super().read(response))
        if any(row[0] is None for row in page.rows):
            raise ApiValueError(f"one {self.noun} of the list has no id")
        return page

    def quickly(self, parsed: Json) -> RowPage:
        """A page from parsed JSON. Raises Surprise, or whatever Python raises, if anything is not as it is declared."""
        raise NotImplementedError

    def carefully(self, models: Json) -> RowPage:
        """A page of models."""
        raise NotImplementedError


class InvoiceWalk(_Listed):
    """Pages of invoices, as `get_invoices` lists them."""

    cursor = "last_invoice"

    def quickly(self, parsed: Json) -> RowPage:
        """A page from parsed JSON. Raises Surprise, or whatever Python raises, if anything is not as it is declared."""
        count = len(parsed)
        if parsed.__class__ is not list or count > jsontext.MOST_ITEMS:
            raise Surprise
        rows = [row for row in map(invoice_row, parsed) if row is not None]
        return RowPage(rows, parsed[-1]["id"] if parsed else None, count >= INVOICES_A_PAGE)

    def carefully(self, models: list[Invoice]) -> RowPage:
        """A page of models."""
        rows = [row for row in map(kept_invoice, models) if row is not None]
        return RowPage(rows, models[-1].id if models else None, len(models) >= INVOICES_A_PAGE)


class TransactionWalk(_Listed):
    """Pages of transactions, as `get_all_transactions` lists them."""

    cursor = "after_id"

    def quickly(self, parsed: Json) -> RowPage:
        """A page from parsed JSON. Raises Surprise, or whatever Python raises, if anything is not as it is declared."""
        data = parsed["data"]
        more = parsed.get("has_more", len(data) == TRANSACTIONS_A_PAGE)
        if data.__class__ is not list or more.__class__ is not bool:
            raise Surprise
        return RowPage([*map(transaction_row, data)], data[-1]["id"] if data else None, more)

    def carefully(self, models: TransactionsResponse) -> RowPage:
        """A page of models."""
        data = models.get("data") or []
        more = bool(models.get("has_more", len(data) == TRANSACTIONS_A_PAGE))
        return RowPage([*map(kept_transaction, data)], data[-1].id if data else None, more)


def strings_in_json(value: Json, levels: int = jsontext.LEVELS_COUNTED) -> int:
    """How many strings a dict or a list holds, keys included. Raises Surprise when it is nested too deeply."""
    if value.__class__ is dict:
        count = len(value)
        value = value.values()
    else:
        count = 0
    if not levels:
        raise Surprise
    for each in value:
        of = each.__class__
        if of is str:
            count += 1
        elif of is dict or of is list:
            count += strings_in_json(each, levels - 1)
    return count


# ------------------------------------------------------------------------------------------ of what was parsed


def invoice_row(item: dict[str, Json]) -> Row | None:
    """What is kept of an invoice; None for one that does not say when it was paid. Raises Surprise for a wrong type."""
    get = item.get
    id_, reference, currency, status = item["id"], get("external_id"), get("currency"), get("status")
    channel, method = get("payment_channel"), get("payment_method")
    address, amount, paid = get("invoice_url"), get("amount"), get("paid_amount")
    of = id_.__class__
    if of is not str:
        raise Surprise
    if not (
        of is reference.__class__ is currency.__class__ is status.__class__ is address.__class__ is channel.__class__
    ):
        _check_texts(reference, currency, status, address, channel)
    if method.__class__ is not of:
        _check_texts(method)
    exact: str | None
    if amount.__class__ is paid.__class__ is int:  # as nearly all
        exact = str(paid)
    else:
        exact = _exact(amount)
        if paid is not None:
            exact = _exact(paid)
    moment = get("paid_at")
    if moment is None:
        moment = get("updated")
    if moment is None:
        return None
    return id_, reference, _moment(moment), currency, channel or method, exact, status


def transaction_row(item: dict[str, Json]) -> Row:
    """What is kept of a transaction. Raises Surprise for a wrong type."""
    get = item.get
    id_, kind, status, cashflow = item["id"], get("type"), get("status"), get("cashflow")
    reference, currency, channel = get("reference_id"), get("currency"), get("channel_code")
    category, settlement = get("channel_category"), get("settlement_status")
    amount, net, fee, data = get("amount"), get("net_amount"), get("fee"), get("product_data")
    settles, created = get("estimated_settlement_time"), get("created")
    link = request = charged = None
    tax = "0"
    of = id_.__class__
    if of is not str:
        raise Surprise
    if not (
        of is kind.__class__ is status.__class__ is cashflow.__class__ is reference.__class__ is currency.__class__
    ):
        _check_texts(kind, status, cashflow, reference, currency)
    if not (of is channel.__class__ is category.__class__ is settlement.__class__):
        _check_texts(channel, category, settlement)
    if data is not None:
        if data.__class__ is not dict:
            raise Surprise
        link, request = data.get("payment_link_id"), data.get("payment_request_id")
        if not (of is link.__class__ is request.__class__):
            _check_texts(link, request)
    if fee is not None:
        if fee.__class__ is not dict:
            raise Surprise
        part = fee.get
        charged = part("xendit_fee")
        charged = str(charged) if charged.__class__ is int else _exact(charged)
        one, two, three = part("value_added_tax"), part("xendit_withholding_tax"), part("third_party_withholding_tax")
        if one.__class__ is two.__class__ is three.__class__ is int and -_LARGEST < one + two + three < _LARGEST:
            tax = str(one + two + three)
        else:
            tax = _withheld([_exact(one), _exact(two), _exact(three)])
    return (
        id_,
        kind,
        status,
        cashflow,
        reference or None,
        currency,
        channel or category,
        str(amount) if amount.__class__ is int else _exact(amount),
        charged,
        tax,
        str(net) if net.__class__ is int else _exact(net),
        settlement,
        None if settles is None else _moment(settles),
        "" if created is None else _moment(created),
        link or None,
        request or None,
        link or None,
    )


def _check_texts(*several: Json) -> None:
    """Raise Surprise unless each of these is a text or None."""
    if not _TEXTS.issuperset(map(type, several)):
        raise Surprise


def _exact(value: Json) -> str | None:
    """An amount as its text. Raises Surprise for anything else."""
    if value.__class__ is int:
        return str(value)
    if value is None:
        return None
    if value.__class__ is float:
        return number_text(value, ())
    raise Surprise


def _parsed_without_z(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[:-1]}+00:00" if text[-1:] == "Z" else text)


_parsed: Callable[[str], datetime] = _parsed_without_z if OLD else datetime.fromisoformat


def _moment(text: Json) -> str:
    """A time as it is kept. Raises whatever Python raises for another text."""
    moment = _parsed(text)
    if text[23:] == "Z" and text[4:20:3] == "--T::." and text[11:13] != "24":  # 2026-01-15T08:31:09.123Z, as nearly all
        head: str = text[:23]
        return head + "000Z"
    return moment_text(moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc))


# ------------------------------------------------------------------------------------------ of models


def kept_invoice(invoice: Invoice) -> KeptInvoice | None:
    """What is kept of an invoice; None for one that does not say when it was paid."""
    moment: Any = invoice.paid_at or invoice.updated
    if not isinstance(moment, datetime):
        return None
    paid: Any = invoice.amount if invoice.paid_amount is None else invoice.paid_amount
    return KeptInvoice(
        invoice.id,
        _text(invoice.external_id),
        moment_text(moment),
        _text(invoice.currency),
        _text(invoice.payment_channel) or _text(invoice.payment_method),
        _number(paid),
        _text(invoice.status),
    )


def kept_transaction(transaction: TransactionResponse) -> KeptTransaction:
    """What is kept of a transaction. It belongs to the invoice that it names, until it is joined with another."""
    fee, data = transaction.get("fee"), transaction.product_data
    taxes = (
        (fee.value_added_tax, fee.xendit_withholding_tax, fee.third_party_withholding_tax)
        if isinstance(fee, FeeResponse)
        else ()
    )
    settles: Any = transaction.estimated_settlement_time
    created: Any = transaction.created
    link = request = None
    if isinstance(data, ProductData):
        link, request = _text(data.payment_link_id) or None, _text(data.payment_request_id) or None
    return KeptTransaction(
        transaction.id,
        _text(transaction.type),
        _text(transaction.status),
        _text(transaction.cashflow),
        _text(transaction.reference_id) or None,
        _text(transaction.currency),
        _text(transaction.channel_code) or _text(transaction.channel_category),
        _number(transaction.amount),
        _number(fee.xendit_fee) if isinstance(fee, FeeResponse) else None,
        _withheld([_number(each) for each in taxes]),
        _number(transaction.net_amount),
        _text(transaction.settlement_status),
        moment_text(settles) if isinstance(settles, datetime) else None,
        moment_text(created) if isinstance(created, datetime) else "",
        link,
        request,
        link,
    )


def _withheld(several: list[str | None]) -> str:
    """The exact sum of amounts."""
    return number_text(sum((Decimal(each) for each in several if each is not None), ZERO), ())


def _text(value: object) -> str | None:
    """A text, or a number in its place, as a text; None for what is neither."""
    return str(value) if isinstance(value, (str, int)) else None


def _number(value: Json) -> str | None:
    """An amount as its text; None for what is none."""
    if type(value) is int:  # as nearly all are; a bool does not count
        return str(value)
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    return number_text(value, ()) if is_number else None


def moment_text(moment: datetime) -> str:
    """A moment as text that sorts: UTC, always with microseconds."""
    if moment.tzinfo is not timezone.utc:
        try:
            moment = moment.astimezone(timezone.utc)
        except OverflowError:  # in the first or last hours of the calendar
            moment = moment.replace(tzinfo=timezone.utc)
    return f"{moment.isoformat('T', 'microseconds')[:26]}Z"
