"""A sandbox with 100,000 invoices beside one with 1,000: how much longer a list and the dashboard take.

.venv/bin/python bench/growth.py

Both answer over HTTP from this process, in turns, so that what disturbs the machine disturbs both. Fails above the goal.
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import ExitStack

import urllib3

from xendit.sandbox import Sandbox

FEW, MANY = 1_000, 100_000
ROUNDS = 60
MOST = 2.0
"""How many times longer the sandbox with many may take."""
ASKED = {
    "list by external_id, found": "/v2/invoices?external_id=order-7",
    "list by external_id, not found": "/v2/invoices?external_id=nobody",
    "the newest 100": "/v2/invoices?limit=100",
    "dashboard": "/_sandbox/",
}


def fill(sandbox: Sandbox, size: int) -> None:
    """Create invoices by the rules themselves: over HTTP it would take minutes."""
    account, book = sandbox.account(), sandbox.book("invoice")
    for number in range(size):
        book.create(account, {"external_id": f"order-{number}", "amount": 10_000 + number})  # type: ignore[attr-defined]


def main() -> int:
    """Measure, print a row for each question, and say by the exit code whether the goal holds."""
    pool, worst = urllib3.PoolManager(retries=False), 0.0
    with ExitStack() as stack:
        both = [stack.enter_context(Sandbox()) for _ in range(2)]
        for sandbox, size in zip(both, (FEW, MANY), strict=True):
            fill(sandbox, size)
        headers = urllib3.make_headers(basic_auth=f"{both[0].api_key}:")
        for what, path in ASKED.items():
            times: list[list[float]] = [[], []]
            for _ in range(ROUNDS):
                for sandbox, taken in zip(both, times, strict=True):
                    began = time.perf_counter()
                    answer = pool.request("GET", sandbox.url + path, headers=headers)
                    taken.append((time.perf_counter() - began) * 1000)
                    assert answer.status == 200
            few, many = map(statistics.median, times)
            worst = max(worst, many / few)
            print(f"{what:32} {few:7.2f} ms of {FEW:,} {many:7.2f} ms of {MANY:,} {many / few:6.2f} times")
    print(f"worst {worst:.2f}, at most {MOST}: {'ok' if worst <= MOST else 'MISSED'}")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
