"""The inbox of this package, or of an earlier build of it: whichever `xendit` is found."""

# ruff: noqa: S608 - a benchmark, whose statements are its own

from __future__ import annotations

import json
import threading
import time
from typing import Any

import sqlalchemy as sa

from xendit.webhook import SQLInbox, TransactionWorker, Webhook, Worker

HEADERS = {"x-callback-token": "a-token-of-the-bench", "content-type": "application/json"}


BATCH = 100


class Contender:
    """SQLInbox over SQLAlchemy, on PostgreSQL by psycopg and on its own SQLite file."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:///")
        if self.is_sqlite:
            self.inbox: Any = SQLInbox(url.removeprefix("sqlite:///"))
        else:
            self.inbox = SQLInbox(sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://")))
        self.webhook = Webhook(self.inbox, HEADERS["x-callback-token"])
        self.workers: dict[str, Any] = {
            "transaction": TransactionWorker(self.inbox, self._joint),
            "queue": Worker(self.inbox, lambda _: None),
            **self._batches(),
        }
        self.several = [TransactionWorker(self.inbox, self._joint) for _ in range(4)]

    def _batches(self) -> dict[str, Any]:
        """Workers that finish many events in one commit, which an earlier build cannot."""
        try:
            return {
                "transaction together": TransactionWorker(self.inbox, self._joint, batch=BATCH),
                "queue together": Worker(self.inbox, lambda _: None, batch=BATCH),
            }
        except TypeError:
            return {}

    def _joint(self, event: Any, connection: Any) -> None:
        mark = "?" if self.is_sqlite else "%s"
        connection.exec_driver_sql(f"INSERT INTO effects VALUES ({mark})", (event.dedupe_key,))

    def make(self) -> None:
        """Make the tables."""
        self.inbox.create_table()
        with self.inbox.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS effects (key varchar(200))")

    def fill(self, low: int, high: int, body: bytes, state: str = "waiting") -> None:
        """Insert the events of these numbers, all due; each has a body of its own."""
        text = body.decode()
        due = time.time() - 1_000_000
        number = "printf('%09d', i)" if self.is_sqlite else "lpad(i::text, 9, '0')"
        mark = "?" if self.is_sqlite else "%s"
        bodies = f"replace({mark}, '000000000', {number})"
        bodies = f"CAST({bodies} AS blob)" if self.is_sqlite else f"convert_to({bodies}, 'UTF8')"
        columns = (
            f" 'u/inv' || {number} || '/paid', 'u/inv' || {number}, 'paid', {bodies}, 'webhook', '{state}', {due},"
            f" {due} + i * 0.001, 0, 1, 'order-' || i, {due}"
        )
        values: tuple[object, ...]
        if self.is_sqlite:
            series = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT"
            query, values = f"{series}{columns} FROM n", (low, high - 1, text)
        else:
            series = "generate_series(%s::int, %s::int) AS n(i)"
            query, values = f"SELECT{columns.replace('%09d', '%%09d')} FROM {series}", (text, low, high - 1)
        with self.inbox.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO xendit_inbox (key, subject, kind, body, source, state, received_at, due_at, attempts,"
                f" deliveries, external_id, done_at) {query}",
                values,
            )

    def settle(self) -> None:
        """Have the planner know what is there."""
        with self.inbox.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def work(self, how: str, count: int, most: float) -> tuple[int, float]:
        """Work on so many events, or for so many seconds; give both."""
        if how == "threads":
            return self._work_in_threads(count)
        at_once = count if hasattr(self.inbox, "claiming") else 1  # the earlier build claims each by itself anyway
        done, began = 0, time.perf_counter()
        while done < count and time.perf_counter() - began < most:
            drained = self.workers[how].drain(min(count - done, at_once))
            if not drained.handled:
                break
            done += drained.handled
        return done, time.perf_counter() - began

    def _work_in_threads(self, count: int) -> tuple[int, float]:
        """Work with four workers, each in a thread of this process: as many as procrastinate has tasks."""
        done: list[int] = []
        threads = [
            threading.Thread(
                target=lambda each: done.append(each.drain(count // len(self.several)).handled), args=(each,)
            )
            for each in self.several
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(done), time.perf_counter() - began

    def add(self, count: int, body: bytes) -> tuple[int, float]:
        """Take in so many events as an endpoint does: verify, store, answer."""
        bodies = []
        for number in range(count):
            own = json.loads(body)
            own["id"] = f"added-{time.time_ns()}-{number}"
            bodies.append(json.dumps(own).encode())
        began = time.perf_counter()
        for each in bodies:
            if self.webhook.answer("POST", HEADERS, each).outcome != "stored":
                raise RuntimeError("it was not stored")
        return count, time.perf_counter() - began

    def tally(self) -> float:
        """Count what waits; give the seconds."""
        began = time.perf_counter()
        self.inbox.tally()
        return time.perf_counter() - began
