"""Which invoice a test means: the one it created, an id, or an external id that one invoice alone bears."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

import xendit
from xendit.apis import InvoiceApi
from xendit.sandbox import SandboxError

if TYPE_CHECKING:
    from xendit.sandbox import Sandbox


@pytest.fixture
def api(sandbox: Sandbox) -> InvoiceApi:
    """A client of the sandbox."""
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)))


def test_an_invoice_is_meant_in_any_form(sandbox: Sandbox, api: InvoiceApi) -> None:
    """The model, what the API shows, the id, the external id, and a key of another type."""
    made = [api.create_invoice({"external_id": key, "amount": 10_000}) for key in ("a", "b", "c", 7, UUID(int=9))]
    shown = sandbox.pay(made[0])
    assert shown["status"] == "PAID"
    assert sandbox.settle(shown)["status"] == "SETTLED"
    assert sandbox.pay(made[1].id)["external_id"] == "b"
    assert sandbox.fail("c")["id"] == made[2].id
    assert sandbox.expire("c")["status"] == "EXPIRED"
    assert sandbox.pay(7)["id"] == made[3].id
    assert sandbox.pay(UUID(int=9))["id"] == made[4].id
    assert [each["external_id"] for each in sandbox.invoices] == [str(UUID(int=9)), "7", "c", "b", "a"]


def test_several_of_one_external_id_are_an_error(sandbox: Sandbox, api: InvoiceApi) -> None:
    """None of them is paid by chance, and part of an external id is none."""
    first, second = (api.create_invoice({"external_id": "order-1", "amount": 10_000}) for _ in range(2))
    with pytest.raises(SandboxError, match="2 invoices have that external id; 'order-1' was given"):
        sandbox.pay("order-1")
    for named, told in (
        ("order", "'order'"),
        ("6b0ba2b62653436010d3486c", "a text of 24 characters"),  # it holds as many digits as a phone number
        ("ayu@example.com", "a text of 15 characters"),
    ):
        with pytest.raises(
            SandboxError, match=f"404 .*There is no invoice with that id or external id; {told} was given"
        ):
            sandbox.pay(named)
    assert {each["status"] for each in sandbox.invoices} == {"PENDING"}
    sandbox.pay(second)
    assert api.get_invoice_by_id(first.id).status == "PENDING"
