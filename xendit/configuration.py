"""Configuration: the key, the host and the settings of a client, checked before anything is sent.

The only process-wide setting is the default key of `set_api_key`; it is copied when a configuration is
made, and a client's settings never change afterwards. Keys are shown nowhere: not in repr, not in errors,
and a configuration refuses to be pickled.
"""

from __future__ import annotations

import os
import sys

from xendit.codec import is_decimal, nearest, type_name, warn
from xendit.deprecation import warn_of_release_0
from xendit.exceptions import ConfigurationException
from xendit.headers import Secret
from xendit.policy import Limits, RetryPolicy

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from ssl import SSLContext
    from typing import Any, Literal, NoReturn, TypeAlias

    from xendit.events import Event

    ApiKey: TypeAlias = "str | Callable[[], str] | Mapping[str, str]"
    Seconds: TypeAlias = "int | float"

__all__ = ["Configuration", "set_api_key"]

DEFAULT_HOST = "https://api.xendit.co"
LONGEST = 86400.0
"""Seconds: no time limit is longer than a day."""
ON_UNKNOWN = ("lookup", "raise", "resend")
"""What a client can do when it is not known what became of a create."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_default_key: Callable[[], str] | None = None
_guard: Callable[[str, str], str | None] | None = None
"""What the testing tools install while a sandbox stands in: given host and key, it says why they are refused."""


def set_api_key(api_key: str | Callable[[], str]) -> None:
    """Set the key of the clients made from now on that are given none.

    Args:
        api_key: your secret key, or a function that returns it (asked before every attempt).

    Raises:
        ConfigurationException: it is empty, or holds spaces or other characters that no key has.
    """
    global _default_key
    api_key = _hidden(api_key)
    _default_key = _sealed(api_key)


def _fail(problem: str) -> NoReturn:
    raise ConfigurationException(f"{problem}; no request was made")


def checked_key(key: object) -> str:
    """The key, if it can be one. The error names the defect and never the key."""
    if not isinstance(key, str):
        _fail(f"the API key must be a str, {type_name(key)} was given")
    if not key:
        _fail("the API key is empty")
    if any(character.isspace() for character in key):
        _fail("the API key holds a space or a line end; remove it")
    if not key.isascii() or not key.isprintable():
        _fail("the API key holds a character that is not printable ASCII; copy it again from the dashboard")
    if len(key) > 255:
        _fail(f"the API key is {len(key)} characters long, no key is longer than 255")
    return key


def _hidden(key: Any) -> Any:
    """The same, as a text that a frame or an attribute does not show."""
    if isinstance(key, dict):
        return {name: _hidden(each) for name, each in key.items()}
    return Secret(key) if isinstance(key, str) else key


def _sealed(key: ApiKey) -> Callable[[], str]:
    """A function that gives the key, so that no attribute, repr or frame shows it."""
    if callable(key):
        return lambda: checked_key(_hidden(key()))
    if isinstance(key, str):
        checked = checked_key(key)
        return lambda: checked
    values = list(key.values()) if hasattr(key, "values") else []
    if len(values) != 1:
        _fail(f"the API key must be a str or a function that returns one, {type_name(key)} was given")
    return _sealed(_hidden(values[0]))


def _default() -> Callable[[], str] | None:
    """The process default: set_api_key, the old `xendit.api_key = …`, the environment."""
    if _default_key is not None:
        return _default_key
    face = sys.modules.get("xendit")
    old = None if face is None else face.__dict__.get("api_key")
    if old is not None:
        warn_of_release_0()
        return _sealed(old)
    key = os.environ.get("XENDIT_API_KEY")
    return _sealed(_hidden(key)) if key else None


def _guarded(host: str, key: Callable[[], str]) -> Callable[[], str]:
    """The key's function, which a guard may refuse: when a client is made, and before every attempt."""

    def ask() -> str:
        value = key()
        problem = _guard(host, value) if _guard is not None else None
        if problem is not None:
            _fail(problem)
        return value

    if _guard is not None:
        ask()
    return ask


