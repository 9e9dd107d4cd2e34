"""The declaration of CustomerObject, the payer of an invoice."""

from __future__ import annotations

from xendit.model import Many, Model, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import AddressObjectDict


class AddressObject(Model, personal=True):
    """An address of the payer, one of `CustomerObject.addresses`. Every field is optional."""

    country: str | None = None
    """Country."""
    street_line1: str | None = None
    """Building and street."""
    street_line2: str | None = None
    """Whatever the first line has no room for, such as a floor or a unit."""
    city: str | None = None
    """City."""
    province: str | None = None
    """Province. The official models have it; Xendit's own parameter list names only `state`."""
    state: str | None = None
    """State, province or region."""
    postal_code: str | None = None
    """Postal code, as text: a leading zero counts."""


class CustomerObject(Model, personal=True):
    """The payer: sent in `CreateInvoiceRequest.customer`, returned in `Invoice.customer`.

    It is not part of the webhook. All of it is personal data, so `repr` shows none of it.
    """

    id: str | None = None
    """Id of the customer at Xendit."""
    phone_number: str | None = None
    """Phone number. Xendit's parameter list names `mobile_number` instead."""
    given_names: str | None = None
    """First and middle names."""
    surname: str | None = None
    """Family name."""
    email: str | None = None
    """E-mail address."""
    mobile_number: str | None = None
    """Mobile number in E.164 form, such as `+6287774441111`."""
    customer_id: str | None = None
    """Id of the customer. Only the official models know it; Xendit's parameter list does not."""
    addresses: Many[AddressObject, AddressObjectDict] = absent
    """Addresses of the customer."""
