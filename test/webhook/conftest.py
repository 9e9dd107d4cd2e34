"""What the tests of webhooks share: a PostgreSQL of their own, and the shop that is run and killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import postgres
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _cluster() -> Iterator[str]:
    problem = postgres.install()
    if problem is not None:
        pytest.skip(problem)
    with postgres.cluster() as address:
        yield address


@pytest.fixture
def postgresql(_cluster: str) -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL, for SQLAlchemy."""
    import uuid

    import psycopg

    name = f"t{uuid.uuid4().hex}"
    server = f"postgresql://{_cluster}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://{_cluster.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: `sqlite` or `postgresql`, by indirect parameter."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    address: str = request.getfixturevalue("postgresql")
    return address


on_each_database: Callable[..., object] = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
