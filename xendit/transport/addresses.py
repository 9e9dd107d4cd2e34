"""A connection to one of several addresses of a host, for threads: all of them share the time to connect.

A name may have several addresses, and one of them may lead nowhere: IPv6 where a network has none, or a host that is
down. If they were tried one after the other, the first of them could take all of the time. So the next address is tried
as soon as one fails, and at the latest after a moment, while the earlier attempts go on. The first connection that is
established is kept ("happy eyeballs", RFC 8305; aiohttp does the same for event loops).
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xendit.transport.threads import OpenAttempt

    AddressInfo = tuple[Any, Any, int, str, Any]
    """What `socket.getaddrinfo` gives for an address."""

_DELAY = 0.25
"""Seconds after which the next address is tried while earlier ones have not answered (RFC 8305, section 5)."""
_LOCAL_DELAY = 0.02
"""The same behind an address of this machine, which answers at once or never."""
_BEGUN = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN})


class _Race:
    """The connections that were begun. An interrupt must close all of them."""

    def __init__(self) -> None:
        self.open: set[socket.socket] = set()

    def close(self) -> None:
        """Close all that did not win."""
        while self.open:
            self.open.pop().close()


def connected(found: Sequence[AddressInfo], options: Iterable[Any], attempt: OpenAttempt) -> socket.socket:
    """A connection to one of these addresses.

    Args:
        found: the addresses, as `socket.getaddrinfo` gives them.
        options: what `setsockopt` is to be called with.
        attempt: limits the time to connect; its `sock` is what must be closed on an interrupt.

    Raises:
        OSError: no address could be connected to; TimeoutError when the time to connect is over.
    """
    race = _Race()
    attempt.sock = race
    waiting = deque(_interleaved(found))
    problem: OSError = OSError("the name has no address")
    next_at = 0.0
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or race.open:
                left = attempt.left_to_connect()
                if waiting and (not race.open or time.monotonic() >= next_at):
                    info = waiting.popleft()
                    try:
                        sock = _begun(info, options, race)
                    except OSError as error:
                        problem = error
                        continue
                    selector.register(sock, selectors.EVENT_WRITE, sock)
                    next_at = time.monotonic() + (_LOCAL_DELAY if _is_local(info[4]) else _DELAY)
                pause = max(0.0, min(left, next_at - time.monotonic())) if waiting else left
                for key, _ in selector.select(pause):
                    ready: socket.socket = key.data
                    selector.unregister(ready)
                    code = ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code == 0:
                        ready.settimeout(attempt.left_to_connect())
                        attempt.sock = ready
                        race.open.discard(ready)
                        return ready
                    race.open.discard(ready)
                    ready.close()
                    problem = OSError(code, os.strerror(code))
                    next_at = 0.0
        finally:
            race.close()
    raise problem


def _begun(info: AddressInfo, options: Iterable[Any], race: _Race) -> socket.socket:
    """A socket that is connecting. Raises OSError when that fails at once: the kernel has no IPv6, or nobody listens."""
    family, kind, protocol, _, address = info
    sock = socket.socket(family, kind, protocol)
    race.open.add(sock)
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.setblocking(False)
        code = sock.connect_ex(address)
    except OSError:
        race.open.discard(sock)
        sock.close()
        raise
    if code in _BEGUN:
        return sock
    race.open.discard(sock)
    sock.close()
    raise OSError(code, os.strerror(code))


def _interleaved(found: Sequence[AddressInfo]) -> list[AddressInfo]:
    """The addresses with IPv4 and IPv6 in turn, so that one family without a network costs only one pause."""
    by_family: dict[Any, deque[AddressInfo]] = {}
    for info in found:
        by_family.setdefault(info[0], deque()).append(info)
    turns: list[AddressInfo] = []
    while by_family:
        for family in list(by_family):
            turns.append(by_family[family].popleft())
            if not by_family[family]:
                del by_family[family]
    return turns


def _is_local(address: Any) -> bool:
    host = str(address[0])
    return host == "::1" or host.startswith("127.")
