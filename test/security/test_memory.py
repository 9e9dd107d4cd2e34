"""Sentences 6 and 7: what a large or packed answer costs in memory, in a client's process that does nothing else."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faults.worlds import WORLDS

from security.listeners import Answering
from security.processes import run
from security.test_transport_sentences import good

if TYPE_CHECKING:
    import ssl

    from faults.server import ServerProcess

MEBI = 1 << 20
HUGE = [
    "gzip_bomb:mb=256",
    "huge_body:mb=64",
    "huge_body_nolength:mb=64",
    "huge_error:mb=64",
]

in_both_worlds = pytest.mark.parametrize("world", WORLDS)
pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is measured by /proc")


@in_both_worlds
@pytest.mark.parametrize("operation", ["get", "create"])
@pytest.mark.parametrize("behaviour", HUGE)
def test_s06_s07_memory_grows_by_less_than_10_mebibytes(
    behaviour: str, operation: str, world: str, elsewhere: ServerProcess
) -> None:
    """The peak while one call is made: the bomb stays packed, the others are left at the limit."""
    order = elsewhere.add("sample", 1000)
    elsewhere.script("ok", "ok", behaviour)
    told = run("memory", world, elsewhere.url, None, operation, order["id"], quiet=False)
    assert 0 <= told["grown"] < 10 * MEBI, told
    if operation == "get":
        kind = "ServiceException" if "error" in behaviour else "ResponseException"
        status = "500" if "error" in behaviour else "200"
        assert told["told"][:2] == [kind, status]
        assert told["told"][2] <= 65536
    elif "error" in behaviour:  # it was not committed, and so not found
        assert told["told"][0] == "OutcomeUnknownException"
    else:  # it was, and the look-up finds it
        assert told["told"] == "big"


@in_both_worlds
@pytest.mark.parametrize("items", [1_001, 60_000, 233_000, 1_300_000])
def test_s07_a_list_longer_than_any_page_takes_neither_memory_nor_time(
    items: int, world: str, elsewhere: ServerProcess
) -> None:
    """Within the 4 MiB there is room for a gigabyte of invoices: refused below 50 MB, and before a loop would stand still."""
    order = elsewhere.add("sample", 1000)
    elsewhere.script("ok", "ok", f"crowd:n={items}")
    told = run("memory", world, elsewhere.url, None, "list", order["id"], quiet=False)
    assert told["told"][:2] == ["ResponseException", "200"]
    # Each block of memory is longer in Python's development mode.
    assert told["grown"] < (55 if sys.flags.dev_mode else 50) * MEBI, told
    assert told["seconds"] < 1, told


def _chunked(connection: Any) -> None:
    """64 MiB in chunks of 64 KiB."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1024):
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def _small_chunks(connection: Any) -> None:
    """Without end, a byte a chunk, each with an extension that is longer than it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n \r\n" * 4096)


def _found(connection: Any) -> None:
    """The look-up's answer: the invoice was made a moment ago."""
    now = datetime.now(timezone.utc)
    invoice = {"id": "y", "external_id": "big", "amount": 1000, "created": now.isoformat()}
    good(connection, json.dumps([invoice]).encode(), b"Date: " + format_datetime(now, usegmt=True).encode())


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("answer", [_chunked, _small_chunks])
@in_both_worlds
@pytest.mark.parametrize("operation", ["get", "create"])
def test_s07_memory_with_chunks(
    operation: str, world: str, answer: Any, secure: bool, server_context: ssl.SSLContext, ca_file: str
) -> None:
    """The same for an answer in chunks, under TLS too."""
    page = lambda connection: good(connection, b"[]")
    with Answering(good, page, answer, _found, context=server_context if secure else None) as server:
        told = run("memory", world, server.url, ca_file, operation, "x", quiet=False)
    assert 0 <= told["grown"] < 10 * MEBI, told
    assert (
        told["told"] == "big"
        if operation == "create"
        else told["told"][0] in ("ResponseException", "ConnectionException")
    )


@in_both_worlds
def test_s07_the_measure_sees_what_is_used(world: str) -> None:
    """A body of 3 MiB that is read costs more than its size, or the tests above would prove nothing."""
    page = lambda connection: good(connection, b"[]")
    padded = lambda connection: good(connection, b'{"id":"x"}' + b" " * 3 * MEBI)
    with Answering(good, page, padded) as server:
        told = run("memory", world, server.url, None, "get", "x")
    assert told["told"] == "x"
    assert told["grown"] > 3 * MEBI
