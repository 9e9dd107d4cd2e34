"""Where a webhook may go: to this machine, and to hosts that were allowed. The URL is checked, and the address again."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class WebhookTarget:
    """Where webhooks go, taken apart."""

    url: str
    host: str
    port: int
    path: str


def read_target(url: str, allowed: frozenset[str] = frozenset()) -> WebhookTarget:
    """Take a webhook URL apart. `allowed` names hosts that need not be loopback.

    Raises ValueError for anything but `http://` to a host with no user name, and for an IP address that is neither
    loopback nor allowed. The address of a name is looked up and checked only when a webhook is sent.
    """
    if not url.isprintable() or not url.isascii() or " " in url:
        raise ValueError("the webhook URL must be printable ASCII without spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the webhook URL cannot be read: check its host and port") from None
    if parts.scheme != "http" or not host:
        raise ValueError("the webhook URL must begin with http:// and name a host, such as http://127.0.0.1:8000/")
    if "@" in parts.netloc:
        raise ValueError("the webhook URL must not hold a user name or password")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not is_loopback(literal) and host not in allowed:
            raise ValueError("the webhook URL must be on this machine: 127.0.0.1, localhost or [::1]")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookTarget(url, host, port if port is not None else 80, path)


def is_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Say whether an address never leaves this machine, also when it is IPv4 written as IPv6."""
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def resolve(target: WebhookTarget, allowed: frozenset[str] = frozenset()) -> str:
    """Find the IP address of a target; every address of a name that is not allowed must be loopback.

    Raises OSError. The caller connects to the very address that was checked, so a second look-up cannot lead elsewhere.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if target.host not in allowed and not all(
        is_loopback(ipaddress.ip_address(address.partition("%")[0])) for address in addresses
    ):
        raise OSError("refused: the webhook URL is not on this machine")
    return addresses[0]
