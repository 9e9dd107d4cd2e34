"""Every cell of the table is a call on a real socket, judged by the server's books.

The suite makes all calls without TLS and some with it; `HYPOTHESIS_PROFILE=proof` (make proof) makes them all.
"""

from __future__ import annotations

import base64
import gc
import logging
import os
import pickle
import sys
import time
import traceback
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from recorded import KEY

import xendit
from faults.behaviours import KINDS, parse
from faults.server import Entry, FaultServer
from faults.table import BEHAVIOURS, EXCEPTIONS, OPERATIONS, RULES, UNDER_TLS, Cell, Expected, cells, markdown
from faults.worlds import WORLDS, api_in
from xendit.exceptions import XenditSdkException
from xendit.policy import RetryPolicy

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from faults.lookalike import Invoice

if sys.version_info < (3, 11):  # its asyncio leaves TLS transports to the garbage collector, which warns
    pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
ALL = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
EXTERNAL_ID = "order-1"
GRACE = 0.1
"""Seconds by which a call may outlast its budget."""
ERROR_LIMIT = 64 * 1024
"""Bytes of an error's body that may be kept."""
SECRETS = (KEY, KEY.removeprefix("xnd_development_"), base64.b64encode(f"{KEY}:".encode()).decode().rstrip("=")[:-1])
MAY_ASK = {  # the requests that an operation may come to; "" is a connection that ended before one was read
    "create": {"create", "list", ""},
    "get": {"get", ""},
    "list": {"list", ""},
    "expire": {"expire", "get", ""},
}
POLICY = RetryPolicy(retries=2, first_wait=0.01, longest_wait=0.02)


class Run(NamedTuple):
    """What a call came to, and how long it took."""

    value: Any
    error: BaseException | None
    seconds: float
    budget: float
    journal: list[Entry]
    events: list[Any]


#: CPython's `SSLContext.wrap_socket` leaves its socket to the garbage collector, with a warning, if the other side has
#: reset the connection before the handshake begins (seen in 3.11.7). Whether it has by then hangs on the machine.
_PYTHONS_OWN = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <ssl\.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)


def _leaves_a_socket(cell: Cell, world: str) -> bool:
    return cell.tls and world == "sync" and cell.behaviour == "rst_on_accept"


def _in_suite(cell: Cell, world: str) -> bool:
    if world == "async" and (
        cell.operation == "list" or (cell.variant == "always" and (cell.slow or cell.operation == "expire"))
    ):
        return False  # one exchange decides for both worlds; what differs is how one request fails
    if cell.tls and (cell.variant == "always" or cell.operation in ("list", "expire")):
        return cell.behaviour in UNDER_TLS and cell.operation != "list"
    return not (cell.slow and cell.operation == "list")


def _cases() -> list[Any]:
    return [
        pytest.param(cell, world, id=f"{cell}-{world}", marks=[_PYTHONS_OWN] if _leaves_a_socket(cell, world) else [])
        for world in WORLDS
        for tls in (False, True)
        for cell in cells(tls=tls, world=world)
        if ALL or _in_suite(cell, world)
    ]


def _budget(cell: Cell) -> dict[str, float]:
    """Time limits: short where the call ends by them, ample where it must not."""
    if cell.slow:
        return {"timeout": 0.5, "connect_timeout": 0.12, "read_timeout": 0.12}
    return {"timeout": 5.0, "connect_timeout": 2.0, "read_timeout": 2.0}


def api_on(server: FaultServer, ca_file: Path | None = None, world: str = "sync", **settings: Any) -> Any:
    """A client of that server."""
    given = {"retries": POLICY, "ssl_ca_cert": None if ca_file is None else str(ca_file), **settings}
    name = given.pop("api", "InvoiceApi")
    return api_in(world, xendit.Configuration(host=server.url, api_key=KEY, **given), name)


def call(api: Any, operation: str, invoice: Invoice) -> Any:
    """One call of the operation. It holds nothing that a traceback must not show."""
    if "reference_id" in invoice:
        return call_of_refunds(api, operation, invoice)
    if operation == "create":
        return api.create_invoice({"external_id": EXTERNAL_ID, "amount": 10000})
    if operation == "get":
        return api.get_invoice_by_id(invoice["id"])
    if operation == "list":
        return api.get_invoices(external_id=invoice["external_id"])
    return api.expire_invoice(invoice["id"])


def call_of_refunds(api: Any, operation: str, refund: Invoice) -> Any:
    """The same of RefundApi, whose cancel is the expire of an invoice."""
    if operation == "create":
        asked = {"payment_request_id": "pr-1", "reference_id": EXTERNAL_ID, "amount": 10000}
        return api.create_refund(create_refund=asked)
    if operation == "get":
        return api.get_refund(refund["id"])
    if operation == "list":
        return api.get_all_refunds(payment_request_id=refund["payment_request_id"])
    return api.cancel_refund(refund["id"])


