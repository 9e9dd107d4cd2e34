"""The pytest plugin: fixtures that give a test a local Xendit. Needs the extra `sandbox` when one is used.

    def test_order_is_paid(xendit_sandbox, xendit_api, app):
        xendit_sandbox.deliver_to(app)
        invoice = xendit_api.create_invoice({"external_id": "order-1", "amount": 50000})
        xendit_sandbox.pay(invoice.id, channel="BCA")
        assert xendit_sandbox.deliveries[-1].status == 200

It is loaded by every pytest run of an environment that has this library, so it imports nothing but pytest
until a fixture is asked for. Each process of pytest-xdist has its own sandbox, on a port of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.sandbox import Sandbox
    from xendit.testing.world.users import UserWorlds


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how many worlds a test with `xendit_world` lives through."""
    parser.getgroup("xendit").addoption(
        "--xendit-seeds",
        default="50",
        metavar="N",
        help="simulated worlds for each test that takes xendit_world: how many, or FIRST..LAST without the last one",
    )


def pytest_report_header() -> list[str]:
    """Warn in the header of a run if the official SDK is installed beside this library."""
    from xendit.installation import clash

    problem = clash()
    return [f"xendit: {problem}"] if problem else []


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say in which fields two models differ that should be equal, without showing personal values."""
    if op != "==" or not hasattr(left, "__shown__") or type(left) is not type(right):
        return None
    from xendit.display import differences
    from xendit.model import Model

    if not isinstance(left, Model) or not isinstance(right, Model):
        return None

    return [f"{type(left).__name__} == {type(right).__name__}", *differences(left, right)]


@pytest.fixture(scope="session")
def _xendit_sandbox_server() -> Iterator[Sandbox]:
    """One server for all tests of a session, or of a worker of pytest-xdist."""
    try:
        from xendit.sandbox import Sandbox
    except ImportError as problem:
        pytest.fail(str(problem), pytrace=False)
    with Sandbox() as server:
        yield server


@pytest.fixture
def xendit_sandbox(_xendit_sandbox_server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A local Xendit with nothing in it: `pay`, `expire`, `settle`, `advance`, `faults`, `deliver_to`, `deliveries`.

    While the test runs, clients and webhook endpoints that were given no key, host or token use this sandbox, wherever
    and whenever they were made, and keep none of its settings afterwards. `XENDIT_API_KEY`, `XENDIT_BASE_URL` and
    `XENDIT_WEBHOOK_TOKEN` name it too. A call with a live key, or to Xendit's own host, is refused.
    """
    from xendit import configuration, settings
    from xendit.testing.standin import refusal, settings_of

    sandbox = _xendit_sandbox_server
    sandbox.reset()
    # Set by monkeypatch, because the test may use it too: then everything is undone in the right order.
    for name, value in settings_of(sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(settings, "_stand_in", settings_of(sandbox))
    monkeypatch.setattr(configuration, "_guard", refusal)
    yield sandbox
    # Webhooks that still wait must not reach the receiver of a test that is over.
    sandbox.reset()


@pytest.fixture
def xendit_api(xendit_sandbox: Sandbox) -> InvoiceApi:
    """An InvoiceApi on the sandbox of `xendit_sandbox`."""
    from xendit.client.sync import ApiClient
    from xendit.configuration import Configuration
    from xendit.invoice.invoice_api import InvoiceApi

    return InvoiceApi(ApiClient(Configuration(host=xendit_sandbox.url, api_key=xendit_sandbox.api_key)))


@pytest.fixture
def xendit_world(request: pytest.FixtureRequest) -> UserWorlds:
    """Simulated worlds, as many as `--xendit-seeds` says, in which your own handler stands (docs/Sandbox.md).

        def test_handler_in_bad_weather(xendit_world):
            for world in xendit_world:
                orders = Orders()  # a new order table for each
                world.run(orders.handle, fulfilled=orders.count_shipped)

    What the library logs about the faults in these worlds is not shown, because they are many.
    """
    from xendit.testing.world.users import UserWorlds, read_seeds

    try:
        seeds = read_seeds(str(request.config.getoption("--xendit-seeds")))
    except ValueError as problem:
        pytest.fail(str(problem), pytrace=False)
    return UserWorlds(seeds)
