"""Settings and keys: what is refused, with which words, and what never shows."""

from __future__ import annotations

import copy
import http.client
import logging
import pickle
import sys
import threading
from typing import Any

import pytest
from recorded import KEY

import xendit
from xendit.apis import InvoiceApi
from xendit.configuration import Configuration
from xendit.exceptions import ConfigurationException, XenditSdkException, XenditWarning
from xendit.policy import RetryPolicy


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (" xnd_development_a", "holds a space"),
        ("xnd_development_a\n", "holds a space or a line end"),
        ("xnd development", "holds a space"),
        ("xnd_devélopment", "not printable ASCII"),
        ("xnd_\x00", "not printable ASCII"),
        ("x" * 256, "256 characters long"),
        ('"xnd_development_abc"', "is in quotes, which `docker --env-file`"),
        ("'xnd_development_abc'", "is in quotes"),
        ("xnd_development_abc:", "ends with a colon"),
        ("xnd_public_development_abc", "is a public key, which can neither create nor read"),
        (5, "an int was given"),
        (b"xnd", "a bytes was given"),
        ({}, "a dict was given"),
        ({"a": "b", "c": "d"}, "a dict was given"),
        (lambda: "", "is empty"),
        (lambda: None, "must be a str, None was given"),
        (lambda: "a b", "holds a space"),
    ],
    ids=lambda value: "function" if callable(value) else repr(value),  # the same in every process
)
@pytest.mark.parametrize(
    "give", [lambda key: Configuration(api_key=key), xendit.set_api_key], ids=["Configuration", "set_api_key"]
)
def test_a_key_that_is_none_is_refused_by_its_defect(give: Any, key: Any, problem: str) -> None:
    """By the first call at the latest: the text names the defect, never the key, and says that nothing was sent."""
    with pytest.raises(ConfigurationException, match=problem) as caught:
        InvoiceApi(xendit.ApiClient(give(key))).get_invoices()
    assert "no request was made" in str(caught.value)
    if isinstance(key, str) and len(key) > 1:
        assert key.strip() not in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, XenditSdkException)


@pytest.mark.parametrize(
    "make",
    [
        InvoiceApi,
        lambda: InvoiceApi(xendit.ApiClient()),
        lambda: InvoiceApi(xendit.ApiClient(Configuration(api_key=""))),
        lambda: InvoiceApi(xendit.ApiClient(Configuration(api_key={"XENDIT_API_KEY": ""}))),
        lambda: InvoiceApi(xendit.set_api_key("")),
        lambda: InvoiceApi(xendit.set_api_key(None)),
        lambda: InvoiceApi(""),
        lambda: InvoiceApi(api_key=None),
    ],
)
def test_no_key_is_told_with_the_three_ways_to_give_one(make: Any) -> None:
    """The error comes with the first call, before any I/O, and not while a module is imported."""
    api = make()
    assert api.api_client.mode is None
    assert "api_key=None" in repr(api)
    for call in (api.get_invoices, lambda: api.wait_until_final("x"), lambda: api.resolve("order-1")):
        with pytest.raises(ConfigurationException, match=r"no API key: .*set_api_key.*api_key=.*XENDIT_API_KEY"):
            call()
    with pytest.raises(ConfigurationException, match="no API key"):
        api.api_client.check_settings()


