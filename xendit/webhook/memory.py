"""MemoryInbox: the inbox of one process, for tests and for trying things out. A restart forgets it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace

from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.webhook.table import TableInbox

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from xendit.webhook.inbox import State, Stored
    from xendit.webhook.table import Rows

__all__ = ["MemoryInbox"]


@hinted
class MemoryInbox(TableInbox[None]):
    """An inbox in memory.

    A handler of a TransactionWorker gets None for a connection.

    Args:
        now: the clock, in seconds since 1970; that of `source` when None.
        source: where time and ids come from (`xendit.source`).
    """

    own_deadline = True

    def __init__(self, now: Callable[[], float] | None = None, *, source: Source = SYSTEM) -> None:
        self.source = source
        self._now = now or source.wall
        self._lock = threading.RLock()
        self._table: dict[str, Stored] = {}

    @contextmanager
    def _rows(self, timeout: float | None = None) -> Iterator[Rows]:
        if not self._lock.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError("the inbox is busy")
        before = dict(self._table)
        try:
            yield _MemoryRows(self._table, self._now)
        except BaseException:
            self._table.clear()
            self._table.update(before)
            raise
        finally:
            self._lock.release()

    @contextmanager
    def _joint(self) -> Iterator[tuple[Rows, None]]:
        # Not locked while a handler runs: the endpoint must answer meanwhile.
        yield _MemoryRows(self._table, self._now, self._lock), None

    def __repr__(self) -> str:
        return f"<MemoryInbox of {len(self._table)} events>"


class _MemoryRows:
    """Rows over a dict. Rows are frozen, so that what was read stays as it was."""

    def __init__(
        self, table: dict[str, Stored], now: Callable[[], float], lock: AbstractContextManager[object] | None = None
    ) -> None:
        self._table = table
        self._now = now
        self._lock = lock or threading.RLock()

    def now(self) -> float:
        return self._now()

    def insert(self, row: Stored) -> bool:
        return self._table.setdefault(row.key, row) is row

    def get(self, key: str) -> Stored | None:
        return self._table.get(key)

    def count_delivery(self, key: str) -> None:
        row = self._table[key]
        self._table[key] = replace(row, deliveries=row.deliveries + 1)

    def lock(self, subject: str) -> list[Stored]:
        return [row for row in self._table.values() if row.subject == subject]

    def change(self, key: str, values: Mapping[str, Any], where: Mapping[str, object]) -> bool:
        with self._lock:
            row = self._table.get(key)
            if row is None or any(getattr(row, name) != value for name, value in where.items()):
                return False
            self._table[key] = replace(row, **values)
            return True

    def due(self, now: float, limit: int) -> list[tuple[str, str]]:
        rows = [
            row
            for row in self._table.values()
            if (row.state == "waiting" and row.due_at <= now)
            or (row.state == "working" and (row.lease_until or 0.0) <= now)
        ]
        return [(row.key, row.subject) for row in sorted(rows, key=lambda row: row.due_at)[:limit]]

    def make_due(self, now: float, latest: float) -> int:
        ahead = [row for row in self._table.values() if row.due_at > latest]
        waiting = [
            row
            for row in ahead
            if row.state == "waiting" and (row.attempts == 0 if row.lease_until is None else row.lease_until > latest)
        ]
        working = [row for row in ahead if row.state == "working"]
        self._table.update({row.key: replace(row, due_at=now) for row in waiting})
        self._table.update({row.key: replace(row, due_at=now, lease_until=now) for row in working})
        return len(waiting) + len(working)

    def delete_done(self, before: float) -> int:
        old = [row.key for row in self._table.values() if row.state == "done" and (row.done_at or 0.0) < before]
        for key in old:
            del self._table[key]
        return len(old)

    def counts(self, now: float) -> tuple[dict[str, int], float | None]:
        counts: dict[str, int] = {}
        for row in self._table.values():
            counts[row.state] = counts.get(row.state, 0) + 1
        due = [row.due_at for row in self._table.values() if row.state == "waiting" and row.due_at <= now]
        return counts, min(due, default=None)

    def latest(self, state: State, limit: int) -> list[Stored]:
        rows = [row for row in self._table.values() if row.state == state]
        return sorted(rows, key=lambda row: row.received_at, reverse=True)[:limit]
