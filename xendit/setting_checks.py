"""What each setting of a Configuration may be: the checks, and the words of their errors. No I/O but reading a CA file."""

from __future__ import annotations

import os

from xendit.exceptions import ApiValueError
from xendit.headers import Secret
from xendit.keys import refuse
from xendit.policy import RetryPolicy
from xendit.settings import ALLOW_HTTP, find_setting
from xendit.source import Source
from xendit.words import nearest, setting_name, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_HOST = "https://api.xendit.co"
LONGEST = 86400.0
"""Seconds: no time limit may be longer than a day."""
ON_UNKNOWN = ("lookup", "raise", "resend")
"""What a client can do when it is not known what became of a create."""
TRANSPORTS = ("auto", "plain")
"""How requests may be sent: "auto" uses the fast transport, or the plain one if a tool or a changed library needs
it."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def checked_host(host: object, name: str = "host", insecure: frozenset[str] = frozenset()) -> str:
    """A base URL without its last slash.

    It is https; or http, if it leads to this machine or to a host that the caller (`insecure`) or `XENDIT_ALLOW_HTTP`
    allows.

    Args:
        host: what was given.
        name: what the error calls it.
        insecure: names of hosts that `checked_insecure_hosts` gave.
    """
    if host == "":
        refuse(f"{name} is empty: give a URL such as {DEFAULT_HOST}, or leave {name} out")
    if not isinstance(host, str):
        refuse(f"{name} must be a URL as str, {type_name(host)} was given")
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(host)
        server, port = parts.hostname, parts.port
    except ValueError:
        server, port, parts = None, None, urlsplit("")
    if any(ord(character) <= 32 or ord(character) >= 127 for character in host) or "\\" in host:
        refuse(f"{name} holds a space, a control character or a character that is not ASCII")
    if parts.scheme not in ("https", "http") or not server or port == 0:
        refuse(f"{name} must be a URL such as {DEFAULT_HOST}")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in host or "#" in host:
        refuse(f"{name} must hold no user, query or fragment")
    if (
        parts.scheme == "http"
        and server not in LOOPBACK
        and server not in (insecure | _insecure_hosts_of_surroundings())
    ):
        refuse(
            f"{name} must begin with https://; http:// is for this machine ({', '.join(sorted(LOOPBACK))}), and for a sandbox"
            f" in a container whose name you allow with insecure_host={server!r} or {ALLOW_HTTP}={server}"
        )
    return host.rstrip("/")


def checked_insecure_hosts(value: object, name: str = "insecure_host") -> frozenset[str]:
    """Names of hosts in lower case, from one name, several, or a text with commas between them."""
    if value is None:
        return frozenset()
    if not isinstance(value, (str, list, tuple, set, frozenset)):
        refuse(f"{name} must be the name of a host, or several, {type_name(value)} was given")
    parts = value.split(",") if isinstance(value, str) else value
    found = set()
    for each in parts:
        if not isinstance(each, str):
            refuse(f"{name} must hold names of hosts as str, {type_name(each)} was given")
        host = each.strip().lower()
        if not host:
            continue
        if any(not (character.isalnum() or character in "-._") for character in host) or not host.isascii():
            refuse(f"{name} must hold names such as sandbox or host.docker.internal, without http:// and port")
        if host == "xendit.co" or host.endswith(".xendit.co"):
            refuse(f"{name} must not hold Xendit's own hosts: they are called over https://")
        found.add(host)
    return frozenset(found)


def _insecure_hosts_of_surroundings() -> frozenset[str]:
    """The hosts that the environment or Django's settings allow."""
    setting = find_setting(ALLOW_HTTP)
    return frozenset() if setting is None else checked_insecure_hosts(setting.value, ALLOW_HTTP)


def needs_test_key(host: str) -> bool:
    """Whether a checked host must never be sent a live key: it is called over http:// and is not this machine."""
    if not host.startswith("http:"):
        return False
    from urllib.parse import urlsplit

    return urlsplit(host).hostname not in LOOPBACK


