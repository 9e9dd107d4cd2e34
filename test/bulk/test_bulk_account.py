"""A journal knows its account: host, mode, sub-account and key. And what a full disk or a locked file leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest
from clerk import requests as orders
from faults.server import FaultServer

from xendit import ApiClient, AsyncApiClient, AsyncInvoiceApi, Configuration, InvoiceApi
from xendit.bulk import AsyncBatch, Batch, Journal, Report, Result, create_many
from xendit.bulk.journal import Item
from xendit.exceptions import ConfigurationException, JournalException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEST, OTHER, LIVE = "xnd_development_first", "xnd_development_second", "xnd_production_first"
DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that makes invoices."""
    with FaultServer() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> str:
    """sync or async."""
    name: str = request.param
    return name


def run(
    server: FaultServer, world: str, key: Any = TEST, user: str | None = None, *, host: str = "", **options: Any
) -> tuple[list[Result], Report]:
    """The batch, from its start to its end, for an account."""
    configuration = Configuration(host=host or server.url, api_key=key)
    if world == "sync":
        api = InvoiceApi(ApiClient(configuration))
        batch = create_many(api if user is None else api.for_user(user), orders(2), **options)
        results = list(batch)
        return results, _closed(batch)

    async def main() -> tuple[list[Result], Report]:
        async with AsyncApiClient(configuration) as client:
            api = AsyncInvoiceApi(client)
            batch = create_many(api if user is None else api.for_user(user), orders(2), **options)
            results = [each async for each in batch]
            return results, _closed(batch)

    return asyncio.run(main())


def _closed(batch: Batch | AsyncBatch) -> Report:
    """The batch's report, and the end of its journal's connections."""
    report = batch.report()
    batch.journal.close()
    return report


# ------------------------------------------------------------------------------------------ the account


@DATABASES
def test_a_trial_does_not_stand_for_the_real_run(server: FaultServer, world: str, database: str) -> None:
    """Another host, mode, sub-account or key is refused with a sentence, and nothing is sent."""
    _, report = run(server, world, journal=database)
    assert report.created == 2
    with FaultServer() as elsewhere:
        host = elsewhere.url.replace("127.0.0.1", "localhost")
        for key, user, place, said in (
            (TEST, None, host, f"belongs to test mode at {server.url}, and this run is for test mode at {host}"),
            (LIVE, None, "", f"and this run is for live mode at {server.url}"),
            (TEST, "sub-1", "", f"and this run is for test mode at {server.url}, sub-account sub-1"),
            (OTHER, None, "", "but to another API key: if the key of that account was rotated, say so"),
        ):
            with pytest.raises(ConfigurationException) as raised:
                run(server, world, key, user, host=place, journal=database)
            assert said in str(raised.value)
            assert "Nothing was sent" in str(raised.value)
            assert "first" not in str(raised.value)
        assert elsewhere.journal == []
    assert len(server.ledger) == 2
    assert run(server, world, journal=database) == ([], report)


@DATABASES
def test_a_rotated_key_takes_the_journal_over(server: FaultServer, world: str, database: str) -> None:
    """With the named flag, and from then on it is the new key's; no flag takes over another account's journal."""
    _, report = run(server, world, journal=database)
    assert run(server, world, OTHER, journal=database, key_rotated=True) == ([], report)
    assert run(server, world, OTHER, journal=database) == ([], report)
    with pytest.raises(ConfigurationException, match="another API key"):
        run(server, world, journal=database)
    for key, user in ((LIVE, None), (OTHER, "sub-1")):
        with pytest.raises(ConfigurationException, match="belongs to test mode"):
            run(server, world, key, user, journal=database, key_rotated=True)


