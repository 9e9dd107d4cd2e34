"""The asynchronous client, walks, raw answers, views and batches, as users write them."""

from __future__ import annotations

import asyncio
from typing import Any

from typing_extensions import assert_type

from xendit import ApiResponse, AsyncApiClient, AsyncInvoiceApi, Configuration, InvoiceApi
from xendit.bulk import AsyncBatch, Batch, Journal, Report, Result, create_many
from xendit.invoice.model.invoice import Invoice
from xendit.models import CreateInvoiceRequest


async def main() -> None:
    async with AsyncApiClient(Configuration(api_key="xnd_development_example")) as client:
        api = AsyncInvoiceApi(client)
        assert_type(await api.create_invoice({"external_id": "a", "amount": 1}), Invoice)
        assert_type(await api.create_invoice(external_id="a", amount=1), Invoice)
        assert_type(await api.with_raw_response.create_invoice(external_id="a", amount=1), ApiResponse[Invoice])
        assert_type(await client.request("GET", "/balance"), ApiResponse[Any])
        assert_type(await api.get_invoices(limit=10), "list[Invoice]")
        assert_type(await api.wait_until_final("id", 10), Invoice)
        assert_type(await api.resolve("a", wait=1.0), Invoice)
        async for invoice in api.iter_invoices(statuses=["PAID"], read_ahead=True):
            assert_type(invoice, Invoice)
        async for page in api.pages(limit=10):
            assert_type(page, ApiResponse[list[Invoice]])
        answer = await api.with_raw_response.create_invoice({"external_id": "a", "amount": 1})
        assert_type(answer, ApiResponse[Invoice])
        assert_type(answer.data, Invoice)
        assert_type(await api.for_user("u").get_invoice_by_id("id"), Invoice)
        batch = create_many(api, [CreateInvoiceRequest("a", 1)])
        assert_type(batch, AsyncBatch)
        async for result in batch:
            assert_type(result, Result)
        await batch.stop()


asyncio.run(main())

sync = InvoiceApi()
for each in sync.iter_invoices(created_after="2026-01-01", limit=5):
    assert_type(each, Invoice)
raw = sync.with_raw_response.get_invoices(limit=5)
assert_type(raw, ApiResponse[list[Invoice]])
data, status, headers = sync.for_user("u").with_raw_response.expire_invoice("id")
together = create_many(sync, [{"external_id": "a", "amount": 1}], journal=Journal("a.db", "march"), rate_limit=60)
assert_type(together, Batch)
for one in together:
    assert_type(one.invoice, "Invoice | None")
assert_type(together.report(), Report)