def masked(key: str) -> str:
    """A key as it may be shown: its kind and its last four characters."""
    kind = key[: key.rfind("_") + 1] if key.startswith("xnd_") else ""
    return f"{kind}***{key[-4:] if len(key) >= 24 else ''}"


def mode_of(key: str) -> str:
    """`test`, `live` or `unknown`, by the key's prefix (facts: Xendit's quick-setup page)."""
    for mode, word in (("test", "_development_"), ("live", "_production_")):
        if word in key:
            return mode
    return "unknown"


def checked_host(host: object) -> str:
    """A base URL without its last slash; https, or http to this machine only."""
    if not isinstance(host, str):
        _fail(f"host must be a URL as str, {type_name(host)} was given")
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(host)
        name, port = parts.hostname, parts.port
    except ValueError:
        name, port, parts = None, None, urlsplit("")
    if any(ord(character) <= 32 or ord(character) >= 127 for character in host) or "\\" in host:
        _fail("host holds a space, a control character or a character that is not ASCII")
    if parts.scheme not in ("https", "http") or not name or port == 0:
        _fail(f"host must be a URL such as {DEFAULT_HOST}")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in host or "#" in host:
        _fail("host must hold no user, query or fragment")
    if parts.scheme == "http" and name not in LOOPBACK:
        _fail(f"host must begin with https://; http:// is for this machine only ({', '.join(sorted(LOOPBACK))})")
    return host.rstrip("/")


def checked_seconds(name: str, value: object) -> float:
    """A time limit: a finite number of seconds above zero."""
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or is_decimal(value)):
        _fail(f"{name} must be a number of seconds, {type_name(value)} was given")
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (OverflowError, ValueError):  # an int beyond all floats, a signalling NaN
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        _fail(f"{name} must be more than 0 and at most {LONGEST:.0f} seconds: there is no way to wait for ever")
    return seconds


def unknown_choice(value: object) -> str | None:
    """What is wrong with a value of on_unknown, or None."""
    if not isinstance(value, str):
        return f"on_unknown: {type_name(value)} was given, one of {', '.join(map(repr, ON_UNKNOWN))} is needed"
    if value not in ON_UNKNOWN:
        return f"on_unknown must be one of {', '.join(map(repr, ON_UNKNOWN))}{nearest(value, ON_UNKNOWN)}"
    return None


