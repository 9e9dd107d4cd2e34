"""The time that an attempt has left, kept below http.client and urllib3.

Both start their clock anew whenever a piece of data comes: a server that sends a byte now and then keeps them waiting
for ever. So every look at a socket is preceded by `settimeout` with what is left of the attempt, and by nothing else.
Neither library hands anything of ours down to a connection. The attempt therefore hangs on the connection that makes
it, and on nothing that threads have: where `gevent.monkey.patch_all()` comes late, all greenlets of a thread would share
that.

One thing has no clock: looking up a host's name, which Python cannot interrupt.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    from xendit.policy import Limits

    class Closable(Protocol):
        """A connection or a socket."""

        def close(self) -> None:
            """End it."""


class OpenAttempt:
    """What an attempt may still use, and what it has done.

    Attributes:
        once: whether the request must not be sent twice.
        sent: whether the server may have seen a byte of it; set before the first one is written.
        connecting: whether a connection is being made, a proxy's tunnel and the TLS handshake included.
        connection, sock: what an interrupt must close, because nobody else holds it.
    """

    __slots__ = ("connected_by", "connecting", "connection", "ends", "once", "sent", "silence", "sock")

    def __init__(self, limits: Limits, *, once: bool) -> None:
        now = time.monotonic()
        self.sent = False
        self.connecting = False
        self.connection: Closable | None = None
        self.sock: Closable | None = None
        self.once = once
        self.silence = limits.read
        self.ends = now + limits.total
        self.connected_by = now + min(limits.connect, limits.total)

    def abandon(self) -> None:
        """After an interrupt: close what nobody holds any more, or will give back."""
        for each in (self.connection, self.sock):
            if each is not None:
                each.close()

    def release(self) -> None:
        """Forget the connection, which another thread may have in a moment."""
        self.connection = self.sock = None

    def left(self) -> float:
        """Seconds that the next look at the socket may take. Raises TimeoutError when there are none."""
        if self.connecting:  # a proxy is asked for its tunnel
            return self.left_to_connect()
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the attempt is over")
        return min(self.silence, left)

    def left_to_connect(self) -> float:
        """Seconds that connecting, the proxy's tunnel and the TLS handshake included, may still take."""
        left = self.connected_by - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time to connect is over")
        return left
