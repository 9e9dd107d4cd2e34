"""The official SDKs, unchanged, and schemathesis against the sandbox. Each has an environment of its own.

The environments are made in `.interop/` the first time, from the packages' usual registries; where those cannot be
had the test is skipped, and says why.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from xendit.sandbox import Sandbox

from .environments import ROOT, run, with_packages

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


def test_official_python_sdk(sandbox):
    """xendit-python 7.0.0 creates, gets, lists and expires. It forgets to require python-dateutil."""
    python = with_packages("python", "xendit-python==7.0.0", "python-dateutil")
    judge(sandbox, run(python, "-I", HERE / "official_python.py", sandbox.url, sandbox.api_key))


def test_official_node_sdk(sandbox):
    """xendit-node creates, gets, lists and expires."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no Node here")
    home = ROOT / "node"
    if not (home / "node_modules" / "xendit-node").exists():
        home.mkdir(parents=True, exist_ok=True)
        done = run(npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", home, "xendit-node@7.0.0")
        if done.returncode != 0:
            pytest.skip(f"xendit-node cannot be had: {done.stderr.strip().splitlines()[-1:]}")
    environment = {**os.environ, "NODE_PATH": str(home / "node_modules")}
    judge(sandbox, run(node, HERE / "official_node.cjs", sandbox.url, sandbox.api_key, env=environment))


#: A refund of an invoice that is not paid yet is in form and is refused with 400, as the API does.
SCHEMATHESIS_SETTINGS = """\
[[operations]]
include-name = "POST /refunds"

[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "429", "5xx"]
"""


def test_schemathesis(sandbox, tmp_path):
    """All checks of schemathesis, valid and invalid data, single and in sequence, find nothing to say."""
    python = with_packages("schemathesis", "schemathesis==4.32.5")
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
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr
    assert "Stateful" in done.stdout, sys.version
