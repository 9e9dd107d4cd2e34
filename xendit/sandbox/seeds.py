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

import json
from typing import TYPE_CHECKING, Any

from xendit.sandbox.products import product_rules
from xendit.sandbox.state.core.given import must_be

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.ledger import Record

#: What a seed or an export may hold beside the records of products, each under the plural of its kind.
MEMBERS = ("records", "faults", "webhook_url", "now", "version")


def read_file(path: Path) -> JsonObject:
    """Read a seed by its suffix, .toml or .json. Raises OSError, and ValueError when it is none."""
    raw = path.read_bytes()
    try:
        if path.suffix.lower() == ".toml":
            try:
                import tomllib  # type: ignore[import-not-found, unused-ignore]
            except ModuleNotFoundError:
                raise ValueError("a seed in TOML needs Python 3.11 or newer; write it in JSON") from None
            seed = tomllib.loads(raw.decode("utf-8"))
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
        raise ValueError(must_be("a seed", "an object", seed))  # noqa: TRY004
    several = [f"{rules.kind}s" for rules in product_rules() if rules.grow is not None]
    members = [*several, *MEMBERS]
    unknown = [name for name in seed if name not in members]
    if unknown:
        raise ValueError(f"a seed holds {', '.join(members)}; not {unknown[0]!r}")
    for name in (*several, "records", "faults"):
        if not isinstance(seed.get(name, []), list) or not all(isinstance(one, dict) for one in seed.get(name, [])):
            raise ValueError(f"{name} must be a list of objects")
    return seed


def grow(seed: JsonMapping, key: str, shared: SharedState) -> dict[str, list[Record]]:
    """Plant the records of an export, and what a seed names, by the rules of its product. No webhook tells of them.

    Gives what was planted, by kind. Nothing is planted where anything is wrong. Raises ValueError.
    """
    planted: dict[str, list[Record]] = {book.kind: [] for book in shared}
    for record in seed.get("records", []):
        # Older exports had no kinds; they held records of the first product only.
        book = shared.book(record.get("kind", product_rules()[0].kind))
        planted[book.kind].append(book.read(record))
    for rules in product_rules():
        if rules.grow is not None:
            planted[rules.kind] += rules.grow(shared, seed.get(f"{rules.kind}s", []), key, planted)
    plant(shared, planted)
    return planted


def plant(shared: SharedState, records: Mapping[str, list[Record]]) -> None:
    """Take over records of each kind. If an id exists already, raises ValueError before anything is taken over."""
    with shared.lock:
        for kind, several in records.items():
            there = [one.id for one in several if one.id in shared.book(kind).ledger]
            if there:
                raise ValueError(f"{kind} {there[0]} is there already; reset first")
        for kind, several in records.items():
            for one in several:
                shared.book(kind).keep(one)


def harvest(shared: SharedState, webhook_url: str | None) -> JsonObject:
    """Give what `grow` takes: everything about the records of every kind, oldest first."""
    with shared.lock:
        shared.sweep()
        records = [{"kind": book.kind, **book.write(record)} for book in shared for record in book.ledger]
    return {"version": 2, "webhook_url": webhook_url, "records": records}
