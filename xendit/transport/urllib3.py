"""The old name of `xendit.transport.threads`, the transport of ApiClient. It goes with version 0.2."""

from xendit.codec import warn
from xendit.transport.threads import ThreadTransport as Urllib3Transport, transport_for

__all__ = ["Urllib3Transport", "transport_for"]

warn("xendit.transport.urllib3 is xendit.transport.threads now", DeprecationWarning)
