"""What each operation puts on the wire, against what the official SDK was seen to send.

Each file of `wire/` holds one call in a neutral form, what releases 7.0.0 and 4.1.0 of the official SDK sent for
it to a recording server (or the error they raised before any request), and, where this library differs on
purpose, what it does (`ours`) and the reason (`why`). Headers that are the same in every call are in the table
below. A new case is a new file; nothing here has to be told of it.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import neutral
import pytest
from recorder import KEY

import xendit

CASES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).with_name("wire").glob("*.json"))
}
DIFFERENT = {name: case for name, case in CASES.items() if "ours" in case}
OPERATIONS = ("create_invoice", "get_invoice_by_id", "get_invoices", "expire_invoice")

#: Headers that go with every request: what the official SDK sends, what this library sends, and why.
COMMON = {
    "accept-encoding": ("identity", "identity", "the same: a body that is not compressed cannot be a bomb"),
    "user-agent": (
        "OpenAPI-Generator/7.0.0/python",
        f"xendit-sdk-python/{xendit.__version__}",
        "Xendit's support should see who called",
    ),
    "xendit-lib": ("python", None, "it names Xendit's own library, which this is not"),
    "xendit-lib-ver": ("7.0.0", None, "it names the version of Xendit's own library"),
}


def official(case):
    """What the newest official release that made the call sent; its error, when none made it."""
    tried = case["official"]
    return next((sent for sent in tried.values() if "raises" not in sent), tried["7.0.0"])


def expected(case):
    """What this library is to do: as the official SDK, apart from what `ours` says."""
    theirs, ours = official(case), case.get("ours", {})
    return ours if "raises" in ours else {**theirs, **ours} if "raises" not in theirs else ours or theirs


@pytest.fixture
def act(api, recorder):
    """Make the call of a case: what was sent, the error that it raised, the warnings that it gave."""

    def make(case):
        error = None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                neutral.call(api, case)
            except Exception as raised:  # noqa: BLE001 - the test says which it is to be
                error = raised
        return recorder.requests, error, [each.category.__name__ for each in caught]

    return make


def headers_of(request):
    """The headers of a request that differ from call to call, by name in lower case."""
    names = [name.lower() for name, _ in request.headers]
    assert len(names) == len(set(names)), f"a header was sent twice: {sorted(names)}"
    left_out = {"host", "connection", *COMMON, *(["content-length"] if request.body else [])}
    return {name: request.header(name) for name in names if name not in left_out}


@pytest.mark.parametrize("name", CASES)
def test_call(name, act):
    """A call sends what the official SDK sends for it, or differs in what its file says."""
    case = CASES[name]
    wanted = expected(case)
    requests, error, given = act(case)
    assert given == wanted.get("warns", [])
    if "raises" in wanted:
        assert type(error).__name__ == wanted["raises"]
        assert isinstance(error, xendit.OpenApiException)
        assert not requests, "nothing may be sent"
        return
    assert error is None, f"{error!r}"
    [sent] = requests
    assert (sent.method, sent.path) == (wanted["method"], wanted["path"])
    assert sent.query == wanted["query"]
    assert neutral.exact(sent.json) == neutral.exact(wanted["body"])
    if "headers" in wanted:
        assert headers_of(sent) == {header.lower(): value for header, value in wanted["headers"].items()}
    else:
        assert headers_of(sent) == defaults(sent)


def defaults(request):
    """The headers of a call without options that the official SDK does not make."""
    typed = {"content-type": "application/json"} if request.method == "POST" else {}
    return {"accept": "application/json", "authorization": request.header("Authorization"), **typed}


@pytest.mark.parametrize("name", DIFFERENT)
def test_difference(name):
    """A difference has a reason, and is one: where the official SDK does the same, the row has to go."""
    case = DIFFERENT[name]
    assert len(case["why"]) > 10
    theirs = official(case)
    same = [
        part
        for part, value in case["ours"].items()
        if part in theirs and neutral.exact(theirs[part]) == neutral.exact(value)
    ]
    assert not same, f"{same} is what the official SDK does too"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_common_headers(operation, api, recorder):
    """Every request carries the common headers of the table, each once, and the key as the user of Basic."""
    neutral.call(api, {"operation": operation, "positional": ARGUMENTS[operation]})
    for header, (theirs, ours, why) in COMMON.items():
        assert recorder.last.header(header) == ours, header
        assert why.startswith("the same") == (theirs == ours), f"{header}: the reason and the row disagree"
    assert recorder.last.key == KEY
    assert recorder.last.header("Host") == recorder.url.removeprefix("http://")


ARGUMENTS = {
    "create_invoice": [{"external_id": "order-1001", "amount": 1000}],
    "get_invoice_by_id": ["63cbffba77c0a60ebd31ee2b"],
    "get_invoices": [],
    "expire_invoice": ["63cbffba77c0a60ebd31ee2b"],
}


def test_target_is_one_line_of_ascii(api, recorder):
    """Ids and filters with spaces, slashes and letters beyond ASCII reach the server as one well-formed target."""
    odd = "a b/../c?d=e&f#g+h%20\u00e9\u2615"
    api.get_invoice_by_id(odd)
    api.get_invoices(external_id=odd)
    api.expire_invoice(odd)
    assert [request.line.count(" ") for request in recorder.requests] == [2, 2, 2]
    assert all(request.line.isascii() and request.line.endswith(" HTTP/1.1") for request in recorder.requests)
    assert recorder.requests[1].query == [["external_id", odd]]
    assert [request.path.count("/") for request in recorder.requests] == [3, 2, 3]


@pytest.mark.parametrize(
    ("parameter", "header"), [("with_fee_rule", "with-fee-rule"), ("with_split_rule", "with-split-rule")]
)
def test_rule_headers(parameter, header, api, recorder):
    """Fee and split rules, which later official releases dropped, go as headers on create."""
    api.create_invoice({"external_id": "order-1001", "amount": 1000}, **{parameter: "rule-1"})
    assert recorder.last.header(header) == "rule-1"


def test_every_operation_has_cases():
    """No operation goes without a recorded call, and no case names an operation that does not exist."""
    assert {case["operation"] for case in CASES.values()} == set(OPERATIONS)


def test_one_connection(api, recorder):
    """Calls one after another share a connection, where the official SDK opens one a client."""
    for _ in range(3):
        api.get_invoices()
    assert recorder.connections == 1
