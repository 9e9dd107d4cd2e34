"""The security sentences over every operation of every product: what is written of invoices holds for all, by derivation.

Nothing here names a product. Operations, parameters and values come from the declarations, as in `test_operations`; a product
that is added is in these tests with it.
"""

from __future__ import annotations

import json
import pickle
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from recorded import KEY

import xendit
from xendit import ApiTypeError, ApiValueError, RetryPolicy, XenditSdkException, XenditWarning
from xendit.codec import Text
from xendit.products import products

sys.path.insert(0, str(Path(__file__).parent.parent))

from test_operations import answer_to, api_class, arguments_of

from security.listeners import Answering
from security.surfaces import SECRETS, EveryLog, found_in, leaks

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = [(product, operation) for product in products() for operation in product.operations]
every_operation = pytest.mark.parametrize(
    ("product", "operation"), EVERY, ids=[f"{product.folder}-{each.name}" for product, each in EVERY]
)
QUOTED = ("../x", "a/b?c=d#e", "//evil.invalid/x", "%2e%2e", "中文")
POLICY = RetryPolicy(retries=1, first_wait=0, lookups=1)


def answer(status: str, body: bytes, *headers: str) -> Callable[[Any], None]:
    """Answers with these bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]

    def write(connection: Any) -> None:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return write


def reset(connection: Any) -> None:
    """Hangs up without an answer."""
    connection.close()


def call(product: Any, operation: Any, url: str, on_event: Any = None, **changed: Any) -> Any:
    """Call an operation with a value for every parameter, some of them changed."""
    configuration = xendit.Configuration(api_key=KEY, host=url, retries=POLICY, timeout=10, on_event=on_event)
    with xendit.ApiClient(configuration) as client:
        api = api_class(product, operation)(client)
        return getattr(api, operation.name)(**{**arguments_of(operation), **changed})


FAULTS = {
    "reset": reset,
    "no HTTP": lambda connection: connection.sendall(b"\x00\xffnot HTTP at all\r\n\r\n"),
    "400": answer("400 Bad", json.dumps({"error_code": "X", "message": f"no route for {KEY}"}).encode()),
    "400 in Base64": answer("400 Bad", json.dumps({"message": f"Basic {SECRETS[2]}"}).encode()),
    "401": answer("401 No", b'{"error_code": "INVALID_API_KEY", "message": "API key is not authorized"}'),
    "500": answer("500 Oh", f"<html>{KEY}</html>".encode()),
    "no JSON": answer("200 OK", b"{"),
    "odd": answer("200 OK", b"[[]]"),
}


@every_operation
@pytest.mark.parametrize("fault", FAULTS)
def test_s16_no_operation_shows_the_key(fault: str, product: Any, operation: Any) -> None:
    """Whatever comes in place of an answer: texts, frames of the whole chain, pickles, events and logs are without the key."""
    events: list[Any] = []
    with Answering(FAULTS[fault]) as server, EveryLog() as logs, warnings.catch_warnings():
        warnings.simplefilter("ignore", XenditWarning)
        try:
            result = repr(call(product, operation, server.url, events.append))
        except XenditSdkException as error:
            assert [text for text in leaks(error) if "rawResponse" not in text and "body" not in text] == []
            result = f"{error}{error!r}"
            if not found_in(f"{error.body}"):  # an answer that repeats it is kept as it came
                assert not any(secret.encode() in pickle.dumps(error) for secret in SECRETS)
        assert server.connections > 0
    assert found_in(result) == []
    assert found_in(repr(events)) == []
    assert found_in(logs.text) == []


def places(location: str) -> list[Any]:
    """Every parameter of every operation that is text in one place."""
    return [
        pytest.param(product, operation, each.name, id=f"{operation.name}-{each.name}")
        for product, operation in EVERY
        for each in operation.parameters
        if each.location == location and isinstance(operation.kind(each.annotation), Text)
    ]


@pytest.mark.parametrize(("product", "operation", "name"), places("path"))
def test_s09_no_id_leaves_its_segment(product: Any, operation: Any, name: str) -> None:
    """What is no id opens no socket, and the error names the parameter; anything else stays one quoted segment."""
    with Answering(answer("404 No", b"{}")) as server:
        for hostile in ("", ".", "..", " ", "a\r\nX: y", "a\x00b", "\ud800", 7, None, b"x"):
            with pytest.raises((ApiTypeError, ApiValueError), match=name):
                call(product, operation, server.url, **{name: hostile})
        assert server.connections == 0
        for quoted in QUOTED:
            with pytest.raises(xendit.NotFoundException):
                call(product, operation, server.url, **{name: quoted})
    for request in server.requests:
        target = request.partition(b"\r\n")[0].split(b" ")[1].decode("ascii")
        shape = operation.path.partition("{" + name + "}")
        assert target.startswith(shape[0])
        rest = target.removeprefix(shape[0]).partition("?")[0].removesuffix(shape[2])
        assert not set(rest) & set("/?#; \\&")
        assert unquote(rest) in QUOTED


@pytest.mark.parametrize(("product", "operation", "name"), places("header"))
def test_s09_no_header_becomes_two(product: Any, operation: Any, name: str) -> None:
    """A header's value that is empty, has a line break, or is no text opens no socket; an empty sub-account is not the master's."""
    with Answering(answer("200 OK", b"{}")) as server:
        for hostile in ("", " ", "a\r\nX: y", "a\nb", "a\x00b", "é", "\ud800", "x" * 256, 5, b"x", ["x"]):
            with pytest.raises((ApiTypeError, ApiValueError), match=name):
                call(product, operation, server.url, **{name: hostile})
        assert server.connections == 0


@every_operation
def test_s04_no_operation_follows_a_redirect(product: Any, operation: Any) -> None:
    """The key would go along: a redirect is an error, and where it leads is not asked."""
    with Answering(answer("200 OK", b"{}")) as elsewhere:
        with Answering(answer("302 Found", b"", f"Location: {elsewhere.url}/x")) as server:
            with pytest.raises(XenditSdkException):
                call(product, operation, server.url)
        assert elsewhere.connections == 0


@every_operation
@pytest.mark.parametrize(
    "body",
    [
        b'{"id": NaN}',
        b'{"id": "a", "id": "b"}',
        b'{"id": "\xff"}',
        b"[" * 70 + b"]" * 70,
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
    ids=["NaN", "twice", "no UTF-8", "deep", "digits"],
)
def test_s11_no_operation_reads_what_is_no_json(body: bytes, product: Any, operation: Any) -> None:
    """An answer that is not strict JSON is an error of ours, for whatever operation it comes."""
    with Answering(answer("200 OK", body)) as server, pytest.raises(XenditSdkException):
        call(product, operation, server.url)


@every_operation
def test_s18_no_log_has_what_was_sent_or_came(product: Any, operation: Any) -> None:
    """What a shop sends and reads stands in no log and no event, whatever the operation."""
    events: list[Any] = []
    body = answer_to(operation)
    told = [{**each, "secret_of_the_payer": "Siti"} if isinstance(each, dict) else each for each in [body]]
    with Answering(answer("200 OK", json.dumps(told[0]).encode())) as server, EveryLog() as logs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", XenditWarning)
            try:
                call(product, operation, server.url, events.append)
            except XenditSdkException as error:
                events.append(str(error))
    assert events
    for text in (logs.text, repr(events)):
        assert "Siti" not in text
        assert "same-1" not in text
