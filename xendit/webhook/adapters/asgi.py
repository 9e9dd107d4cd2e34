"""A webhook endpoint as an ASGI application, for any ASGI server or framework that mounts one. Needs asyncio."""

from __future__ import annotations

import asyncio

from xendit.static_typing import hinted
from xendit.veil import Veiled

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from xendit.source import Source
    from xendit.webhook.endpoint import Answer, Webhook

    Receive = Callable[[], Awaitable[Any]]
    SendMessage = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["ASGIApp"]


@hinted
class ASGIApp:
    """Answers every path it is mounted at. The size of a body is checked while it streams in.

    An asynchronous inbox is awaited; any other inbox stores in a thread.

    Args:
        webhook: what judges, stores and answers.
    """

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request. A server's lifespan events are confirmed, and a WebSocket is refused."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = Veiled(scope)
            del scope  # or an error tracker would show it if a line below fails
            answer = await self._answer(request, receive)
            if answer is not None:
                await _give(answer, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, request: Veiled, receive: Receive) -> Answer | None:
        """The answer; None when the sender has gone."""
        arrived = self.webhook.source.monotonic()
        client, method = request.held.get("client"), request.held["method"]
        remote = None if client is None else str(client[0])
        refusal = self.webhook.head(method, request.held, remote)
        if refusal is not None:
            return refusal
        try:
            body = await _read(receive, self.webhook.max_body, self.webhook.deadline, self.webhook.source)
        except asyncio.TimeoutError:
            body = Veiled(_broken)
        if body is None:
            return None
        return await self.webhook.answer_async(method, request.held, body.held, remote, arrived=arrived)

    def __repr__(self) -> str:
        return f"ASGIApp({self.webhook!r})"


async def _read(receive: Receive, limit: int, seconds: float, source: Source) -> Veiled | None:
    """The body, at most one byte longer than the limit; None when the sender hung up before its end.

    Raises asyncio.TimeoutError when the body does not come in time.
    """
    ends = source.monotonic() + seconds
    body = Veiled(bytearray())  # as is each message: the server may fail between two
    while True:
        message = Veiled(await asyncio.wait_for(receive(), max(0.0, ends - source.monotonic())))
        if message.held["type"] == "http.disconnect":
            return None
        body.held += message.held.get("body", b"")
        if len(body.held) > limit:
            return Veiled(bytes(body.held[: limit + 1]))
        if not message.held.get("more_body", False):
            return Veiled(bytes(body.held))


def _broken(size: int) -> bytes:
    """Stands for a body that did not come: reading it fails."""
    raise TimeoutError(f"the body did not come in time, {size} bytes were still allowed")


async def _give(answer: Answer, send: SendMessage) -> None:
    headers = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _live(receive: Receive, send: SendMessage) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