def timed(api: Any, operation: str, invoice: Invoice) -> tuple[Any, BaseException | None, float]:
    """The same, with whatever it raised, and its seconds."""
    begun = time.perf_counter()
    try:
        value, error = call(api, operation, invoice), None
    except Exception as raised:  # noqa: BLE001 - a foreign exception is what we look for
        value, error = None, raised
    return value, error, time.perf_counter() - begun


def run(
    cell: Cell,
    server: FaultServer,
    ca_file: Path | None,
    world: str,
    transport: str = "auto",
    *,
    api: str = "InvoiceApi",
) -> Run:
    """The cell's call on a fresh server."""
    limits = _budget(cell)
    invoice = server.add("existing", amount=10000, refund=api == "RefundApi")
    events: list[Any] = []
    client = api_on(server, ca_file, world, on_event=events.append, transport=transport, api=api, **limits)
    if cell.after:
        server.script(cell.after)
        timed(client, "get", invoice)
        if parse(cell.after).name in ("ok_then_fin", "ok_close"):  # so that the client meets it, not a race
            _wait_until_ended(server)
    elif cell.variant == "once":
        server.script(cell.behaviour)
    else:
        server.script(default=cell.behaviour)
    before = len(server.journal)
    value, error, seconds = timed(client, cell.operation, invoice)
    client.api_client.close()
    if world == "async" and cell.tls:
        # asyncio loses a TLS transport whose connecting is cancelled in the moment in which it begins
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect(2 if cell.slow else 1)  # the younger generations are where a quick cell's objects are
    return Run(value, error, seconds, limits["timeout"], server.journal[before:], events)


def _wait_until_ended(server: FaultServer) -> None:
    ends = time.monotonic() + 5
    while not server.ended:
        assert time.monotonic() < ends
        time.sleep(0.001)


def matches(expected: Expected, run: Run, cell: Cell) -> bool:
    """Whether the call came to this."""
    if not expected.least <= len(run.journal) <= expected.most:
        return False
    if run.error is not None:
        return type(run.error).__name__ == expected.result and run.error.outcome in expected.outcomes  # type: ignore[attr-defined]
    looked = cell.operation == "create" and any(entry.operation == "list" for entry in run.journal)
    return expected.result == ("recovered" if looked else "returned")


def judge(cell: Cell, run: Run, server: FaultServer) -> list[str]:
    """What is wrong with a run; nothing, if all is well. The server is closed: its books are final."""
    wrong = []
    came_to = "returned" if run.error is None else f"{type(run.error).__name__}: {run.error}"
    asked = [entry.operation for entry in run.journal]
    made = server.ledger.of(EXTERNAL_ID)
    if run.error is not None and not isinstance(run.error, XenditSdkException):
        return [f"a foreign exception: {came_to}"]
    if not any(matches(expected, run, cell) for expected in cell.expected):
        outcome = getattr(run.error, "outcome", "-")
        wrong.append(f"it came to {came_to} [{outcome}], {asked}; expected {' or '.join(map(str, cell.expected))}")
    if run.seconds > run.budget + GRACE:
        wrong.append(f"it took {run.seconds:.3f} s of {run.budget} s")
    if not set(asked) <= MAY_ASK[cell.operation]:
        wrong.append(f"it asked for {asked}")
    if asked.count("create") > cell.creates:
        wrong.append(f"it created {asked.count('create')} times")
    if server.ledger.duplicates():
        wrong.append("the ledger holds it twice")
    if cell.operation == "create":
        due = 1 if run.error is None else cell.invoices
        if len(made) != due:
            wrong.append(f"the ledger holds {len(made)}, not {due}")
        if run.error is None and made and run.value.id not in (made[0]["id"], None):
            wrong.append("it returned another invoice")
    if run.error is None:
        wrong += _wrong_value(cell, run, server)
    elif cell.operation in ("get", "list") and run.error.attempts != len(run.journal):
        wrong.append(f"it says {run.error.attempts} attempts, the server saw {len(run.journal)}")
    if run.error is not None and (run.error.http_status or 0) >= 400 and len(run.error.body or "") > ERROR_LIMIT:
        wrong.append(f"it keeps {len(run.error.body or '')} characters of an error's body")
    if server.peer is not None and server.peer.connections:
        wrong.append("another origin was connected to")
    return wrong


