"""Configuration: the key, the host and the settings of a client, checked before anything is sent.

A key is a secret, and secrets are read when they are needed. So a configuration can be made without a key; a key that
is missing, or cannot be one, is reported at the first call. The only process-wide setting is the default key of
`set_api_key`. It is copied when a configuration is made, so that two accounts in one program never mix. Keys are shown
nowhere: not in repr and not in errors, and a configuration refuses to be pickled.
"""

from __future__ import annotations

import sys

from xendit.exceptions import ConfigurationException
from xendit.keys import KeySource, hidden, key_source, mode_of, refuse, shown_key
from xendit.policy import Limits, RetryPolicy
from xendit.setting_checks import CHECKS, DEFAULT_HOST, checked_host, checked_insecure_hosts, needs_test_key
from xendit.settings import API_KEY, BASE_URL, find_setting, is_standing_in
from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.words import nearest, warn

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from ssl import SSLContext
    from typing import Literal, NoReturn, TypeAlias, TypeVar

    from xendit.events import Event

    ApiKey: TypeAlias = "str | Callable[[], str] | Mapping[str, str]"
    Seconds: TypeAlias = "int | float"
    T = TypeVar("T")

__all__ = ["Configuration", "set_api_key"]

_OLD_WAY = "xendit.api_key"

_default_key: KeySource | None = None
_guard: Callable[[str, str], str | None] | None = None
"""Installed by the testing tools while a sandbox stands in for Xendit: given a host and a key, it says why these are
refused, or None."""


@hinted
def set_api_key(api_key: str | Callable[[], str] | None) -> None:
    """Set the key for clients that are given none: those made from now on, and those that have not found a key yet.

    Args:
        api_key: your secret key, or a function that returns it (called before every attempt). None and `""` count as
            not given, so that `set_api_key(os.environ.get("XENDIT_API_KEY"))` may run where the variable is missing.
            The first call then looks for a key elsewhere, and says what is missing.

    Raises:
        ConfigurationException: it is neither text nor a function. Text that cannot be a key is refused by the first
            call.
    """
    global _default_key
    api_key = hidden(api_key)  # the frame of an error shows its variables
    key = key_source(api_key, "xendit.set_api_key")
    standing_in = find_setting(API_KEY) if is_standing_in() else None
    if key is not None and standing_in is not None and key.known() == standing_in.value:
        return  # a sandbox's key ends with the test, and clients follow the sandbox without it
    _default_key = key


def _default() -> KeySource | None:
    """The process default: that of set_api_key, or the old `xendit.api_key = …`."""
    if _default_key is not None:
        return _default_key
    face = sys.modules.get("xendit")
    old = None if face is None else face.__dict__.get("api_key")
    return key_source(hidden(old), _OLD_WAY)


def _warn_of_the_old_way(key: KeySource | None) -> None:
    if key is not None and key.origin == _OLD_WAY:
        from xendit.deprecation import warn_of_release_0

        warn_of_release_0()


def _or_none(find: Callable[[], tuple[T, bool]]) -> T | None:
    """What was found, or None if it cannot be used."""
    try:
        return find()[0]
    except ConfigurationException:
        return None


class Access:
    """Which API a client calls, and with which key: those that were given, or were found when they were needed.

    Args:
        host: the base URL, checked.
        key: gives the key.
        lasting: whether the client may keep this object. While a sandbox stands in during a test, it may not.
    """

    __slots__ = ("_needs_test_key", "host", "key", "lasting")

    def __init__(self, host: str, key: KeySource, *, lasting: bool) -> None:
        self.host = host
        self.key = key
        self.lasting = lasting
        self._needs_test_key = needs_test_key(host)

    def ask(self) -> str:
        """The key for the next attempt.

        Raises:
            ConfigurationException: it cannot be a key, the guard of a test refuses it, or the host is called without
                TLS and it is no test key.
        """
        key = self.key()
        problem = _guard(self.host, key) if _guard is not None else None
        if problem is not None:
            refuse(problem)
        if self._needs_test_key and mode_of(key) != "test":
            refuse(f"{self.host} is called without TLS, and the key is no test key: it was not sent")
        return key


