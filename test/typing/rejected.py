"""Mistakes that both type checkers must find, each on a line of its own that says so.

test/test_typing.py compares the lines at which the checkers complain with the lines marked here.
"""

from __future__ import annotations

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice import CreateInvoiceRequest
from xendit.invoice.dicts import CreateInvoiceRequestDict
from xendit.invoice.model import CustomerObject, Invoice, InvoiceItem, InvoiceStatus
from xendit.webhook import Handlers, MemoryInbox, Worker

# A request without what it needs, or with what it does not know.
CreateInvoiceRequest()  # expect-error
CreateInvoiceRequest(external_id="order-1")  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=1000, sucess_redirect_url="")  # expect-error
InvoiceItem(name="Tea", price=12000)  # expect-error

# Values of the wrong type.
CreateInvoiceRequest(external_id="order-1", amount="1000")  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=None)  # expect-error
CreateInvoiceRequest(external_id=None, amount=1000)  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=1000, invoice_duration=[60])  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=1000, items="tea")  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=1000, items=[{"name": "Tea"}])  # expect-error
CreateInvoiceRequest(external_id="order-1", amount=1000, customer={"given_name": "Ana"})  # expect-error
CustomerObject(email=17)  # expect-error

# A dict request is checked like a model.
missing: CreateInvoiceRequestDict = {"external_id": "order-1"}  # expect-error
misspelt: CreateInvoiceRequestDict = {"external_id": "order-1", "amount": 1, "curency": "IDR"}  # expect-error
wrong: CreateInvoiceRequestDict = {"external_id": "order-1", "amount": "1000"}  # expect-error


def call(api: InvoiceApi, invoice: Invoice) -> None:
    """Calls that would fail, and readings that are not there."""
    api.create_invoice()  # expect-error
    api.create_invoice("order-1")  # expect-error
    api.create_invoice(external_id="order-1")  # expect-error
    api.create_invoice(external_id="order-1", amount="1000")  # expect-error
    api.create_invoice(external_id="order-1", amount=1000, payer_emial="a")  # expect-error
    api.with_raw_response.create_invoice(external_id="order-1")  # expect-error
    api.api_client.request("GET")  # expect-error
    api.get_invoice_by_id(17)  # expect-error
    api.get_invoice_by_id()  # expect-error
    api.get_invoices(statuses=[1])  # expect-error
    api.get_invoices(limit="ten")  # expect-error
    api.get_invoices(created_after=1700000000)  # expect-error
    api.get_invoices(stauses=["PAID"])  # expect-error
    api.expire_invoice("1", _request_timout=3)  # expect-error
    api.cancel_invoice("1")  # expect-error
    print(invoice.invoice_link)  # expect-error
    print(invoice.description.upper())  # expect-error
    print(InvoiceStatus.PAYED)  # expect-error
    invoice.amount = "1000"  # expect-error


# What is awaited, and what a walk takes.
xendit.AsyncInvoiceApi(xendit.ApiClient())  # expect-error
xendit.InvoiceApi().iter_invoices(state=["PAID"])  # expect-error
xendit.InvoiceApi().with_raw_response.get_invoice_by_id()  # expect-error


def of_text(text: str) -> None:
    """No handler: it takes no event."""


# What handles an event takes one.
Handlers().paid(of_text)  # expect-error
Worker(MemoryInbox(), of_text)  # expect-error
Handlers().payd(print)  # expect-error
