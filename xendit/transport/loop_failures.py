"""What aiohttp's exceptions mean, for both transports of event loops."""

from __future__ import annotations

import ssl

from xendit.installation import explain

try:
    import aiohttp
    from aiohttp.http import HttpProcessingError
except ImportError as error:
    explain(error, "aiohttp", "AsyncApiClient needs aiohttp", 'pip install "xendit-sdk[async]"')

from xendit.transport.common import causes_of, reason_of
from xendit.transport.proxies import is_refusal


class RepeatedError(aiohttp.ClientConnectionError):
    """The connection of a request was lost, and aiohttp was about to send the request again by itself."""


def kind_before_sending(error: BaseException) -> str:
    """Why there was no connection, as a kind of TransportError: `tls` means that another attempt would fail too."""
    if isinstance(error, aiohttp.ClientHttpProxyError) and is_refusal(error.status):
        return "proxy"
    chain = causes_of(error)
    if any(isinstance(each, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)) for each in chain):
        return "connect"  # the other side hung up, perhaps during the handshake
    return "tls" if any(isinstance(each, ssl.SSLError) for each in chain) else "connect"


def os_error_of(error: BaseException) -> BaseException | None:
    """The system's own error behind an error of aiohttp. The latter is not kept, as it may hold the request's headers."""
    return next(
        (each for each in causes_of(error) if isinstance(each, OSError) and not isinstance(each, aiohttp.ClientError)),
        None,
    )


def reason_in(error: BaseException) -> str:
    """What went wrong in a few words: those of the system, or else the kind of error."""
    found = os_error_of(error)
    if found is not None:
        return reason_of(found)
    if isinstance(error, (RepeatedError, aiohttp.ServerDisconnectedError)):
        return "the server closed it"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer is not whole"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}"[:200]
    return "the answer is no HTTP" if isinstance(error, HttpProcessingError) else type(error).__name__
