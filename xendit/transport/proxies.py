"""Which proxy requests go through, where that was said, and how it is named in messages: never with its password."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from xendit.exceptions import ConfigurationException
from xendit.headers import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""Variables of the environment that name a proxy; the first that is set counts."""


def proxy_for(host: str, given: str | None) -> tuple[str, str] | None:
    """The URL of the proxy to use for a host, with its credentials, and where it was named; None for none.

    It is the one that was given, or else the environment's. An empty string means none. This machine itself is never
    reached through a proxy. The environment may name its proxy without a scheme, as curl allows.

    Raises:
        ConfigurationException: it is no HTTP proxy.
    """
    if given is not None:
        return (given, "Configuration.proxy") if given else None
    if not host.startswith("https:"):
        return None
    proxy, origin = _of_surroundings(host)
    if not proxy:
        return None
    scheme = proxy.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        kind = "SOCKS" if scheme.startswith("socks") else f"{scheme[:20]}://"
        raise ConfigurationException(
            f"{origin} names a {kind} proxy, and only http:// and https:// proxies can be used; give Configuration(proxy=...),"
            ' "" for none; no request was made'
        )
    if not _is_url(proxy):
        raise ConfigurationException(
            f"{origin} holds no URL of a proxy, such as http://proxy:3128; no request was made"
        )
    return proxy, origin


def _of_surroundings(host: str) -> tuple[Secret, str]:
    """The proxy of the environment or the system, and where it is named; empty when there is none for this host."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all") or ""
    if not found or proxy_bypass(parse_url(host).netloc or ""):
        return Secret(), ""
    origin = next((name for name in _VARIABLES if os.environ.get(name) == found), "the system's settings")
    return Secret(found if "://" in found else f"http://{found}"), origin


def _is_url(proxy: str) -> bool:
    try:
        return bool(parse_url(proxy).host)
    except HTTPError:
        return False


def proxy_parts(proxy: str | None, headers: Mapping[str, str] | None) -> tuple[str | None, dict[str, str]]:
    """The proxy's URL without credentials, and its headers, with the credentials: urllib3 does not send them by itself."""
    sent: dict[str, str] = {name: Secret(value) for name, value in (headers or {}).items()}
    if not proxy:
        return None, sent
    url = parse_url(proxy)
    if url.auth:
        if "proxy-authorization" not in {name.lower() for name in sent}:
            sent["proxy-authorization"] = Secret("Basic " + b64encode(unquote_to_bytes(url.auth)).decode("ascii"))
        proxy = url._replace(auth=None).url
    return proxy, sent


def shown_way(address: str, proxy: str | None, origin: str) -> str:
    """Host and port, for messages, with the proxy on the way to them."""
    if proxy is None:
        return address
    url = parse_url(proxy)
    port = f":{url.port}" if url.port else ""
    return f"{address} through the proxy {url.scheme}://{url.host}{port} ({origin})"


def is_refusal(status: str | int) -> bool:
    """Whether a proxy with this answer would answer the same again: it wants credentials, or does not let us through."""
    return str(status).startswith("4")
