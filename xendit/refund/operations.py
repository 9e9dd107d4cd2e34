"""The operations of the Refund API as data (contract: the official SDK 7.0.0), and how to find out what became of a
refund whose answer was lost. The API has no filter for `reference_id`. So all refunds of the invoice or of the payment
request are listed, and their references compared.
"""

from __future__ import annotations

from xendit.exceptions import OpenApiException
from xendit.marks import mark
from xendit.operation import Listing, MadeThing, Operation, Parameter, headers_of_others
from xendit.policy import Value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.messages import Arguments
    from xendit.operation import Request, Response
    from xendit.refund.model.refund import Refund

_MODELS = "xendit.refund.model"
_OTHER = "GetAllRefundsDefaultResponse"
_ERRORS = {400: _OTHER, 401: _OTHER, 403: _OTHER, 404: _OTHER, 500: _OTHER}
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")
_KEY = Parameter("idempotency_key", "header", "str", wire="idempotency-key")
_REFUND_ID = Parameter("refund_id", "path", "str", required=True, wire="refundID")
LARGEST_PAGE = 100
_UNCONFIRMED = "We could not confirm the refund yet. Please do not ask for it again; check back in a minute."


def _member(value: Any, name: str) -> object:
    """A field of an answer; None if the answer was read unchecked and is no object."""
    return value.get(name) if hasattr(value, "get") else None


def _echo_refund_id(arguments: Arguments, refund: object) -> str | None:
    if _member(refund, "id") == arguments["refund_id"]:
        return None
    return "it is not the refund that was asked for: its id is another one"


def _echo_reference(arguments: Arguments, refund: object) -> str | None:
    """What shows that an answer is not the refund: no id, or another reference. Real answers may lack the reference."""
    if not isinstance(_member(refund, "id"), str):
        return "it is not the refund that was asked for: it has no id"
    asked = _member(arguments.get("create_refund"), "reference_id")
    echoed = _member(refund, "reference_id")
    if asked is None or not echoed or asked == echoed:
        return None
    return "it is not the refund that was asked for: its reference_id is another one"


class SoughtRefund(Value):
    """What identifies the refund of a create whose outcome is not known. It can be pickled, to be looked for elsewhere.

    Args:
        reference_id: as it was sent.
        payment_request_id, invoice_id: whose refunds are listed; one of them is None.
        amount: as JSON text, or None when any amount will do.
        currency: the code that was sent, or None.
        for_user_id: business id of the sub-account, or None.
        since: seconds since 1970; a refund that was made before is another one. 0.0 means no bound.
        dated: whether `since` is by the server's clock, as an answer told it; else it is by ours.
    """

    __slots__ = (  # noqa: RUF023 - the constructor's order
        "reference_id",
        "payment_request_id",
        "invoice_id",
        "amount",
        "currency",
        "for_user_id",
        "since",
        "dated",
    )
    reference_id: str
    payment_request_id: str | None
    invoice_id: str | None
    amount: str | None
    currency: str | None
    for_user_id: str | None
    since: float
    dated: bool

    def __init__(
        self,
        reference_id: str,
        payment_request_id: str | None,
        invoice_id: str | None,
        amount: str | None = None,
        currency: str | None = None,
        for_user_id: str | None = None,
        since: float = 0.0,
        dated: bool = False,  # noqa: FBT001, FBT002 - a value's field
    ) -> None:
        self._hold(
            reference_id=reference_id,
            payment_request_id=payment_request_id,
            invoice_id=invoice_id,
            amount=amount,
            currency=currency,
            for_user_id=for_user_id,
            since=since,
            dated=dated,
        )

    def made_since(self, moment: float, *, dated: bool) -> SoughtRefund:
        """The same, for a refund made since this moment: `dated` if it is by the server's clock, not ours."""
        held = {name: getattr(self, name) for name in self.__slots__}
        return SoughtRefund(**{**held, "since": moment, "dated": dated})

    def fits(self, refund: Refund, since: float) -> bool:
        """Whether the refund is one that the create can have made, given the moment on the server's clock."""
        if self.amount is not None:
            from decimal import Decimal

            from xendit.amounts import same_amount

            try:
                if not same_amount(Decimal(self.amount), refund.amount, refund.currency or self.currency):
                    return False
            except OpenApiException:
                return False
        if self.currency is not None and refund.currency and self.currency != refund.currency:
            return False
        created = refund.created  # in an odd answer it may be no time
        return since <= 0 or (hasattr(created, "timestamp") and created.timestamp() >= since)


class RefundLookUp(MadeThing):
    """How a refund is looked up: by its `reference_id`, among the refunds of its invoice or payment request."""

    advice = "Do not create it again before RefundApi.resolve(error) has looked for it"
    finder = "resolve"
    user_message = _UNCONFIRMED

    def __init__(self, sought: SoughtRefund, headers: Mapping[str, str]) -> None:
        self.sought = sought
        self.note = (
            f"create_refund was interrupted: the refund with reference_id {sought.reference_id!r} may exist;"
            " look for it with RefundApi.get_all_refunds before you create it again"
        )
        self._headers = headers
        arguments = {name: getattr(sought, name) for name in ("payment_request_id", "invoice_id", "for_user_id")}
        self.request: Request = GET_ALL_REFUNDS.request({**arguments, "limit": LARGEST_PAGE}, headers)

    @staticmethod
    def read(response: Response) -> list[Refund]:
        """The refunds of an answer."""
        return list(GET_ALL_REFUNDS.read(response).data or ())

    def fitting(self, found: list[Refund], since: float) -> tuple[list[Refund], list[Refund]]:
        """Of a list, the refunds that fit, and all refunds that bear the reference."""
        bearing = [each for each in found if each.reference_id == self.sought.reference_id]
        if len(bearing) < len(found):
            mark("refunding: another refund of the payment bears another reference")
        fitting = [each for each in bearing if self.sought.fits(each, since)]
        if len(fitting) < len(bearing):
            mark("refunding: an earlier refund bears the reference")
        return fitting, bearing

    def removal(self, extra: Refund) -> tuple[Request, Callable[[Response], object]]:
        """The request that cancels a refund. It is never needed, because no create of a refund is ever sent twice."""
        arguments = {"refund_id": extra.id, "for_user_id": self.sought.for_user_id}
        return CANCEL_REFUND.request(arguments, self._headers), CANCEL_REFUND.read


