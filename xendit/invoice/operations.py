"""The four operations of the Invoice API as data (contract: the official SDKs 4.1.0 and 7.0.0). This module also has
the checks that an answer belongs to its request, and the ways to find out what became of a request whose answer was
lost.
"""

from __future__ import annotations

from xendit.events import Notice
from xendit.exceptions import ApiTypeError, OpenApiException
from xendit.operation import MadeThing, Operation, Parameter, headers_of_others, holds_control
from xendit.policy import Value
from xendit.words import place, warn, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice
    from xendit.messages import Arguments
    from xendit.operation import Request, Response

_MODELS = "xendit.invoice.model"
_ERRORS = {400: "BadRequestError", 401: "UnauthorizedError", 403: "ForbiddenError", 500: "ServerError"}
"""The models of the errors that all four can answer."""
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")
_INVOICE_ID = Parameter("invoice_id", "path", "str", required=True)
LARGEST_PAGE = 100
_GONE = {404: "This payment page does not exist or can no longer be used."}
_NOT_MADE = {404: "The payment could not be set up with these details."}
"""What may be said to a shopper. A create that is answered 404 referred to a virtual account that does not exist."""


# ------------------------------------------------------------------------------------------ the same invoice


def _text_of_id(value: object) -> str:
    """An external_id as it goes out: str, int and UUID are taken."""
    return str.__str__(value) if isinstance(value, str) else str(value)


def _same_id(asked: object, echoed: object) -> bool:
    """Whether an id came back, even if the server trimmed it or escaped it for HTML, as it does with names."""
    if not isinstance(echoed, str):
        return False
    if asked == echoed:
        return True
    from html import unescape

    return isinstance(asked, str) and unescape(echoed).strip() == unescape(asked).strip()


def _member(value: object, name: str) -> object:
    """A field of an answer: of a model, or of what was read unchecked, which may be no object."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _echo_invoice_id(arguments: Arguments, invoice: object) -> str | None:
    if _same_id(arguments["invoice_id"], _member(invoice, "id")):
        return None
    return "it is not the invoice that was asked for: its id is another one"


def _echo_external_id(arguments: Arguments, invoice: object) -> str | None:
    asked = arguments["create_invoice_request"].get("external_id")
    if asked is None or _same_id(_text_of_id(asked), _member(invoice, "external_id")):
        return None
    return "it is not the invoice that was asked for: its external_id is another one"


def _echo_filter(arguments: Arguments, invoices: object) -> str | None:
    """Refuse a list by external_id that holds other ids: its invoices would be mistaken for those of the order."""
    asked = arguments.get("external_id")
    if asked is None or not isinstance(invoices, list):  # an unchecked answer may be no list
        return None
    text = _text_of_id(asked)
    if all(_same_id(text, _member(each, "external_id")) for each in invoices):
        return None
    return "it is not the list that was asked for: it holds an invoice of another external_id"


def _refuse_unfindable(arguments: Arguments) -> None:
    """Refuse a create that could never be looked up, because its id holds a control character, which no query can hold."""
    import xendit.amounts  # noqa: F401 - looking it up needs it: loaded before anything is sent, when nothing can be lost

    asked = arguments["create_invoice_request"].get("external_id")
    if isinstance(asked, str) and holds_control(asked):
        raise wrong_value(
            "it holds a control character, so that the invoice could not be looked up by it",
            ("CreateInvoiceRequest", "external_id"),
        )


def _warn_of_cut(request: CreateInvoiceRequest) -> None:
    """Warn before a create of amounts with decimals that the currency does not have: Xendit cuts these off.

    If the request names no currency, that of the account decides, which is not known before the answer. Then
    `_notice_of_cut` says it.
    """
    from xendit.amounts import amounts_in, cut_amount, exact_amount
    from xendit.codec.scalars import number_text

    currency = request.currency
    for path, value in amounts_in(request, ("CreateInvoiceRequest",)):
        if type(value) is int:
            continue
        wanted = exact_amount(value, currency, path)
        kept = cut_amount(wanted, currency, path)
        if wanted != kept:
            of = "an amount" if currency is None else f"an amount in {currency}"
            then = (
                f"Xendit will cut it to {number_text(kept, ())}"
                if path[1:] == ("amount",)
                else "the payer may read less"
            )
            number = number_text(wanted, ())
            warn(f"{place(path)}: {number} has decimals that {of} does not have; {then}, so round before you create")


def _notice_of_cut(arguments: Arguments, invoice: Invoice) -> Notice | None:
    """What to say when the invoice is over another amount than was asked for: Xendit cuts the decimals of IDR."""
    from xendit.amounts import exact_decimal, given_money
    from xendit.codec.scalars import number_text

    request = arguments["create_invoice_request"]
    try:
        asked, _ = given_money(request.get("amount"), request.get("currency"))
        made = exact_decimal(invoice.amount, ("amount",))
    except OpenApiException:  # an unchecked request may hold anything, and the invoice exists: nothing to say
        return None
    if asked == made or float(asked) == float(made):
        return None
    return Notice(
        "invoice_cut",
        f"the invoice's amount is {number_text(made, ())}, {number_text(asked, ())} was asked for; Xendit cuts what the"
        " currency does not have (IDR has no decimals), so round before you create",
    )


# ------------------------------------------------------------------------------------------ what became of it


class Sought(Value):
    """What identifies the invoice of a create whose outcome is not known. It can be pickled, to be looked for
    elsewhere.

    Args:
        external_id: as it was sent.
        amount: as JSON text, or None when any amount will do.
        currency: the code that was sent, or None.
        for_user_id: business id of the sub-account, or None.
        since: seconds since 1970; an invoice that was made before is another one. 0.0 means no bound.
        dated: whether `since` is by the server's clock, as an answer told it; else it is by ours.
    """

    __slots__ = ("external_id", "amount", "currency", "for_user_id", "since", "dated")  # noqa: RUF023 - the constructor's order
    external_id: str
    amount: str | None
    currency: str | None
    for_user_id: str | None
    since: float
    dated: bool

    def __init__(
        self,
        external_id: str,
        amount: str | None = None,
        currency: str | None = None,
        for_user_id: str | None = None,
        since: float = 0.0,
        dated: bool = False,  # noqa: FBT001, FBT002 - a value's field
    ) -> None:
        self._hold(
            external_id=external_id,
            amount=amount,
            currency=currency,
            for_user_id=for_user_id,
            since=since,
            dated=dated,
        )

    def made_since(self, moment: float, *, dated: bool) -> Sought:
        """The same, for an invoice made since this moment: `dated` if it is by the server's clock, not ours."""
        return Sought(self.external_id, self.amount, self.currency, self.for_user_id, moment, dated)

    def fits(self, invoice: Invoice, since: float) -> bool:
        """Whether the invoice is one that the create can have made, given the moment on the server's clock."""
        if self.amount is not None:
            from decimal import Decimal

            from xendit.amounts import same_amount

            try:
                if not same_amount(Decimal(self.amount), invoice.amount, invoice.currency):
                    return False
            except OpenApiException:
                return False
        if self.currency is not None and invoice.currency is not None and self.currency != invoice.currency:
            return False
        created = invoice.created  # in an odd answer it may be no time
        return since <= 0 or (hasattr(created, "timestamp") and created.timestamp() >= since)