def checked_seconds(name: str, value: object) -> float:
    """A time limit: a finite number of seconds above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        from xendit.codec.scalars import is_decimal

        if not is_decimal(value):
            refuse(f"{name} must be a number of seconds, {type_name(value)} was given")
    try:
        seconds = float(value)
    except (OverflowError, ValueError):  # an int too large for a float, or a signalling NaN
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        refuse(f"{name} must be more than 0 and at most {LONGEST:.0f} seconds: there is no way to wait for ever")
    return seconds


def unknown_choice(value: object) -> str | None:
    """What is wrong with a value of on_unknown, or None."""
    if not isinstance(value, str):
        return f"on_unknown: {type_name(value)} was given, one of {', '.join(map(repr, ON_UNKNOWN))} is needed"
    if value not in ON_UNKNOWN:
        return f"on_unknown must be one of {', '.join(map(repr, ON_UNKNOWN))}{nearest(value, ON_UNKNOWN)}"
    return None


def _check_retries(value: object) -> int | RetryPolicy | None:
    if value is None or isinstance(value, RetryPolicy):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"retries must be an int or a RetryPolicy, {type_name(value)} was given")
    if not 0 <= value <= 20:
        refuse(f"retries must be from 0 to 20, {setting_name(value)} was given")
    return value


def _check_on_unknown(value: object) -> str:
    problem = unknown_choice(value)
    if problem is not None:
        refuse(problem)
    return str(value)


def _check_on_event(value: object) -> object:
    if value is not None and not callable(value):
        refuse(f"on_event must be a function that takes an event, {type_name(value)} was given")
    return value


def _check_proxy(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        refuse(f"proxy must be a URL as str, {type_name(value)} was given")
    if value and not value.startswith(("http://", "https://")):
        refuse("proxy must be a URL that begins with http:// or https://; SOCKS is not supported")
    if any(ord(character) <= 32 or ord(character) >= 127 for character in value):
        refuse("proxy holds a space, a control character or a character that is not ASCII; write it as %XX")
    return Secret(value)  # it may hold a password


def _check_proxy_headers(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    from xendit.codec.scalars import as_dict

    value = as_dict(value)
    if not isinstance(value, dict):
        refuse(f"proxy_headers must be a dict of str to str, {type_name(value)} was given")
    for text in (text for pair in value.items() for text in pair):
        if not isinstance(text, str):
            refuse(f"proxy_headers must be a dict of str to str, {type_name(text)} is in it")
    return dict(value)


def _check_ssl_ca_cert(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        refuse(f"ssl_ca_cert must be the path of a file, {type_name(value)} was given")
    path = os.fspath(value)
    if not os.path.isfile(path):  # noqa: PTH113 - pathlib is not worth its import
        refuse("ssl_ca_cert names no file that exists")
    from ssl import create_default_context

    try:
        usable = bool(create_default_context(cafile=path).get_ca_certs())
    except OSError:  # ssl.SSLError among them
        usable = False
    if not usable:
        refuse("ssl_ca_cert holds no CA certificate in PEM form")
    return str(path)


def _check_ssl_context(value: object) -> object:
    if value is None:
        return None
    from ssl import CERT_REQUIRED, OPENSSL_VERSION_INFO, SSLContext, TLSVersion

    if not isinstance(value, SSLContext):
        refuse(f"ssl_context must be an ssl.SSLContext, {type_name(value)} was given")
    if value.verify_mode != CERT_REQUIRED or not value.check_hostname:
        refuse("ssl_context must verify certificates and host names; ssl.create_default_context() does")
    # Python as Debian and Ubuntu build it sets no minimum, not even in ssl.create_default_context(). With such a Python
    # OpenSSL 3 by itself refuses older versions at every security level above 0.
    is_open = value.minimum_version == TLSVersion.MINIMUM_SUPPORTED
    refuses_old = is_open and OPENSSL_VERSION_INFO >= (3,) and getattr(value, "security_level", 0) > 0
    if value.minimum_version < TLSVersion.TLSv1_2 and not refuses_old:
        refuse("ssl_context must refuse what is older than TLS 1.2: set its minimum_version")
    return value


def _check_connection_pool_maxsize(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        refuse(f"connection_pool_maxsize must be a whole number above 0, {setting_name(value)} was given")
    return value


def _check_transport(value: object) -> str:
    if not isinstance(value, str):
        refuse(f"transport: {type_name(value)} was given, one of {', '.join(map(repr, TRANSPORTS))} is needed")
    if value not in TRANSPORTS:
        refuse(f"transport must be one of {', '.join(map(repr, TRANSPORTS))}{nearest(value, TRANSPORTS)}")
    return value


def _check_source(value: object) -> Source:
    if not isinstance(value, Source):
        refuse(f"source must be a xendit.source.Source, {type_name(value)} was given")
    return value


def check_wait(name: str, wait: object) -> None:
    """Raise ApiValueError unless it is a number of seconds that can be waited."""
    if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= LONGEST:
        problem = f"{name} must be a number of seconds from 0 to {LONGEST:.0f}, {setting_name(wait)} was given"
        raise ApiValueError(problem, (name.rpartition(" ")[2],))


CHECKS: dict[str, Callable[[object], object]] = {
    "connect_timeout": lambda value: checked_seconds("connect_timeout", value),
    "connection_pool_maxsize": _check_connection_pool_maxsize,
    "insecure_host": checked_insecure_hosts,
    "on_event": _check_on_event,
    "on_unknown": _check_on_unknown,
    "proxy": _check_proxy,
    "proxy_headers": _check_proxy_headers,
    "read_timeout": lambda value: checked_seconds("read_timeout", value),
    "retries": _check_retries,
    "source": _check_source,
    "ssl_ca_cert": _check_ssl_ca_cert,
    "ssl_context": _check_ssl_context,
    "timeout": lambda value: checked_seconds("timeout", value),
    "transport": _check_transport,
}
"""The check of each setting that is kept as an attribute."""
