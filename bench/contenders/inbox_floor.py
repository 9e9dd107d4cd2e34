"""The floor of the inbox: what any inbox must do, by the bare driver, over a table with a fitting index.

An event comes in with one insert and a commit. A worker commits a lease, then the effect and `done` together.
"""

# ruff: noqa: S608 - a benchmark, whose statements are its own

from __future__ import annotations

import sqlite3
import time
from typing import Any

TABLE = (
    "CREATE TABLE floor (key varchar(200) PRIMARY KEY, subject varchar(200), state varchar(20), due_at double precision,"
    " body {bytes}, lease double precision, owner varchar(32))"
)


class Contender:
    """PostgreSQL by psycopg, SQLite by the standard library."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:///")
        self.connection: Any
        if self.is_sqlite:
            self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self.connection.execute(f"PRAGMA {pragma}").fetchall()
        else:
            import psycopg

            self.connection = psycopg.connect(url)
        self.mark = "?" if self.is_sqlite else "%s"
        self.added = 0

    def make(self) -> None:
        """Make the tables."""
        self.begin()
        self.connection.execute(TABLE.format(bytes="blob" if self.is_sqlite else "bytea"))
        self.connection.execute("CREATE INDEX floor_due ON floor (due_at) WHERE state = 'waiting'")
        self.connection.execute("CREATE TABLE effects (key varchar(200))")
        self.connection.commit()

    def begin(self) -> None:
        """Begin a transaction that writes; psycopg does by itself."""
        if self.is_sqlite:
            self.connection.execute("BEGIN IMMEDIATE")

    def fill(self, low: int, high: int, body: bytes) -> None:
        """Insert the events of these numbers, all due."""
        series = (
            "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT"
            if self.is_sqlite
            else "SELECT"
        )
        source = "n" if self.is_sqlite else "generate_series(%s::int, %s::int) AS n(i)"
        values = (low, high - 1, body) if self.is_sqlite else (body, low, high - 1)
        self.begin()
        self.connection.execute(
            f"INSERT INTO floor (key, subject, state, due_at, body) {series}"
            f" 'k' || i, 's' || i, 'waiting', i * 0.001, {self.mark} FROM {source}",
            values,
        )
        self.connection.commit()

    def settle(self) -> None:
        """Have the planner know what is there."""
        self.connection.execute("ANALYZE")
        self.connection.commit()

    def work(self, _: str, count: int, most: float) -> tuple[int, float]:
        """Work on so many events, or for so many seconds; give both."""
        mark, skip = self.mark, "" if self.is_sqlite else " FOR UPDATE SKIP LOCKED"
        lease = (
            "UPDATE floor SET state = 'working', owner = 'x', lease = 1e12 WHERE key ="
            f" (SELECT key FROM floor WHERE state = 'waiting' ORDER BY due_at LIMIT 1{skip}) RETURNING key"
        )
        effect = f"INSERT INTO effects VALUES ({mark})"
        done = f"UPDATE floor SET state = 'done' WHERE key = {mark} AND owner = 'x'"
        began = time.perf_counter()
        for number in range(count):
            self.begin()
            key = self.connection.execute(lease).fetchone()
            self.connection.commit()
            self.begin()
            self.connection.execute(effect, key)
            self.connection.execute(done, key)
            self.connection.commit()
            if time.perf_counter() - began > most:
                return number + 1, time.perf_counter() - began
        return count, time.perf_counter() - began

    def add(self, count: int, body: bytes) -> tuple[int, float]:
        """Take in so many events."""
        insert = (
            "INSERT INTO floor (key, subject, state, due_at, body)"
            f" VALUES ({self.mark}, {self.mark}, 'waiting', 1e9, {self.mark}) ON CONFLICT DO NOTHING"
        )
        began = time.perf_counter()
        for _ in range(count):
            self.added += 1
            key = f"added-{time.time_ns()}-{self.added}"
            self.begin()
            self.connection.execute(insert, (key, key, body))
            self.connection.commit()
        return count, time.perf_counter() - began
