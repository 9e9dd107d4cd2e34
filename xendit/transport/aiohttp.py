"""The old name of `xendit.transport.loops`, the transport of AsyncApiClient. It goes with version 0.2."""

from xendit.codec import warn
from xendit.transport.loops import LoopTransport as AiohttpTransport, transport_for

__all__ = ["AiohttpTransport", "transport_for"]

warn("xendit.transport.aiohttp is xendit.transport.loops now", DeprecationWarning)
