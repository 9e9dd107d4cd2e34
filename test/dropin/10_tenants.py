# A platform that sets the key of each tenant before its call, and works on behalf of sub-accounts.
import os

import xendit
from xendit.apis import InvoiceApi

for tenant in ("north", "south"):
    xendit.set_api_key(os.environ["KEY"])
    with xendit.ApiClient() as client:
        made = InvoiceApi(client).create_invoice(
            {"external_id": f"{tenant}-1", "amount": 1000, "items": [{"name": "Tea", "price": 1000, "quantity": 1}]}
        )
        print(made.external_id, made.items[0].name, len(client.configuration.host) > 0)
