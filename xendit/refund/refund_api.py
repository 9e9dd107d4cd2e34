"""RefundApi: the Refund API's operations as methods, over an ApiClient, and `refund_invoice`, which is made of them."""

from __future__ import annotations

from xendit.client.product_api import ProductApi, answered
from xendit.exceptions import ApiValueError, XenditSdkException
from xendit.refund.operations import (
    CANCEL_REFUND,
    CREATE_REFUND,
    GET_ALL_REFUNDS,
    GET_REFUND,
    RefundLookUp,
    SoughtRefund,
)
from xendit.setting_checks import check_wait
from xendit.veil import veiled

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal
    from typing import Any, Literal

    from typing_extensions import TypedDict, Unpack

    from xendit.amounts import MoneyValue
    from xendit.client.options import RequestOptions
    from xendit.invoice.model.invoice import Invoice
    from xendit.invoice.model.invoice_callback import InvoiceCallback
    from xendit.operation import ApiResponse
    from xendit.refund.dicts import CreateRefundDict
    from xendit.refund.model.create_refund import CreateRefund
    from xendit.refund.model.refund import Refund
    from xendit.refund.model.refund_list import RefundList

    class RefundFilters(TypedDict, total=False):
        """What `get_all_refunds` takes, as the keywords of a walk; `limit` is the size of a page."""

        for_user_id: str | None
        payment_request_id: str | None
        invoice_id: str | None
        payment_method_type: str | None
        channel_code: str | None
        limit: float | None
        after_id: str | None
        before_id: str | None
        _request_timeout: float | tuple[float, float]
        _headers: Mapping[str, str]


