# A shop of 2021: xendit-python 0.1, the key on the module.
import os

import xendit
from xendit import Invoice, XenditError

xendit.api_key = os.environ["KEY"]

try:
    invoice = Invoice.create(
        external_id="invoice-1593684000",
        amount=20000,
        payer_email="customer@domain.com",
        description="Invoice Demo #123",
    )
    print(invoice.id, invoice.status, invoice.invoice_url)
    again = Invoice.get(invoice_id=invoice.id)
    print(again.external_id, vars(again)["amount"])
    print(Invoice.expire(invoice_id=invoice.id).status)
    Invoice.get(invoice_id="0" * 24)
except XenditError as error:
    print(error.status_code, error.error_code)
