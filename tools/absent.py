"""A pytest plugin for Pythons that not every package has a build for: `ABSENT=numpy,pandas pytest -p absent`.

A test that stops because one of those modules cannot be imported is skipped, with that for its reason. Only these
modules: the lack of any other one is a failure, as everywhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = frozenset(filter(None, os.environ.get("ABSENT", "").split(",")))


def missing_module(error: BaseException | None) -> str | None:
    """Name the absent module that an error, or what it came from, tells of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ModuleNotFoundError) and error.name is not None:
            name = error.name.partition(".")[0]
            if name in ABSENT:
                return name
        error = error.__cause__ or error.__context__
    return None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Skip a module of tests that imports an absent one."""
    original = collector.collect

    def collect() -> object:
        try:
            return list(original())
        except Exception as error:
            name = missing_module(error)
            if name is None:
                raise
            pytest.skip(f"{name} has no build for this Python", allow_module_level=True)

    collector.collect = collect  # type: ignore[method-assign, assignment]
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Skip a test whose fixture imports an absent module."""
    return (yield from _skipping())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Skip a test that imports an absent module."""
    return (yield from _skipping())


def _skipping() -> Iterator[None]:
    try:
        return (yield)
    except Exception as error:
        name = missing_module(error)
        if name is None:
            raise
        pytest.skip(f"{name} has no build for this Python")