class Configuration:
    """The settings of a client.

    Args:
        host: the base URL; else `XENDIT_BASE_URL`, else https://api.xendit.co.
        api_key: your secret key, or a function that returns it; else the default of `set_api_key`,
            else `XENDIT_API_KEY`. It is needed when a client is made, not before.
        timeout: seconds that a call may take in all, its attempts and waits included.
        connect_timeout: seconds that one attempt may take to connect.
        read_timeout: seconds that the server may be silent within one attempt.
        retries: how often a call is tried again, or a `RetryPolicy`.
        on_unknown: what to do when it is not known what became of a create: `"lookup"` it and return it if it is
            there; `"raise"` at once; `"resend"` it when it was looked for in vain.
        on_event: called with each `xendit.events.Event` of every call, in the thread of the call; what it raises
            is logged and changes nothing.
        proxy: URL of an HTTP proxy, with user and password if it needs them; else `HTTPS_PROXY` and `NO_PROXY`;
            `""` for none.
        proxy_headers: headers for the proxy.
        ssl_ca_cert: path of a file of CA certificates to trust instead of the system's.
        ssl_context: an `ssl.SSLContext` of your own, for a client certificate, say. It must verify certificates
            and host names and refuse what is older than TLS 1.2.
        connection_pool_maxsize: connections kept open to the host; more are opened when more threads call at once.

    Raises:
        ConfigurationException: a setting that cannot be used; the text names it. No request was made.
    """

    def __init__(
        self,
        host: str | None = None,
        api_key: ApiKey | None = None,
        *,
        timeout: Seconds = 30.0,
        connect_timeout: Seconds = 3.0,
        read_timeout: Seconds = 10.0,
        retries: int | RetryPolicy | None = None,
        on_unknown: Literal["lookup", "raise", "resend"] = "lookup",
        on_event: Callable[[Event], object] | None = None,
        proxy: str | None = None,
        proxy_headers: Mapping[str, str] | None = None,
        ssl_ca_cert: str | None = None,
        ssl_context: SSLContext | None = None,
        connection_pool_maxsize: int = 10,
        **others: Any,
    ) -> None:
        api_key, proxy = _hidden(api_key), _hidden(proxy)
        if api_key is None:
            self._key = _default()
        else:
            self._key = _sealed(api_key)
        self.host = host or os.environ.get("XENDIT_BASE_URL") or DEFAULT_HOST
        self.timeout = timeout
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.retries = retries
        self.on_unknown = on_unknown
        self.on_event = on_event
        self.proxy = proxy
        self.proxy_headers = proxy_headers
        self.ssl_ca_cert = ssl_ca_cert
        self.ssl_context = ssl_context
        self.connection_pool_maxsize = connection_pool_maxsize
        for name, value in others.items():
            self._accept_official(name, value)

    _CHECKED = frozenset(
        {
            "connect_timeout",
            "connection_pool_maxsize",
            "host",
            "on_event",
            "on_unknown",
            "proxy",
            "proxy_headers",
            "read_timeout",
            "retries",
            "ssl_ca_cert",
            "ssl_context",
            "timeout",
        }
    )
    _OFFICIAL = frozenset(
        {
            "access_token",
            "api_key_prefix",
            "assert_hostname",
            "cert_file",
            "client_side_validation",
            "debug",
            "disabled_client_side_validations",
            "discard_unknown_keys",
            "key_file",
            "logger_file",
            "logger_format",
            "no_proxy",
            "password",
            "refresh_api_key_hook",
            "safe_chars_for_path_param",
            "server_index",
            "server_operation_index",
            "server_operation_variables",
            "server_variables",
            "socket_options",
            "temp_folder_path",
            "tls_server_name",
            "username",
            "verify_ssl",
        }
    )
    """Settings of the official class that mean nothing here; docs/Migration.md gives the reason for each."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._CHECKED:
            value = getattr(self, f"_check_{name}")(value)
        elif name not in ("_key", "api_key"):
            self._accept_official(name, value)
            return
        object.__setattr__(self, name, value)

    def _accept_official(self, name: str, value: object) -> None:
        if name == "verify_ssl" and value is False:
            _fail(
                "certificates are always verified, or anyone on the way could read the key and answer for Xendit;"
                " give your own CA's file as ssl_ca_cert"
            )
        if name not in self._OFFICIAL:
            _fail(f"there is no setting {name!r}{nearest(name, [*sorted(self._CHECKED), 'api_key'])}")
        if value not in (None, "", False, [], {}, (), 0) and not (name == "verify_ssl" and value is True):
            warn(f"Configuration: {name!r} has no effect here; see docs/Migration.md")

    @property
    def api_key(self) -> str | None:
        """The key. It is readable, and never shown."""
        return None if self._key is None else self._key()

    @api_key.setter
    def api_key(self, key: ApiKey | None) -> None:
        object.__setattr__(self, "_key", None if key is None else _sealed(key))

    @property
    def key_source(self) -> Callable[[], str]:
        """The function that gives the key, asked before every attempt.

        Raises:
            ConfigurationException: there is no key.
        """
        if self._key is None:
            _fail(
                "no API key: call xendit.set_api_key(...), or give Configuration(api_key=...),"
                " or set the environment variable XENDIT_API_KEY"
            )
        return _guarded(self.host, self._key)

    @property
    def limits(self) -> Limits:
        """The time limits as one value."""
        return Limits(self.timeout, self.connect_timeout, self.read_timeout)

    @property
    def retry_policy(self) -> RetryPolicy:
        """What `retries` means."""
        if isinstance(self.retries, RetryPolicy):
            return self.retries
        return RetryPolicy() if self.retries is None else RetryPolicy(retries=self.retries)

    def _check_host(self, value: object) -> str:
        return checked_host(value)

    def _check_timeout(self, value: object) -> float:
        return checked_seconds("timeout", value)

    def _check_connect_timeout(self, value: object) -> float:
        return checked_seconds("connect_timeout", value)

    def _check_read_timeout(self, value: object) -> float:
        return checked_seconds("read_timeout", value)

    def _check_retries(self, value: object) -> int | RetryPolicy | None:
        if value is None or isinstance(value, RetryPolicy):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            _fail(f"retries must be an int or a RetryPolicy, {type_name(value)} was given")
        if not 0 <= value <= 20:
            _fail("retries must be from 0 to 20")
        return value

    def _check_on_unknown(self, value: object) -> str:
        problem = unknown_choice(value)
        if problem is not None:
            _fail(problem)
        return str(value)

    def _check_on_event(self, value: object) -> object:
        if value is not None and not callable(value):
            _fail(f"on_event must be a function that takes an event, {type_name(value)} was given")
        return value

    def _check_proxy(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or (value and not value.startswith(("http://", "https://"))):
            _fail("proxy must be a URL that begins with http:// or https://; SOCKS is not supported")
        if any(ord(character) <= 32 or ord(character) >= 127 for character in value):
            _fail("proxy holds a space, a control character or a character that is not ASCII; write it as %XX")
        return Secret(value)  # it may hold a password

    def _check_proxy_headers(self, value: object) -> dict[str, str] | None:
        if value is None:
            return None
        if not isinstance(value, dict) or not all(isinstance(text, str) for pair in value.items() for text in pair):
            _fail("proxy_headers must be a dict of str to str")
        return dict(value)

    def _check_ssl_ca_cert(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, (str, os.PathLike)):
            _fail(f"ssl_ca_cert must be the path of a file, {type_name(value)} was given")
        path = os.fspath(value)
        if not os.path.isfile(path):  # noqa: PTH113 - pathlib is not worth its import
            _fail("ssl_ca_cert names no file that exists")
        from ssl import create_default_context

        try:
            usable = bool(create_default_context(cafile=path).get_ca_certs())
        except OSError:  # ssl.SSLError among them
            usable = False
        if not usable:
            _fail("ssl_ca_cert holds no CA certificate in PEM form")
        return str(path)

    def _check_ssl_context(self, value: object) -> object:
        if value is None:
            return None
        from ssl import CERT_REQUIRED, SSLContext, TLSVersion

        if not isinstance(value, SSLContext):
            _fail(f"ssl_context must be an ssl.SSLContext, {type_name(value)} was given")
        if value.verify_mode != CERT_REQUIRED or not value.check_hostname:
            _fail("ssl_context must verify certificates and host names; ssl.create_default_context() does")
        if value.minimum_version < TLSVersion.TLSv1_2:
            _fail("ssl_context must refuse what is older than TLS 1.2: set its minimum_version")
        return value

    def _check_connection_pool_maxsize(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            _fail("connection_pool_maxsize must be a whole number above 0")
        return value

    def copy(self) -> Configuration:
        """Another configuration with the same settings and the same key."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Configuration:
        return self.copy()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Configuration holds an API key and cannot be pickled; make it where it is used")

    def describe(self) -> dict[str, Any]:
        """The settings as they may be logged: the key masked, its mode named."""
        key = self.api_key
        return {
            "host": self.host,
            "api_key": None if key is None else masked(key),
            "mode": "unknown" if key is None else mode_of(key),
            "timeout": self.timeout,
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
            "retries": self.retry_policy.retries,
            "on_unknown": self.on_unknown,
            "proxy": bool(self.proxy),
        }

    def __repr__(self) -> str:
        if not hasattr(self, "connection_pool_maxsize"):  # a traceback that shows variables meets one half made
            return "Configuration(...)"
        shown = ", ".join(f"{name}={value!r}" for name, value in self.describe().items())
        return f"Configuration({shown})"
