"""The inbox for a world's asynchronous workers: the product's AsyncWorker and AsyncTransactionWorker run over it as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from xendit.source import Source
from xendit.testing.world.inboxes import WorldInbox

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from xendit.testing.world.database import WorldDatabase, WorldTransaction
    from xendit.testing.world.inboxes import Bell
    from xendit.testing.world.loops import WorldLoop
    from xendit.testing.world.scheduler import Steps
    from xendit.webhook.inbox import Claim
    from xendit.webhook.statements import Steps as Procedure

T = TypeVar("T")


class LoopInbox(WorldInbox):
    """An inbox whose transactions are awaited.

    Args:
        database: where the rows are.
        loop: of the process whose connections are used.
        source: where ids come from.
    """

    def __init__(self, database: WorldDatabase, loop: WorldLoop, source: Source) -> None:
        super().__init__(database, loop.process, source)
        self._loop = loop

    async def transact_async(self, procedure: Callable[[], Procedure[T]], timeout: float | None = None) -> T:  # noqa: ARG002
        """Run a procedure in a transaction of its own."""
        result: T = await self._loop.done(self.transact(procedure))
        return result

    async def jointly_async(
        self,
        claim: Claim,
        work: Callable[[WorldTransaction], Coroutine[object, object, object]],
        ending: Callable[[], Procedure[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Hand a transaction that holds the events to `work`, and run the procedure `ending` in it too; then commit."""

        def worked(transaction: WorldTransaction) -> Steps:
            return self._loop.awaited(work(transaction))

        result: T = await self._loop.done(self.jointly(claim, worked, ending, others))
        return result


def resting(source: Source, bell: Bell, loop: WorldLoop) -> Source:
    """A source for a worker that awaits. Its pauses last until something is due, so that it need not look each second."""

    async def rest(seconds: float) -> None:
        await loop.done(bell.rest(seconds), f"{loop.process.name} rests")

    return Source(wall=source.wall, monotonic=source.monotonic, entropy=source.entropy, wait=source.wait, pause=rest)
