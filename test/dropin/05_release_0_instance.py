# A bot of 2022: xendit-python 0.2, one client, and channels beside invoices in the same class.
import json
import os

from xendit import EWalletType, VirtualAccount, Xendit, XenditError


class Payments:
    def __init__(self, key):
        self.client = Xendit(api_key=key)
        self.default_wallet = EWalletType.OVO
        self.accounts = VirtualAccount

    def invoice(self, chat, price):
        made = self.client.Invoice.create(
            external_id=f"chat-{chat}",
            payer_email="bot@example.com",
            description="Premium",
            amount=price,
            invoice_duration=3600,
            payment_methods=["BCA", "OVO"],
            should_send_email=False,
        )
        return json.loads(str(made))

    def virtual_account(self):
        try:
            return self.client.VirtualAccount.create(external_id="va-1", bank_code="BCA", name="Budi")
        except XenditError as error:
            return f"not here: {error.message}"

    def recent(self):
        return [each.external_id for each in self.client.Invoice.list_all(limit=5, statuses=["PENDING"])]


payments = Payments(os.environ["KEY"])
print(payments.invoice(42, 50000)["status"])
print(payments.recent())
print(payments.virtual_account())
