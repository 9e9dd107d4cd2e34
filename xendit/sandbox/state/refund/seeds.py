"""The refunds of a seed that someone wrote by hand, each of an invoice of the seed or of the sandbox."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.core.given import must_be
from xendit.sandbox.state.core.ids import uuid_of
from xendit.sandbox.state.core.shared import SharedState
from xendit.sandbox.state.invoice.invoices import Invoices
from xendit.sandbox.state.refund.book import FAILURES, Refunds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.state.invoice.record import InvoiceRecord
    from xendit.sandbox.state.refund.record import RefundRecord

_OWN = ("id", "status", "failure_code", "external_id", "for_user_id")
_STATUSES = ("PENDING", "SUCCEEDED", "FAILED", "CANCELLED")


def grow(
    shared: SharedState, several: Sequence[JsonMapping], key: str, planted: Mapping[str, Sequence[Any]]
) -> list[RefundRecord]:
    """Make the refunds of a seed in a book of their own, from which nobody is told. Raises ValueError."""
    if not several:
        return []
    alone = SharedState(shared.now, shared.assumptions, merchant_name=shared.merchant_name, source=shared.source)
    invoices, _, nursery = Invoices(alone), TransactionBook(alone), Refunds(alone)
    known: dict[str, InvoiceRecord] = {}
    for invoice in (*shared.book("invoice").ledger, *planted["invoice"]):
        invoices.keep(invoice)
        known[invoice.external_id] = invoice
    grown = []
    for number, given in enumerate(several, 1):
        try:
            grown.append(_grow_one(nursery, given, key, known, number))
        except SandboxError as refusal:  # noqa: PERF203  each error names its refund
            raise ValueError(f"refund {number} of the seed: {refusal}") from None
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"refund {number} of the seed: {problem}") from None
    return grown


def _grow_one(
    nursery: Refunds, given: JsonMapping, key: str, known: Mapping[str, InvoiceRecord], number: int
) -> RefundRecord:
    account = nursery.shared.account(key, given.get("for_user_id"))
    body = {name: value for name, value in given.items() if name not in _OWN}
    if "external_id" in given:
        if given["external_id"] not in known:
            raise ValueError("there is no invoice of this external_id")
        body["invoice_id"] = known[given["external_id"]].id
    digest = hashlib.sha256(f"seed {number} {sorted(body.items(), key=str)}".encode("utf-8", "replace")).hexdigest()
    record = nursery.create(account, body, refund_id=given.get("id") or f"rfd-{uuid_of(digest)}")
    status = given.get("status", "SUCCEEDED")
    if status not in _STATUSES:
        raise ValueError(must_be("status", f"one of {', '.join(_STATUSES)}", status, _STATUSES))
    failure = given.get("failure_code", "REFUND_FAILED") if status == "FAILED" else None
    if failure is not None and failure not in FAILURES:
        raise ValueError(must_be("failure_code", f"one of {', '.join(FAILURES)}", failure, FAILURES))
    record = replace(record, status=status, failure_code=failure)
    nursery.keep(record)
    return record
