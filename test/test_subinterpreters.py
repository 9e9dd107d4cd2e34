"""Subinterpreters: `concurrent.interpreters` and InterpreterPoolExecutor from Python 3.14, mod_wsgi's kind before."""

from __future__ import annotations

import subprocess
import sys

import pytest

INSIDE = """
import sys
sys.path[:0] = {path!r}
import warnings
warnings.simplefilter("error")
import xendit
from xendit.apis import InvoiceApi
from xendit.bulk import create_many
from xendit.models import Invoice
from xendit.sandbox import Sandbox
from xendit.testing import paid, signed
from xendit.webhook import MemoryInbox, Webhook

with Sandbox() as sandbox:
    request = signed(paid(external_id="a"), "token")
    assert Webhook(MemoryInbox(), "token").answer("POST", request.headers, request.body).status == 200
    with xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)) as client:
        api = InvoiceApi(client)
        made = api.create_invoice({{"external_id": "a", "amount": 10000}})
        assert api.create_invoice({{"external_id": "b", "amount": 10000}}, async_req=True).get(30).external_id == "b"
        rows = [{{"external_id": f"many-{{number}}", "amount": 10000}} for number in range(5)]
        assert [each.state for each in create_many(api, rows)] == ["created"] * 5
        for _ in range(60):
            assert Invoice.from_json(made.to_json()) == made
        assert len(list(api.iter_invoices())) == 7
"""

OWN_LOCK = """
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor
made = interpreters.create()
made.exec(code)
made.close()
with InterpreterPoolExecutor(2) as pool:
    assert list(pool.map(exec, [code] * 2)) == [None, None]
"""
SHARED_LOCK = """
import _xxsubinterpreters as interpreters
made = interpreters.create(isolated=False)
interpreters.run_string(made, code)
interpreters.destroy(made)
"""
PRIVATE = """
import _interpreters as interpreters
made = interpreters.create("legacy")  # the kind with a lock of its own crashes in 3.13.0 by itself
failed = interpreters.exec(made, code)
assert failed is None, failed.formatted
interpreters.destroy(made)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own: what subinterpreters leave behind may not touch other tests."""
    code = INSIDE.format(path=[each for each in sys.path if each])
    return subprocess.run(
        [sys.executable, "-c", f"code = {code!r}\n{program}"], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_client_a_batch_and_a_sandbox_in_a_subinterpreter() -> None:
    """No thread is demanded that a subinterpreter refuses, and nothing is left that keeps it from being closed."""
    if sys.implementation.name != "cpython":
        pytest.skip("subinterpreters are CPython's")
    if sys.version_info >= (3, 14):
        program = OWN_LOCK
    else:
        program = PRIVATE if sys.version_info >= (3, 13) else SHARED_LOCK
    ran = run(program)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = [line for line in ran.stderr.splitlines() if not line.startswith("msgspec is installed and cannot")]
    assert told == []
