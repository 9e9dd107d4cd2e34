"""What the tests of webhooks share: databases of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import databases
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _cluster() -> Iterator[str]:
    problem = databases.install_postgresql()
    if problem is not None:
        pytest.skip(problem)
    with databases.postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def _mariadb_server() -> Iterator[str]:
    if not databases.has_mariadb():
        pytest.skip("no MariaDB server on this machine: python tools/databases.py installs one, as root")
    with databases.mariadb() as address:
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


@pytest.fixture
def mariadb(_mariadb_server: str) -> Iterator[str]:
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
