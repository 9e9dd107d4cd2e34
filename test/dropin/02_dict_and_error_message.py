# A view that posts a dict and shows Xendit's message when it fails.
import os

from xendit import ApiClient, Configuration, XenditSdkException
from xendit.apis import InvoiceApi

client = ApiClient(Configuration(api_key=os.environ["KEY"]))


def checkout(amount):
    try:
        response = InvoiceApi(client).create_invoice(
            create_invoice_request={
                "external_id": "cart-7",
                "amount": amount,
                "currency": "IDR",
                "success_redirect_url": "https://shop.example/thanks",
                "failure_redirect_url": "https://shop.example/sorry",
            }
        )
        return response["invoice_url"]
    except XenditSdkException as error:
        return f"error {error.status} {error.errorCode} {error.errorMessage}"


print(checkout(99000))
print(checkout(0))