@DATABASES
def test_an_older_journal_is_bound_at_its_first_resumption(
    server: FaultServer, world: str, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A line in the log says so, once; then it is as any other."""
    run(server, world, journal=database)
    old = Journal(database)
    old._store.transact(lambda execute: execute("DROP TABLE xendit_bulk_account"))
    old.close()
    caplog.set_level(logging.WARNING, "xendit")
    for _ in range(2):
        assert run(server, world, journal=database)[1].created == 2
    [line] = [each.getMessage() for each in caplog.records if each.name == "xendit" and "account" in each.getMessage()]
    assert line.endswith(
        "(batch 'default'): it was begun by a version that kept no account; from now on it belongs to"
        f" test mode at {server.url}"
    )
    with pytest.raises(ConfigurationException, match="belongs to"):
        run(server, world, LIVE, journal=database)


@DATABASES
def test_of_two_accounts_that_begin_at_once_one_wins(server: FaultServer, database: str) -> None:
    """The other is refused, whichever it is, and no item is put in for it."""
    for number in range(6):
        told: list[str] = []
        met = threading.Barrier(2)

        def begin(key: str, name: str, met: threading.Barrier = met, told: list[str] = told) -> None:
            api = InvoiceApi(ApiClient(Configuration(host=server.url, api_key=key)))
            journal = Journal(database, name)
            met.wait(20)
            try:
                create_many(api, orders(2), journal=journal)
                told.append("begun")
            except ConfigurationException:
                told.append("refused")
            finally:
                journal.close()

        threads = [threading.Thread(target=begin, args=(key, f"batch-{number}")) for key in (TEST, LIVE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == ["begun", "refused"]


def test_the_journal_holds_no_key(server: FaultServer, tmp_path: Path) -> None:
    """Only a digest with a salt of its own: two journals of one key have nothing in common."""
    kept = []
    for name in ("a.db", "b.db"):
        run(server, "sync", key=lambda: TEST, journal=tmp_path / name)
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as connection:
            kept += connection.execute("SELECT * FROM xendit_bulk_account").fetchall()
        assert b"first" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    [(*_, salt, digest), (*_, other_salt, other_digest)] = kept
    assert salt != other_salt
    assert digest != other_digest


def test_each_batch_of_a_database_has_its_account(server: FaultServer, tmp_path: Path) -> None:
    """And one that was begun with no item is whoever's comes first with some."""
    path = tmp_path / "batch.db"
    run(server, "sync", journal=Journal(path, "march"))
    run(server, "sync", LIVE, journal=Journal(path, "april"))
    api = InvoiceApi(ApiClient(Configuration(host=server.url, api_key=TEST)))
    create_many(api, [], journal=Journal(path, "may")).journal.close()
    assert run(server, "sync", LIVE, journal=Journal(path, "may"))[1].created == 2
    with pytest.raises(ConfigurationException, match="belongs to live mode"):
        run(server, "sync", journal=Journal(path, "may"))


def test_without_a_key_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch with a journal needs the key when it is made, for it belongs to the key's account."""
    monkeypatch.delenv("XENDIT_API_KEY", raising=False)
    with pytest.raises(ConfigurationException, match="key"):
        create_many(InvoiceApi(ApiClient(Configuration())), orders(2), journal=tmp_path / "batch.db")
    assert not (tmp_path / "batch.db").exists()


# ------------------------------------------------------------------------------------------ full and locked


def full(journal: Journal) -> None:
    """Let the journal's file grow no more, as on a full disk."""
    [(pages,)] = journal._store.read(lambda execute: execute("PRAGMA page_count"))
    journal._store.read(lambda execute: execute(f"PRAGMA max_page_count = {pages}"))


def test_a_full_disk_ends_the_run_and_says_what_stands(server: FaultServer, tmp_path: Path) -> None:
    """As our error, with the disk as its cause; with room again the same batch goes on, and nothing is made twice."""
    requests = [{**order, "description": "x" * 3000} for order in orders(30)]
    journal = Journal(tmp_path / "batch.db")
    api = InvoiceApi(ApiClient(Configuration(host=server.url, api_key=TEST)))
    batch = create_many(api, requests, journal=journal, concurrency=2)
    results = iter(batch)
    next(results)
    full(journal)
    long_url = "u" * 8000  # results that need room
    server.script(default="ok")
    real = journal.settle
    journal.settle = lambda key, run_id, result: real(key, run_id, result._replace(invoice_url=long_url))  # type: ignore[method-assign]
    with pytest.raises(JournalException, match="cannot be written: the disk is full") as raised:
        list(results)
    assert isinstance(raised.value.__cause__, sqlite3.Error)
    note = getattr(raised.value, "__notes__", [""])[-1]
    assert "of 30 created" in note
    assert "created, which the journal could not note; the next run looks" in note
    assert raised.value.outcome == "unknown"
    journal.close()
    report = create_many(api, requests, journal=tmp_path / "batch.db").report()
    assert report.created < len(server.ledger) < 30
    assert len(report.sending) == len(server.ledger) - report.created


def test_a_locked_journal_is_told(server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that keeps the file locked ends the run with our error, before anything is sent; it can be read."""
    monkeypatch.setattr("xendit.bulk.storage.PATIENCE", 0.1)
    path = tmp_path / "batch.db"
    api = InvoiceApi(ApiClient(Configuration(host=server.url, api_key=TEST)))
    batch = create_many(api, orders(2), journal=path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalException, match="another program has had it locked for 0.1 seconds") as raised:
            list(batch)
        assert "create_many was stopped: 0 of 2 created" in getattr(raised.value, "__notes__", [""])[-1]
        assert raised.value.outcome is None
        with pytest.raises(JournalException, match="locked"):
            create_many(api, orders(2), journal=path)
        other.rollback()
    assert server.journal == []
    assert len(list(create_many(api, orders(2), journal=path))) == 2


def test_a_journal_that_was_closed_is_told(server: FaultServer, tmp_path: Path) -> None:
    """By whoever uses it afterwards; the batch's own repr still works."""
    journal = Journal(tmp_path / "batch.db")
    api = InvoiceApi(ApiClient(Configuration(host=server.url, api_key=TEST)))
    batch = create_many(api, orders(2), journal=journal)
    journal.close()
    with pytest.raises(JournalException, match="closed"):
        batch.report()
    with pytest.raises(JournalException, match="closed"):
        journal.add([Item("a", "{}", "0" * 64)])
    assert repr(batch) == "<Batch: 0 created by this run; the journal cannot be read>"
