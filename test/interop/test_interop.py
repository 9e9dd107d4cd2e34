"""The official SDKs, unchanged, and schemathesis against the sandbox. Each has an environment of its own.

The environments are made in `.interop/` the first time, from the packages' usual registries; where those cannot be
had the test is skipped, and says why.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

import pytest

import xendit
from xendit.apis import InvoiceApi
from xendit.sandbox import Sandbox

from .environments import ROOT, run, with_node, with_packages

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow


@pytest.fixture
def sandbox():
    """A sandbox of its own, in memory."""
    with Sandbox() as sandbox:
        yield sandbox


def judge(sandbox, done):
    """Look at what an official SDK says it did, and at what the sandbox says."""
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    first, second, third = said["made"]
    assert said["got"] == first
    assert said["listed"] == [third, second]
    assert said["after"] == [first]
    assert said["expired"] == [first, "EXPIRED"]
    assert said["problem"] == ["404", "INVOICE_NOT_FOUND_ERROR"]
    assert {one.id: one.status for one in sandbox.book("invoice").ledger} == {
        first: "EXPIRED",
        second: "PENDING",
        third: "PENDING",
    }


def official_python(script, *arguments):
    """Run a program of xendit-python 7.0.0."""
    return run(with_packages("python-7"), "-I", HERE / script, *arguments)


def official_node(script, *arguments):
    """Run a program of xendit-node; skips the test where neither Node nor the package can be had."""
    node, variables = with_node()
    return run(node, HERE / script, *arguments, env=variables)


def test_official_python_sdk(sandbox):
    """xendit-python 7.0.0 creates, gets, lists and expires."""
    judge(sandbox, official_python("official_python.py", sandbox.url, sandbox.api_key))


def test_official_node_sdk(sandbox):
    """xendit-node creates, gets, lists and expires."""
    judge(sandbox, official_node("official_node.cjs", sandbox.url, sandbox.api_key))


@pytest.mark.parametrize(
    ("sdk", "script"), [(official_python, "official_python_money.py"), (official_node, "official_node_money.cjs")]
)
def test_official_sdks_read_money_and_give_it_back(sdk, script):
    """Balance, transactions and refunds of the two official SDKs, unchanged: what they read is what the sandbox holds."""
    with Sandbox(assume={"refund_delay": 0}) as sandbox:
        client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))
        invoice = InvoiceApi(client).create_invoice({"external_id": "paid-1", "amount": 150_000})
        sandbox.pay(invoice.id, channel="OVO")
        sandbox.settle(invoice.id)
        done = sdk(script, sandbox.url, sandbox.api_key, invoice.id)
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        [payment, _] = sorted(sandbox.book("transaction").ledger, key=lambda each: each.type)
        [refund] = sandbox.book("refund").ledger
    assert said == {
        "balance": 147_502,
        "transactions": [["paid-1", "PAYMENT", 150_000]],
        "one": [payment.id, 2_250, 248],
        "made": [refund.id, 40_000],
        "got": refund.id,
        "listed": [refund.id],
        "cancelled": refund.id,
        "problem": ["400", "REFUND_AMOUNT_EXCEEDED"],
    }
    assert (refund.status, refund.reference_id, refund.reason) == ("CANCELLED", "official-1", "REQUESTED_BY_CUSTOMER")


#: A refund of an invoice that is not paid yet is in form and is refused with 400, as the API does; so is a report whose span ends
#: before it begins. `schemathesis_checks` looks at what such a refusal bears: any other 400 is an error.
SCHEMATHESIS_SETTINGS = "".join(
    f"""\
[[operations]]
include-name = "{name}"

[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "429", "5xx"]

"""
    for name in ("POST /refunds", "POST /reports")
)


def test_schemathesis(sandbox, tmp_path):
    """All checks of schemathesis, valid and invalid data, single and in sequence, find nothing to say."""
    python = with_packages("schemathesis")
    thorough = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
    key = base64.b64encode(f"{sandbox.api_key}:".encode()).decode()
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SCHEMATHESIS_SETTINGS, "utf-8")
    done = run(
        python.with_name("schemathesis"),
        *("--config-file", str(settings)),
        "run",
        f"{sandbox.url}/openapi.json",
        *("--header", f"Authorization: Basic {key}"),
        *("--mode", "all", "--checks", "all", "--continue-on-failure", "--suppress-health-check", "all"),
        *("--max-examples", "200" if thorough else "10"),
        *(() if thorough else ("--seed", "20260131")),
        cwd=ROOT,
        timeout=3_000,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_checks", "PYTHONPATH": str(HERE)},
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr
    assert "Stateful" in done.stdout, sys.version


REFUND, REPORT = (
    ("refused_refund_names_its_payment", "POST /refunds"),
    ("refused_report_names_its_span", "POST /reports"),
)


@pytest.mark.parametrize(
    ("check", "body", "passes"),
    [
        (REFUND, {"error_code": "INELIGIBLE_TRANSACTION_STATUS"}, True),
        (REFUND, {"error_code": "API_VALIDATION_ERROR"}, False),
        (REPORT, {"validation": {"errors": [{"path": ".body.filter.to"}]}}, True),
        (REPORT, {"validation": {"errors": [{"path": ".body.type"}]}}, False),
    ],
)
def test_the_exceptions_are_for_one_refusal(check, body, passes):
    """The checks that schemathesis loads let one refusal of each operation pass, and no other."""
    python = with_packages("schemathesis")
    program = f"""
import json
from types import SimpleNamespace as Made
import schemathesis_checks
check = getattr(schemathesis_checks, {check[0]!r})
check = getattr(check, "__wrapped__", check)
meta = Made(generation=Made(mode=Made(is_positive=True)))
text = {json.dumps(body)!r}
response = Made(status_code=400, json=lambda: json.loads(text), text=text)
check(None, response, Made(operation=Made(label={check[1]!r}), meta=meta))
"""
    done = run(python, "-c", program, env={**os.environ, "PYTHONPATH": str(HERE)})
    assert (done.returncode == 0) is passes, done.stderr
    assert passes or "AssertionError" in done.stderr
