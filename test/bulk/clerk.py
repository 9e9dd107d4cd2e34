"""A process that creates a batch and may be killed at any moment: `python clerk.py URL JOURNAL ITEMS ON_UNKNOWN`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from xendit import ApiClient, AsyncApiClient, AsyncInvoiceApi, Configuration, InvoiceApi, RetryPolicy
from xendit.bulk import create_many


def requests(items: int) -> list[dict[str, Any]]:
    """What is to be created."""
    return [{"external_id": f"order-{number}", "amount": 10_000 + number} for number in range(items)]


def configuration(url: str) -> Configuration:
    """Limits that end a fault soon."""
    policy = RetryPolicy(retries=2, first_wait=0.01, longest_wait=0.05, lookups=3, resend_after=0.6)
    return Configuration(
        host=url, api_key="xnd_development_clerk", timeout=1.2, connect_timeout=0.4, read_timeout=0.4, retries=policy
    )


async def in_tasks(url: str, given: list[dict[str, Any]], options: dict[str, Any]) -> None:
    """The batch over tasks."""
    async with AsyncApiClient(configuration(url)) as client:
        async for _ in create_many(AsyncInvoiceApi(client), given, **options):
            pass


def main(url: str, journal: str, items: str, on_unknown: str, world: str) -> None:
    """Go on with the batch until nothing is left to do."""
    options: dict[str, Any] = {"journal": journal, "concurrency": 8, "on_unknown": on_unknown}
    given = requests(int(items))
    if world == "async":
        asyncio.run(in_tasks(url, given, options))
    else:
        for _ in create_many(InvoiceApi(ApiClient(configuration(url))), given, **options):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
