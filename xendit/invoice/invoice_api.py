"""InvoiceApi: the Invoice API's operations as methods, over an ApiClient."""

from __future__ import annotations

from xendit.client.product_api import ProductApi, answered
from xendit.exceptions import ApiTypeError, ApiValueError, XenditSdkException
from xendit.invoice.operations import (
    CREATE_INVOICE,
    EXPIRE_INVOICE,
    GET_INVOICE_BY_ID,
    GET_INVOICES,
    InvoiceLookUp,
    Sought,
    sought_of,
)
from xendit.setting_checks import check_wait
from xendit.static_typing import overload
from xendit.veil import Veiled, veiled

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from typing import Any, Literal
    from uuid import UUID

    from typing_extensions import Unpack

    from xendit.client.options import RequestOptions
    from xendit.invoice.dicts import CreateInvoiceRequestDict
    from xendit.invoice.listing import InvoiceFilters
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice
    from xendit.operation import ApiResponse

    class CreateInvoiceFields(CreateInvoiceRequestDict, RequestOptions):
        """The fields of a CreateInvoiceRequest as keywords of create_invoice, with the options that every method takes."""


class InvoiceApi(ProductApi):
    """Create, read, list and expire invoices.

    Every method takes the official underscored options too (docs/InvoiceApi.md), raises ApiTypeError or
    ApiValueError for an argument that cannot be sent, before anything is sent, and XenditSdkException for a
    call that failed.

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    @property
    def with_raw_response(self) -> RawInvoiceApi:
        """The four operations, each returning an `ApiResponse`: the data, and the answer that it came from."""
        return RawInvoiceApi(self._view(answered=True))

    @overload
    def create_invoice(
        self,
        create_invoice_request: CreateInvoiceRequest | CreateInvoiceRequestDict,
        for_user_id: str | None = None,
        with_fee_rule: str | None = None,
        with_split_rule: str | None = None,
        *,
        on_unknown: Literal["lookup", "raise", "resend"] | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Invoice: ...
    @overload
    def create_invoice(
        self,
        *,
        for_user_id: str | None = None,
        with_fee_rule: str | None = None,
        with_split_rule: str | None = None,
        on_unknown: Literal["lookup", "raise", "resend"] | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[CreateInvoiceFields],
    ) -> Invoice: ...
    def create_invoice(
        self,
        create_invoice_request: CreateInvoiceRequest | CreateInvoiceRequestDict | None = None,
        for_user_id: str | None = None,
        with_fee_rule: str | None = None,
        with_split_rule: str | None = None,
        *,
        on_unknown: Literal["lookup", "raise", "resend"] | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Invoice:
        """Create an invoice: POST /v2/invoices/.

        The request is sent again only when nothing was sent or the server answered 429, because a second request would
        make a second invoice: `external_id` is not unique. When it is not known what became of the request (no answer,
        a 5xx, an answer that cannot be read), the invoice is looked up by its `external_id`, within the same time
        limit; the request itself may use two thirds of that. The invoice that is returned then has the same
        `external_id`, amount and currency, and was created since the call began, by the server's clock.

        Args:
            create_invoice_request: what to create, as a model or as a dict; else its fields are given as keywords,
                `create_invoice(external_id="order-1", amount=50000)`.
            for_user_id: business id of the sub-account to create it for (xenPlatform).
            with_fee_rule: id of the fee rule to apply (xenPlatform).
            with_split_rule: id of the split rule to apply (xenPlatform).
            on_unknown: what to do when it is not known what became of the request; without it, the configuration
                decides. "lookup" looks for the invoice as said above. "raise" raises at once. "resend" sends the
                request again when the invoice was looked for in vain for `RetryPolicy.resend_after` seconds; if there
                are several invoices then, all but the oldest are expired.
            idempotency_key: sent as `X-IDEMPOTENCY-KEY`. Xendit documents no such header for invoices, so nothing here
                relies on it.

        Returns:
            The invoice; send the payer to its `invoice_url`. Its amount may be cut to what the currency has:
            then the log has a line at WARNING, and the call an event `invoice_cut`.

        Raises:
            BadRequestException: a field was refused; `errors` says which.
            NotFoundException: `callback_virtual_account_id` is unknown.
            OutcomeUnknownException: the invoice may exist, and was not found or is one of several
                (`candidates`). Do not create it again: `resolve(error)` looks for it.
            XenditSdkException: any other failure; no invoice was made.
        """
        given, more = veiled(create_invoice_request), veiled(fields)
        del create_invoice_request, fields  # the frame of an error shows its variables
        request, options = request_and_options(given, more)
        invoice: Invoice = self._call(
            CREATE_INVOICE,
            {
                "create_invoice_request": request,
                "for_user_id": for_user_id,
                "with_fee_rule": with_fee_rule,
                "with_split_rule": with_split_rule,
                "idempotency_key": idempotency_key,
            },
            options,
            on_unknown=on_unknown,
        )
        return invoice

    def resolve(
        self,
        lost: XenditSdkException | str | int | UUID,
        for_user_id: str | None = None,
        *,
        amount: float | Decimal | None = None,
        currency: str | None = None,
        wait: float = 0.0,
        **options: Unpack[RequestOptions],
    ) -> Invoice:
        """Find the invoice of a create whose outcome is not known. This only reads, so it may be called at any time.

        Args:
            lost: the error that the create raised, which knows what to look for (also after it was pickled), or
                an `external_id`.
            for_user_id: business id of the sub-account; an error knows it.
            amount, currency: with an `external_id`, the amount and currency that the invoice must have.
            wait: seconds to keep looking, with growing pauses; 0 looks once.
            **options: `_request_timeout`, which bounds each look, and `_headers`.

        Raises:
            OutcomeUnknownException: none fits, which does not prove that none will; or several do
                (`candidates`).
            ApiValueError: the error is not of a create that may have made an invoice.
            XenditSdkException: it could not be looked for.
        """
        check_wait("resolve: wait", wait)
        if isinstance(lost, XenditSdkException):
            if amount is not None or currency is not None or for_user_id is not None:
                raise ApiTypeError("resolve: an error knows its amount, currency and account; give it alone", ("lost",))
            sought = sought_by(lost)
        else:
            sought = sought_of(lost, amount, currency, self.user_id if for_user_id is None else for_user_id)

        def look_up(headers: Mapping[str, str]) -> InvoiceLookUp:
            return InvoiceLookUp(sought, headers)

        invoice: Invoice = self.api_client.search(GET_INVOICES, look_up, wait, options)
        return invoice

    def get_invoice_by_id(
        self, invoice_id: str, for_user_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> Invoice:
        """Read one invoice: GET /v2/invoices/{invoice_id}.

        Args:
            invoice_id: Xendit's id of the invoice.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such invoice.
            XenditSdkException: any other failure.
        """
        invoice: Invoice = self._call(
            GET_INVOICE_BY_ID,
            {"invoice_id": invoice_id, "for_user_id": for_user_id},
            options,
        )
        return invoice

    def get_invoices(
        self,
        for_user_id: str | None = None,
        external_id: str | int | UUID | None = None,
        statuses: Sequence[str] | None = None,
        limit: float | None = None,
        created_after: date | str | None = None,
        created_before: date | str | None = None,
        paid_after: date | str | None = None,
        paid_before: date | str | None = None,
        expired_after: date | str | None = None,
        expired_before: date | str | None = None,
        last_invoice: str | None = None,
        client_types: Sequence[str] | None = None,
        payment_channels: Sequence[str] | None = None,
        on_demand_link: str | None = None,
        recurring_payment_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> list[Invoice]:
        """List invoices, newest first, one page: GET /v2/invoices.

        Times are datetimes (without an offset: UTC), dates (their first moment in UTC) or ISO 8601 text, and are
        sent in whole milliseconds. Xendit's documentation says that a pair such as `created_after` and
        `created_before` must be given together, or has no effect.

        Args:
            for_user_id: business id of the sub-account to list (xenPlatform).
            external_id: your own id; many invoices can bear the same one.
            statuses: InvoiceStatus members or their texts.
            limit: invoices a page, 1 to 100; the server's default is 10.
            created_after, created_before: bounds of the creation time.
            paid_after, paid_before: bounds of the payment time.
            expired_after, expired_before: bounds of the expiry time.
            last_invoice: id of the last invoice of the page before.
            client_types: InvoiceClientType members or their texts.
            payment_channels: channel codes such as `BCA` or `OVO`.
            on_demand_link, recurring_payment_id: invoices made by these.

        Raises:
            XenditSdkException: the call failed.
        """
        invoices: list[Invoice] = self._call(
            GET_INVOICES,
            {
                "for_user_id": for_user_id,
                "external_id": external_id,
                "statuses": statuses,
                "limit": limit,
                "created_after": created_after,
                "created_before": created_before,
                "paid_after": paid_after,
                "paid_before": paid_before,
                "expired_after": expired_after,
                "expired_before": expired_before,
                "last_invoice": last_invoice,
                "client_types": client_types,
                "payment_channels": payment_channels,
                "on_demand_link": on_demand_link,
                "recurring_payment_id": recurring_payment_id,
            },
            options,
        )
        return invoices

    def expire_invoice(
        self, invoice_id: str, for_user_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> Invoice:
        """Expire a PENDING invoice now: POST /invoices/{invoice_id}/expire!.

        The request is repeated like a read. When the answer to an attempt was lost, the invoice is read, and EXPIRED
        counts as success. Xendit answers for an invoice that is already paid, settled or expired as if it did not
        exist; read it to tell the cases apart.

        Args:
            invoice_id: Xendit's id of the invoice.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such PENDING invoice.
            ConflictException: the answer to an attempt was lost, and the invoice is paid.
            XenditSdkException: any other failure.
        """
        invoice: Invoice = self._call(
            EXPIRE_INVOICE,
            {"invoice_id": invoice_id, "for_user_id": for_user_id},
            options,
        )
        return invoice

    def iter_invoices(self, *, read_ahead: bool = False, **filters: Unpack[InvoiceFilters]) -> Iterator[Invoice]:
        """All invoices that fit, newest first, each once: `get_invoices` page after page, asked as you go.

        It follows `last_invoice`, ends on a page that is not full, and skips invoices that it has given before, whose
        ids it remembers. If only one of a pair such as `created_after` and `created_before` is given, the other is
        filled in, because half a pair has no effect.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: those of `get_invoices`; `limit` is the size of a page, 1 to 100, by default 100. Of the
                options `_request_timeout`, which bounds each page, and `_headers`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        return self._each(self.pages(read_ahead=read_ahead, **filters))

    def pages(
        self, *, read_ahead: bool = False, **filters: Unpack[InvoiceFilters]
    ) -> Iterator[ApiResponse[list[Invoice]]]:
        """The same by pages: `data` is the list of the invoices that were on no earlier page, with the answer it came
        in.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: as of `iter_invoices`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        if filters.get("for_user_id") is None:
            filters["for_user_id"] = self.user_id
        from xendit.invoice.listing import Walk

        return self._walk(Walk(filters), read_ahead=read_ahead)

    def wait_until_final(
        self,
        invoice_id: str,
        timeout: float = 600.0,
        *,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Invoice:
        """Read an invoice again and again until it is paid or expired. A webhook would tell it sooner and cost nothing.

        It reads at once, then after about a second, and then waits half as long again each time, up to 30 seconds.
        After a failure that may pass, such as a 503, it goes on.

        Args:
            invoice_id: Xendit's id of the invoice.
            timeout: seconds to wait, up to a day; the last look may take one more.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).
            **options: `_request_timeout`, which bounds each look, and `_headers`.

        Returns:
            The invoice: PAID, SETTLED or EXPIRED.

        Raises:
            TimeoutException: it is still PENDING; `model` is the invoice as it was last read.
            NotFoundException: there is no such invoice.
            XenditSdkException: it cannot be read.
        """
        check_wait("wait_until_final: timeout", timeout)
        user = self.user_id if for_user_id is None else for_user_id
        arguments = {"invoice_id": invoice_id, "for_user_id": user}
        invoice: Invoice = self.api_client.watch(GET_INVOICE_BY_ID, arguments, is_final, timeout, options)
        return invoice


class RawInvoiceApi:
    """The operations of InvoiceApi, returning an ApiResponse. Made by `InvoiceApi.with_raw_response`."""

    def __init__(self, api: InvoiceApi) -> None:
        self.create_invoice = answered(api.create_invoice)
        self.get_invoice_by_id = answered(api.get_invoice_by_id)
        self.get_invoices = answered(api.get_invoices)
        self.expire_invoice = answered(api.expire_invoice)


def is_final(invoice: Invoice) -> bool:
    """Whether nothing more is awaited of it."""
    return invoice.is_final


def sought_by(error: XenditSdkException) -> Sought:
    """What identifies the invoice of the create that raised this error."""
    if error.outcome in ("not_sent", "rejected"):
        raise ApiValueError(
            f"resolve: the outcome of this error is {error.outcome!r}, so no invoice was made; create it again",
            ("lost",),
        )
    if not isinstance(error.sought, Sought):
        raise ApiValueError("resolve: this error is not of a create; give the external_id instead", ("lost",))
    return error.sought


def request_and_options(request: Any, given: Veiled) -> tuple[Any, RequestOptions]:
    """The request and the options of create_invoice, which takes the fields of the request as keywords too.

    Args:
        request: the request as a model, or a dict that is veiled, or None.
        given: all keywords but the parameters of the method: fields and options, veiled.

    Returns:
        The request, veiled where it is no model; the options.

    Raises:
        ApiTypeError: there is both a request and a field.
    """
    if not given.held:
        return request, {}
    from xendit.client.options import OPTIONS

    # A name that begins with an underscore can only be meant as an option, so a misspelt one is reported as an option.
    names = [name for name in given.held if name not in OPTIONS and not name.startswith("_")]
    if request is not None and names:
        from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

        if any(hasattr(CreateInvoiceRequest, name) for name in names):
            raise ApiTypeError(
                f"create_invoice: give the request or its fields, not both: {names[0]!r} is beside a request",
                (names[0],),
            )
    if request is not None:
        return request, given.held
    options = {name: value for name, value in given.held.items() if name not in names}
    return veiled({name: given.held[name] for name in names} or None), options  # type: ignore[return-value] # the call checks them
