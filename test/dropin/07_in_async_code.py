# An asyncio service that sends the blocking call to a thread, and one that asks for a thread itself.
import asyncio
import os

import xendit
from xendit.apis import InvoiceApi

api = InvoiceApi(xendit.ApiClient(configuration=xendit.Configuration(api_key=os.environ["KEY"])))


async def create(number):
    invoice = await asyncio.to_thread(api.create_invoice, {"external_id": f"ride-{number}", "amount": 12500 * number})
    return invoice.external_id, invoice.amount


async def main():
    print(sorted(await asyncio.gather(*(create(number) for number in range(1, 4)))))


asyncio.run(main())
thread = api.create_invoice({"external_id": "ride-9", "amount": 9.0}, async_req=True)
print(thread.get().external_id)