def test_where_a_key_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given, else the default, else the environment; a dict of one and a function do too."""
    monkeypatch.setenv("XENDIT_API_KEY", "xnd_development_env")
    assert Configuration().api_key == "xnd_development_env"
    xendit.set_api_key("xnd_development_default")
    assert Configuration().api_key == "xnd_development_default"
    assert Configuration(api_key="xnd_development_given").api_key == "xnd_development_given"
    assert Configuration(api_key={"XENDIT_API_KEY": "xnd_development_dict"}).api_key == "xnd_development_dict"
    keys = iter(["xnd_development_one", "xnd_development_two"])
    rotating = Configuration(api_key=lambda: next(keys))
    assert (rotating.api_key, rotating.api_key) == ("xnd_development_one", "xnd_development_two")


def test_a_clients_key_is_fixed_when_it_is_made() -> None:
    """A later set_api_key, or a change of the configuration, is for later clients."""
    xendit.set_api_key("xnd_development_one")
    configuration = Configuration()
    client = xendit.ApiClient(configuration)
    xendit.set_api_key("xnd_production_two")
    configuration.api_key = "xnd_production_three"
    assert client.mode == "test"
    assert client.configuration.api_key == "xnd_development_one"
    assert xendit.ApiClient().mode == "live"


def test_eight_threads_with_eight_keys_never_mix() -> None:
    """An explicit key neither reads nor writes the default."""
    xendit.set_api_key("xnd_production_default")
    wrong = []

    def work(number: int) -> None:
        key = f"xnd_development_{number}"
        for _ in range(300):
            if xendit.ApiClient(Configuration(api_key=key)).configuration.api_key != key:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert Configuration().api_key == "xnd_production_default"


def test_the_old_module_attribute_is_read_with_a_deprecation_warning() -> None:
    """`xendit.api_key = K`, the 0.x way, still gives the default."""
    xendit.api_key = "xnd_development_old"
    with pytest.warns(DeprecationWarning, match=r"write xendit\.set_api_key"):
        assert Configuration().api_key == "xnd_development_old"
    assert not hasattr(sys.modules["xendit"], "nothing_else")


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("http://api.xendit.co", "https"),
        ("http://127.0.0.1.evil.invalid", "https"),
        ("http://localhost@evil.invalid", "user"),
        ("https://user:pw@api.xendit.co", "user"),
        ("ftp://api.xendit.co", "must be a URL"),
        ("//api.xendit.co", "must be a URL"),
        ("api.xendit.co", "must be a URL"),
        ("https://", "must be a URL"),
        ("https://api.xendit.co?x=1", "query"),
        ("https://api.xendit.co#x", "fragment"),
        ("https://api.xendit.co:99999", "must be a URL"),
        ("https://api.xendit.co:0", "must be a URL"),
        ("https://api.xen dit.co", "space"),
        ("https://api.xendit.co\r\nx: y", "control"),
        ("https://[::1", "must be a URL"),
        ("https://api.xendit.co\\@evil.invalid", "holds"),
        (5, "an int was given"),
    ],
    ids=repr,
)
def test_a_host_that_is_unsafe_or_none_is_refused(host: Any, problem: str) -> None:
    """The key is never sent in clear text beyond this machine, and the URL means what it says."""
    with pytest.raises(ConfigurationException, match=problem):
        Configuration(host=host)


@pytest.mark.parametrize(
    "host",
    [
        "https://api.xendit.co/",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:80",
        "https://proxy.example/xendit",
    ],
)
def test_hosts_that_work(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """https anywhere, http on this machine; also from the environment."""
    assert Configuration(host=host).host == host.rstrip("/")
    monkeypatch.setenv("XENDIT_BASE_URL", host)
    assert Configuration().host == host.rstrip("/")
    monkeypatch.delenv("XENDIT_BASE_URL")
    assert Configuration().host == "https://api.xendit.co"


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("timeout", 0, "more than 0"),
        ("timeout", -1, "more than 0"),
        ("timeout", float("nan"), "more than 0 and at most 86400 seconds"),
        ("timeout", float("inf"), "no way to wait for ever"),
        ("timeout", True, "a bool was given"),
        ("timeout", [1, 1], "a list was given"),
        ("timeout", None, "None was given"),
        ("connect_timeout", "3", "a str was given"),
        ("read_timeout", 0, "read_timeout must be"),
        ("retries", -1, "from 0 to 20, -1 was given"),
        ("retries", 1.5, "a float was given"),
        ("retries", True, "a bool was given"),
        ("proxy", "proxy.example", "must be a URL"),
        ("proxy", 5, "a URL as str, an int was given"),
        ("proxy_headers", {"a": 1}, "dict of str to str, an int is in it"),
        ("proxy_headers", "x", "dict of str to str, a str was given"),
        ("ssl_ca_cert", "/no/such/file.pem", "names no file"),
        ("ssl_ca_cert", 5, "an int was given"),
        ("connection_pool_maxsize", 0, "above 0, 0 was given"),
        ("connection_pool_maxsize", "3", "above 0, a str was given"),
        ("connection_pool_maxsize", 2.0, "above 0, 2.0 was given"),
        ("verify_ssl", False, "always verified"),
        ("tiemout", 5, "no setting 'tiemout'; did you mean 'timeout'"),
    ],
    ids=repr,
)
def test_a_setting_that_cannot_be_used_is_refused_where_it_is_given(setting: str, value: Any, problem: str) -> None:
    """By the constructor and by assignment alike."""
    with pytest.raises(ConfigurationException, match=problem):
        Configuration(**{setting: value})
    configuration = Configuration()
    with pytest.raises(ConfigurationException, match=problem):
        setattr(configuration, setting, value)


def test_settings_that_mean_nothing_here_are_accepted_with_a_warning() -> None:
    """A drop-in does not break a program that sets what the official class has."""
    with pytest.warns(XenditWarning, match="'debug' has no effect here; see docs/Migration.md"):
        Configuration(debug=True)
    with pytest.warns(XenditWarning, match="'assert_hostname'"):
        Configuration().assert_hostname = "api.xendit.co"
    Configuration(verify_ssl=True, debug=False, discard_unknown_keys=False, username=None)


def test_retries_keep_their_integer_meaning() -> None:
    """An int is how often to try again; a policy says more."""
    assert Configuration().retry_policy == RetryPolicy()
    assert Configuration(retries=0).retry_policy == RetryPolicy(retries=0)
    policy = RetryPolicy(5, 0.1, 1.0)
    assert Configuration(retries=policy).retry_policy is policy


def test_the_key_is_shown_nowhere() -> None:
    """Not in repr, str, vars, describe or pickle of configuration and client."""
    configuration = Configuration(api_key=KEY)
    client = xendit.ApiClient(configuration)
    shown = [
        *(repr(each) + str(each) + repr(vars(each)) for each in (configuration, client, xendit.InvoiceApi(client))),
        repr(configuration.describe()),
        repr(client.describe()),
        repr(client.configuration),
    ]
    assert all(KEY not in text and KEY[20:40] not in text for text in shown)
    assert client.describe()["api_key"] == "xnd_development_***mn=="
    assert client.describe()["mode"] == "test"
    for holder in (configuration, client):
        with pytest.raises(TypeError, match="API key"):
            pickle.dumps(holder)
    with pytest.raises(TypeError, match="API key"):
        copy.deepcopy(client)


def test_copies_of_a_configuration_are_independent() -> None:
    """copy and deepcopy keep the key and settings, and later changes stay apart."""
    configuration = Configuration(api_key=KEY, timeout=5)
    for twin in (copy.copy(configuration), copy.deepcopy(configuration)):
        assert (twin.api_key, twin.timeout) == (KEY, 5.0)
        twin.timeout = 7
        assert configuration.timeout == 5.0


def test_making_clients_changes_nothing_of_the_process() -> None:
    """Logging levels and http.client's debug level stay as the application set them."""
    logger = logging.getLogger("urllib3")
    before = (logger.level, http.client.HTTPConnection.debuglevel, logging.root.level)
    xendit.ApiClient(Configuration(api_key=KEY)).close()
    assert (logger.level, http.client.HTTPConnection.debuglevel, logging.root.level) == before


