"""The names of xendit-python 0.1 and 0.2, for programs that still use them: `Xendit`, `Invoice`, `XenditError`.

    xendit.api_key = "..."
    invoice = xendit.Invoice.create(external_id="order-1", payer_email="...", description="...", amount=50000)

They call InvoiceApi, so lost answers are looked up as there. New programs use InvoiceApi itself. The other names of those
releases can be imported too; the first use of one raises an error that says what to do instead.
"""

from __future__ import annotations

import sys

from xendit.api_client import ApiClient
from xendit.codec import loads
from xendit.configuration import Configuration
from xendit.deprecation import warn_of_release_0
from xendit.elsewhere import ABSENT, Absent
from xendit.exceptions import (
    ApiKeyError,
    ApiTypeError,
    ApiValueError,
    BadRequestException,
    ConfigurationException,
    XenditSdkException,
)
from xendit.headers import Secret
from xendit.invoice.invoice_api import InvoiceApi
from xendit.static_typing import hinted
from xendit.words import nearest, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from typing import Any, ClassVar, TypeAlias

    from xendit.invoice.model.invoice import Invoice as InvoiceModel

    InvoiceClass: TypeAlias = "type[Invoice]"

XenditError = XenditSdkException
"""What a failed call raises; `error_code`, `message` and `status_code` are there as in 0.x."""

# ------------------------------------------------------------------------------------------- the client


def _api_of(api_key: Any, base_url: str | None, http_client: object) -> InvoiceApi:
    """The API for a key. It uses the connection pool that all clients of the same host share.

    Raises:
        ConfigurationException: the key, the address or the HTTP client cannot be used.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)
    _check_http_client(http_client)
    face = sys.modules.get("xendit")
    address = base_url or (face.__dict__.get("base_url") if face is not None else None)
    return InvoiceApi(ApiClient(Configuration(host=address or None, api_key=api_key or None)))


def _check_http_client(http_client: object) -> None:
    """Refuse anything that 0.x would have called in place of the network, such as a test's double: it would never be called."""
    home = getattr(http_client, "__name__", "") or type(http_client).__module__
    if http_client is not None and home.partition(".")[0] != "requests":
        raise ConfigurationException(
            f"http_client: {type_name(http_client)} was given, and requests go through a transport of this package's"
            " own; for tests give base_url=, the address of a server such as the sandbox; no request was made"
        )


@hinted
class Xendit:
    """The client of 0.x: `Xendit(api_key="...").Invoice.create(...)`.

    Args:
        api_key: your secret key; else the default of `xendit.set_api_key`.
        base_url: the address of the API; else `xendit.base_url`, `XENDIT_BASE_URL` or Xendit's own.
        http_client: `requests` or a session of it, which is not used. Anything else is refused.

    Raises:
        ConfigurationException: an argument that cannot be used.
    """

    Invoice: InvoiceClass
    """The operations on invoices, with this key."""

    def __init__(self, api_key: object = None, base_url: str | None = None, http_client: object = None) -> None:
        warn_of_release_0()
        _check_http_client(http_client)
        key = Secret(api_key) if isinstance(api_key, str) else api_key
        del api_key
        made: list[InvoiceApi] = []

        def api() -> InvoiceApi:
            if not made:  # at the first call: a key may be set later
                made.append(_api_of(key, base_url, None))
            return made[0]

        self.Invoice = type("Invoice", (Invoice,), {"_apis": (api,), "__module__": __name__})

    @property
    def invoice(self) -> InvoiceClass:
        """The same under the name that some programs write."""
        return self.Invoice

    def __getattr__(self, name: str) -> Any:
        if name in ABSENT:
            return Absent(f"xendit.{name}")
        raise AttributeError(f"Xendit has no attribute {name!r}{nearest(name, ['Invoice', *ABSENT])}")

    def __repr__(self) -> str:
        return "<Xendit: the client of xendit-python 0.x>"


# ----------------------------------------------------------------------------------------- the invoices


def _taken(rest: dict[str, object]) -> tuple[Any, ...]:
    """Take the settings of a call out of its arguments, so that no frame holds the key as text."""
    key = rest.pop("api_key", None)
    return Secret(key) if isinstance(key, str) else key, rest.pop("base_url", None), rest.pop("http_client", None)