class RefundApi(ProductApi):
    """Give payments back, wholly or in part, and read what became of the refunds.

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    @property
    def with_raw_response(self) -> RawRefundApi:
        """The four operations, each returning an `ApiResponse`: the data, and the answer that it came from."""
        return RawRefundApi(self._view(answered=True))

    def refund_invoice(
        self,
        invoice: Invoice | InvoiceCallback | str,
        amount: float | Decimal | MoneyValue | None = None,
        reason: str = "REQUESTED_BY_CUSTOMER",
        reference_id: str | None = None,
        *,
        payment_request_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        for_user_id: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Refund:
        """Give back what an invoice was paid with: all that is left of it, or a part. It never refunds twice.

        The method reads what was given back already, finds the payment request, which Xendit requires today, checks the
        amount, and creates the refund under a `reference_id`. If the key may not read transactions, the invoice's id is
        sent instead of the payment request; Xendit used to accept that. When the answer is lost, the refunds of the
        invoice are listed and their references compared. So a refund that exists is found, and never reported as
        failed.

        When it is called again for the same refund, it returns the refund that exists. It recognises that refund by its
        `reference_id`; or, if you give none, by an amount of None. So give a `reference_id` to refund a part of what
        was paid: two refunds of 10,000 may both be meant.

        Args:
            invoice: the invoice, its webhook's body, or its id. An invoice that is not paid, as far as you hand it
                over, is read again.
            amount: how much to give back; None for all that is left.
            reason: a RefundReason or its text.
            reference_id: your own id for the refund; else one is made.
            payment_request_id: `pr-…`, where you know it; else it is looked for.
            metadata: your own data; the webhook repeats it.
            for_user_id: business id of the sub-account that the invoice belongs to (xenPlatform).
            idempotency_key: sent as `idempotency-key`; else one is made from the reference. Nothing relies on it.
            **options: `_request_timeout`, which bounds each request, and `_headers`.

        Returns:
            The refund, mostly still PENDING; its webhook tells how it ended. See `Refund.is_final`.

        Raises:
            ApiValueError: the invoice was not paid, or less is left than is asked for. Nothing was created.
            OutcomeUnknownException: the refund may exist. `resolve(error)` looks for it; so does calling this method
                again with the same `reference_id`, once the first request can no longer be on its way: after a quarter
                of an hour.
            BadRequestException: it was refused; `errorCode` says why.
            XenditSdkException: any other failure; no refund was made.
        """
        from xendit.client.cursor import OPTIONS
        from xendit.refund.invoice_refund import Wish, check_invoice, refund_steps

        check_invoice(invoice)
        CREATE_REFUND.check_names(options, OPTIONS)
        wish = Wish(amount, reason, reference_id, payment_request_id, metadata, idempotency_key, for_user_id)
        steps = refund_steps(invoice, wish, self.api_client.configuration.source.uuid())
        try:
            asked = next(steps)
            while True:
                try:
                    answer = self._call(asked.operation, asked.arguments, options)
                except Exception as error:  # noqa: BLE001, PERF203 - the steps decide which failure ends them
                    asked = steps.throw(error)
                else:
                    asked = steps.send(answer)
        except StopIteration as done:
            refund: Refund = done.value
            return refund

    def create_refund(
        self,
        idempotency_key: str | None = None,
        for_user_id: str | None = None,
        create_refund: CreateRefund | CreateRefundDict | None = None,
        *,
        on_unknown: Literal["lookup", "raise"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Refund:
        """Create a refund: POST /refunds. `refund_invoice` is the safer way.

        The request is sent again only when nothing was sent, or the server said «not now» (429, and the 400
        TEMPORARILY_UNAVAILABLE), because a second request could give money back twice. When it is not known what became
        of the request, the refunds of its `payment_request_id` or `invoice_id` are listed, and the one that bears its
        `reference_id` is returned. Without a `reference_id` it cannot be looked for.

        Args:
            idempotency_key: sent as `idempotency-key`. Xendit's documentation of 2026 has no such header, so nothing
                here relies on it.
            for_user_id: business id of the sub-account (xenPlatform).
            create_refund: what to create, as a model or as a dict.
            on_unknown: what to do when it is not known what became of the request: "lookup" looks as said above,
                "raise" raises at once. Without it, the configuration decides; its "resend" only looks, too.

        Raises:
            BadRequestException: it was refused; `errorCode` says why.
            OutcomeUnknownException: the refund may exist. Do not create it again: `resolve(error)` looks for it.
            XenditSdkException: any other failure; no refund was made.
        """
        create_refund = veiled(create_refund)  # the frame of an error shows its variables
        arguments = {"idempotency_key": idempotency_key, "for_user_id": for_user_id, "create_refund": create_refund}
        refund: Refund = self._call(CREATE_REFUND, arguments, options, on_unknown=on_unknown)
        return refund

    def get_refund(
        self,
        refund_id: str,
        idempotency_key: str | None = None,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Refund:
        """Read one refund: GET /refunds/{refund_id}.

        Args:
            refund_id: Xendit's id of the refund, `rfd-…`.
            idempotency_key: sent as `idempotency-key`, as the official SDK can; it changes nothing.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such refund.
            XenditSdkException: any other failure.
        """
        arguments = {"refund_id": refund_id, "idempotency_key": idempotency_key, "for_user_id": for_user_id}
        refund: Refund = self._call(GET_REFUND, arguments, options)
        return refund

    def get_all_refunds(
        self,
        for_user_id: str | None = None,
        payment_request_id: str | None = None,
        invoice_id: str | None = None,
        payment_method_type: str | None = None,
        channel_code: str | None = None,
        limit: float | None = None,
        after_id: str | None = None,
        before_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RefundList:
        """List refunds, one page: GET /refunds. `iter_refunds` goes through all pages.

        Args:
            for_user_id: business id of the sub-account to list (xenPlatform).
            payment_request_id: only refunds of this payment request.
            invoice_id: only refunds of this invoice.
            payment_method_type: kind of channel, such as `EWALLET`.
            channel_code: the channel, such as `DANA`.
            limit: refunds a page.
            after_id: id of the last refund of the page before.
            before_id: id of the first refund of the page after.

        Raises:
            XenditSdkException: the call failed.
        """
        page: RefundList = self._call(
            GET_ALL_REFUNDS,
            {
                "for_user_id": for_user_id,
                "payment_request_id": payment_request_id,
                "invoice_id": invoice_id,
                "payment_method_type": payment_method_type,
                "channel_code": channel_code,
                "limit": limit,
                "after_id": after_id,
                "before_id": before_id,
            },
            options,
        )
        return page

    def cancel_refund(
        self,
        refund_id: str,
        idempotency_key: str | None = None,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Refund:
        """Cancel a PENDING refund: POST /refunds/{refund_id}/cancel.

        The request is repeated like a read. When the answer to an attempt was lost, the refund is read, and CANCELLED
        counts as success.

        Args:
            refund_id: Xendit's id of the refund, `rfd-…`.
            idempotency_key: sent as `idempotency-key`; nothing here relies on it.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such refund.
            ConflictException: the answer to an attempt was lost, and the refund has ended otherwise.
            XenditSdkException: any other failure.
        """
        arguments = {"refund_id": refund_id, "idempotency_key": idempotency_key, "for_user_id": for_user_id}
        refund: Refund = self._call(CANCEL_REFUND, arguments, options)
        return refund

    def resolve(self, lost: XenditSdkException, *, wait: float = 0.0, **options: Unpack[RequestOptions]) -> Refund:
        """Find the refund of a create whose outcome is not known. This only reads, so it may be called at any time.

        Args:
            lost: the error that the create raised, also after it was pickled.
            wait: seconds to keep looking, with growing pauses; 0 looks once.
            **options: `_request_timeout`, which bounds each look, and `_headers`.

        Raises:
            OutcomeUnknownException: none fits, which does not prove that none will; or several do (`candidates`).
            ApiValueError: the error is not of a refund that can be looked for.
            XenditSdkException: it could not be looked for.
        """
        check_wait("resolve: wait", wait)
        sought = sought_by(lost)

        def look_up(headers: Mapping[str, str]) -> RefundLookUp:
            return RefundLookUp(sought, headers)

        refund: Refund = self.api_client.search(GET_ALL_REFUNDS, look_up, wait, options)
        return refund

    def iter_refunds(self, *, read_ahead: bool = False, **filters: Unpack[RefundFilters]) -> Iterator[Refund]:
        """All refunds that fit: `get_all_refunds` page after page, asked as you go.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: those of `get_all_refunds`; `limit` is the size of a page, by default 50. Of the options
                `_request_timeout`, which bounds each page, and `_headers`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        return self._each(self.pages(read_ahead=read_ahead, **filters))

    def pages(
        self, *, read_ahead: bool = False, **filters: Unpack[RefundFilters]
    ) -> Iterator[ApiResponse[list[Refund]]]:
        """The same by pages: `data` is the list of refunds that were not on the page before, with the answer.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: as of `iter_refunds`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        return self._pages(GET_ALL_REFUNDS, {**filters}, read_ahead=read_ahead)

    def wait_until_final(
        self,
        refund_id: str,
        timeout: float = 600.0,
        *,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Refund:
        """Read a refund again and again until it has ended. A webhook would tell it sooner and cost nothing.

        Args:
            refund_id: Xendit's id of the refund, `rfd-…`.
            timeout: seconds to wait, up to a day; the last look may take one more.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).
            **options: `_request_timeout`, which bounds each look, and `_headers`.

        Raises:
            TimeoutException: it is still PENDING; `model` is the refund as it was last read.
            XenditSdkException: it cannot be read.
        """
        check_wait("wait_until_final: timeout", timeout)
        user = self.user_id if for_user_id is None else for_user_id
        arguments = {"refund_id": refund_id, "for_user_id": user}
        refund: Refund = self.api_client.watch(GET_REFUND, arguments, has_ended, timeout, options)
        return refund


class RawRefundApi:
    """The operations of RefundApi, returning an ApiResponse. Made by `RefundApi.with_raw_response`."""

    def __init__(self, api: RefundApi) -> None:
        self.create_refund = answered(api.create_refund)
        self.get_refund = answered(api.get_refund)
        self.get_all_refunds = answered(api.get_all_refunds)
        self.cancel_refund = answered(api.cancel_refund)


def has_ended(refund: Refund) -> bool:
    """Whether nothing more is awaited of it."""
    return refund.is_final


def sought_by(error: XenditSdkException) -> SoughtRefund:
    """What identifies the refund of the create that raised this error."""
    if error.outcome in ("not_sent", "rejected"):
        raise ApiValueError(
            f"resolve: the outcome of this error is {error.outcome!r}, so no refund was made; create it again",
            ("lost",),
        )
    if not isinstance(error.sought, SoughtRefund):
        raise ApiValueError("resolve: this error is not of a refund that bears a reference_id", ("lost",))
    return error.sought
