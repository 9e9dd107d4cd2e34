"""Run by an interpreter that has the official Python SDK: balance, transactions and refunds of a paid invoice."""

import json
import sys

import xendit
from xendit.apis import BalanceApi, RefundApi, TransactionApi
from xendit.refund.model import CreateRefund

url, key, invoice_id = sys.argv[1:]

client = xendit.ApiClient(xendit.Configuration(host=url, api_key=key))
held = BalanceApi(client).get_balance(account_type="CASH", currency="IDR")
transactions = TransactionApi(client).get_all_transactions(limit=10.0)
# Its documented call, with a TransactionId, fails in a check of its own; so the text is given.
named = transactions.data[0].id.value
one = TransactionApi(client).get_transaction_by_id(named)
api = RefundApi(client)
request = CreateRefund(
    invoice_id=invoice_id, reference_id="official-1", amount=40000.0, currency="IDR", reason="REQUESTED_BY_CUSTOMER"
)
made = api.create_refund(idempotency_key="official-key-1", create_refund=request)
got = api.get_refund(made.id)
listed = api.get_all_refunds(invoice_id=invoice_id, limit=10.0)
cancelled = api.cancel_refund(made.id)
try:
    api.create_refund(create_refund=CreateRefund(invoice_id=invoice_id, amount=90000000.0, reason="DUPLICATE"))
    problem = None
except xendit.XenditSdkException as error:
    problem = [str(error.status), error.errorCode]
print(
    json.dumps(
        {
            "balance": held.balance,
            "transactions": [[each.reference_id, str(each.type.value), each.amount] for each in transactions.data],
            "one": [str(one.id.value), one.fee.xendit_fee, one.fee.value_added_tax],
            "made": [made.id, made.amount],
            "got": got.id,
            "listed": [each.id for each in listed.data],
            "cancelled": cancelled.id,
            "problem": problem,
        }
    )
)
