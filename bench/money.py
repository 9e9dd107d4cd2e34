"""Measures money beside the official SDK, httpx with json, and json alone: a page of transactions, a GET, a reconciliation.

    .venv/bin/python bench/money.py            # and write the table into docs/Performance.md
    .venv/bin/python bench/money.py --dry      # print it only

What is read is CPU time of the client's process; a round is one block of each contender, right after one another, and only
ratios taken in one round are compared. The server is a process of its own, which has made every page before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "Performance.md"
BEGIN, END = "<!-- money: begin -->", "<!-- money: end -->"
FEW, MANY = 10_000, 100_000
KEY = "xnd_development_benchmark"
MONTH = datetime(2026, 1, 1, tzinfo=timezone.utc)
ROUNDS = 9


# ------------------------------------------------------------------------------------------ what is served


def invoice(number: int) -> dict[str, Any]:
    """A paid invoice of January."""
    moment = (MONTH + timedelta(seconds=26 * number % 2_600_000)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "id": f"{number:024x}",
        "external_id": f"order-2026-{number:06d}",
        "user_id": "5f9a3fbd571a1c4068aa40ce",
        "status": "SETTLED",
        "merchant_name": "Toko Sinar",
        "merchant_profile_picture_url": "https://xnd-merchant-logos.example/production/5f9a.png",
        "amount": 150_000 + number % 97,
        "paid_amount": 150_000 + number % 97,
        "paid_at": moment,
        "payment_method": "EWALLET",
        "payment_channel": "OVO",
        "expiry_date": "2026-02-15T08:31:09.123Z",
        "invoice_url": f"https://checkout.xendit.co/web/{number:024x}",
        "available_banks": [],
        "should_exclude_credit_card": False,
        "should_send_email": False,
        "created": moment,
        "updated": moment,
        "currency": "IDR",
    }


def transaction(number: int) -> dict[str, Any]:
    """The payment of that invoice."""
    paid = invoice(number)
    amount = paid["amount"]
    fee = amount * 15 // 1000
    return {
        "id": f"txn_{number:08x}-7b2c-4e2a-9a2b-7f5f3f3a0f01",
        "product_id": f"ewc_{number:024x}",
        "type": "PAYMENT",
        "status": "SUCCESS",
        "channel_category": "EWALLET",
        "channel_code": "OVO",
        "account_identifier": None,
        "reference_id": paid["external_id"],
        "currency": "IDR",
        "amount": amount,
        "net_amount": amount - fee - fee * 11 // 100,
        "net_amount_currency": "IDR",
        "cashflow": "MONEY_IN",
        "settlement_status": "SETTLED",
        "estimated_settlement_time": "2026-02-02T08:31:09.123Z",
        "business_id": "5f9a3fbd571a1c4068aa40ce",
        "created": paid["paid_at"],
        "updated": paid["paid_at"],
        "fee": {
            "xendit_fee": fee,
            "value_added_tax": fee * 11 // 100,
            "xendit_withholding_tax": 0,
            "third_party_withholding_tax": 0,
            "status": "COMPLETED",
        },
        "product_data": {
            "capture_id": None,
            "payment_request_id": f"pr-{number:08x}",
            "reusable_payment_link_id": None,
            "payment_link_id": paid["id"],
        },
    }


def packed(value: object) -> bytes:
    """JSON as a server writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def page_of_100() -> bytes:
    """A page of transactions."""
    return packed({"has_more": True, "data": [transaction(number) for number in range(100)], "links": []})


def answers(count: int) -> dict[tuple[str, str], bytes]:
    """Every page of both lists, by the path and the cursor."""
    made: dict[tuple[str, str], bytes] = {}
    for path, make, size in (("/v2/invoices", invoice, 100), ("/transactions", transaction, 50)):
        cursor = ""
        for begin in range(0, count + 1, size):
            items = [make(number) for number in range(begin, min(begin + size, count))]
            more = begin + size < count
            body: Any = items if make is invoice else {"has_more": more, "data": items, "links": []}
            made[path, cursor] = answer(packed(body))
            cursor = items[-1]["id"] if items else cursor
            if not more and make is transaction:
                break
    return made


