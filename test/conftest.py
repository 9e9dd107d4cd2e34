"""What all tests share: hypothesis profiles, a clean environment, one sandbox a session."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

pytest_plugins = ["databases"]

_FEW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("suite", max_examples=100, derandomize=True, **_FEW)
settings.register_profile("proof", max_examples=2000, print_blob=True, **_FEW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_configure(config: pytest.Config) -> None:
    """What depends on how and where the suite was started.

    A background job of a script starts with SIGINT ignored, as do all its children: no test of Ctrl-C could pass.
    Python 3.10 does not mark a TLS transport as closed when the other side has closed it, and warns of that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.version_info < (3, 11):
        config.addinivalue_line("filterwarnings", "ignore:unclosed transport <asyncio.sslproto:ResourceWarning")


def pytest_collection(session: pytest.Session) -> None:
    """Half a million objects are made and all of them stay: nothing can be collected, and looking takes a quarter of the time."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What the tests drop is collected as always; what has been made so far is not looked at again.

    From 3.14 on Hypothesis would not find who holds its generator, and warn, in the first test of its that a process runs.
    PyPy has no such thing.
    """
    if sys.version_info < (3, 14) and hasattr(gc, "freeze"):
        gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _clean_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, host or proxy of this machine reaches a test, and none leaves it."""
    import xendit
    from xendit import configuration

    for name in ("XENDIT_API_KEY", "XENDIT_BASE_URL", "XENDIT_ALLOW_HTTP"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(configuration, "_default_key", None)
    xendit.__dict__.pop("api_key", None)


@pytest.fixture(scope="session")
def _sandbox_server() -> Iterator[Sandbox]:
    from xendit.sandbox import Sandbox

    with Sandbox() as server:
        yield server


@pytest.fixture
def sandbox(_sandbox_server: Sandbox) -> Iterator[Sandbox]:
    """A sandbox with nothing in it, for this test alone."""
    _sandbox_server.reset()
    _sandbox_server.webhook_url = None
    yield _sandbox_server
    _sandbox_server.webhook_url = None
