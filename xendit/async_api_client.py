"""AsyncApiClient by its public name. The client itself is in `xendit.client`. Needs the extra `async` (aiohttp)."""

from xendit.client.asyncio import AsyncApiClient

__all__ = ["AsyncApiClient"]
