"""Batches in a world: the real bulk code with its real journal, killed and continued.

The journal's SQL runs in a SQLite database in memory, which stands for a database that outlives the process. Each
function of the journal is one transaction, so a kill always comes between two of them. The clock is the world's.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from xendit.bulk.batch import create_many
from xendit.bulk.journal import TABLES, Journal, Turn
from xendit.exceptions import JournalException
from xendit.testing.world.scheduler import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.source import Source
    from xendit.testing.world.scheduler import Steps, World

_CLOCK = "the clock of the world"
_TAKES = (0.0005, 0.004)
"""Seconds that a transaction takes, at least and at most."""


class WorldFile:
    """Where a journal's rows are; as `xendit.bulk.storage.SqliteFile`."""

    dialect = "sqlite"
    clock = _CLOCK
    held = ""
    passing = ""

    def __init__(self, world: World) -> None:
        self._world = world
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        world.closing.append(self.close)

    def make(self, statements: Sequence[str]) -> None:
        """Make the tables."""
        for statement in statements:
            self._connection.execute(statement)

    def read(self, work: Callable[[Any], Any]) -> Any:
        """Do work that only reads."""
        return work(self._run)

    def transact(self, work: Callable[[Any], Any]) -> Any:
        """Do the work in a transaction."""
        self._connection.execute("BEGIN")
        try:
            done = work(self._run)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return done

    def _run(self, statement: str, **given: object) -> list[tuple[Any, ...]]:
        if statement is _CLOCK:
            return [(EPOCH + self._world.now,)]
        return self._connection.execute(statement, given).fetchall()

    def close(self) -> None:
        """Forget it."""
        self._connection.close()

    def __str__(self) -> str:
        return "of the world"


class WorldJournal(Journal):
    """A journal that outlives the processes of a shop.

    Args:
        world: where it is.
        source: where ids come from.
        trouble: the probability that one of its transactions fails.
    """

    def __init__(self, world: World, source: Source, trouble: float = 0.0) -> None:
        self.batch = "world"
        self.source = source
        self.world = world
        self.trouble = trouble
        self.luck = world.stream("journal")
        self.overlaps: list[str] = []
        """A sentence for each time that a run was given an item that another run still had."""
        self._held: dict[str, tuple[object, float]] = {}
        self._store: Any = WorldFile(world)
        self._store.make(TABLES["sqlite"])

    def doing(self, function: Callable[[], object]) -> Steps:
        """Do one function of the journal, which may fail before it is done or after."""
        yield self.luck.between(*_TAKES)
        fails = self.world.strikes(self.trouble, self.luck)
        if fails and self.luck.chance() < 0.5:
            self.world.note("journal", "refused")
            raise JournalException("the journal is not there")
        result = function()
        yield 0.0002
        if fails:
            self.world.note("journal", "unheard")
            raise JournalException("the connection was lost during the commit")
        return result

    def taken(self, run: object, turn: Turn, lease: float) -> None:
        """Note that a run was given an item. No other run may have that item, unless the other run's lease has run out."""
        holder, until = self._held.get(turn.key, (run, 0.0))
        if holder is not run and turn.now < until:
            self.overlaps.append(f"{turn.external_id} was given to a run while another one had it")
        self._held[turn.key] = (run, turn.now + lease)

    def given_up(self, run: object, key: str) -> None:
        """Note that a run is about to settle an item or to give it back."""
        if self._held.get(key, (None, 0.0))[0] is run:
            del self._held[key]


def run_batch(api: Any, requests: list[Any], journal: WorldJournal, workers: int, **options: Any) -> list[Steps]:
    """Begin a batch, or go on with it. Returns the steps of each of its workers.

    Args:
        api: an API over a WorldClient.
        requests: what is to be created.
        journal: where the batch stands.
        workers: how many there are.
        options: of `create_many`.
    """
    batch: Any = create_many(api, requests, journal=journal, concurrency=workers, **options)
    return [_driven(batch, api, journal) for _ in range(workers)]


def _driven(batch: Any, api: Any, journal: WorldJournal) -> Steps:
    """One worker; the third driver of `xendit.bulk.work`."""
    work = batch._work
    steps = work.worker()
    act, given = steps.send, None
    try:
        while True:
            what, value = act(given)
            act, given = steps.send, None
            try:
                if what == "journal":
                    asked = getattr(value, "func", value)
                    if asked in (journal.settle, journal.release):
                        journal.given_up(work, value.args[0])
                    given = yield from journal.doing(value)
                    if isinstance(given, Turn):
                        journal.taken(work, given, work._lease)
                elif what == "pause":
                    yield value
                elif what == "create":
                    given = yield from batch._create(value[0], **value[1])
                elif what == "resolve":
                    given = yield from api.resolve(value)
            except Exception as error:  # noqa: BLE001 - the worker decides what it means
                act, given = steps.throw, error
    except StopIteration:
        return None
    except JournalException as error:
        journal.world.note("journal", "ends a worker", str(error))
        work.stopped = True
        return error