def _wrong_value(cell: Cell, run: Run, server: FaultServer) -> list[str]:
    existing = server.ledger.of("existing")[0]
    if cell.operation == "expire" and existing["status"] not in ("EXPIRED", "CANCELLED"):
        return ["it says that it expired, and it did not"]
    if cell.operation in ("get", "expire") and run.value.id != existing["id"]:
        return ["it returned another invoice"]
    if cell.operation == "list" and not isinstance(getattr(run.value, "data", run.value), list):
        return ["it returned no list"]
    return []


def leaks(error: BaseException) -> list[str]:
    """Where a secret shows in an exception or its chain."""
    surfaces = {
        "traceback with locals": "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=True)
        )
    }
    seen: list[BaseException] = []
    queue = [error]
    while queue:
        each = queue.pop()
        if each in seen:
            continue
        seen.append(each)
        queue += [inner for inner in (each.__cause__, each.__context__) if inner is not None]
        surfaces[f"str of {type(each).__name__}"] = str(each)
        surfaces[f"repr of {type(each).__name__}"] = repr(each)
        surfaces[f"args of {type(each).__name__}"] = repr(each.args)
        surfaces[f"notes of {type(each).__name__}"] = repr(getattr(each, "__notes__", ()))
        surfaces[f"vars of {type(each).__name__}"] = repr(vars(each))
    surfaces["pickle"] = pickle.dumps(error).decode("latin-1")
    return [where for where, text in surfaces.items() if any(secret in text for secret in SECRETS)]


@pytest.mark.parametrize(("cell", "world"), _cases())
def test_a_call_comes_to_what_the_table_says(
    cell: Cell,
    world: str,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In time, in a result or our own error with the right outcome, never twice, and without a secret anywhere."""
    # What makes certificates has no build for every Python.
    context: ssl.SSLContext | None = request.getfixturevalue("context") if cell.tls else None
    ca_file: Path | None = request.getfixturevalue("ca_file") if cell.tls else None
    caplog.set_level(logging.DEBUG)
    for attempt in (1, 2):
        with FaultServer(context) as server:
            ran = run(cell, server, ca_file, world)
        wrong = judge(cell, ran, server)
        # A machine under load may be late: what ends by the clock is tried once more.
        if not wrong or attempt == 2 or not (cell.slow or ran.seconds > ran.budget + GRACE):
            break
    assert not wrong, "\n".join(wrong)
    if ran.error is not None:
        assert leaks(ran.error) == []
    said = caplog.text + "".join(capfd.readouterr()) + repr(ran.events)
    assert not any(secret in said for secret in SECRETS)


def test_the_table_is_whole() -> None:
    """Every behaviour stands in it, every exception is of a line in it, and every rule has a use."""
    assert {parse(behaviour.removeprefix("after:")).name for behaviour in BEHAVIOURS} == set(KINDS)
    assert {behaviour for behaviour, _ in EXCEPTIONS} | set(UNDER_TLS) <= set(BEHAVIOURS)
    assert {operation for _, operation in EXCEPTIONS} <= set(OPERATIONS)
    assert {cell.nature for tls in (False, True) for cell in cells(tls=tls)} == set(RULES)
    known = {"returned", "recovered"} | {name for name in vars(xendit.exceptions) if name.endswith("Exception")}
    for cell in cells(tls=False) + cells(tls=True):
        assert {expected.result for expected in cell.expected} <= known, cell
        if cell.operation == "create":
            assert cell.creates == 1 or cell.nature == "too many"
    assert markdown().count("\n") == len(BEHAVIOURS) + 2


def test_the_search_for_leaks_finds_one() -> None:
    """In the text, in a note, in a cause's frame: what is looked for can be found."""

    def fail() -> None:
        header = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
        raise ValueError(len(header))

    try:
        try:
            fail()
        except ValueError as error:
            raise XenditSdkException(f"with {KEY}") from error
    except XenditSdkException as error:
        found = leaks(error)
    assert "traceback with locals" in found
    assert "args of XenditSdkException" in found
    assert "pickle" in found


# ---- what the table cannot say


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("skew", [-3600.0, 0.0, 3600.0])
@pytest.mark.parametrize("behaviour", ["rst_after_commit", "status:code=503,commit=1", "nan"])
def test_a_create_is_recovered_whatever_the_servers_clock_says(behaviour: str, skew: float, world: str) -> None:
    """«Created since the call began» is meant by the server's clock, not by ours."""
    with FaultServer(skew=skew) as server:
        server.script(behaviour)
        api = api_on(server, world=world)
        invoice = api.create_invoice({"external_id": EXTERNAL_ID, "amount": 10000})
        api.api_client.close()
    (made,) = server.ledger.of(EXTERNAL_ID)
    assert invoice.id == made["id"]


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 10000, "created": "2020-01-01T00:00:00.000Z"},
        {"amount": 9999},
        {"amount": 10000, "currency": "PHP"},
    ],
    ids=["older", "another amount", "another currency"],
)
def test_an_invoice_that_is_another_is_never_taken_for_ours(other: dict[str, Any]) -> None:
    """The same external_id alone is no match: age, amount and currency count too."""
    with FaultServer() as server:
        server.add(EXTERNAL_ID, **other)
        server.script("rst_after_request")
        with pytest.raises(xendit.exceptions.OutcomeUnknownException):
            api_on(server, timeout=2).create_invoice({"external_id": EXTERNAL_ID, "amount": 10000, "currency": "IDR"})
    assert [entry.operation for entry in server.journal].count("create") == 1
    assert len(server.ledger) == 1


