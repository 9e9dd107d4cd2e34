"""Fixtures of the tests of balances, transactions and refunds: a recording server, a sandbox, and clients of both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

from recorder import KEY, Recorder

import xendit
from xendit.sandbox import Sandbox


@pytest.fixture
def recorder():
    """A fresh recording server on loopback."""
    with Recorder() as running:
        yield running


@pytest.fixture
def client(recorder):
    """A client whose host is the recorder, and whose pauses are short."""
    policy = xendit.RetryPolicy(first_wait=0.01, longest_wait=0.02)
    with xendit.ApiClient(xendit.Configuration(api_key=KEY, host=recorder.url, retries=policy)) as made:
        yield made


@pytest.fixture
def sandbox():
    """A sandbox of its own, in memory."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox):
    """A client of the sandbox."""
    with xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)) as made:
        yield made
