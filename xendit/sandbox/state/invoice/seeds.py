"""The invoices of a seed that someone wrote by hand: created, paid, settled and expired by the rules of the API."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.accounts import OBJECT_ID
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.core.given import must_be
from xendit.sandbox.state.invoice.invoices import Invoices
from xendit.sandbox.state.invoice.listing import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.state.core.shared import SharedState
    from xendit.sandbox.state.invoice.record import InvoiceRecord

#: What an invoice of a seed may hold beside the fields of a create.
_OWN = ("id", "status", "channel", "paid_amount", "for_user_id", "with_fee_rule", "with_split_rule")


def grow(
    shared: SharedState, several: Iterable[JsonMapping], key: str, _planted: Mapping[str, object]
) -> list[InvoiceRecord]:
    """Make the invoices of a seed in a book of their own, from which nobody is told. Raises ValueError."""
    nursery = Invoices.alone(shared.now, shared.assumptions, merchant_name=shared.merchant_name, source=shared.source)
    seen: Counter[tuple[str, str]] = Counter()
    grown = []
    for number, given in enumerate(several, 1):
        try:
            grown.append(_grow_one(nursery, given, key, seen))
        except SandboxError as refusal:  # noqa: PERF203  each error names its invoice
            raise ValueError(f"invoice {number} of the seed: {refusal}") from None
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"invoice {number} of the seed: {problem}") from None
    return grown


def _grow_one(nursery: Invoices, given: JsonMapping, key: str, seen: Counter[tuple[str, str]]) -> InvoiceRecord:
    account = nursery.shared.account(key, given.get("for_user_id"))
    external_id = str(given.get("external_id"))
    seen[account.user_id, external_id] += 1
    text = f"seed {account.user_id} {external_id} {seen[account.user_id, external_id]}"
    invoice_id = given.get("id") or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    if not isinstance(invoice_id, str) or OBJECT_ID.fullmatch(invoice_id) is None:
        raise ValueError(must_be("id", "24 hexadecimal digits in lower case", invoice_id))
    invoice = nursery.create(
        account,
        {name: value for name, value in given.items() if name not in _OWN},
        fee_rule=given.get("with_fee_rule"),
        split_rule=given.get("with_split_rule"),
        invoice_id=invoice_id,
    )
    status = given.get("status", "PENDING")
    if status in ("PAID", "SETTLED"):
        invoice = nursery.pay(invoice_id, channel=given.get("channel"), amount=given.get("paid_amount"))
    if status == "SETTLED":
        invoice = nursery.settle(invoice_id)
    elif status == "EXPIRED":
        invoice = nursery.expire(account, invoice_id)
    elif status not in ("PENDING", "PAID"):
        raise ValueError(must_be("status", "PENDING, PAID, SETTLED or EXPIRED", status, STATUSES))
    return invoice