@hinted
class Configuration:
    """The settings of a client.

    Args:
        host: the base URL; else `XENDIT_BASE_URL` of the environment or of Django's settings, else
            https://api.xendit.co. `""` is an error here, though not in the environment: a program that names a host and
            means none would otherwise call the real Xendit.
        api_key: your secret key, or a function that returns it; else the default of `set_api_key`, else
            `XENDIT_API_KEY` of the environment or of Django's settings. None and `""` count as not given. It is needed
            at the first call, not before, and what cannot be a key is refused then.
        timeout: seconds that a call may take in all, its attempts and waits included.
        connect_timeout: seconds that one attempt may take to connect.
        read_timeout: seconds that the server may be silent within one attempt.
        retries: how often a call is tried again, or a `RetryPolicy`.
        on_unknown: what to do when it is not known what became of a create. `"lookup"` looks the thing up and returns
            it if it is there; `"raise"` raises at once; `"resend"` sends the create again when the look-up found
            nothing.
        on_event: called with each `xendit.events.Event` of every call, in the thread of the call; what it raises is
            logged and changes nothing.
        insecure_host: name of a host, or several, that may be called over http:// with a test key, such as a sandbox in
            another container. `XENDIT_ALLOW_HTTP` can name such hosts too. A live key is never sent over http://.
        proxy: URL of an HTTP proxy, with user and password if it needs them; else `HTTPS_PROXY` and `NO_PROXY`; `""`
            for none.
        proxy_headers: headers for the proxy.
        ssl_ca_cert: path of a file of CA certificates to trust instead of the system's.
        ssl_context: an `ssl.SSLContext` of your own, for a client certificate, say. It must verify certificates and
            host names and refuse what is older than TLS 1.2.
        connection_pool_maxsize: connections kept open to the host; more are opened when more threads call at once.
        transport: `"plain"` to send through the documented interface of urllib3 or aiohttp alone, which every tool
            sees, at the price of a new connection for each request and fewer proofs that nothing was sent; `"auto"`
            does so only where it must (docs/Production.md).
        source: where the client's time, chance and ids come from (`xendit.source`); else the operating system.

    Raises:
        ConfigurationException: a setting cannot be used; the text names it. A missing or malformed key is not reported
            here, but at the first call. No request was made.
    """

    _key: KeySource | None
    _default_key: KeySource | None
    _host: str | None

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
        insecure_host: str | Iterable[str] | None = None,
        proxy: str | None = None,
        proxy_headers: Mapping[str, str] | None = None,
        ssl_ca_cert: str | None = None,
        ssl_context: SSLContext | None = None,
        connection_pool_maxsize: int = 10,
        transport: Literal["auto", "plain"] = "auto",
        source: Source = SYSTEM,
        **others: object,
    ) -> None:
        api_key, proxy = hidden(api_key), hidden(proxy)
        self._key = key_source(api_key)
        self._default_key = _default() if self._key is None else None
        _warn_of_the_old_way(self._default_key)
        self.insecure_host = checked_insecure_hosts(insecure_host)
        self.host = host
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
        self.transport = transport
        self.source = source
        for name, value in others.items():
            self._accept_official(name, value)

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

    def __setattr__(self, name: str, value: object) -> None:
        try:
            self._set(name, value)
        except ConfigurationException as fault:
            raise fault.with_traceback(None) from fault.__cause__  # the traceback ends near the caller's own line

    def _set(self, name: str, value: object) -> None:
        if name in CHECKS:
            value = CHECKS[name](value)
        elif name not in ("_key", "_default_key", "_host", "api_key", "host"):
            self._accept_official(name, value)
            return
        object.__setattr__(self, name, value)

    def _accept_official(self, name: str, value: object) -> None:
        if name == "verify_ssl" and value is False:
            refuse(
                "certificates are always verified, or anyone on the way could read the key and answer for Xendit;"
                " give your own CA's file as ssl_ca_cert"
            )
        if name not in self._OFFICIAL:
            refuse(f"there is no setting {name!r}{nearest(name, [*sorted(CHECKS), 'api_key', 'host'])}")
        if value not in (None, "", False, [], {}, (), 0) and not (name == "verify_ssl" and value is True):
            warn(f"Configuration: {name!r} has no effect here; see docs/Migration.md")

    @property
    def api_key(self) -> str | None:
        """The key that a call would use now, or None. It can be read here, but is shown nowhere.

        Raises:
            ConfigurationException: what is there cannot be a key.
        """
        found, _ = self._find_key()
        return None if found is None else found()

    @api_key.setter
    def api_key(self, key: ApiKey | None) -> None:
        self._key = key_source(hidden(key))

    @property
    def host(self) -> str:
        """The base URL that a call would use now.

        Raises:
            ConfigurationException: what `XENDIT_BASE_URL` says cannot be used.
        """
        return self._find_host()[0]

    @host.setter
    def host(self, host: str | None) -> None:
        self._host = None if host is None else checked_host(host, insecure=self.insecure_host)

    @property
    def own_key(self) -> KeySource | None:
        """The key that was given to this configuration itself, or None."""
        return self._key

    @property
    def default_key(self) -> KeySource | None:
        """The default of set_api_key when this configuration was made, or None."""
        return self._default_key

    def found_key(self) -> KeySource | None:
        """The source of the key that a call would use now, or None. The key itself is not asked for."""
        return self._find_key()[0]

    @property
    def is_self_contained(self) -> bool:
        """Whether both key and host were given, so that neither has to be looked for."""
        return self._key is not None and self._host is not None

    def access(self) -> Access:
        """Whom a call would reach now, and with which key. No I/O.

        Raises:
            ConfigurationException: there is no key, or what was found cannot be a key or a host.
        """
        key, key_lasts = self._find_key()
        if key is None:
            refuse(
                "no API key: call xendit.set_api_key(...), or give Configuration(api_key=...),"
                " or set the environment variable XENDIT_API_KEY"
            )
        if key is not self._default_key:
            _warn_of_the_old_way(key)
        if key.known() is not None:
            key()  # raises an error that says what is wrong with the key; a function is asked at every attempt
        host, host_lasts = self._find_host()
        return Access(host, key, lasting=key_lasts and host_lasts)

    def _find_key(self) -> tuple[KeySource | None, bool]:
        """The source of the key, and whether it may be kept.

        A sandbox that stands in during a test goes before the default of set_api_key. So a module that sets that
        default while it is imported follows the sandbox like one that leaves the key to the environment.
        """
        if self._key is not None:
            return self._key, True
        if not is_standing_in():
            default = self._default_key or _default()
            if default is not None:
                return default, True
        found = find_setting(API_KEY)
        if found is None:
            return None, True
        return key_source(hidden(found.value), found.origin), found.lasting

    def _find_host(self) -> tuple[str, bool]:
        """The base URL, and whether it may be kept."""
        if self._host is not None:
            return self._host, True
        found = find_setting(BASE_URL)
        if found is None:
            return DEFAULT_HOST, True
        return checked_host(found.value, f"{BASE_URL} ({found.origin})", self.insecure_host), found.lasting

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

    def describe(self) -> dict[str, object]:
        """The settings as they may be logged: the key masked, its mode named. It never calls the key's function.

        A setting that cannot be used is None here; `access` says what is wrong with it.
        """
        host, found = _or_none(self._find_host), _or_none(self._find_key)
        key = None if found is None else found.known()
        return {
            "host": host,
            "api_key": shown_key(found),
            "mode": "unknown" if key is None else mode_of(key),
            "timeout": self.timeout,
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
            "retries": self.retry_policy.retries,
            "on_unknown": self.on_unknown,
            "proxy": bool(self.proxy),
        }

    def __repr__(self) -> str:
        if not hasattr(self, "connection_pool_maxsize"):  # a traceback may show a half-made one
            return "Configuration(...)"
        shown = ", ".join(f"{name}={value!r}" for name, value in self.describe().items())
        return f"Configuration({shown})"
