"""Secrets are read when they are needed: a client without them is made anywhere, and looks at its first call."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from raw_server import RawServer, http
from recorded import KEY

import xendit
from xendit import ApiClient, Configuration, InvoiceApi
from xendit.exceptions import ConfigurationException
from xendit.settings import API_KEY, BASE_URL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

ONE, TWO = "xnd_development_one", "xnd_development_two"


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server that has no invoices."""
    with RawServer([http(200, b"[]")] * 8) as server:
        yield server


def keys_at(server: RawServer) -> list[str]:
    """The keys that came with the requests."""
    from base64 import b64decode

    keys = []
    for request in server.requests:
        lines = request.decode("latin-1").split("\r\n")
        [told] = [line.split(" ")[-1] for line in lines if line.lower().startswith("authorization: basic ")]
        keys.append(b64decode(told).decode().rstrip(":"))
    return keys


def test_a_client_looks_at_its_first_call_and_keeps_what_it_finds(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key and host come after the client was made; a later change of the environment is for later clients."""
    api = InvoiceApi()
    assert api.api_client.mode is None
    monkeypatch.setenv(BASE_URL, server.url)
    monkeypatch.setenv(API_KEY, ONE)
    assert api.api_client.mode is None
    api.get_invoices()
    assert api.api_client.mode == "test"
    monkeypatch.setenv(API_KEY, "xnd_production_two")
    monkeypatch.setenv(BASE_URL, "http://127.0.0.1:9")
    api.get_invoices()
    api.api_client.user_agent = "shop/1"  # which makes nothing look again
    api.get_invoices()
    assert keys_at(server) == [ONE] * 3
    assert api.api_client.mode == "test"
    assert api.api_client.describe()["host"] == server.url
    assert repr(server.url) in repr(api)


def test_a_missing_key_can_still_come(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose first call failed for want of a key finds it at the next."""
    api = InvoiceApi(ApiClient(Configuration(host=server.url)))
    with pytest.raises(ConfigurationException, match="no API key"):
        api.get_invoices()
    monkeypatch.setenv(API_KEY, ONE)
    api.get_invoices()
    assert keys_at(server) == [ONE]


@pytest.mark.parametrize("nothing", [None, ""])
def test_the_order_is_argument_default_environment(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, nothing: str | None
) -> None:
    """Each is asked only when those before it have nothing; None and empty text are nothing."""
    monkeypatch.setenv(API_KEY, "xnd_development_environment")
    monkeypatch.setenv(BASE_URL, server.url)
    InvoiceApi(api_key=nothing).get_invoices()
    xendit.set_api_key("xnd_development_default")
    InvoiceApi(nothing).get_invoices()
    InvoiceApi("xnd_development_given").get_invoices()
    InvoiceApi(api_key="xnd_development_named").get_invoices()
    InvoiceApi(ApiClient(Configuration(api_key=nothing))).get_invoices()
    xendit.set_api_key(nothing)
    InvoiceApi().get_invoices()
    names = ["environment", "default", "given", "named", "default", "environment"]
    assert keys_at(server) == [f"xnd_development_{name}" for name in names]


def test_a_default_that_comes_later_reaches_a_client_that_has_found_none(server: RawServer) -> None:
    """A module makes its client, and the program calls set_api_key afterwards."""
    api = InvoiceApi(ApiClient(Configuration(host=server.url)))
    xendit.set_api_key(ONE)
    api.get_invoices()
    xendit.set_api_key(TWO)
    api.get_invoices()
    assert keys_at(server) == [ONE, ONE]


def test_two_accounts_in_one_program_never_mix(server: RawServer) -> None:
    """A client made after set_api_key has that key, also when its first call comes after the next set_api_key."""
    apis = []
    for key in (ONE, TWO):
        xendit.set_api_key(key)
        apis.append(InvoiceApi(ApiClient(Configuration(host=server.url))))
    for api in apis:
        api.get_invoices()
    assert keys_at(server) == [ONE, TWO]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('"xnd_development_abc"', r"the API key \(from the environment variable XENDIT_API_KEY\) is in quotes"),
        ("xnd_development_abc ", r"\(from the environment variable XENDIT_API_KEY\) holds a space"),
        ("xnd_public_abc", "is a public key"),
    ],
)
def test_a_found_key_that_cannot_be_one_names_where_it_came_from(
    value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent, and the setting to mend is in the text; the client's repr shows no key."""
    monkeypatch.setenv(API_KEY, value)
    api = InvoiceApi()
    with pytest.raises(ConfigurationException, match=problem) as caught:
        api.get_invoices()
    assert "no request was made" in str(caught.value)
    assert value not in str(caught.value)
    assert value not in repr(Configuration()) + repr(api)


def test_a_found_host_that_cannot_be_one_names_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call says it; repr and describe do not raise, and show nothing of it."""
    monkeypatch.setenv(API_KEY, KEY)
    monkeypatch.setenv(BASE_URL, "https://user:s3cret@api.xendit.co")
    configuration = Configuration()
    assert "s3cret" not in repr(configuration)
    assert configuration.describe()["host"] is None
    with pytest.raises(ConfigurationException, match=r"XENDIT_BASE_URL \(the environment variable .*no user"):
        InvoiceApi().get_invoices()


def test_an_empty_host_is_an_error_where_a_program_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`host=""` would silently mean the real Xendit; an empty variable in a .env file means that there is none."""
    with pytest.raises(ConfigurationException, match="host is empty: give a URL"):
        Configuration(host="")
    with pytest.raises(ConfigurationException, match="host is empty: give a URL"):
        Configuration().host = ""
    monkeypatch.setenv(BASE_URL, "")
    assert Configuration().host == Configuration(host=None).host == "https://api.xendit.co"


def test_the_function_of_a_key_is_called_for_calls_and_not_for_texts(server: RawServer) -> None:
    """repr, describe and logging of an API, a client or a configuration never ask a vault."""
    asked = []

    def newest() -> str:
        asked.append(1)
        return ONE

    configuration = Configuration(host=server.url, api_key=newest)
    api = InvoiceApi(ApiClient(configuration))
    texts = f"{configuration!r} {api!r} {api.api_client!r} {api.api_client.describe()} {configuration.describe()}"
    assert asked == []
    assert "from a function" in texts
    api.get_invoices()
    assert (len(asked), api.api_client.mode) == (1, "test")


def test_check_settings_fails_when_a_program_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It raises what the first call would, keeps what it finds, and sends nothing."""
    client = ApiClient()
    with pytest.raises(ConfigurationException, match="no API key"):
        client.check_settings()
    monkeypatch.setenv(API_KEY, ONE)
    client.check_settings()
    assert client.mode == "test"
    monkeypatch.delenv(API_KEY)
    client.check_settings()
    with pytest.raises(ConfigurationException, match="is in quotes"):
        ApiClient(Configuration(api_key='"x"')).check_settings()


def test_a_client_and_a_key_are_not_both_taken() -> None:
    """Which of two keys was meant is not guessed."""
    with pytest.raises(ConfigurationException, match="a client has its own key"):
        InvoiceApi(ApiClient(), api_key=ONE)
    with pytest.raises(ConfigurationException, match="two keys"):
        InvoiceApi(ONE, api_key=TWO)
    with pytest.raises(ConfigurationException, match="takes an ApiClient or a key, an int was given"):
        InvoiceApi(5)  # type: ignore[arg-type]


DJANGO = """
    import sys
    from django.conf import settings
    from xendit.apis import InvoiceApi
    api = InvoiceApi()  # as a module of the project makes it
    settings.configure(XENDIT_API_KEY=sys.argv[2], XENDIT_BASE_URL=sys.argv[1])
    assert api.get_invoices() == []
    assert api.api_client.mode == "test"
"""


def test_the_settings_of_django_are_found(sandbox: Sandbox) -> None:
    """Key and host stand in settings.py, and nothing else was done."""
    pytest.importorskip("django")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DJANGO), sandbox.url, sandbox.api_key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def _async_first_call() -> Any:
    from xendit import AsyncInvoiceApi

    return await AsyncInvoiceApi().get_invoices()


def test_the_asynchronous_client_looks_at_its_first_call_too(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sentence without a key, and the same search with one."""
    import asyncio

    with pytest.raises(ConfigurationException, match="no API key"):
        asyncio.run(_async_first_call())
    monkeypatch.setenv(API_KEY, sandbox.api_key)
    monkeypatch.setenv(BASE_URL, sandbox.url)
    assert asyncio.run(_async_first_call()) == []
