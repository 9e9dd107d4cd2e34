"""Going through the pages of a list, for clients whose calls block: each is asked for when it is wanted, or one ahead."""

from __future__ import annotations

from xendit.messages import ApiResponse

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from xendit.client.cursor import Walk
    from xendit.client.sync import ApiClient


def walk_pages(client: ApiClient, walk: Walk, *, read_ahead: bool) -> Iterator[ApiResponse[list[Any]]]:
    """The pages of a walk, each asked for when it is wanted, or one ahead in a thread."""
    from xendit.client.deferred import Deferred

    def ask() -> ApiResponse[Any]:
        answer: ApiResponse[Any] = client.call(walk.operation, walk.arguments, walk.options, answered=True)
        return answer

    answer = ask()
    while True:
        new = walk.take(answer.data)
        ahead = Deferred(ask) if read_ahead and not walk.over else None
        if new:
            yield ApiResponse(new, answer.response, attempts=answer.attempts)
        if walk.over:
            return
        answer = ask() if ahead is None else ahead.get()


def flattened(pages: Iterator[ApiResponse[list[Any]]]) -> Iterator[Any]:
    """What is on the pages, one after the other."""
    for page in pages:
        yield from page.data
