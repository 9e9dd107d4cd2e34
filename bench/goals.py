"""What is measured, and what must hold: each row a piece of work, its floor, and two goals."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """One row: its key, the work, the floor, how many times less than the official SDK, how many floors at most.

    `contender` is who is judged, and `below` a peer that must need more in the same run, where it was measured.
    """

    key: str
    work: str
    floor: str
    official: float | None
    most: float | None
    contender: str = "ours"
    below: str | None = None


GOALS = (
    Goal("import", "`from xendit.apis import InvoiceApi`, CPU added to a bare interpreter", "", 5.0, None),
    Goal("first", "a fresh process to its first answer over HTTP, CPU", "urllib3 + json", 1.67, 1.20),
    Goal("decode", "decode one full invoice, all validated", "json.loads", 40.0, 1.9),
    Goal("page", "decode a page of 100", "json.loads", 25.0, 2.0),
    Goal("webhook", "decode a webhook", "json.loads", 20.0, 1.6),
    Goal("construct", "construct and validate a request", "a dict literal", 35.0, 6.0),
    Goal("encode", "encode a request", "json.dumps", 6.0, 1.3),
    Goal("decode", "one full invoice, with `speed`", "json.loads", None, 1.4, "ours_speed", "pydantic_models"),
    Goal("page", "a page of 100, with `speed`", "json.loads", None, 1.45, "ours_speed", "pydantic_models"),
    Goal("webhook", "a webhook, with `speed`", "json.loads", None, 1.15, "ours_speed"),
    Goal("memory", "memory held by an invoice", "json's dicts", 3.7, 0.5),
    Goal("get 1", "CPU of a GET, one thread", "urllib3 PoolManager + json.loads", 7.0, 1.4),
    Goal("get 8", "CPU of a GET, eight threads", "urllib3 PoolManager + json.loads", 7.0, 1.4),
    Goal("walk 1", "walk a list, CPU of a page of 100", "urllib3 PoolManager + json.loads", 20.0, 2.0),
    Goal("async", "CPU of a GET, asyncio, 50 tasks", "aiohttp + json.loads", None, 1.6),
)

MODULES = 42
"""Modules that the import may load beyond a bare interpreter's."""
FORBIDDEN = ("urllib3", "dateutil", "typing_extensions", "dataclasses", "inspect", "asyncio")
"""Modules that it must not load: they cost more than all of ours."""
