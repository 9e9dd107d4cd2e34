# A payment module whose key is read when it is imported, and may be missing then.
import os

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
from xendit.invoice.model.invoice_item import InvoiceItem

xendit.set_api_key(os.getenv("SHOP_KEY"))
invoices = InvoiceApi(xendit.ApiClient())


def create_payment(order_id, amount, items):
    request = CreateInvoiceRequest(
        external_id=str(order_id),
        amount=float(amount),
        payer_email="budi@example.com",
        description=f"Order {order_id}",
        invoice_duration="3600",
        items=[InvoiceItem(name=name, price=float(price), quantity=1.0) for name, price in items],
    )
    return invoices.create_invoice(request)


xendit.set_api_key(os.environ["KEY"])
invoice = create_payment(1001, "150000", [("Coffee", 75000), ("Tea", 75000)])
print(invoice.id, invoice.invoice_url, invoice.status)
