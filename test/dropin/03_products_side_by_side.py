# A service that imports every product at its top, and pays by invoice alone.
import os
from typing import Optional

import xendit
import xendit.refund
from xendit.apis import BalanceApi, InvoiceApi, PaymentMethodApi, PaymentRequestApi, PayoutApi, RefundApi
from xendit.invoice.model import CreateInvoiceRequest, CustomerObject, NotificationChannel, NotificationPreference
from xendit.payment_method.model import PaymentMethodParameters, PaymentMethodReusability, PaymentMethodType
from xendit.payment_request.model.payment_request_parameters import PaymentRequestParameters
from xendit.payout.model.create_payout_request import CreatePayoutRequest
from xendit.refund.model.create_refund import CreateRefund


class PaymentService:
    def __init__(self, client: xendit.ApiClient, requests: Optional[PaymentRequestApi] = None):
        self.invoices = InvoiceApi(client)
        self.requests = requests or PaymentRequestApi(client)
        self.payouts = PayoutApi(client)
        self.refunds = RefundApi(client)
        self.balance = BalanceApi(client)

    def invoice(self, external_id: str, amount: float):
        return self.invoices.create_invoice(
            CreateInvoiceRequest(
                external_id=external_id,
                amount=amount,
                customer=CustomerObject(given_names="Siti", mobile_number="+6281234567890"),
                customer_notification_preference=NotificationPreference(
                    invoice_created=[NotificationChannel("whatsapp")],
                    invoice_paid=[NotificationChannel("email")],
                ),
            )
        )

    def refund(self, invoice):
        try:
            return self.refunds.create_refund(create_refund=CreateRefund(invoice_id=invoice.id, reason="OTHERS"))
        except xendit.XenditSdkException as error:
            return f"no refund: {type(error).__name__}"


service = PaymentService(xendit.ApiClient(xendit.Configuration(api_key=os.environ["KEY"])))
assert isinstance(service.requests, PaymentRequestApi)
assert not isinstance(service.invoices, (PaymentMethodApi, PayoutApi))
made = service.invoice("booking-9", 250000.0)
print(made.status, made.external_id)
print(service.refund(made))
print(
    PaymentMethodReusability, PaymentMethodParameters, PaymentMethodType, PaymentRequestParameters, CreatePayoutRequest
)
