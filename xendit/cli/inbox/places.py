"""Where an inbox is: a SQLite file, a database's URL or Django's settings. No file and no table is created here."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xendit.cli.ending import API, NETWORK, NOT_FOUND, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.libraries import needed
from xendit.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypedDict

    from xendit.webhook.inbox import Stored

    class Place(TypedDict):
        """The options that say where an inbox is, as `place_options` adds them to a command."""

        place: str | None
        table: str | None
        schema: str | None
        settings: str | None
        using: str | None


#: The variable that names the inbox if no option does.
VARIABLE = "XENDIT_INBOX"
_ASYNCHRONOUS = ("asyncpg", "aiosqlite", "aiomysql", "asyncmy", "psycopg_async")
DJANGO_VARIABLE = "DJANGO_SETTINGS_MODULE"


class Opened(NamedTuple):
    """An inbox that is there."""

    inbox: Any
    find: Callable[[str], list[Stored]]
    """The events of a key or an external id, in the order in which they came."""
    has_steps: bool
    """Whether the table of steps is there. An inbox of an earlier version has none yet."""


@contextmanager
def opened(
    place: str | None, table: str | None, schema: str | None, settings: str | None, using: str | None
) -> Iterator[Opened]:
    """The inbox that the options mean, for a command; what its database says becomes one sentence.

    Raises:
        click.UsageError: the options contradict each other.
        CommandFailure: there is no such inbox, or its database does not answer.
    """
    if place and settings:
        raise click.UsageError("give --inbox or --settings, and not both")
    if not place and not settings:
        place, settings = os.environ.get(VARIABLE), os.environ.get(DJANGO_VARIABLE)
        settings = None if place else settings
    if not place and not settings:
        raise CommandFailure(
            "which inbox?", USAGE, hint=f"give --inbox PATH|URL or --settings MODULE, or set {VARIABLE}"
        )
    if place and using:
        raise click.UsageError("--using names one of Django's databases: give --settings with it")
    if settings and (table or schema):
        raise click.UsageError("--table and --schema are for --inbox: Django knows its table")
    if place:
        yield from _of_database(place, table or "xendit_inbox", schema)
    else:
        assert settings is not None
        yield from _of_django(settings, using or "default")


def set_up_django(settings: str) -> None:
    """Set Django up as `manage.py` does. Raises CommandFailure where that fails."""
    hint = "run this in your application's environment"
    with needed("django", "Django is not installed here", hint, name="Django"):
        import django
    look_here()
    os.environ[DJANGO_VARIABLE] = settings
    try:
        django.setup()
    except Exception as problem:  # noqa: BLE001 - the settings are the user's program, and may fail as they like
        said = f"{type(problem).__name__}: {problem}"
        raise CommandFailure(
            f"Django cannot be set up with {settings}: {said}",
            USAGE,
            hint="run this beside manage.py, with the settings it uses",
        ) from None


def look_here() -> None:
    """Make the modules of the current directory importable, as `python -m` does."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


def stored_of(names: list[str], row: Any) -> Stored:
    """A row of an inbox's table. Drivers give bytes in several types."""
    from xendit.webhook.inbox import Stored

    values = dict(zip(names, row, strict=True))
    return Stored(**{**values, "body": bytes(values["body"])})


# ------------------------------------------------------------------------------------------ SQLAlchemy


