"""A pytest plugin of these tests: real databases, each test with an empty one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mariadb
import postgres
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def _cluster() -> Iterator[str]:
    problem = postgres.install()
    if problem is not None:
        pytest.skip(problem)
    with postgres.cluster() as address:
        yield address.rpartition("/")[0]


@pytest.fixture(scope="session")
def _mariadb_server() -> Iterator[str]:
    problem = mariadb.install()
    if problem is not None:
        pytest.skip(f"{problem}; PostgreSQL and SQLite are tested anyway")
    with mariadb.server() as address:
        yield address


@pytest.fixture
def postgresql(_cluster: str) -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL, for SQLAlchemy."""
    import uuid

    import psycopg

    name = f"t{uuid.uuid4().hex}"
    server = f"postgresql://{_cluster}/postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://{_cluster}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(name="mariadb")
def mariadb_database(_mariadb_server: str) -> Iterator[str]:
    """The address of an empty database on a real MariaDB, for SQLAlchemy."""
    import uuid

    import sqlalchemy as sa

    name = f"t{uuid.uuid4().hex}"
    engine = sa.create_engine(f"mysql+pymysql://{_mariadb_server}/mysql", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    yield f"mysql+pymysql://{_mariadb_server}/{name}?charset=utf8mb4"
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: `sqlite`, `postgresql` or `mariadb`, by indirect parameter."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    address: str = request.getfixturevalue(request.param)
    return address


@pytest.fixture
def engine_of() -> Iterator[Callable[..., Engine]]:
    """Make engines of SQLAlchemy, which are disposed of after the test."""
    import sqlalchemy as sa

    engines: list[Engine] = []

    def make(url: str, **options: Any) -> Engine:
        engines.append(sa.create_engine(url, **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()
