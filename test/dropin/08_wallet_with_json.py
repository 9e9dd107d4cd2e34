# A wallet that stores what it got as JSON, with the encoder that the official SDK made necessary.
import json
import os
from datetime import datetime

import xendit
from xendit.apis import InvoiceApi

configuration = xendit.Configuration()
configuration.api_key = os.environ["KEY"]


class Encoder(json.JSONEncoder):
    def default(self, value):
        return value.isoformat() if isinstance(value, datetime) else str(value)


api = InvoiceApi(xendit.ApiClient(configuration))
made = api.create_invoice({"external_id": "topup-3", "amount": float("30000"), "metadata": {"wallet": 3}})
stored = json.loads(json.dumps(made.to_dict(), cls=Encoder))
print(stored["external_id"], stored["amount"], str(stored["status"]))
print(getattr(made, "invoice_url", None) == made.get("invoice_url"), made.expiry_date.isoformat()[:2])
for invoice in api.get_invoices(external_id="topup-3", limit=10.0):
    print(invoice["external_id"], str(invoice.status) == "PENDING")
