"""Run by an interpreter that has the official Python SDK: creates, gets, lists and expires invoices, as its users do."""

import json
import sys
from datetime import datetime, timedelta, timezone

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest, InvoiceItem

url, key = sys.argv[1:]

api = InvoiceApi(xendit.ApiClient(xendit.Configuration(host=url, api_key=key)))

made = [
    api.create_invoice(
        CreateInvoiceRequest(
            external_id=f"official-{number}",
            amount=150000.0,
            currency="IDR",
            description="Two bags of coffee",
            invoice_duration=3600.0,
            items=[InvoiceItem(name="Coffee", price=75000.0, quantity=2.0)],
        )
    )
    for number in range(3)
]
got = api.get_invoice_by_id(made[0].id)
now = datetime.now(timezone.utc)
listed = api.get_invoices(
    statuses=["PENDING", "EXPIRED"],
    limit=2.0,
    created_after=now - timedelta(hours=1),
    created_before=now + timedelta(hours=1),
)
after = api.get_invoices(last_invoice=listed[-1].id)
expired = api.expire_invoice(made[0].id)
try:
    api.get_invoice_by_id("0" * 24)
    problem = None
except xendit.XenditSdkException as error:
    problem = [str(error.status), error.errorCode]
print(
    json.dumps(
        {
            "made": [invoice.id for invoice in made],
            "got": got.id,
            "listed": [invoice.id for invoice in listed],
            "after": [invoice.id for invoice in after],
            "expired": [expired.id, str(expired.status)],
            "problem": problem,
        }
    )
)
