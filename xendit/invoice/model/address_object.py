"""The declaration of AddressObject, an address of the payer."""

from __future__ import annotations

from xendit.model import Model


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