def sought_of(
    external_id: object, amount: object = None, currency: object = None, for_user_id: str | None = None
) -> Sought:
    """What to look for, from what a user gives.

    Raises:
        ApiTypeError, ApiValueError: a value of the wrong type, or one that cannot be used; the text names it.
    """
    from xendit.amounts import given_money
    from xendit.codec.scalars import number_text

    found = GET_INVOICES.kind("ExternalId").take(external_id, ("external_id",))
    exact, code = given_money(0 if amount is None else amount, currency)
    return Sought(found, None if amount is None else number_text(exact, ("amount",)), code, for_user_id)


class InvoiceLookUp(MadeThing):
    """How a create is looked up: by its external_id, in a list of at most 100 invoices, newest first."""

    advice = "Do not create it again before InvoiceApi.resolve(error) has looked for it"
    finder = "resolve"
    user_message = "We could not confirm the payment page yet. Please do not order again; check back in a minute."

    def __init__(self, sought: Sought, headers: Mapping[str, str]) -> None:
        self.sought = sought
        self.note = (
            f"create_invoice was interrupted: the invoice with external_id {sought.external_id!r} may exist;"
            " look for it with InvoiceApi.resolve(external_id) before you create it again"
        )
        self._headers = headers
        self.request: Request = GET_INVOICES.request(
            {"external_id": sought.external_id, "limit": LARGEST_PAGE, "for_user_id": sought.for_user_id}, headers
        )

    @staticmethod
    def read(response: Response) -> list[Invoice]:
        """The invoices of an answer."""
        found: list[Invoice] = GET_INVOICES.read(response)
        return found

    def fitting(self, found: list[Invoice], since: float) -> tuple[list[Invoice], list[Invoice]]:
        """Of a list, the invoices that fit, and all invoices that bear the external_id."""
        bearing = [each for each in found if _same_id(self.sought.external_id, each.external_id)]
        return [each for each in bearing if self.sought.fits(each, since)], bearing

    def removal(self, extra: Invoice) -> tuple[Request, Callable[[Response], object]]:
        """The request that expires an invoice made twice."""
        arguments = {"invoice_id": extra.id, "for_user_id": self.sought.for_user_id}
        return EXPIRE_INVOICE.request(arguments, self._headers), EXPIRE_INVOICE.read


