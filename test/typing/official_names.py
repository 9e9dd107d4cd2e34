"""What a program for the official SDK imports and annotates passes the checkers: other products, and 0.x."""

from __future__ import annotations

import xendit
from xendit import Invoice, Xendit, XenditError
from xendit.apis import InvoiceApi, PaymentRequestApi, PayoutApi
from xendit.payment_request import PaymentRequestApi as RequestsAgain
from xendit.refund import RefundApi


class Payouts(PayoutApi):
    """A class of one's own over another product's."""

    def pay(self, reference: str) -> str:
        """Pay something out."""
        return str(self.create_payout(idempotency_key=reference, create_payout_request={}).id)


def choose(api: InvoiceApi | PaymentRequestApi | None) -> RequestsAgain | None:
    """A union of classes, one of them a stand-in."""
    return api if isinstance(api, PaymentRequestApi) else None


def refund(client: xendit.ApiClient) -> None:
    """A call of a stand-in."""
    RefundApi(client).create_refund(create_refund={"invoice_id": "1"})


def release_0(key: str) -> str:
    """The calls of 0.x."""
    xendit.api_key = key
    made: Invoice = Invoice.create(external_id="a", amount=1, payer_email="a@example.com", description="Coffee")
    try:
        found: list[Invoice] = Xendit(api_key=key).Invoice.list_all(limit=3)
    except XenditError as error:
        return error.error_code + error.message
    return made.invoice_url + found[0].status