def answer(body: bytes) -> bytes:
    """A whole answer."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Date: Thu, 15 Jan 2026 08:31:09 GMT\r\nRequest-Id: 65a4f0c2b1e8d73f9a000000\r\n\r\n".encode() + body


def serve(count: int) -> None:
    """Answer until the standard input ends."""
    pages = answers(count)
    one_invoice, one_transaction = answer(packed(invoice(0))), answer(packed(transaction(0)))

    class Answering(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport, self.read = transport, b""

        def data_received(self, data: bytes) -> None:
            *requests, self.read = (self.read + data).split(b"\r\n\r\n")
            for request in requests:
                target = urlsplit(request.split(b" ", 2)[1].decode())
                query = parse_qs(target.query)
                cursor = (query.get("last_invoice") or query.get("after_id") or [""])[0]
                found = pages.get((target.path.rstrip("/"), cursor))
                if found is None:
                    found = one_transaction if target.path.startswith("/transactions/") else one_invoice
                self.transport.write(found)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Answering, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)

    asyncio.run(run())


@contextmanager
def process(*command: object) -> Iterator[subprocess.Popen[str]]:
    """A process that is asked over its standard input, and ends with it."""
    words = [str(each) for each in command]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()


# ------------------------------------------------------------------------------------------ the contenders


def ours(url: str) -> dict[str, Callable[[], Any]]:
    """This package."""
    import xendit
    from xendit import settlement
    from xendit.apis import InvoiceApi, TransactionApi
    from xendit.balance_and_transaction.operations import GET_ALL_TRANSACTIONS
    from xendit.messages import Response

    client = xendit.ApiClient(xendit.Configuration(api_key=KEY, host=url))
    body, headers = page_of_100(), {"content-type": "application/json"}
    invoices, transactions = InvoiceApi(client), TransactionApi(client)
    named = transaction(0)["id"]

    def close_the_month() -> int:
        with settlement.reconcile(client, "2026-01", "UTC") as found:
            return found.differences

    return {
        "page": lambda: GET_ALL_TRANSACTIONS.read(Response(200, headers, body)),
        "get": lambda: transactions.get_transaction_by_id(named),
        "get invoice": lambda: invoices.get_invoice_by_id("0" * 24),
        "month": close_the_month,
    }


def plain(url: str) -> dict[str, Callable[[], Any]]:
    """urllib3 and json: the floor."""
    import urllib3

    pool = urllib3.PoolManager(headers=urllib3.make_headers(basic_auth=f"{KEY}:"))
    body = page_of_100()

    def ask(path: str) -> Any:
        return json.loads(pool.request("GET", url + path).data)

    return {"page": lambda: json.loads(body), "get": lambda: ask("/transactions/txn_0"), "month": lambda: both(ask)}


def httpx_json(url: str) -> dict[str, Callable[[], Any]]:
    """httpx and json."""
    import httpx  # pyright: ignore[reportMissingImports]

    client = httpx.Client(auth=(KEY, ""), base_url=url)

    def ask(path: str) -> Any:
        return json.loads(client.get(path).content)

    return {"get": lambda: ask("/transactions/txn_0"), "month": lambda: both(ask)}


def both(ask: Callable[[str], Any]) -> int:
    """List both, page after page."""
    seen, cursor = 0, ""
    while True:
        page = ask(f"/v2/invoices?limit=100{cursor and f'&last_invoice={cursor}'}")
        seen += len(page)
        if len(page) < 100:
            break
        cursor = page[-1]["id"]
    cursor = ""
    while True:
        page = ask(f"/transactions?limit=50{cursor and f'&after_id={cursor}'}")
        seen += len(page["data"])
        if not page["has_more"]:
            return seen
        cursor = page["data"][-1]["id"]


def official(url: str) -> dict[str, Callable[[], Any]]:
    """xendit-python 7.0.0."""
    from types import SimpleNamespace

    import xendit
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model import TransactionsResponse

    client: Any = xendit.ApiClient(xendit.Configuration(host=url, api_key=KEY))
    text, api, named = page_of_100().decode(), TransactionApi(client), transaction(0)["id"]
    return {
        "page": lambda: client.deserialize(SimpleNamespace(data=text), (TransactionsResponse,), True),
        "get": lambda: api.get_transaction_by_id(named),
    }


CONTENDERS = {"ours": ours, "speed": ours, "json": plain, "httpx": httpx_json, "official": official}
BLOCKS = {"page": 40, "get": 150, "get invoice": 150, "month": 1}


def work(name: str, url: str) -> None:
    """Answer each line, the name of a task, with its CPU seconds."""
    tasks = CONTENDERS[name](url)
    for task, do in tasks.items():
        if task != "month":
            do()
    print(json.dumps(sorted(tasks)), flush=True)
    for line in sys.stdin:
        do, times = tasks[line.strip()], BLOCKS[line.strip()]
        began = time.process_time()
        for _ in range(times):
            do()
        print((time.process_time() - began) / times, flush=True)


def remember(url: str) -> None:
    """Close the month once, and say how much memory that took at its peak, in MiB beyond what was there before."""
    tasks = ours(url)
    tasks["get"]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    differences = tasks["month"]()
    print(json.dumps([(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, differences]))


# ------------------------------------------------------------------------------------------ the measurement


def measure(pythons: dict[str, str], rounds: int) -> dict[tuple[str, str], list[float]]:
    """CPU seconds by contender and task, round by round."""
    found: dict[tuple[str, str], list[float]] = {}
    with process(sys.executable, __file__, "--serve", FEW) as server:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"  # type: ignore[union-attr]
        workers = {}
        for name, python in pythons.items():
            workers[name] = subprocess.Popen(
                [python, __file__, "--work", name, "--url", url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        known = {name: json.loads(worker.stdout.readline()) for name, worker in workers.items()}  # type: ignore[union-attr]
        for number in range(rounds):
            for task in BLOCKS:
                if task == "month" and number >= 5:
                    continue
                for name, worker in workers.items():
                    if task in known[name]:
                        print(task, file=worker.stdin, flush=True)
                        found.setdefault((name, task), []).append(float(worker.stdout.readline()))  # type: ignore[union-attr]
        for worker in workers.values():
            worker.communicate()
    return found


def memory(count: int) -> tuple[float, int]:
    """MiB that a reconciliation of so many takes at its peak, and the differences it found."""
    with process(sys.executable, __file__, "--serve", count) as server:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"  # type: ignore[union-attr]
        command = [sys.executable, __file__, "--remember", "--url", url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    taken, differences = json.loads(done.stdout)
    return float(taken), int(differences)


def lines_of(found: dict[tuple[str, str], list[float]], few: float, many: float) -> tuple[list[str], list[str]]:
    """The table, and the goals that are missed."""

    def ratio(one: tuple[str, str], other: tuple[str, str]) -> tuple[float, str]:
        if one not in found or other not in found:
            return float("nan"), "absent"
        pairs = [above / below for above, below in zip(found[one], found[other], strict=True)]
        low, middle, high = statistics.quantiles(pairs, n=4)
        return middle, f"{middle:.2f} [{low:.2f}–{high:.2f}]"

    lines = ["| what | over | ratio of CPU, median [quartiles] | goal |", "| --- | --- | --- | --- |"]
    missed = []
    for what, one, other, over, goal in (
        ("decode a page of 100 transactions", ("ours", "page"), ("json", "page"), "json.loads", 2.0),
        ("the same with the extra `speed`", ("speed", "page"), ("json", "page"), "json.loads", 2.0),
        ("the same by xendit-python 7.0.0", ("official", "page"), ("json", "page"), "json.loads", None),
        (
            "reconcile 10,000 invoices and 10,000 transactions",
            ("ours", "month"),
            ("json", "month"),
            "both listed by urllib3 and json",
            2.0,
        ),
        (
            "the same with the extra `speed`",
            ("speed", "month"),
            ("json", "month"),
            "both listed by urllib3 and json",
            None,
        ),
        ("the same", ("ours", "month"), ("httpx", "month"), "both listed by httpx and json", None),
        ("GET of a transaction", ("ours", "get"), ("ours", "get invoice"), "GET of an invoice", 1.05),
        ("the same by httpx and json", ("httpx", "get"), ("ours", "get"), "ours", None),
        ("the same by xendit-python 7.0.0", ("official", "get"), ("ours", "get"), "ours", None),
    ):
        middle, text = ratio(one, other)
        said = "" if goal is None else f"≤ {goal:g}{'' if middle <= goal else ', **missed**'}"
        if goal is not None and not middle <= goal:
            missed.append(what)
        lines.append(f"| {what} | {over} | {text} | {said} |")
    grows = many <= few + 16
    if not grows:
        missed.append("memory")
    lines += [
        "",
        f"Memory of a reconciliation at its peak, beyond a client that has made a call: {few:.0f} MiB for {FEW:,} invoices and as many",
        f"transactions, {many:.0f} MiB for {MANY:,} (goal: it does not grow with their number{'' if grows else '; **missed**'}).",
    ]
    return lines, missed


def write(lines: list[str]) -> None:
    """Put the table between its marks in docs/Performance.md."""
    text = PAGE.read_text("utf-8")
    head, mark, rest = text.partition(BEGIN)
    if not mark:
        raise SystemExit(f"{PAGE} has no {BEGIN}")
    PAGE.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.partition(END)[2]}", "utf-8")


def main() -> int:
    """Measure, print and write; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--installed", action="store_true", help="take the environments as they are")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    for name in ("--work", "--url"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--remember", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    if options.work:
        work(options.work, options.url)
        return 0
    if options.remember:
        remember(options.url)
        return 0
    from peers import prepare, python_of

    pythons = {}
    for name, environment in (
        ("ours", "ours"),
        ("speed", "speed"),
        ("json", "peers"),
        ("httpx", "peers"),
        ("official", "official"),
    ):
        problem = None if options.installed else prepare(environment)
        if problem is None:
            pythons[name] = str(python_of(environment))
        else:
            print(f"{name} is absent: {problem}", file=sys.stderr)
    found = measure(pythons, options.rounds)
    (few, _), (many, differences) = memory(FEW), memory(MANY)
    assert differences == 0
    lines, missed = lines_of(found, few, many)
    print("\n".join(lines))
    if not options.dry:
        write(lines)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
