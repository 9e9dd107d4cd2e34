# A webhook handler that reads the body as the documentation says, and asks the API whether it is true.
import json
import os

import xendit
from xendit.apis import InvoiceApi
from xendit.exceptions import OpenApiException
from xendit.invoice.model.invoice_callback import InvoiceCallback

xendit.set_api_key(os.environ["KEY"])
api = InvoiceApi()
made = api.create_invoice({"external_id": "web-5", "amount": 45000})
body = json.dumps(
    {
        "id": made.id,
        "external_id": made.external_id,
        "user_id": made.user_id,
        "status": "PAID",
        "merchant_name": made.merchant_name,
        "amount": 45000,
        "paid_amount": 45000,
        "paid_at": "2026-11-23T15:14:02.404Z",
        "created": "2026-11-23T15:10:00.000Z",
        "updated": "2026-11-23T15:14:02.404Z",
        "currency": "IDR",
        "payment_method": "BANK_TRANSFER",
        "payment_channel": "BCA",
    }
)
try:
    callback = InvoiceCallback(**json.loads(body))
    print(callback.external_id, callback.status == "PAID", callback["paid_amount"])
    print(str(api.get_invoice_by_id(invoice_id=callback.id).status))
except OpenApiException as error:
    print("refused", error)
