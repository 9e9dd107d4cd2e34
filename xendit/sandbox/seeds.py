"""Seeds, which are written by hand in TOML or JSON, and exports of a sandbox: both are loaded here.

    webhook_url = "http://127.0.0.1:8000/webhooks/xendit"
    now = "2026-01-31T09:00:00Z"

    [[invoices]]
    external_id = "order-1"
    amount = 150000
    status = "PAID"
    channel = "BCA"

An id that is not given is derived from the external id and the account, so that it is the same each time.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.accounts import OBJECT_ID
from xendit.sandbox.state.invoice.invoices import Invoices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.invoice.record import InvoiceRecord

#: What a seed or an export may hold.
MEMBERS = ("invoices", "records", "faults", "webhook_url", "now", "version")
#: What an invoice of a seed may hold beside the fields of a create.
_OWN = ("id", "status", "channel", "paid_amount", "for_user_id", "with_fee_rule", "with_split_rule")


def read_file(path: Path) -> JsonObject:
    """Read a seed by its suffix, .toml or .json. Raises OSError, and ValueError when it is none."""
    raw = path.read_bytes()
    try:
        if path.suffix.lower() == ".toml":
            try:
                import tomllib  # type: ignore[import-not-found, unused-ignore]
            except ModuleNotFoundError:
                raise ValueError("a seed in TOML needs Python 3.11 or newer; write it in JSON") from None
            seed: Any = tomllib.loads(raw.decode("utf-8"))
        else:
            seed = json.loads(raw)
    except (UnicodeDecodeError, RecursionError) as problem:
        raise ValueError(f"{path} cannot be read: {type(problem).__name__}") from None
    except ValueError as problem:
        raise ValueError(f"{path} cannot be read: {problem}") from None
    return checked(seed)


def checked(seed: Any) -> JsonObject:
    """Take a seed whose members are known. Raises ValueError."""
    if not isinstance(seed, dict):
        raise ValueError("a seed must be an object")  # noqa: TRY004
    unknown = [name for name in seed if name not in MEMBERS]
    if unknown:
        raise ValueError(f"a seed holds {', '.join(MEMBERS)}; not {unknown[0]!r}")
    for name in ("invoices", "records", "faults"):
        if not isinstance(seed.get(name, []), list) or not all(isinstance(one, dict) for one in seed.get(name, [])):
            raise ValueError(f"{name} must be a list of objects")
    return seed


def grow(seed: JsonMapping, key: str, shared: SharedState) -> tuple[InvoiceRecord, ...]:
    """Plant the records of an export and the invoices of a seed, these with the rules of the API. Nobody is told.

    Gives the invoices. Nothing is planted where anything is wrong. Raises ValueError.
    """
    records: dict[str, list[Any]] = {book.kind: [] for book in shared}
    for record in seed.get("records", []):
        # An export of before had no kinds: all that it held were invoices.
        kind = record.get("kind", Invoices.kind)
        records[shared.book(kind).kind].append(shared.book(kind).read(record))
    nursery = Invoices.alone(shared.now, shared.assumptions, merchant_name=shared.merchant_name)
    seen: Counter[tuple[str, str]] = Counter()
    for number, given in enumerate(seed.get("invoices", []), 1):
        try:
            records[Invoices.kind].append(_grow_one(nursery, given, key, seen))
        except SandboxError as refusal:  # noqa: PERF203  each error names its invoice
            raise ValueError(f"invoice {number} of the seed: {refusal}") from None
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"invoice {number} of the seed: {problem}") from None
    plant(shared, records)
    return tuple(records[Invoices.kind])


def plant(shared: SharedState, records: Mapping[str, list[Any]]) -> None:
    """Take over records of each kind. Raises ValueError for an id that is there, before anything is taken over."""
    with shared.lock:
        for kind, several in records.items():
            there = [one.id for one in several if one.id in shared.book(kind).ledger]
            if there:
                raise ValueError(f"{kind} {there[0]} is there already; reset first")
        for kind, several in records.items():
            for one in several:
                shared.book(kind).keep(one)


def _grow_one(nursery: Invoices, given: JsonMapping, key: str, seen: Counter[tuple[str, str]]) -> InvoiceRecord:
    account = nursery.shared.account(key, given.get("for_user_id"))
    external_id = str(given.get("external_id"))
    seen[account.user_id, external_id] += 1
    text = f"seed {account.user_id} {external_id} {seen[account.user_id, external_id]}"
    invoice_id = given.get("id") or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    if not isinstance(invoice_id, str) or OBJECT_ID.fullmatch(invoice_id) is None:
        raise ValueError("id must be 24 hexadecimal digits in lower case")
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
        raise ValueError("status must be PENDING, PAID, SETTLED or EXPIRED")
    return invoice


def harvest(shared: SharedState, webhook_url: str | None) -> JsonObject:
    """Give what `grow` takes: everything about the records of every kind, oldest first."""
    with shared.lock:
        shared.sweep()
        records = [{"kind": book.kind, **book.write(record)} for book in shared for record in book.ledger]
    return {"version": 2, "webhook_url": webhook_url, "records": records}
