"""DjangoInbox: the inbox on Django's own connection, so that a handler's models and `done` commit together."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, connections, transaction
from django.utils.functional import cached_property

from xendit.database import attempts
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.veil import Veiled
from xendit.webhook.django.models import InboxEvent, InboxStep
from xendit.webhook.inbox import StepRefused, TransactionEnded
from xendit.webhook.statements import run
from xendit.webhook.table import TableInbox
from xendit.webhook.texts import Statements, StatementTexts
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, NoReturn

    from xendit.webhook.statements import Perform, Steps

__all__ = ["DjangoInbox"]

T = TypeVar("T")

#: Seconds for which a connection is kept beyond its CONN_MAX_AGE. That is 0 unless it is set, by which Django means the
#: end of a request: in the midst of one a connection stays, and a worker does not connect anew for each transaction.
_KEPT = 10.0


class DjangoInbox(TableInbox["Any"]):
    """An inbox on one of Django's databases. Put `xendit.webhook.django` into INSTALLED_APPS and migrate.

    A handler of a TransactionWorker gets Django's connection, but need not use it: models simply work. What they write
    to this database commits together with the event's `done`.

    Events are stored in the thread of the request, over the request's connection. PostgreSQL and MySQL are told to give
    up in time. The time to connect is limited by `connect_timeout` in the database's OPTIONS, which a system check asks
    for.

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

    def transact(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a transaction; see TableInbox.

        Inside an atomic block of yours it becomes a part of that block: it is tried only once, and commits with the
        block.
        """
        connection = self._connection()
        inside = connection.in_atomic_block
        for attempt in attempts(1 if inside or timeout is not None else None):
            with attempt, transaction.atomic(using=self.using):
                return run(procedure(), self._begun(connection, None if inside else timeout))
        raise AssertionError

    @property
    def has_one_writer(self) -> bool:
        """Whether it is SQLite; see TableInbox."""
        return bool(connections[self.using].vendor == "sqlite")

    def transact_apart(self, procedure: Callable[[], Steps[T]]) -> T:
        """Run a procedure in a transaction of its own; see TableInbox.

        Inside an atomic block of yours this needs another connection, which is opened in a thread and closed again.

        Raises:
            StepRefused: in SQLite inside an atomic block, because it would wait for that block to end.
        """
        blocks = getattr(connections[self.using], "atomic_blocks", ())
        if all(getattr(block, "_from_testcase", False) for block in blocks):  # a TestCase's own blocks do not count
            return self.transact(procedure)
        if self.has_one_writer:
            raise StepRefused(
                "event.once commits its step by itself, and in SQLite that would wait for the transaction.atomic around it:"
                " leave the block before the step"
            )
        ended: list[Callable[[], T]] = []

        def work() -> None:
            try:
                result = self.transact(procedure)
            except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
                problem = error
                ended.append(lambda: _raise(problem))
            else:
                ended.append(lambda: result)
            finally:
                connections[self.using].close()

        thread = threading.Thread(target=work, name="xendit-webhook-step")
        thread.start()
        thread.join()
        return ended[0]()

    @contextmanager
    def _joint(self) -> Iterator[tuple[Perform, Any]]:
        connection = self._connection()
        with transaction.atomic(using=self.using, durable=True):
            yield self._begun(connection, None), connection

    def _begun(self, connection: Any, timeout: float | None) -> Statements:
        """Prepare a transaction that has just begun for the inbox, and return what performs its statements."""

        def execute(text: str, values: Veiled) -> tuple[Sequence[Sequence[object]], int]:
            with connection.cursor() as cursor:
                cursor.execute(text, values.held)
                return (() if cursor.description is None else cursor.fetchall()), cursor.rowcount

        perform = Statements(self._texts, execute, self._clock)
        perform.begin(timeout)
        if connection.vendor == "mysql" and timeout is not None:
            execute("SET SESSION innodb_lock_wait_timeout = %s", Veiled((max(1, int(timeout)),)))
        self._look_once(connection.vendor, self._ask)
        return perform

    @cached_property
    def _texts(self) -> StatementTexts:
        connection = connections[self.using]
        quote = connection.ops.quote_name
        table = quote(InboxEvent._meta.db_table)  # noqa: SLF001 - Django's documented name
        steps = quote(InboxStep._meta.db_table)  # noqa: SLF001
        return StatementTexts(
            connection.vendor, table, steps, quote, style="format", has_own_clock=self._clock is not None
        )

    def _connection(self) -> Any:
        """This thread's connection; a long-running worker gets a new one when the old one is worn out."""
        connection = connections[self.using]
        if not connection.in_atomic_block:
            if _is_worn_out(connection):
                connection.close_if_unusable_or_obsolete()
            if not connection.get_autocommit():  # then `atomic` would neither begin nor commit a transaction
                raise ConfigurationException(
                    f'DATABASES[{self.using!r}] has "AUTOCOMMIT": False, under which Django commits nothing by itself: an'
                    " event would be acknowledged and not be stored. Remove that setting, or give DjangoInbox another"
                    " database"
                )
        return connection

    def _ask(self, query: str) -> tuple[Any, ...] | None:
        """The row of a statement; None if the database is another one than it claims, or the role may not ask."""
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
            if "forbidden" in str(error):  # how Django refuses a commit or roll-back inside an atomic block
                raise TransactionEnded from error
            raise


def _is_worn_out(connection: Any) -> bool:
    """Whether Django is to look if a connection still works, and to close it if it does not or is too old."""
    if connection.errors_occurred or connection.settings_dict.get("CONN_HEALTH_CHECKS"):
        return True
    is_old = connection.close_at is not None and time.monotonic() >= connection.close_at + _KEPT
    return is_old or not connection.get_autocommit()


def _raise(error: BaseException) -> NoReturn:
    raise error
