"""The ways to make an InvoiceApi and to call it: by key, by keyword, from a subclass; plain, raw and in asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from recorded import KEY

import xendit
from xendit.apis import InvoiceApi
from xendit.bulk import create_many
from xendit.exceptions import ApiTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox import Sandbox

CREATES: list[Callable[[Any], Any]] = [
    lambda api: api.create_invoice({"external_id": "order-1", "amount": 10000, "currency": "IDR"}),
    lambda api: api.create_invoice(external_id="order-1", amount=10000, currency="IDR"),
    lambda api: api.create_invoice(
        create_invoice_request={"external_id": "order-1", "amount": 10000, "currency": "IDR"}
    ),
    lambda api: api.create_invoice(amount=10000, currency="IDR", external_id="order-1", _request_timeout=5.0),
]


@pytest.mark.parametrize("create", CREATES)
@pytest.mark.parametrize("raw", [False, True], ids=["plain", "raw"])
def test_create_by_keyword(create: Callable[[Any], Any], raw: bool, sandbox: Sandbox) -> None:
    """The fields of the request as keywords make the same invoice as a dict or model, in raw views and asyncio too."""
    settings = xendit.Configuration(sandbox.url, sandbox.api_key)
    api = InvoiceApi(xendit.ApiClient(settings))
    made = [create(api.with_raw_response).data if raw else create(api)]

    async def asynchronous() -> Any:
        other = xendit.AsyncInvoiceApi(xendit.AsyncApiClient(settings))
        return (await create(other.with_raw_response)).data if raw else await create(other)

    made.append(asyncio.run(asynchronous()))
    assert [(one.external_id, one.amount, one.currency) for one in made] == [("order-1", 10000, "IDR")] * 2


@pytest.mark.parametrize(
    ("arguments", "error", "problem"),
    [
        ({"external_id": "order-1"}, ApiTypeError, "amount"),
        ({}, ApiTypeError, "create_invoice needs 'create_invoice_request'"),
        ({"external_id": "order-1", "amount": "a"}, ApiTypeError, "amount"),
        (
            {"create_invoice_request": {"external_id": "a", "amount": 1}, "amount": 2},
            ApiTypeError,
            "give the request or its fields, not both: 'amount'",
        ),
        ({"create_invoice_request": {"external_id": "a", "amount": 1}, "amuont": 2}, ApiTypeError, "no parameter"),
        ({"external_id": "a", "amount": 1, "_request_timeuot": 2}, ApiTypeError, "did you mean '_request_timeout'"),
    ],
    ids=repr,
)
def test_keywords_that_cannot_be_sent(arguments: Any, error: type[Exception], problem: str) -> None:
    """The error names the field or the option, before anything is sent."""
    with pytest.raises(error, match=problem):
        InvoiceApi(xendit.ApiClient(xendit.Configuration("http://127.0.0.1:9", KEY))).create_invoice(**arguments)


def test_a_misspelt_keyword_is_warned_of_and_sent(sandbox: Sandbox) -> None:
    """As in a dict: Xendit may know a field that this library does not."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    with pytest.warns(xendit.XenditWarning, match="payer_email"):
        api.create_invoice(external_id="order-1", amount=1, payer_emial="a@example.com")  # type: ignore[call-overload]


def test_a_key_in_place_of_a_client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """InvoiceApi("key") and InvoiceApi(api_key="key") make their own client."""
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    key = sandbox.api_key
    for api in (InvoiceApi(key), InvoiceApi(api_key=key), InvoiceApi(lambda: key), InvoiceApi(api_key=lambda: key)):
        assert api.get_invoices() == []
        assert key not in repr(api) + str(vars(api))

    async def asynchronous() -> list[Any]:
        return [
            await each.get_invoices() for each in (xendit.AsyncInvoiceApi(key), xendit.AsyncInvoiceApi(api_key=key))
        ]

    assert asyncio.run(asynchronous()) == [[], []]


class Shop(InvoiceApi):
    """A subclass with a constructor of its own."""

    def __init__(self, name: str, client: Any) -> None:
        super().__init__(client)
        self.name = name


def test_a_subclass_with_its_own_constructor_keeps_its_views(sandbox: Sandbox) -> None:
    """for_user and with_raw_response keep the class and what it holds, and change nothing of the first object."""
    shop = Shop("coffee", xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    view = shop.for_user("5f9a00000000000000000000")
    assert (type(view), view.name, view.user_id, shop.user_id) == (Shop, "coffee", "5f9a00000000000000000000", None)
    raw = shop.with_raw_response.create_invoice(external_id="order-1", amount=1)
    assert raw.data.external_id == "order-1"
    assert shop.get_invoice_by_id(raw.data.id).id == raw.data.id
    assert repr(view).startswith("Shop(ApiClient(")
    [result] = create_many(shop, [{"external_id": "order-2", "amount": 1}])
    assert result.invoice is not None
