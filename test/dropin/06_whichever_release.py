# A library that supports 0.x and later releases, and asks which one it met.
import os

import xendit

try:
    from xendit import XenditError
except ImportError:
    from xendit import XenditSdkException as XenditError


def old_way():
    client = xendit.Xendit(api_key=os.environ["KEY"])
    return client.Invoice.create(
        external_id="lib-1", payer_email="lib@example.com", description="Library", amount=10000
    ).invoice_url


def new_way():
    from xendit.apis import InvoiceApi

    client = xendit.ApiClient(xendit.Configuration(api_key=os.environ["KEY"]))
    return InvoiceApi(client).create_invoice({"external_id": "lib-2", "amount": 10000.0}).invoice_url


print(old_way() if hasattr(xendit, "Xendit") else new_way())
print(new_way() if hasattr(xendit, "Configuration") else old_way())
try:
    from xendit.apis import InvoiceApi

    InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=os.environ["KEY"]))).get_invoice_by_id("0" * 24)
except XenditError as error:
    print("caught", type(error).__name__)
