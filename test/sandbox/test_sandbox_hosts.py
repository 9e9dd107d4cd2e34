"""Which names a sandbox answers to: its own, and those that were allowed, at any port or at one."""

from __future__ import annotations

import socket

import pytest

from xendit.sandbox import Sandbox
from xendit.sandbox.hosts import Hosts


def status_for(sandbox, host, *, method="GET", path="/v2/invoices", **headers):
    """Ask with a Host header as it stands, and give the status."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", "Content-Length: 0"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    name, port = sandbox.url[7:].split(":")
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.recv(65_536).split()[1])


@pytest.mark.parametrize(
    ("allowed", "host", "admitted"),
    [
        ("shop.test", "shop.test", True),
        ("shop.test", "shop.test:443", True),
        ("shop.test", "SHOP.test:8080", True),
        ("Shop.Test", "shop.test:1", True),
        ("shop.test:8080", "shop.test:8080", True),
        ("shop.test:8080", "shop.test", False),
        ("shop.test:8080", "shop.test:80", False),
        ("shop.test", "a.shop.test", False),
        ("shop.test", "shop.test.evil.example", False),
        ("shop.test", "shop.test:port", False),
        ("shop.test", "shop.test:", False),
        ("xendit_sandbox", "xendit_sandbox:8420", True),
        ("api.xendit.co", "api.xendit.co", True),
        ("localhost", "localhost:9000", True),
        ("localhost", "127.0.0.1:9000", False),
        ("[2001:db8::1]", "[2001:db8::1]:80", True),
        ("10.0.0.7", "10.0.0.7:8420", True),
    ],
)
def test_allowed_host(allowed, host, admitted):
    """`NAME` is admitted with any port and with none, `NAME:PORT` exactly; case does not count."""
    assert Hosts([allowed]).at_port(8420).admits(host) is admitted


@pytest.mark.parametrize(
    "given",
    [
        *("", " ", "http://shop.test", "shop.test/", "shop.test:", "shop.test:0", "shop.test:65536", "shop.test:x"),
        *("a b", "shop.test,other.test", "*", "*.shop.test", "::1", "user@shop.test", "-shop", "shop.test\n"),
        *(8080, None),
    ],
)
def test_malformed_host_is_refused_at_the_start(given):
    """The sentence shows what was given and what a name looks like."""
    with pytest.raises(ValueError, match="an allowed host must be a name such as shop.test or shop.test:8080") as told:
        Sandbox(allowed_hosts=[given])
    assert repr(given) in str(told.value)


def test_allowed_host_over_a_socket(start):
    """A name that was allowed is answered whatever port the client names; others are told what would be."""
    sandbox, _ = start(allowed_hosts=["sandbox.test"])
    assert status_for(sandbox, "sandbox.test") == 401
    assert status_for(sandbox, "sandbox.test:4443") == 401
    assert status_for(sandbox, "other.test") == 421
    assert status_for(sandbox, sandbox.url[7:]) == 401


def test_pages_behind_a_proxy_may_post(start):
    """A page of an allowed name may use the control plane, over https too; one of another name may not."""
    sandbox, _ = start(allowed_hosts=["sandbox.test"])
    for origin, status in (
        ("https://sandbox.test", 200),
        ("http://sandbox.test", 200),
        ("https://evil.example", 403),
        ("ftp://sandbox.test", 403),
        ("null", 403),
    ):
        got = status_for(sandbox, "sandbox.test", method="POST", path="/_sandbox/reset", Origin=origin)
        assert got == status, origin
