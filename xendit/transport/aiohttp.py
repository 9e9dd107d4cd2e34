"""The old name of `xendit.transport.loops`, the transport of AsyncApiClient. It goes with version 0.2."""

from __future__ import annotations

from xendit.words import warn

_RENAMED = {"AiohttpTransport": "LoopTransport", "transport_for": "transport_for"}


def __getattr__(name: str) -> object:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xendit.transport import loops

    warn("xendit.transport.aiohttp is xendit.transport.loops now", DeprecationWarning)
    return getattr(loops, _RENAMED[name])
