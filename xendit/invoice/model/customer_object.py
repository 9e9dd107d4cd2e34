"""The declaration of CustomerObject, the payer of an invoice."""

from __future__ import annotations

from xendit.model import Many, Model, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import AddressObjectDict
    from xendit.invoice.model.address_object import AddressObject


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
