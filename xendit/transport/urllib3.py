"""The old name of `xendit.transport.threads`, the transport of ApiClient. It goes with version 0.2."""

from __future__ import annotations

from xendit.words import warn

_RENAMED = {"Urllib3Transport": "ThreadTransport", "transport_for": "transport_for"}


def __getattr__(name: str) -> object:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xendit.transport import threads

    warn("xendit.transport.urllib3 is xendit.transport.threads now", DeprecationWarning)
    return getattr(threads, _RENAMED[name])
