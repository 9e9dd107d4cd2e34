"""Proxies that the environment names: without a scheme, SOCKS, refused, wrong passwords. What errors say, and what `doctor` finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from recorded import KEY

from security.listeners import Answering, Proxy
from security.surfaces import leaks
from xendit.exceptions import ConfigurationException, ConnectionException

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from xendit.apis import InvoiceApi

    Api = Callable[..., InvoiceApi]

PASSWORD = "s3cret-of-the-proxy"


def good(connection: Any) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"id":"x"}')


@pytest.mark.parametrize("transport", ["auto", "plain"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_a_proxy_without_a_scheme_is_an_http_proxy(
    name: str, transport: str, server_context: ssl.SSLContext, api_on: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`proxy:3128` is how curl and many others take it; with user and password too."""
    with Answering(good, context=server_context) as server, Proxy(f"user:{PASSWORD}") as proxy:
        monkeypatch.setenv(name, f"user:{PASSWORD}@{proxy.address}")
        assert api_on(server, transport=transport).get_invoice_by_id("x").id == "x"
        assert (proxy.connections, proxy.refused) == (1, 0)


@pytest.mark.parametrize("transport", ["auto", "plain"])
@pytest.mark.parametrize("operation", ["create", "get"])
def test_a_wrong_password_is_tried_once(
    operation: str, transport: str, server_context: ssl.SSLContext, api_on: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never thrice, which would lock the account; the error names the variable and the proxy without its password."""
    with Answering(good, context=server_context) as server, Proxy("user:another") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@{proxy.address}")
        api = api_on(server, transport=transport)
        with pytest.raises(ConnectionException) as caught:
            if operation == "create":
                api.create_invoice({"external_id": "e", "amount": 1000})
            else:
                api.get_invoice_by_id("x")
        assert proxy.refused == 1
        address = proxy.address
        assert server.connections == 0
    assert f"through the proxy http://{address} (HTTPS_PROXY): " in str(caught.value)
    assert "407 Proxy Authentication Required" in str(caught.value)
    assert "its user or password is missing or wrong" in str(caught.value)
    assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 1)
    assert leaks(caught.value, secrets=(PASSWORD,)) == []


@pytest.mark.parametrize("transport", ["auto", "plain"])
def test_a_refused_proxy_is_named(transport: str, api_on: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the setting that named it, when it was one of ours."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:9")
    for settings, said in (({}, "HTTPS_PROXY"), ({"proxy": f"http://u:{PASSWORD}@127.0.0.1:9"}, "Configuration.proxy")):
        with pytest.raises(ConnectionException) as caught:
            api_on("https://shop.invalid", transport=transport, retries=0, **settings).get_invoices()
        assert f"to shop.invalid:443 through the proxy http://127.0.0.1:9 ({said}): " in str(caught.value)
        assert "refused" in str(caught.value).lower() or "connect call failed" in str(caught.value).lower()
        assert caught.value.outcome == "not_sent"
        assert leaks(caught.value, secrets=(PASSWORD,)) == []


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        (f"socks5://user:{PASSWORD}@h:1", "HTTPS_PROXY names a SOCKS proxy"),
        (f"socks5h://user:{PASSWORD}@h:1", "HTTPS_PROXY names a SOCKS proxy"),
        (f"ftp://user:{PASSWORD}@h:1", "HTTPS_PROXY names a ftp:// proxy"),
        (f"http://user:{PASSWORD}@[h", "HTTPS_PROXY holds no URL of a proxy"),
        (f"http://user:{PASSWORD}@", "HTTPS_PROXY holds no URL of a proxy"),
    ],
)
def test_what_is_no_http_proxy_is_said_before_any_socket(
    proxy: str, said: str, api_on: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of the variable, and without its value."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationException, match=said) as caught:
        api_on("https://shop.invalid").get_invoices()
    assert leaks(caught.value, secrets=(PASSWORD,)) == []
    monkeypatch.setenv("NO_PROXY", "shop.invalid")
    with pytest.raises(ConnectionException):
        api_on("https://shop.invalid", retries=0).get_invoices()


@pytest.mark.parametrize(
    ("proxy", "state", "said"),
    [
        ("127.0.0.1:9", "problem", "http://127.0.0.1:9 (HTTPS_PROXY): Connection refused"),
        ("socks5://h:1", "problem", "HTTPS_PROXY names a SOCKS proxy"),
        ("http://user:word@[h", "problem", "HTTPS_PROXY holds no URL of a proxy"),
        ("PROXY", "ok", "(HTTPS_PROXY), for what NO_PROXY does not name"),
    ],
)
def test_doctor_finds_each(proxy: str, state: str, said: str) -> None:
    """And the call that goes through a proxy which refuses the password says where to look."""
    with Proxy("user:another") as running:
        named = proxy.replace("PROXY", f"http://user:{PASSWORD}@{running.address}")
        environment = {
            **os.environ,
            "HTTPS_PROXY": named,
            "XENDIT_API_KEY": KEY,
            "XENDIT_BASE_URL": "https://shop.invalid",
        }
        command = [sys.executable, "-c", "from xendit.cli import main; main()", "doctor", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = {each["what"]: each for each in json.loads(done.stdout)}
    assert found["proxy"]["state"] == state
    assert said in found["proxy"]["found"]
    assert PASSWORD not in done.stdout + done.stderr
    if state == "ok":
        assert "407" in found["call"]["found"]
        assert found["call"]["todo"] == "look at the proxy of HTTPS_PROXY, its user and its password"


def test_a_key_never_goes_to_a_proxy(server_context: ssl.SSLContext, api_on: Api) -> None:
    """What a proxy sees is host and port."""
    with Answering(good, context=server_context) as server, Proxy() as proxy:
        api_on(server, proxy=f"http://{proxy.address}", transport="plain").get_invoice_by_id("x")
        assert b"authorization" not in b"".join(proxy.requests).lower()