class InvoiceReadBack:
    """How the outcome of an expire is found out: by reading the invoice's status."""

    def __init__(self, arguments: Arguments, headers: Mapping[str, str]) -> None:
        self._arguments = arguments
        self.request: Request = GET_INVOICE_BY_ID.request(arguments, headers)

    def read(self, response: Response) -> Invoice:
        """The invoice of an answer, if it is the one."""
        invoice: Invoice = GET_INVOICE_BY_ID.read(response)
        problem = _echo_invoice_id(self._arguments, invoice)
        if problem is not None:
            raise ApiTypeError(problem, ("id",))
        return invoice

    @staticmethod
    def reached(found: Invoice) -> bool:
        """Whether it is expired."""
        return bool(found.is_expired)

    @staticmethod
    def contradicted(found: Invoice) -> str | None:
        """Why it cannot be expired any more, or None."""
        return f"the invoice is {found.status}, so it cannot be expired" if found.is_paid else None


def _look_up_create(arguments: Arguments, headers: Mapping[str, str]) -> InvoiceLookUp | None:
    """How to look up this create; None for one that was sent unchecked and has no external_id to look for."""
    request = arguments["create_invoice_request"]
    asked, amount, currency = (request.get(name) for name in ("external_id", "amount", "currency"))
    try:
        sought = sought_of(asked, amount, currency, arguments.get("for_user_id"))
        return InvoiceLookUp(sought, headers_of_others(headers, "x-idempotency-key"))
    except OpenApiException:
        return None


def _read_back_expire(arguments: Arguments, headers: Mapping[str, str]) -> InvoiceReadBack:
    return InvoiceReadBack(arguments, headers_of_others(headers, "x-idempotency-key"))


# ------------------------------------------------------------------------------------------ the operations


CREATE_INVOICE = Operation(
    "create_invoice",
    "POST",
    "/v2/invoices/",
    (
        Parameter("create_invoice_request", "body", "CreateInvoiceRequest", required=True),
        _FOR_USER_ID,
        Parameter("with_fee_rule", "header", "str", wire="with-fee-rule"),
        Parameter("with_split_rule", "header", "str", wire="with-split-rule"),
        Parameter("idempotency_key", "header", "str", wire="x-idempotency-key"),
    ),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceNotFoundError"},
    models=_MODELS,
    noun="invoice",
    echo=_echo_external_id,
    refuse=_refuse_unfindable,
    foresee=_warn_of_cut,
    user_messages=_NOT_MADE,
    inspect=_notice_of_cut,
    recovery=_look_up_create,
)

GET_INVOICE_BY_ID = Operation(
    "get_invoice_by_id",
    "GET",
    "/v2/invoices/{invoice_id}",
    (_INVOICE_ID, _FOR_USER_ID),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceError404ResponseDefinition"},
    models=_MODELS,
    noun="invoice",
    repeatable=True,
    user_messages=_GONE,
    echo=_echo_invoice_id,
)

GET_INVOICES = Operation(
    "get_invoices",
    "GET",
    "/v2/invoices",
    (
        _FOR_USER_ID,
        Parameter("external_id", "query", "ExternalId"),
        Parameter("statuses", "query", "list[InvoiceStatus]"),
        Parameter("limit", "query", "int", least=1),
        Parameter("created_after", "query", "datetime"),
        Parameter("created_before", "query", "datetime"),
        Parameter("paid_after", "query", "datetime"),
        Parameter("paid_before", "query", "datetime"),
        Parameter("expired_after", "query", "datetime"),
        Parameter("expired_before", "query", "datetime"),
        # Xendit's documents and older SDKs use the one name for the cursor, newer SDKs the other. The API ignores an
        # unknown name, so both are sent.
        Parameter("last_invoice", "query", "str", twin="last_invoice_id"),
        Parameter("client_types", "query", "list[InvoiceClientType]"),
        Parameter("payment_channels", "query", "list[str]"),
        Parameter("on_demand_link", "query", "str"),
        Parameter("recurring_payment_id", "query", "str"),
    ),
    returns="list[Invoice]",
    errors=_ERRORS,
    models=_MODELS,
    noun="invoice",
    repeatable=True,
    echo=_echo_filter,
)

EXPIRE_INVOICE = Operation(
    "expire_invoice",
    "POST",
    "/invoices/{invoice_id}/expire!",
    (_INVOICE_ID, _FOR_USER_ID),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceNotFoundError"},
    models=_MODELS,
    noun="invoice",
    repeatable=True,  # it brings about a state, which is read back after a lost answer
    user_messages=_GONE,
    echo=_echo_invoice_id,
    recovery=_read_back_expire,
)

OPERATIONS = (CREATE_INVOICE, GET_INVOICE_BY_ID, GET_INVOICES, EXPIRE_INVOICE)
