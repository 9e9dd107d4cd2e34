"""ApiClient by its public name. The client itself is in `xendit.client`."""

from xendit.client.base import BaseClient
from xendit.client.deferred import Deferred
from xendit.client.options import OPTIONS
from xendit.client.sync import ApiClient

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.client.options import RequestOptions as RequestOptions  # noqa: PLC0414 - exported

__all__ = ["OPTIONS", "ApiClient", "BaseClient", "Deferred"]
