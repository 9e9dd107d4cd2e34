"""DjangoInbox: the inbox on Django's own connection, so that a handler's models and `done` commit together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, fields

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import Count, F, Min, Q

from xendit.database import CLOCKS, HOLDING
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.webhook.django.models import InboxEvent
from xendit.webhook.inbox import Stored, TransactionEnded
from xendit.webhook.table import TableInbox
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from xendit.webhook.inbox import State
    from xendit.webhook.table import Rows

__all__ = ["DjangoInbox"]

_COLUMNS = tuple(field.name for field in fields(Stored))


class DjangoInbox(TableInbox["Any"]):
    """An inbox on one of Django's databases. Put `xendit.webhook.django` into INSTALLED_APPS and migrate.

    A handler of a TransactionWorker gets Django's connection; it need not touch it, for models simply work: what
    they write to this database commits together with the event's `done`.

    It stores in the thread of the request, over the request's connection. PostgreSQL and MySQL are told to give
    up in time; connecting is bounded by `connect_timeout` in the database's OPTIONS, which a system check asks for.

    Args:
        using: the alias of the database.
        now: a clock, in seconds since 1970, in place of the database's; for tests.
        source: where ids come from (`xendit.source`), and time too where it is not the system's.
    """

    own_deadline = True

    def __init__(
        self, using: str = "default", *, now: Callable[[], float] | None = None, source: Source = SYSTEM
    ) -> None:
        if not isinstance(using, str):
            raise ConfigurationException(f"using must be a database's alias, {type_name(using)} was given")
        self.using = using
        self.source = source
        self._clock = now or (None if source is SYSTEM else source.wall)

    def __repr__(self) -> str:
        return f"<DjangoInbox: {self.using!r}>"

    @contextmanager
    def _rows(self, timeout: float | None = None) -> Iterator[Rows]:
        connection = self._connection()
        inside = connection.in_atomic_block
        with transaction.atomic(using=self.using):
            rows = _DjangoRows(self.using, self._clock)
            rows.begin(None if inside else timeout)
            self._look_once(connection.vendor, self._ask)
            yield rows

    @contextmanager
    def _joint(self) -> Iterator[tuple[Rows, object]]:
        connection = self._connection()
        with transaction.atomic(using=self.using, durable=True):
            rows = _DjangoRows(self.using, self._clock)
            rows.begin(None)
            yield rows, connection

    def _connection(self) -> Any:
        """This thread's connection; a worker that outlives one gets a new one."""
        connection = connections[self.using]
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
            if not connection.get_autocommit():  # `atomic` would begin no transaction of its own, and commit none
                raise ConfigurationException(
                    f'DATABASES[{self.using!r}] has "AUTOCOMMIT": False, under which Django commits nothing by itself: an'
                    " event would be acknowledged and not be stored. Remove that setting, or give DjangoInbox another"
                    " database"
                )
        return connection

    def _ask(self, query: str) -> tuple[Any, ...] | None:
        """The row of a statement; None of a database that only looks like one of ours, or of a role that may not ask."""
        try:
            with transaction.atomic(using=self.using), connections[self.using].cursor() as cursor:
                cursor.execute(query)
                row: tuple[Any, ...] = cursor.fetchone()
                return row
        except DatabaseError:
            return None

    @contextmanager
    def _watched(self, connection: object) -> Iterator[None]:
        try:
            yield
        except transaction.TransactionManagementError as error:
            if "forbidden" in str(error):  # Django lets nobody commit or roll back inside an atomic block
                raise TransactionEnded from error
            raise


class _DjangoRows:
    """Rows over the ORM, within an atomic block."""

    def __init__(self, using: str, clock: Callable[[], float] | None) -> None:
        self._using = using
        self._connection = connections[using]
        self._events = InboxEvent._default_manager.using(using)  # noqa: SLF001 - Django's documented name
        self._clock = clock

    def begin(self, timeout: float | None) -> None:
        """Take SQLite's write lock before anything is read; have the others give up in time, and keep what they commit."""
        vendor = self._connection.vendor
        with self._connection.cursor() as cursor:
            if vendor == "sqlite":
                table = self._connection.ops.quote_name(InboxEvent._meta.db_table)  # noqa: SLF001
                cursor.execute(f"UPDATE {table} SET state = state WHERE 1 = 0")  # noqa: S608 - our own name
            elif vendor == "postgresql":
                limits, values = "", []
                if timeout is not None:
                    limits = ", set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)"
                    values = [str(max(1, int(timeout * 1000)))] * 2
                cursor.execute(f"SELECT {HOLDING}{limits}", values)
            elif vendor == "mysql" and timeout is not None:
                cursor.execute("SET SESSION innodb_lock_wait_timeout = %s", [max(1, int(timeout))])

    def now(self) -> float:
        if self._clock is not None:
            return self._clock()
        query = CLOCKS.get(self._connection.vendor)
        if query is None:
            return SYSTEM.wall()
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return float(cursor.fetchone()[0])

    def insert(self, row: Stored) -> bool:
        try:
            with transaction.atomic(using=self._using):
                InboxEvent(**asdict(row)).save(using=self._using, force_insert=True)
        except IntegrityError:
            return False
        return True

    def get(self, key: str) -> Stored | None:
        found = self._events.filter(key=key).values(*_COLUMNS).first()
        return None if found is None else _stored(found)

    def count_delivery(self, key: str) -> None:
        free = self._events.select_for_update(skip_locked=True).filter(key=key).values_list("key", flat=True)
        if free:
            self._events.filter(key=key).update(deliveries=F("deliveries") + 1)

    def lock(self, subject: str) -> list[Stored] | None:
        of_it = self._events.filter(subject=subject)
        there = of_it.count()
        rows = list(of_it.select_for_update(skip_locked=True).order_by("key").values(*_COLUMNS))
        return None if len(rows) < there else [_stored(row) for row in rows]

    def change(self, key: str, values: Mapping[str, object], where: Mapping[str, object]) -> bool:
        conditions = {
            (f"{name}__isnull" if value is None else name): (True if value is None else value)
            for name, value in where.items()
        }
        return bool(self._events.filter(key=key, **conditions).update(**values) == 1)

    def due(self, now: float, limit: int) -> list[tuple[str, str]]:
        free = Q(state="waiting", due_at__lte=now) | Q(state="working", lease_until__lte=now)
        return list(self._events.filter(free).order_by("due_at").values_list("key", "subject")[:limit])

    def make_due(self, now: float, latest: float) -> int:
        ahead = self._events.filter(due_at__gt=latest)
        waiting = Q(lease_until__isnull=True, attempts=0) | Q(lease_until__gt=latest)
        found = ahead.filter(waiting, state="waiting").update(due_at=now)
        return int(found + ahead.filter(state="working").update(due_at=now, lease_until=now))

    def delete_done(self, before: float) -> int:
        return int(self._events.filter(state="done", done_at__lt=before).delete()[0])

    def counts(self, now: float) -> tuple[dict[str, int], float | None]:
        counts = dict(self._events.order_by().values_list("state").annotate(Count("key")))
        overdue = self._events.filter(state="waiting", due_at__lte=now).aggregate(due=Min("due_at"))
        return counts, overdue["due"]

    def latest(self, state: State, limit: int) -> list[Stored]:
        rows = self._events.filter(state=state).order_by("-received_at").values(*_COLUMNS)[:limit]
        return [_stored(row) for row in rows]


def _stored(row: dict[str, Any]) -> Stored:
    return Stored(**{**row, "body": bytes(row["body"])})
