"""Fixtures of the contract tests: a recording server, and a client and an InvoiceApi that talk to it."""

from __future__ import annotations

import pytest
from recorder import KEY, Recorder


@pytest.fixture
def recorder():
    """A fresh recording server on loopback."""
    with Recorder() as running:
        yield running


@pytest.fixture
def client(recorder):
    """An ApiClient whose host is the recorder."""
    import xendit

    with xendit.ApiClient(xendit.Configuration(api_key=KEY, host=recorder.url)) as made:
        yield made


@pytest.fixture
def api(client):
    """An InvoiceApi whose calls reach the recorder."""
    from xendit.apis import InvoiceApi

    return InvoiceApi(client)