def _of_database(place: str, table: str, schema: str | None) -> Iterator[Opened]:
    with needed("sqlalchemy", "this needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"', name="SQLAlchemy"):
        import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    from xendit.webhook.failure import short_text
    from xendit.webhook.inbox import Stored
    from xendit.webhook.sql import SQLInbox

    shown, engine, file = _engine_of(place)
    try:
        inspector = sa.inspect(engine)
        if not inspector.has_table(table, schema=schema):
            near = nearest(table, inspector.get_table_names(schema=schema))
            raise CommandFailure(
                f"{shown} has no table {table}{near}",
                NOT_FOUND,
                hint="--table and --schema say which; create_table() makes it",
            )
        given = engine if file is None else file
        inbox = SQLInbox(given, table=table, schema=schema)
        names = [each.name for each in fields(Stored)]
        query = sa.select(*(inbox.table.c[name] for name in names)).order_by(inbox.table.c.received_at)

        def find(text: str) -> list[Stored]:
            either = sa.or_(inbox.table.c.key == text, inbox.table.c.external_id == text)
            with inbox.engine.connect() as connection:
                return [stored_of(names, row) for row in connection.execute(query.where(either))]

        yield Opened(inbox, find, sa.inspect(inbox.engine).has_table(f"{table}_step", schema=schema))
    except SQLAlchemyError as problem:
        code = (
            NETWORK
            if getattr(problem, "connection_invalidated", False) or "Operational" in type(problem).__name__
            else API
        )
        raise CommandFailure(
            f"{shown}: {short_text(problem)}", code, hint="is the database there, and may you read it?"
        ) from None
    finally:
        engine.dispose()


def _engine_of(place: str) -> tuple[str, Any, str | None]:
    """How to call the place, an engine for it, and the path where it is a file. Raises CommandFailure."""
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    if "://" not in place:
        return place, sa.create_engine(sa.URL.create("sqlite", database=_file(place))), place
    scheme, _, rest = place.partition("://")
    try:
        url = sa.make_url(f"postgresql://{rest}" if scheme == "postgres" else place)
        if url.get_backend_name() == "sqlite":
            return _engine_of(url.database or "")
        if url.drivername == "postgresql":  # SQLAlchemy would take psycopg2, which is often missing
            url = url.set(drivername=_postgresql_driver())
        if url.get_driver_name() in _ASYNCHRONOUS:
            raise CommandFailure(
                f"{url.drivername} is an asynchronous driver",
                USAGE,
                hint="name another one: postgresql+psycopg://…, mysql+pymysql://…",
            )
        engine = sa.create_engine(url)
    except (ArgumentError, NoSuchModuleError):
        known = ["postgresql", "mysql", "mariadb", "sqlite"]
        raise CommandFailure(
            f"the URL cannot be read: {scheme}://…{nearest(scheme, known)}",
            USAGE,
            hint="such as postgresql://user@host/name",
        ) from None
    except ModuleNotFoundError as problem:
        raise CommandFailure(
            f"the driver {problem.name} is not installed",
            USAGE,
            hint=f"pip install {problem.name}, or name another one: postgresql+psycopg://…, mysql+pymysql://…",
        ) from None
    return url.render_as_string(hide_password=True), engine, None


def _postgresql_driver() -> str:
    from importlib.util import find_spec

    return next((f"postgresql+{name}" for name in ("psycopg", "psycopg2", "pg8000") if find_spec(name)), "postgresql")


def _file(place: str) -> str:
    """A file that is there and can be read. Raises CommandFailure."""
    path = Path(place)
    if not path.is_file():
        beside = [str(path.parent / each.name) for each in path.parent.glob("*.*")]
        what = "is a directory" if path.is_dir() else "is not there"
        raise CommandFailure(f"{place or 'the file'} {what}{nearest(place, beside)}", NOT_FOUND)
    return place


# ------------------------------------------------------------------------------------------ Django


def _of_django(settings: str, using: str) -> Iterator[Opened]:
    set_up_django(settings)
    from django.apps import apps
    from django.db import DatabaseError, connections

    from xendit.webhook.failure import short_text
    from xendit.webhook.inbox import Stored

    if not apps.is_installed("xendit.webhook.django"):
        raise CommandFailure(
            f'{settings} does not have "xendit.webhook.django" in INSTALLED_APPS',
            USAGE,
            hint="add it there, then `manage.py migrate`",
        )
    if using not in connections:
        raise CommandFailure(f"{settings} has no database {using!r}{nearest(using, connections)}", USAGE)
    from django.db.models import Q

    from xendit.webhook.django.inbox import DjangoInbox
    from xendit.webhook.django.models import InboxEvent

    names = [each.name for each in fields(Stored)]
    model: Any = InboxEvent  # type checkers do not know its managers without Django's plugin

    def find(text: str) -> list[Stored]:
        found = model._default_manager.using(using).filter(Q(key=text) | Q(external_id=text))  # noqa: SLF001
        return [stored_of(names, row) for row in found.order_by("received_at").values_list(*names)]

    try:
        tables = connections[using].introspection.table_names()
        if model._meta.db_table not in tables:  # noqa: SLF001
            raise CommandFailure(
                f"the database {using!r} has no inbox yet", NOT_FOUND, hint="`manage.py migrate` makes it"
            )
        yield Opened(DjangoInbox(using), find, f"{model._meta.db_table}_step" in tables)  # noqa: SLF001
    except DatabaseError as problem:
        raise CommandFailure(f"the database {using!r}: {short_text(problem)}", NETWORK) from None
    finally:
        connections.close_all()