class RefundReadBack:
    """How the outcome of a cancel is found out: by reading the refund's status."""

    def __init__(self, arguments: Arguments, headers: Mapping[str, str]) -> None:
        asked = {name: arguments.get(name) for name in ("refund_id", "for_user_id")}
        self._asked = asked
        self.request: Request = GET_REFUND.request(asked, headers)

    def read(self, response: Response) -> Refund:
        """The refund of an answer, if it is the one."""
        refund: Refund = GET_REFUND.read(response)
        problem = _echo_refund_id(self._asked, refund)
        if problem is not None:
            from xendit.exceptions import ApiTypeError

            raise ApiTypeError(problem, ("id",))
        return refund

    @staticmethod
    def reached(found: Refund) -> bool:
        """Whether it is cancelled."""
        return str(found.status) == "CANCELLED"

    @staticmethod
    def contradicted(found: Refund) -> str | None:
        """Why it cannot be cancelled any more, or None."""
        return f"the refund is {found.status}, so it cannot be cancelled" if found.is_final else None


def _look_up_create(arguments: Arguments, headers: Mapping[str, str]) -> RefundLookUp | None:
    """How to look up this create; None if nothing distinguishes its refund from others."""
    from xendit.amounts import given_money
    from xendit.codec.scalars import number_text

    request = arguments.get("create_refund")
    reference = _member(request, "reference_id")
    payment, invoice = _member(request, "payment_request_id"), _member(request, "invoice_id")
    if not isinstance(reference, str) or not (isinstance(payment, str) or isinstance(invoice, str)):
        return None
    amount, currency = _member(request, "amount"), _member(request, "currency")
    try:
        exact, code = given_money(0 if amount is None else amount, currency)
        sought = SoughtRefund(
            reference,
            payment if isinstance(payment, str) else None,
            None if isinstance(payment, str) or not isinstance(invoice, str) else invoice,
            None if amount is None else number_text(exact, ("amount",)),
            code,
            arguments.get("for_user_id"),
        )
        return RefundLookUp(sought, headers_of_others(headers, "idempotency-key"))
    except OpenApiException:  # it was sent unchecked, and holds what no query can hold
        return None


def _read_back_cancel(arguments: Arguments, headers: Mapping[str, str]) -> RefundReadBack:
    return RefundReadBack(arguments, headers_of_others(headers, "idempotency-key"))


CREATE_REFUND = Operation(
    "create_refund",
    "POST",
    "/refunds",
    (_KEY, _FOR_USER_ID, Parameter("create_refund", "body", "CreateRefund")),
    returns="Refund",
    errors={
        **_ERRORS,
        400: "CreateRefund400Response",
        403: "CreateRefund403Response",
        404: "CreateRefund404Response",
        409: "CreateRefund409Response",
        503: "CreateRefund503Response",
    },
    models=_MODELS,
    noun="refund",
    echo=_echo_reference,
    recovery=_look_up_create,
    # The key is sent, but nothing relies on it, because Xendit's documentation of 2026 has no such header.
    passing=frozenset({"TEMPORARILY_UNAVAILABLE"}),
    existing=frozenset({"DUPLICATE_ERROR", "IDEMPOTENCY_ERROR"}),
    resendable=False,
)

GET_REFUND = Operation(
    "get_refund",
    "GET",
    "/refunds/{refund_id}",
    (_REFUND_ID, _KEY, _FOR_USER_ID),
    returns="Refund",
    errors=_ERRORS,
    models=_MODELS,
    noun="refund",
    repeatable=True,
    echo=_echo_refund_id,
)

GET_ALL_REFUNDS = Operation(
    "get_all_refunds",
    "GET",
    "/refunds",
    (
        _FOR_USER_ID,
        Parameter("payment_request_id", "query", "str"),
        Parameter("invoice_id", "query", "str"),
        Parameter("payment_method_type", "query", "str"),
        Parameter("channel_code", "query", "str"),
        Parameter("limit", "query", "int", least=1),
        Parameter("after_id", "query", "str"),
        Parameter("before_id", "query", "str"),
    ),
    returns="RefundList",
    errors=_ERRORS,
    models=_MODELS,
    noun="refund",
    repeatable=True,
    listing=Listing(),
)

CANCEL_REFUND = Operation(
    "cancel_refund",
    "POST",
    "/refunds/{refund_id}/cancel",
    (_REFUND_ID, _KEY, _FOR_USER_ID),
    returns="Refund",
    errors={**_ERRORS, 409: "CreateRefund409Response"},
    models=_MODELS,
    noun="refund",
    repeatable=True,  # it brings about a state, which is read back after a lost answer
    echo=_echo_refund_id,
    recovery=_read_back_cancel,
)

OPERATIONS = (CREATE_REFUND, GET_REFUND, GET_ALL_REFUNDS, CANCEL_REFUND)