@pytest.mark.parametrize(
    "key",
    [
        "has space xnd_development_s3cret",
        "xnd_development_s3cret\n",
        "xnd_development_s3cret" * 20,
        "xnd_development_s3cret\u00e9",
    ],
)
def test_a_key_that_is_refused_stands_in_no_frame(key: str) -> None:
    """A traceback that shows variables, as error trackers make, shows neither the key nor a proxy's password."""
    import traceback

    for make in (
        lambda: InvoiceApi(key).get_invoices(),
        lambda: InvoiceApi(api_key={"k": key}).get_invoices(),
        lambda: InvoiceApi(xendit.set_api_key(key)).get_invoices(),  # type: ignore[func-returns-value]
    ):
        with pytest.raises(xendit.ConfigurationException) as caught:
            make()
        frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
        ours = [frame for frame in frames if frame.filename != __file__]
        assert len(ours) >= 2
        assert all("s3cret" not in str(frame.locals) for frame in ours)


def test_what_a_configuration_holds_is_hidden() -> None:
    """Its attributes show neither key nor password, and give them to who asks."""
    configuration = xendit.Configuration(api_key="xnd_development_s3cret", proxy="http://user:s3cret@proxy.example:1")
    assert "s3cret" not in str(vars(configuration))
    assert configuration.api_key == "xnd_development_s3cret"
    assert f"{configuration.proxy}" == "http://user:s3cret@proxy.example:1"