def _headers(**values: str | None) -> dict[str, str]:
    return {name.replace("_", "-").upper(): value for name, value in values.items() if value is not None}


def _texts(value: object) -> Any:
    """A list of a query. Some programs give it as JSON text, as the API itself once took it, or a single value."""
    if not isinstance(value, str):
        return value
    return loads(value.encode()) if value.startswith("[") else [value]


def _called(call: Callable[[], object]) -> Any:
    """The result of a call. Arguments that cannot be sent are answered as Xendit answers them: by an XenditError."""
    try:
        return call()
    except (ApiTypeError, ApiValueError) as error:
        path = ".".join(str(part) for part in error.path_to_item)
        raise BadRequestException(
            f"{error}; no request was made",
            http_status=400,
            errorCode="API_VALIDATION_ERROR",
            errors=[(path, str(error))] if path else (),
            outcome="not_sent",
        ) from error


@hinted
class Invoice:
    """An invoice as 0.x shows it: every field that Xendit sent is an attribute, with the value that JSON has.

    Times are texts and nested objects are dicts; a field that was not sent is no attribute. `vars(invoice)` is the
    whole of it, `str(invoice)` its JSON text. The model with types of its own is `xendit.models.Invoice`.
    """

    id: str
    external_id: str
    user_id: str
    status: str
    merchant_name: str
    merchant_profile_picture_url: str
    customer: Any
    amount: float
    payer_email: str
    description: str
    invoice_url: str
    expiry_date: str
    available_banks: list[dict[str, object]]
    available_ewallets: list[dict[str, object]]
    available_retail_outlets: list[dict[str, object]]
    should_exclude_credit_card: bool
    should_send_email: bool
    created: str
    updated: str
    currency: str

    _apis: ClassVar[tuple[Callable[[], InvoiceApi], ...]] = ()
    """How a class that belongs to a `Xendit` finds its API; empty for the one that belongs to none."""

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)

    @classmethod
    def create(
        cls,
        request: Mapping[str, object] | None = None,
        /,
        *,
        external_id: object = None,
        payer_email: str | None = None,
        description: str | None = None,
        amount: object = None,
        customer: object = None,
        should_send_email: bool | None = None,
        callback_virtual_account_id: str | None = None,
        invoice_duration: object = None,
        success_redirect_url: str | None = None,
        failure_redirect_url: str | None = None,
        payment_methods: Sequence[str] | None = None,
        mid_label: str | None = None,
        currency: str | None = None,
        fixed_va: bool | None = None,
        reminder_time: object = None,
        fees: Sequence[object] | None = None,
        items: Sequence[object] | None = None,
        for_user_id: str | None = None,
        x_idempotency_key: str | None = None,
        x_api_version: str | None = None,
        **rest: object,
    ) -> Invoice:
        """Create an invoice; `InvoiceApi.create_invoice` says what happens when its answer is lost.

        Args:
            request: the fields as a dict, for programs that give one; the others come on top.
            external_id: your own id.
            payer_email, description: who pays, and for what.
            amount: in major units of the currency.
            customer, should_send_email, callback_virtual_account_id, invoice_duration, success_redirect_url,
                failure_redirect_url, payment_methods, mid_label, currency, fixed_va, reminder_time, fees, items:
                fields of `CreateInvoiceRequest`.
            for_user_id: business id of the sub-account (xenPlatform).
            x_idempotency_key, x_api_version: sent as the headers of these names.
            **rest: further fields of the request; `api_key`, `base_url` and `http_client` for this call alone.

        Raises:
            XenditError: the call failed, or an argument cannot be sent.
        """
        api = cls._called_with(rest)
        given = {
            "external_id": external_id,
            "payer_email": payer_email,
            "description": description,
            "amount": amount,
            "customer": customer,
            "should_send_email": should_send_email,
            "callback_virtual_account_id": callback_virtual_account_id,
            "invoice_duration": invoice_duration,
            "success_redirect_url": success_redirect_url,
            "failure_redirect_url": failure_redirect_url,
            "payment_methods": payment_methods,
            "mid_label": mid_label,
            "currency": currency,
            "fixed_va": fixed_va,
            "reminder_time": reminder_time,
            "fees": fees,
            "items": items,
            **rest,
        }
        fields: dict[str, object] = {
            **(request or {}),
            **{name: value for name, value in given.items() if value is not None},
        }
        return cls._of(
            lambda: api().create_invoice(  # type: ignore[call-overload] # what 0.x took is checked when it is sent
                fields,  # pyright: ignore[reportArgumentType]
                for_user_id,
                idempotency_key=x_idempotency_key,
                _headers=_headers(x_api_version=x_api_version),
            )
        )

    @classmethod
    def get(
        cls, invoice_id: str, *, for_user_id: str | None = None, x_api_version: str | None = None, **rest: Any
    ) -> Invoice:
        """Read one invoice. Raises XenditError."""
        api = cls._called_with(rest)
        headers = _headers(x_api_version=x_api_version)
        return cls._of(lambda: api().get_invoice_by_id(invoice_id, for_user_id, _headers=headers, **rest))

    @classmethod
    def expire(
        cls,
        invoice_id: str,
        *,
        for_user_id: str | None = None,
        x_idempotency_key: str | None = None,
        x_api_version: str | None = None,
        **rest: Any,
    ) -> Invoice:
        """Expire a PENDING invoice. Raises XenditError."""
        api = cls._called_with(rest)
        headers = _headers(x_idempotency_key=x_idempotency_key, x_api_version=x_api_version)
        return cls._of(lambda: api().expire_invoice(invoice_id, for_user_id, _headers=headers, **rest))

    @classmethod
    def list_all(
        cls,
        *,
        statuses: Sequence[str] | str | None = None,
        limit: float | None = None,
        created_after: date | str | None = None,
        created_before: date | str | None = None,
        paid_after: date | str | None = None,
        paid_before: date | str | None = None,
        expired_after: date | str | None = None,
        expired_before: date | str | None = None,
        last_invoice_id: str | None = None,
        client_types: Sequence[str] | str | None = None,
        payment_channels: Sequence[str] | str | None = None,
        on_demand_link: str | None = None,
        recurring_payment_id: str | None = None,
        for_user_id: str | None = None,
        x_api_version: str | None = None,
        **rest: Any,
    ) -> list[Invoice]:
        """List one page of invoices, newest first; arguments as of `InvoiceApi.get_invoices`. Raises XenditError."""
        api = cls._called_with(rest)
        found: list[InvoiceModel] = _called(
            lambda: api().get_invoices(
                for_user_id,
                statuses=_texts(statuses),
                limit=limit,
                created_after=created_after,
                created_before=created_before,
                paid_after=paid_after,
                paid_before=paid_before,
                expired_after=expired_after,
                expired_before=expired_before,
                last_invoice=last_invoice_id,
                client_types=_texts(client_types),
                payment_channels=_texts(payment_channels),
                on_demand_link=on_demand_link,
                recurring_payment_id=recurring_payment_id,
                _headers=_headers(x_api_version=x_api_version),
                **rest,
            )
        )
        return [_shown(invoice) for invoice in found]

    @classmethod
    def _called_with(cls, rest: dict[str, object]) -> Callable[[], InvoiceApi]:
        """How to find the API for a call, with its settings taken out of the arguments."""
        warn_of_release_0()
        settings = _taken(rest)
        if cls._apis and settings == (None, None, None):
            return cls._apis[0]
        return lambda: _api_of(*settings)

    @staticmethod
    def _of(call: Callable[[], InvoiceModel]) -> Invoice:
        return _shown(_called(call))

    def __getitem__(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise ApiKeyError(f"Invoice has no {name!r}{nearest(name, self.__dict__)}", (name,)) from None

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if isinstance(other, Invoice) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        import json

        return json.dumps(self.__dict__, indent=4, default=str)

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" if name in _SHOWN else f"{name}='***'" for name, value in vars(self).items())
        return f"Invoice({', '.join(shown)})"


_SHOWN = frozenset({"id", "external_id", "status", "amount", "currency", "invoice_url", "created", "expiry_date"})
"""What a repr shows; the rest may be personal data, as every field that this version does not know."""


def _shown(invoice: InvoiceModel) -> Invoice:
    """An invoice as 0.x shows it: by the values that it has in JSON."""
    return Invoice(**loads(invoice.to_json().encode()))
