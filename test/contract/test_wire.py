"""What each operation of each product puts on the wire, against what the official SDK was seen to send.

Each file of a product's `wire/` holds one call in a neutral form, what releases of the official SDK sent for it to a
recording server (or the error they raised before any request), and, where this library differs on purpose, what it does
(`ours`) and the reason (`why`). Headers that are the same in every call are in the table below. A new case is a new
file; nothing here has to be told of it, and nothing here knows a product.
"""

from __future__ import annotations

import warnings

import neutral
import pytest
from contracts import CONTRACTS
from recorder import KEY, Answer

import xendit

CASES = {f"{contract}/{name}": (contract, case) for contract in CONTRACTS for name, case in contract.cases.items()}
DIFFERENT = {name: case for name, (_, case) in CASES.items() if "ours" in case}
OPERATIONS = [
    (contract, api, operation)
    for contract in CONTRACTS
    if contract.cases
    for api, operations in contract.apis.items()
    for operation in operations
]

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
    return next((sent for sent in tried.values() if "raises" not in sent), next(iter(tried.values())))


def expected(case):
    """What this library is to do: as the official SDK, apart from what `ours` says."""
    theirs, ours = official(case), case.get("ours", {})
    return ours if "raises" in ours else {**theirs, **ours} if "raises" not in theirs else ours or theirs


def api_of(contract, operation, client, recorder):
    """The API that has an operation, and the recorder made ready to answer it."""
    if operation in contract.answers:
        recorder.answers.append(Answer(body=contract.answers[operation]))
    [name] = [api for api, operations in contract.apis.items() if operation in operations]
    return contract.api(name)(client)


@pytest.fixture
def act(client, recorder):
    """Make the call of a case: what was sent, the error that it raised, the warnings that it gave."""

    def make(contract, case):
        error = None
        api = api_of(contract, case["operation"], client, recorder)
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
    contract, case = CASES[name]
    wanted = expected(case)
    requests, error, given = act(contract, case)
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


@pytest.mark.parametrize(("contract", "api", "operation"), OPERATIONS)
def test_common_headers(contract, api, operation, client, recorder):
    """Every request carries the common headers of the table, each once, and the key as the user of Basic."""
    case = next(
        case for case in contract.cases.values() if case["operation"] == operation and "raises" not in expected(case)
    )
    neutral.call(api_of(contract, operation, client, recorder), case)
    for header, (theirs, ours, why) in COMMON.items():
        assert recorder.last.header(header) == ours, header
        assert why.startswith("the same") == (theirs == ours), f"{header}: the reason and the row disagree"
    assert recorder.last.key == KEY
    assert recorder.last.header("Host") == recorder.url.removeprefix("http://")


@pytest.mark.parametrize("contract", [each for each in CONTRACTS if each.cases], ids=repr)
def test_every_operation_has_cases(contract):
    """No operation goes without a recorded call, and no case names an operation that does not exist."""
    named = {case["operation"] for case in contract.cases.values()}
    assert named == {operation for operations in contract.apis.values() for operation in operations}
