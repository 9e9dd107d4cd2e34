"""Which Host headers the sandbox answers to.

In the Host header a browser sends the name of the site that a page asks. If the sandbox answered to any name, a web
page of a site whose name resolves to 127.0.0.1 could read and control it (DNS rebinding). So it answers only to the
names of loopback and to names that were allowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The names of this machine. They are admitted with the sandbox's own port alone.
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

_HOST = re.compile(r"(?P<name>[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?", re.ASCII)


class Hosts:
    """The hosts that are admitted: loopback with the sandbox's own port, and those that were allowed.

    `NAME` admits the name with any port and with none, so that a proxy, a container or a mapped port can stand before
    the sandbox; `NAME:PORT` admits exactly that. Raises ValueError for anything else.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._exact: set[str] = set()
        for given in allowed:
            name, port = read_host(given)
            if port is None:
                self._names.add(name)
            else:
                self._exact.add(f"{name}:{port}")

    def at_port(self, port: int) -> AdmittedHosts:
        """Give the decision for a sandbox that listens at a port."""
        own = {f"{name}:{port}" for name in LOOPBACK_NAMES}
        if port == 80:  # clients leave this port out
            own.update(LOOPBACK_NAMES)
        return AdmittedHosts(frozenset(own), frozenset(self._exact), frozenset(self._names))


class AdmittedHosts:
    """What `Hosts` admits at one port."""

    def __init__(self, own: frozenset[str], exact: frozenset[str], names: frozenset[str]) -> None:
        self._own = own
        self._exact = exact
        self._names = names

    def admits(self, header: str) -> bool:
        """Say whether a Host header may be answered."""
        header = header.lower()
        if header in self._own or header in self._exact:
            return True
        found = _HOST.fullmatch(header)
        return found is not None and found["name"] in self._names

    def is_origin_of(self, origin: str, header: str) -> bool:
        """Say whether a page of this origin came from the sandbox itself, when the Host header was this one.

        The sandbox speaks plain HTTP. Its pages have an `https://` origin only behind a proxy that speaks TLS, and the
        proxy's name must have been allowed.
        """
        scheme, _, host = origin.lower().partition("://")
        header = header.lower()
        return host == header and (scheme == "http" or (scheme == "https" and header not in self._own))

    def __str__(self) -> str:
        """Name all of them, for the sentence of a refusal."""
        return ", ".join(sorted({*self._own, *self._exact, *self._names}))


def read_host(given: object) -> tuple[str, int | None]:
    """Take `NAME` or `NAME:PORT` apart; the name comes back in lower case. Raises ValueError."""
    found = _HOST.fullmatch(given.lower()) if isinstance(given, str) else None
    if found is None or not 1 <= int(found["port"] or 1) <= 65_535:
        raise ValueError(
            f"an allowed host must be a name such as shop.test or shop.test:8080 (IPv6 in brackets), without http:// "
            f"and without a path, not {given!r}"
        )
    return found["name"], None if found["port"] is None else int(found["port"])
