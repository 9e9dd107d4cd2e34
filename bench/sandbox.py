"""Measures the sandbox: start, reset, pages of a long list, memory, a batch. Prints one line each; asserts nothing.

.venv/bin/python bench/sandbox.py
"""

from __future__ import annotations

import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import urllib3

from xendit import ApiClient, Configuration, InvoiceApi
from xendit.bulk import create_many
from xendit.models import CreateInvoiceRequest
from xendit.sandbox import Sandbox

INVOICES = 10_000
BATCH = 2_000
_SERVER = (
    "from xendit.sandbox import Sandbox\nimport threading\ns=Sandbox(port={port}).start()\nthreading.Event().wait()"
)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start_to_first_answer() -> tuple[float, float]:
    """Milliseconds from the start of a process to its first answer, and of CPU: interpreter and imports included."""
    port = free_port()
    request = f"GET /v2/invoices HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    used, began = cpu_of_children(), time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _SERVER.format(port=port)]) as process:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                    connection.sendall(request.encode())
                    connection.recv(1_024)
                break
            except ConnectionRefusedError:
                time.sleep(0.002)
        took = time.perf_counter() - began
        process.kill()
    return took * 1000, (cpu_of_children() - used) * 1000


def cpu_of_children() -> float:
    """Seconds of CPU that ended processes used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def interpreter() -> float:
    """Milliseconds of an interpreter that does nothing: the floor of the above."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return (time.perf_counter() - began) * 1000


def resets(sandbox: Sandbox) -> float:
    """Milliseconds of a reset between two tests that made an invoice."""
    times = []
    for _ in range(200):
        sandbox.load({"invoices": [{"external_id": "a", "amount": 1_000}]})
        began = time.perf_counter()
        sandbox.reset()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def fill_and_page(sandbox: Sandbox, kind: str) -> None:
    """Ten thousand invoices over HTTP, each paid and told, then every page of the list."""
    pool = urllib3.PoolManager(retries=False)
    headers = urllib3.make_headers(basic_auth=f"{sandbox.api_key}:") | {"Content-Type": "application/json"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sandbox.deliver_to(lambda _request: None)
    began = time.perf_counter()
    for number in range(INVOICES):
        body = json.dumps({"external_id": f"order-{number}", "amount": 10_000 + number})
        made = pool.request("POST", f"{sandbox.url}/v2/invoices", body=body, headers=headers).json()
        sandbox.pay(made["id"])
    each = (time.perf_counter() - began) / INVOICES * 1000
    times, cpu, cursor, seen = [], [], "", 0
    while True:
        began, used = time.perf_counter(), time.process_time()
        url = f"{sandbox.url}/v2/invoices?limit=100{cursor}"
        page = pool.request("GET", url, headers=headers).json()
        times.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        seen += len(page)
        if not page:
            break
        cursor = f"&last_invoice={page[-1]['id']}"
    filtered = []
    for query in ("external_id=order-0", "statuses=EXPIRED", "payment_channels=OVO"):
        began = time.perf_counter()
        pool.request("GET", f"{sandbox.url}/v2/invoices?limit=100&{query}", headers=headers)
        filtered.append((time.perf_counter() - began) * 1000)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{kind}: create, pay and deliver          {each:8.2f} ms each, {INVOICES} of them")
    print(
        f"{kind}: page of 100, {seen} in all     {statistics.median(times):8.2f} ms median, {max(times):.2f} ms worst"
    )
    print(f"{kind}:   of it CPU, client included      {statistics.median(cpu):8.2f} ms median, {max(cpu):.2f} ms worst")
    print(f"{kind}: a filter that finds next to none {max(filtered):8.2f} ms worst of three")
    print(f"{kind}: memory                           {after - before:8.1f} MiB more at its peak")


def batch(sandbox: Sandbox, directory: Path) -> tuple[float, float]:
    """Seconds that `create_many` takes for 2,000 invoices with a journal in a file, and of CPU, the sandbox's included."""
    api = InvoiceApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    requests = [CreateInvoiceRequest(external_id=f"batch-{number}", amount=10_000) for number in range(BATCH)]
    began, used = time.perf_counter(), time.process_time()
    report = [result.state for result in create_many(api, requests, journal=directory / "batch.db")]
    took, cpu = time.perf_counter() - began, time.process_time() - used
    assert report == ["created"] * BATCH
    return took, cpu


def main() -> None:
    """Measure and print."""
    bare = min(interpreter() for _ in range(5))
    start = sorted(start_to_first_answer() for _ in range(7))
    cpu = statistics.median(one for _, one in start)
    print(f"start to first answer                 {start[3][0]:8.1f} ms median of 7, a bare interpreter {bare:.1f} ms")
    print(f"  of it CPU                           {cpu:8.1f} ms: what a machine with nothing else to do would need")
    with Sandbox() as sandbox:
        print(f"reset                                 {resets(sandbox):8.3f} ms median")
        fill_and_page(sandbox, "memory")
    with tempfile.TemporaryDirectory() as directory, Sandbox() as sandbox:
        took, cpu = batch(sandbox, Path(directory))
        print(f"create_many of {BATCH:,}, with a journal   {took:8.2f} s, of it CPU {cpu:.2f} s; the goal is 10 s")
    with tempfile.TemporaryDirectory() as directory, Sandbox(db=Path(directory) / "bench.db") as sandbox:
        print(f"reset of a file                       {resets(sandbox):8.3f} ms median")
        fill_and_page(sandbox, "file  ")


if __name__ == "__main__":
    main()
