"""Programs for 7.0.0's classes of balances, transactions and refunds send the same requests on that release and on ours.

The environment of the official release is made as in test_interop.py; where it cannot be had, only ours runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "contract")]

from recorder import Answer, Recorder  # noqa: E402

from interop.environments import with_packages  # noqa: E402
from interop.test_call_forms import meaning  # noqa: E402

SCRIPT = HERE / "money_forms.py"
FORMS = [
    *("balance", "balance_of_a_kind_then", "transaction", "transaction_by_position", "transaction_by_its_text"),
    *("transactions", "transactions_filtered", "transactions_without_a_limit", "transactions_of_a_month", "refund"),
    *("refund_of_an_invoice", "refund_read", "refunds", "refunds_of_a_payment", "refund_cancelled"),
]

#: What the official release sends otherwise, on purpose: form → what differs there, and why.
DIFFERENT = {
    "balance": (
        [("account_type", "CASH")],
        [],
        "the official method has a default of CASH, which is the server's own; ours sends what was given",
    ),
    "transactions_without_a_limit": (
        [("limit", 10.0)],
        [],
        "the official method has a default of 10, which is the server's own; ours sends what was given",
    ),
    "transactions_of_a_month": (
        "created",
        [("created[gte]", 1767225600.0), ("created[lte]", 1769817600.0), ("limit", 10.0)],
        "the official release sends the filter as Python shows a dict, which the API refuses",
    ),
}

#: Forms that fail on the official release, with the error that they fail with there: nothing is sent.
FAIL_THERE = {"transaction": "TypeError", "transaction_by_position": "TypeError"}

TRANSACTION = {
    "id": "txn_13dcdbb2-7b2c-4e2a-9a2b-7f5f3f3a0f01",
    "product_id": "ewc_1",
    "type": "PAYMENT",
    "status": "SUCCESS",
    "channel_category": "EWALLET",
    "channel_code": "OVO",
    "account_identifier": None,
    "reference_id": "order-1",
    "currency": "IDR",
    "amount": 150000,
    "net_amount": 147502,
    "net_amount_currency": "IDR",
    "cashflow": "MONEY_IN",
    "settlement_status": "PENDING",
    "estimated_settlement_time": "2022-12-08T07:00:00.000Z",
    "business_id": "5f9a3fbd571a1c4068aa40ce",
    "created": "2022-12-06T07:47:29.220Z",
    "updated": "2022-12-06T07:47:30.000Z",
    "fee": {
        "xendit_fee": 2250,
        "value_added_tax": 248,
        "xendit_withholding_tax": 0,
        "third_party_withholding_tax": 0,
        "status": "COMPLETED",
    },
}
REFUND = {
    "id": "rfd-4f0f9b2e-6f0d-4a51-9f0b-6a1d2c3b4a59",
    "payment_request_id": "pr-1",
    "amount": 10000,
    "channel_code": "DANA",
    "currency": "IDR",
    "country": "ID",
    "status": "PENDING",
    "created": "2022-11-04T04:44:39.220981439Z",
    "updated": "2022-11-04T04:44:39.220981439Z",
}


class Money(Recorder):
    """The recorder, which answers with balances, transactions and refunds."""

    def answer(self, request):
        super().answer(request)
        path, is_list = request.path, request.path.rpartition("/")[2] in ("transactions", "refunds")
        if path.endswith("/balance"):
            return Answer(body={"balance": 200000})
        thing = TRANSACTION if "/transactions" in path else REFUND
        if is_list and request.method == "GET":
            return Answer(body={"has_more": False, "data": [thing], "links": []})
        return Answer(body=thing)


def run(python):
    """Run all forms; the requests by form, and what each form returned or raised."""
    with Money() as server:
        done = subprocess.run(
            [str(python), str(SCRIPT), server.url, "7", *FORMS],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**{name: value for name, value in os.environ.items() if "XENDIT" not in name}, **paths(python)},
        )
        assert done.returncode == 0, done.stderr
        sent = {name: [] for name in FORMS}
        for request in server.requests:
            name = request.path.lstrip("/").partition("/")[0]
            sent[name].append((meaning(request), request.header("idempotency-key")))
    import json

    return sent, json.loads(done.stdout)


def paths(python):
    return {"PYTHONPATH": str(HERE.parents[1])} if str(python) == sys.executable else {}


def test_every_form_works_here():
    """Every form returns, and sends one request."""
    sent, results = run(sys.executable)
    for name in FORMS:
        assert results[name][0] == "returned", (name, results[name])
        assert len(sent[name]) == 1, name


@pytest.mark.slow
def test_as_on_the_official_release():
    """Each form asks the same and reads the same on 7.0.0, but for the differences of the table."""
    python = with_packages("python-7")
    (sent, results), (theirs, their_results) = run(sys.executable), run(python)
    for name in FORMS:
        if name in FAIL_THERE:
            assert their_results[name][:2] == ["raised", FAIL_THERE[name]], name
            assert not theirs[name]
            continue
        assert their_results[name] == results[name], name
        if name not in DIFFERENT:
            assert theirs[name] == sent[name], name
            continue
        there, here, reason = DIFFERENT[name]
        assert len(reason) > 20
        [((*_, query, _body, _headers, _key), _)] = theirs[name]
        assert query == there or any(key == there and "gte" in str(value) for key, value in query), query
        [((*_, query, _body, _headers, _key), _)] = sent[name]
        assert query == here, query