@pytest.mark.parametrize(
    ("faults", "creates"),
    [
        (["rst_after_commit", "status:code=503", "ok"], 1),
        (["rst_after_commit", "rst_after_request", "html", "ok"], 1),
        (["rst_after_commit", "fin_on_accept", "ok"], 1),
        (["rst_after_commit", "status:code=429,retry_after=0.05", "ok"], 1),
        (["hang_after_commit", "hang_after_request", "ok"], 1),
        (["status:code=503,commit=1", "half_body", "chunk_truncated", "rst_mid_request", "ok"], 1),
        (["status:code=429", "status:code=429", "rst_after_commit", "ok"], 3),
    ],
)
def test_a_create_is_recovered_through_faults_of_its_look_ups(faults: list[str], creates: int) -> None:
    """A look-up that fails is made again, and what came before the lost answer takes none of them away."""
    with FaultServer() as server:
        server.script(*faults)
        api = api_on(server, timeout=3, read_timeout=0.15)
        invoice = api.create_invoice({"external_id": EXTERNAL_ID, "amount": 10000})
    (made,) = server.ledger.of(EXTERNAL_ID)
    assert invoice.id == made["id"]
    operations = [entry.operation for entry in server.journal]
    assert operations.count("create") == creates
    assert len(operations) == len(faults)


def test_a_create_that_was_never_sent_and_then_lost_is_recovered(context: ssl.SSLContext, ca_file: Path) -> None:
    """The handshake that fell silent is made again; the answer that was lost is looked up; one invoice."""
    with FaultServer(context) as server:
        server.script("hang_on_accept", "rst_after_commit")
        api = api_on(server, ca_file, timeout=3, connect_timeout=0.15)
        invoice = api.create_invoice({"external_id": EXTERNAL_ID, "amount": 10000})
    (made,) = server.ledger.of(EXTERNAL_ID)
    assert invoice.id == made["id"]
    assert [entry.operation for entry in server.journal] == ["", "create", "list"]


@pytest.mark.parametrize(
    "faults",
    [
        ["rst_after_commit", "ok", "status:code=503", "ok"],
        ["status:code=503,commit=1", "ok", "rst_after_request", "ok"],
        ["rst_after_commit", "rst_after_request", "rst_after_request", "ok"],
        ["half_body_nolength", "half_body", "ok"],
    ],
)
def test_an_expire_is_read_back_through_faults(faults: list[str]) -> None:
    """Whatever was lost or answered 404 on the way, the invoice says itself that it expired."""
    with FaultServer() as server:
        invoice = server.add("existing")
        server.script(*faults)
        assert api_on(server, timeout=3).expire_invoice(invoice["id"]).status == "EXPIRED"
    assert len(server.journal) == len(faults)
    assert server.journal[-1].operation == "get"


@pytest.mark.parametrize("fault", ["rst_after_request", "status:code=503", "hang_after_request"])
@pytest.mark.parametrize("status", ["PAID", "SETTLED"])
def test_an_invoice_that_was_paid_meanwhile_is_a_conflict(status: str, fault: str) -> None:
    """An expire whose first attempt is lost meets a paid invoice: that is neither success nor «not found»."""
    with FaultServer() as server:
        invoice = server.add("existing", status=status)
        server.script(fault)
        with pytest.raises(xendit.exceptions.ConflictException):
            api_on(server, timeout=2, read_timeout=0.15).expire_invoice(invoice["id"])
    assert {entry.operation for entry in server.journal} == {"expire", "get"}


@pytest.mark.parametrize("world", WORLDS)
def test_a_smuggled_answer_is_never_anyones(world: str) -> None:
    """Bytes after an answer look like the next one; the call after it is answered by the server, not by them."""
    with FaultServer() as server:
        first, second = server.add("first"), server.add("second")
        api = api_on(server, world=world)
        server.script(default="extra_body")
        for invoice in (first, second, first):
            assert api.get_invoice_by_id(invoice["id"]).external_id == invoice["external_id"]
        api.api_client.close()
