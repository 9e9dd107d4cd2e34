"""Certificates, fault servers here and in processes of their own, and whether the long runs are asked for."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
from faults.server import FaultServer, ServerProcess
from faults.worlds import WORLDS, apis_in
from recorded import KEY

import xendit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that no system trusts."""
    import trustme  # what it needs has no build for every Python

    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its certificate as a file."""
    path: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="session")
def chain(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A key and its certificate for 127.0.0.1, in one file."""
    path: Path = tmp_path_factory.mktemp("server") / "chain.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="session")
def server_context(chain: str) -> ssl.SSLContext:
    """A TLS server's context with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


@pytest.fixture(scope="session")
def _fault_server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def faults(_fault_server: FaultServer) -> FaultServer:
    """A fault server with empty books."""
    _fault_server.forget()
    return _fault_server


@pytest.fixture
def tls_faults(server_context: ssl.SSLContext) -> Iterator[FaultServer]:
    """The same with TLS."""
    with FaultServer(server_context) as server:
        yield server


@pytest.fixture(scope="session")
def _plain_process() -> Iterator[ServerProcess]:
    with ServerProcess() as server:
        yield server


@pytest.fixture(scope="session")
def _tls_process(chain: str) -> Iterator[ServerProcess]:
    with ServerProcess(chain) as server:
        yield server


@pytest.fixture
def elsewhere(_plain_process: ServerProcess) -> ServerProcess:
    """A fault server in a process of its own, its books empty."""
    _plain_process.forget()
    return _plain_process


@pytest.fixture(params=["plain", "tls"])
def anywhere(request: pytest.FixtureRequest, ca_file: str) -> tuple[ServerProcess, str | None]:
    """The same without and with TLS, and the file of the authority to trust."""
    secure = request.param == "tls"
    server: ServerProcess = request.getfixturevalue("_tls_process" if secure else "_plain_process")
    server.forget()
    return server, ca_file if secure else None


@pytest.fixture(params=WORLDS)
def api_on(request: pytest.FixtureRequest, ca_file: str) -> Iterator[Callable[..., Any]]:
    """Makes an InvoiceApi on a server, or what calls an AsyncInvoiceApi; it trusts the authority of these tests."""
    with apis_in(request.param) as make:

        def on(server: Any, **settings: Any) -> Any:
            url = server if isinstance(server, str) else server.url
            settings = {"api_key": KEY, "timeout": 5, "retries": 0, "ssl_ca_cert": ca_file, **settings}
            if settings.get("ssl_context"):
                del settings["ssl_ca_cert"]
            return make(xendit.Configuration(url, **settings))

        yield on
