"""Answers that come as gzip although identity was asked for: read within the limits, in both worlds and on both transports."""

from __future__ import annotations

import gzip
import json
import os
import time
from typing import Any

import pytest
from faults.worlds import WORLDS, apis_in
from raw_server import RawServer, http
from recorded import KEY

import xendit
from xendit.exceptions import ResponseException, ServiceException
from xendit.headers import Headers
from xendit.transport.common import BODY_LIMIT, ERROR_LIMIT, Unreadable, unpacked

INVOICE = {"id": "x", "external_id": "e", "status": "PENDING", "amount": 1, "currency": "IDR", "invoice_url": "u"}
PACKED = Headers({"content-encoding": "gzip"})


def both(world: str, transport: str, answer: bytes) -> Any:
    """What one GET comes to: a value, or the error."""
    with RawServer([answer] * 3) as server, apis_in(world) as make:
        api = make(xendit.Configuration(host=server.url, api_key=KEY, transport=transport, retries=0))
        try:
            return api.get_invoice_by_id("x")
        except xendit.OpenApiException as error:
            return error


@pytest.mark.parametrize("transport", ["auto", "plain"])
@pytest.mark.parametrize("world", WORLDS)
def test_a_gateways_error_in_gzip_is_read(world: str, transport: str) -> None:
    """Its code and message are in the error, as if it had come as it was asked for."""
    body = gzip.compress(json.dumps({"error_code": "DOWN", "message": "back soon"}).encode())
    error = both(world, transport, http(503, body, "Content-Encoding: gzip"))
    assert isinstance(error, ServiceException)
    assert (error.errorCode, error.errorMessage) == ("DOWN", "back soon")


@pytest.mark.parametrize("transport", ["auto", "plain"])
@pytest.mark.parametrize("world", WORLDS)
def test_a_good_answer_in_gzip_is_read_and_brotli_is_named(world: str, transport: str) -> None:
    """Good or not, an encoding that cannot be read is named."""
    invoice = both(world, transport, http(200, gzip.compress(json.dumps(INVOICE).encode()), "Content-Encoding: x-gzip"))
    assert invoice.external_id == "e"
    error = both(world, transport, http(200, b"\x1b\x03", "Content-Encoding: br"))
    assert isinstance(error, ResponseException)
    assert "compressed with brotli (Content-Encoding: br)" in str(error)
    error = both(world, transport, http(502, b"\x1b\x03", "Content-Encoding: br"))
    assert isinstance(error, ServiceException)
    assert "compressed with brotli (Content-Encoding: br)" in str(error)


def test_an_error_is_kept_to_its_limit_or_as_it_came() -> None:
    """A bomb is cut where an error is cut; what is no gzip is kept unread; one that is cut gives what it has."""
    assert unpacked(500, PACKED, gzip.compress(b"x" * 10_000_000)) == b"x" * ERROR_LIMIT
    assert unpacked(500, PACKED, b"no gzip") == b"no gzip"
    random = os.urandom(5_000)
    assert random.startswith(unpacked(500, PACKED, gzip.compress(random)[:2_000]))
    assert unpacked(200, PACKED, b"") == b""


def test_a_good_answer_is_whole_and_within_the_limit() -> None:
    """The limit is that of an answer that is not compressed; several members are one body."""
    assert unpacked(200, PACKED, gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    assert len(unpacked(200, PACKED, gzip.compress(b" " * BODY_LIMIT))) == BODY_LIMIT
    with pytest.raises(Unreadable, match="longer than 4096 KiB"):
        unpacked(200, PACKED, gzip.compress(b" " * (BODY_LIMIT + 1)))
    for broken in (b"{}", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"more"):
        with pytest.raises(Unreadable, match="not whole"):
            unpacked(200, PACKED, broken)


def test_very_many_members_take_no_time() -> None:
    """A body of four mebibytes of empty members is refused in a moment."""
    begun = time.process_time()
    with pytest.raises(Unreadable, match="not whole"):
        unpacked(200, PACKED, gzip.compress(b"") * (BODY_LIMIT // 20))
    assert time.process_time() - begun < 1
