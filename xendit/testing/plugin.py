"""The pytest plugin: fixtures that give a test a local Xendit. Needs the extra `sandbox` when one is used.

It is loaded by every pytest run of an environment that has this library, so it imports nothing but pytest
until a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.sandbox import Sandbox


def pytest_report_header() -> list[str]:
    """Say at the head of a run when the official SDK is installed beside this library."""
    from xendit.installation import clash

    problem = clash()
    return [f"xendit: {problem}"] if problem else []


@pytest.fixture(scope="session")
def _xendit_sandbox_server() -> Iterator[Sandbox]:
    """One server for all tests of a session."""
    try:
        from xendit.sandbox import Sandbox
    except ImportError as problem:
        pytest.fail(str(problem), pytrace=False)
    with Sandbox() as server:
        yield server


@pytest.fixture
def xendit_sandbox(_xendit_sandbox_server: Sandbox) -> Sandbox:
    """A local Xendit with nothing in it: `.url`, `.api_key`, `.callback_token`, `.pay(id)`, `.expire(id)`."""
    _xendit_sandbox_server.reset()
    _xendit_sandbox_server.webhook_url = None
    return _xendit_sandbox_server


@pytest.fixture
def xendit_api(xendit_sandbox: Sandbox) -> InvoiceApi:
    """An InvoiceApi on the sandbox of `xendit_sandbox`."""
    from xendit.api_client import ApiClient
    from xendit.configuration import Configuration
    from xendit.invoice.invoice_api import InvoiceApi

    return InvoiceApi(ApiClient(Configuration(host=xendit_sandbox.url, api_key=xendit_sandbox.api_key)))
