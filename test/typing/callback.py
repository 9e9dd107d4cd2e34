"""How a webhook's body becomes an InvoiceCallback, and what is read from it."""

from __future__ import annotations

import json
from datetime import datetime

from typing_extensions import assert_type

from xendit.invoice.model import InvoiceCallback, InvoiceStatus

body = b'{"id": "593f4ed1c3d3bb7f39733d83", "status": "PAID", "amount": 2000000}'

# The documented way, and the tolerant one.
spread = InvoiceCallback(**json.loads(body))
callback = InvoiceCallback.from_json(body)
assert_type(spread, InvoiceCallback)
assert_type(callback, InvoiceCallback)
assert_type(InvoiceCallback.from_json(body.decode()), InvoiceCallback)
assert_type(InvoiceCallback.from_dict(json.loads(body)), InvoiceCallback)

assert_type(callback.id, str)
assert_type(callback.external_id, str)
assert_type(callback.amount, float)
assert_type(callback.paid_amount, float | None)
assert_type(callback.paid_at, datetime | None)
assert_type(callback.payment_channel, str | None)
assert_type(callback.is_paid, bool)
if callback.status in ("PAID", "SETTLED") and callback.external_id:
    status: str = callback.status
if callback.status == InvoiceStatus.EXPIRED:
    print(callback.external_id)
