"""Going through the pages of a list in asyncio: each is asked for when it is wanted, or one ahead."""

from __future__ import annotations

from xendit.messages import ApiResponse

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import AsyncGenerator, AsyncIterator
    from typing import Any

    from xendit.client.asyncio import AsyncApiClient
    from xendit.client.cursor import Walk


async def walk_pages(
    client: AsyncApiClient, walk: Walk, *, read_ahead: bool
) -> AsyncGenerator[ApiResponse[list[Any]], None]:
    """The pages of a walk, each asked for when it is wanted, or one ahead in a task."""
    from asyncio import ensure_future

    async def ask() -> ApiResponse[Any]:
        answer: ApiResponse[Any] = await client.call(walk.operation, walk.arguments, walk.options, answered=True)
        return answer

    ahead: Task[ApiResponse[Any]] | None = None
    try:
        answer = await ask()
        while True:
            new = walk.take(answer.data)
            ahead = ensure_future(ask()) if read_ahead and not walk.over else None
            if new:
                yield ApiResponse(new, answer.response, attempts=answer.attempts)
            if walk.over:
                return
            answer = await (ask() if ahead is None else ahead)
    finally:
        if ahead is not None and not ahead.done():
            ahead.cancel()
        elif ahead is not None and not ahead.cancelled():
            ahead.exception()  # nobody is left to hear of it


async def flattened(pages: AsyncIterator[ApiResponse[list[Any]]]) -> AsyncIterator[Any]:
    """What is on the pages, one after the other."""
    async for page in pages:
        for each in page.data:
            yield each
