"""Pages, waiting, raw answers and sub-accounts, in both worlds."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from faults.server import FaultServer
from faults.worlds import WORLDS, api_in, apis_in
from hypothesis import given, strategies as st
from raw_server import RawServer, http

from xendit import Configuration, exceptions
from xendit.exceptions import ApiTypeError, ApiValueError, ResponseException
from xendit.invoice.listing import Walk
from xendit.operation import ApiResponse, rate_limit_of
from xendit.policy import watch_pause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
MANY = 10_000 if WHOLE else 700


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> str:
    """sync or async."""
    name: str = request.param
    return name


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that fails as it is told."""
    with FaultServer() as server:
        yield server


def walked(world: str, configuration: Configuration, **filters: Any) -> list[Any]:
    """All invoices that a walk gives."""
    import xendit

    if world == "sync":
        with xendit.ApiClient(configuration) as client:
            return list(xendit.InvoiceApi(client).iter_invoices(**filters))

    async def main() -> list[Any]:
        async with xendit.AsyncApiClient(configuration) as client:
            return [each async for each in xendit.AsyncInvoiceApi(client).iter_invoices(**filters)]

    return asyncio.run(main())


def of(sandbox: Sandbox) -> Configuration:
    """The settings of its client."""
    return Configuration(host=sandbox.url, api_key=sandbox.api_key)


# ------------------------------------------------------------------------------------------ the walk, by hand


class Shop:
    """A list of ids, newest first, as the API pages it."""

    def __init__(self, count: int) -> None:
        self.ids = [f"{number:06}" for number in range(count, 0, -1)]

    def create(self) -> None:
        """One more, at the top."""
        self.ids.insert(0, f"{len(self.ids) + 1:06}")

    def page(self, arguments: dict[str, Any]) -> list[Any]:
        """What `get_invoices` would bring."""
        cursor = arguments.get("last_invoice")
        start = 0 if cursor is None else self.ids.index(cursor) + 1
        return [SimpleNamespace(id=each) for each in self.ids[start : start + int(arguments["limit"])]]


@given(st.integers(0, 60), st.integers(1, 12), st.lists(st.integers(0, 3), max_size=80))
def test_each_invoice_is_given_once_whatever_is_created_meanwhile(count: int, limit: int, arrivals: list[int]) -> None:
    """Those that were there at the start come once each and in order; the walk asks no page too many."""
    shop = Shop(count)
    there = list(shop.ids)
    walk = Walk({"limit": limit})
    got: list[str] = []
    pages = 0
    while not walk.over:
        got += [each.id for each in walk.take(shop.page(walk.arguments))]
        pages += 1
        for _ in range(arrivals.pop() if arrivals else 0):
            shop.create()
    assert got == there
    assert pages == count // limit + 1


def test_what_was_seen_is_skipped() -> None:
    """A cursor that includes its own invoice costs nothing but that."""
    walk = Walk({"limit": 3})
    first = [SimpleNamespace(id=each) for each in "abc"]
    assert [each.id for each in walk.take(first)] == ["a", "b", "c"]
    assert [each.id for each in walk.take([SimpleNamespace(id=each) for each in "cde"])] == ["d", "e"]
    assert walk.arguments["last_invoice"] == "e"
    assert walk.take([]) == []
    assert walk.over


def test_a_cursor_that_is_not_followed_raises_rather_than_loops() -> None:
    """The same full page again ends the walk with an error."""
    walk = Walk({"limit": 2})
    page = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
    walk.take(page)
    with pytest.raises(ResponseException, match="does not follow its cursor"):
        walk.take(page)
    with pytest.raises(ResponseException, match="no id"):
        Walk({}).take([SimpleNamespace(id=None)])


def test_the_missing_half_of_a_pair_is_filled_in() -> None:
    """And both stay out when neither is given."""
    walk = Walk({"created_after": "2026-01-01", "paid_before": "2026-02-01", "expired_after": None})
    assert {name: value for name, value in walk.arguments.items() if name != "limit"} == {
        "created_after": "2026-01-01",
        "created_before": "2100-01-01T00:00:00.000Z",
        "paid_after": "2000-01-01T00:00:00.000Z",
        "paid_before": "2026-02-01",
    }


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"limit": 0}, "1 to 100"),
        ({"limit": 101}, "1 to 100"),
        ({"limit": "10"}, "limit"),
        ({"limit": True}, "limit"),
        ({"state": ["PAID"]}, "statuses|state"),
        ({"_preload_content": False}, "_preload_content"),
        ({"async_req": True}, "async_req"),
        ({"created_after": "yesterday"}, "created_after"),
        ({"statuses": "PAID", "external_id": ""}, "external_id|statuses"),
    ],
    ids=str,
)
def test_a_slip_is_named_before_anything_is_sent(filters: dict[str, Any], said: str, server: FaultServer) -> None:
    """When the walk is made, not at its first page."""
    api = api_in("sync", Configuration(host=server.url, api_key="xnd_development_k"))
    with pytest.raises((ApiTypeError, ApiValueError), match=said):
        api.iter_invoices(**filters)
    assert server.journal == []


def test_a_list_for_one_order_holds_no_other(world: str) -> None:
    """An answer with an invoice of another external_id is refused; one that was trimmed is the order's."""
    mine, other = (f'{{"id":"{each}","external_id":"{each}","amount":1}}' for each in ("mine", "other"))
    with RawServer([http(200, f"[{mine},{other}]".encode())] * 2 + [http(200, f"[{mine}]".encode())]) as server:
        configuration = Configuration(host=server.url, api_key="xnd_development_k")
        with apis_in(world) as make:
            api = make(configuration)
            with pytest.raises(ResponseException, match="it holds an invoice of another external_id") as caught:
                api.get_invoices(external_id="mine")
            assert caught.value.outcome == "done"
            with pytest.raises(ResponseException, match="another external_id"):
                walked(world, configuration, external_id="mine")
            assert [each.id for each in api.get_invoices(external_id=" mine")] == ["mine"]


def test_none_means_the_account_of_the_view_everywhere(world: str, sandbox: Sandbox) -> None:
    """A walk that is given `for_user_id=None` walks what `get_invoices(for_user_id=None)` lists."""
    import xendit

    configuration = Configuration(host=sandbox.url, api_key=sandbox.api_key)
    platform = xendit.InvoiceApi(xendit.ApiClient(configuration))
    platform.create_invoice({"external_id": "of-the-platform", "amount": 10000})
    user = "5f9a3fbd571a1c4068aa40ce"
    platform.for_user(user).create_invoice({"external_id": "of-the-view", "amount": 10000})
    if world == "sync":
        given = [each.external_id for each in platform.for_user(user).iter_invoices(for_user_id=None)]
    else:

        async def main() -> list[Any]:
            async with xendit.AsyncApiClient(configuration) as client:
                view = xendit.AsyncInvoiceApi(client).for_user(user)
                return [each.external_id async for each in view.iter_invoices(for_user_id=None)]

        given = asyncio.run(main())
    assert given == ["of-the-view"]


# ------------------------------------------------------------------------------------------ over the wire


CREATOR = """
import sys
from xendit import ApiClient, Configuration, InvoiceApi
api = InvoiceApi(ApiClient(Configuration(host=sys.argv[1], api_key=sys.argv[2])))
number = 0
while True:
    api.create_invoice({"external_id": f"late-{number}", "amount": 10000})
    number += 1
    if number == 1:
        print("begun", flush=True)
"""


@pytest.fixture(scope="module")
def crowded() -> Iterator[Sandbox]:
    """A sandbox with many invoices, to which another process keeps adding."""
    from xendit.sandbox import Sandbox

    with Sandbox() as sandbox:
        account = sandbox.book("invoice").shared.account(sandbox.api_key)
        for number in range(MANY):
            sandbox.book("invoice").create(account, {"external_id": f"early-{number}", "amount": 10000})
        creator = subprocess.Popen(
            [sys.executable, "-c", CREATOR, sandbox.url, sandbox.api_key], stdout=subprocess.PIPE, text=True
        )
        assert creator.stdout is not None
        assert creator.stdout.readline() == "begun\n"
        yield sandbox
        creator.kill()
        creator.communicate()


@pytest.mark.parametrize("read_ahead", [False, True])
def test_all_are_walked_while_another_process_creates(crowded: Sandbox, world: str, read_ahead: bool) -> None:
    """Every invoice that was there comes once, newest first."""
    got = [each.external_id for each in walked(world, of(crowded), read_ahead=read_ahead)]
    early = [each for each in got if each.startswith("early-")]
    assert early == [f"early-{number}" for number in range(MANY - 1, -1, -1)]
    assert len(set(got)) == len(got)


def test_both_names_of_the_cursor_go_out(server: FaultServer, world: str) -> None:
    """Documents and older SDKs have one, newer SDKs the other."""
    ids = [server.add(f"order-{number}")["id"] for number in range(5)]
    assert [each.id for each in walked(world, Configuration(host=server.url, api_key="xnd_k"), limit=2)] == ids[::-1]
    assert len(server.journal) == 3
    assert f"last_invoice={ids[3]}&last_invoice_id={ids[3]}" in server.journal[1].target


def test_a_walk_asks_no_page_before_it_is_wanted(server: FaultServer) -> None:
    """Without read-ahead one page is asked for; with it, the next one too, which is then there."""
    for number in range(6):
        server.add(f"order-{number}")
    api = api_in("sync", Configuration(host=server.url, api_key="xnd_k"))
    walk = api.iter_invoices(limit=2)
    assert server.journal == []
    next(walk)
    assert len(server.journal) == 1
    ahead = api.iter_invoices(limit=2, read_ahead=True)
    next(ahead)
    pause = threading.Event()
    for _ in range(500):
        if len(server.journal) == 3:
            break
        pause.wait(0.01)
    assert len(server.journal) == 3
    assert len(list(ahead)) == 5


def test_pages_come_with_their_answer(server: FaultServer) -> None:
    """`data` is the list, beside status, headers and body."""
    for number in range(3):
        server.add(f"order-{number}")
    api = api_in("sync", Configuration(host=server.url, api_key="xnd_k"))
    pages = list(api.pages(limit=2))
    assert [len(page.data) for page in pages] == [2, 1]
    assert pages[0].status == 200
    assert pages[0].request_id == "fault-1"
    assert pages[0].content.startswith(b"[{")


def test_a_page_that_fails_ends_the_walk_with_its_error(server: FaultServer, world: str) -> None:
    """After its retries, like any call; with read-ahead too."""
    for number in range(4):
        server.add(f"order-{number}")
    server.script("ok", default="status:code=401,err=INVALID_API_KEY")
    for read_ahead in (False, True):
        server.script("ok", default="status:code=401,err=INVALID_API_KEY")
        with pytest.raises(exceptions.UnauthorizedException):
            walked(world, Configuration(host=server.url, api_key="xnd_k"), limit=2, read_ahead=read_ahead)


# ------------------------------------------------------------------------------------------ waiting


def test_waiting_ends_when_it_is_paid(sandbox: Sandbox, world: str) -> None:
    """The invoice is read until it is final."""
    api = api_in(world, of(sandbox))
    invoice = api.create_invoice({"external_id": "order-1", "amount": 10000})
    payer = threading.Timer(0.3, sandbox.pay, (invoice.id,))
    payer.start()
    assert api.wait_until_final(invoice.id, 10).is_paid
    payer.join()
    api.api_client.close()


def test_waiting_in_vain_says_what_it_saw(server: FaultServer, world: str) -> None:
    """A TimeoutException with the invoice as it was last read; what may pass is waited out, and no look is tight."""
    invoice = server.add("order-1")
    api = api_in(world, Configuration(host=server.url, api_key="xnd_k", retries=0))
    server.script("status:code=503", "ok")
    with pytest.raises(exceptions.TimeoutException, match="still PENDING") as raised:
        api.wait_until_final(invoice["id"], 1.2)
    assert raised.value.model.id == invoice["id"]
    assert 2 <= len(server.journal) <= 4
    server.script(default="status:code=404,err=INVOICE_NOT_FOUND_ERROR")
    with pytest.raises(exceptions.NotFoundException):
        api.wait_until_final(invoice["id"], 10)
    with pytest.raises(ApiValueError, match="timeout"):
        api.wait_until_final(invoice["id"], -1)
    api.api_client.close()


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_pauses_grow_and_are_never_tight(pauses: int, chance: float) -> None:
    """Half a second at least, 30 at most, and the next is no shorter for the same luck."""
    assert 0.5 <= watch_pause(pauses, chance) <= watch_pause(pauses + 1, chance) <= 30.0


# ------------------------------------------------------------------------------------------ raw answers, sub-accounts


def test_a_raw_answer_has_all_there_is(server: FaultServer) -> None:
    """Data, status, headers, id, attempts; and it unpacks as the official tuple."""
    api = api_in("sync", Configuration(host=server.url, api_key="xnd_k"))
    server.script("status:code=429,retry_after=0", "ok")
    answer = api.with_raw_response.create_invoice({"external_id": "order-1", "amount": 10000})
    data, status, headers = answer
    assert (data.external_id, status, headers["Content-Type"]) == ("order-1", 200, "application/json")
    assert (answer.attempts, answer.recovered, answer.request_id) == (2, False, "fault-1")
    assert "order-1" not in repr(answer)
    server.script("rst_after_commit")
    answer = api.with_raw_response.create_invoice({"external_id": "order-2", "amount": 10000})
    assert (answer.data.external_id, answer.recovered) == ("order-2", True)
    raw = api.with_raw_response.get_invoices(external_id="order-1", _preload_content=False)
    assert raw.json()[0]["external_id"] == "order-1"


def test_a_raw_answer_is_awaited_too(server: FaultServer) -> None:
    """The same from AsyncInvoiceApi."""
    import xendit

    async def main() -> ApiResponse[Any]:
        async with xendit.AsyncApiClient(Configuration(host=server.url, api_key="xnd_k")) as client:
            return await xendit.AsyncInvoiceApi(client).with_raw_response.create_invoice(
                {"external_id": "order-1", "amount": 10000}
            )

    assert asyncio.run(main()).data.external_id == "order-1"


def test_the_rate_limit_is_read_from_the_headers() -> None:
    """None where nothing, or nonsense, is said."""
    given = {"rate-limit-limit": "60", "rate-limit-remaining": "59", "rate-limit-reset": "58.37"}
    assert tuple(rate_limit_of(given)) == (60, 59, 58.37)
    assert tuple(rate_limit_of({"rate-limit-limit": "many", "rate-limit-reset": "-1"})) == (None, None, None)


def test_a_view_for_a_user_sends_its_header(server: FaultServer, world: str) -> None:
    """In every call, its look-ups included, unless a call names another user; the API itself stays as it was."""
    assert _headers_of(server, world) == ["sub-1"] * 7 + ["sub-2", ""]
    api = api_in("sync", Configuration(host=server.url, api_key="xnd_k"))
    with pytest.raises(ApiValueError, match="for_user"):
        api.for_user("")


def _headers_of(server: FaultServer, world: str) -> list[str]:
    """The header of each request that a view sends, then of one for another user, then of one by the API itself."""
    import xendit

    seen: list[str] = []
    read = FaultServer._for_request

    def spying(self: FaultServer, request: Any) -> Any:
        seen.append(request.header("for-user-id"))
        return read(self, request)

    server._for_request = spying.__get__(server)  # type: ignore[method-assign]
    configuration = Configuration(host=server.url, api_key="xnd_k")
    order = {"external_id": "order-1", "amount": 10000}

    async def main() -> None:
        async with xendit.AsyncApiClient(configuration) as client:
            api = xendit.AsyncInvoiceApi(client)
            view = api.for_user("sub-1")
            server.script("rst_after_commit")
            made = await view.create_invoice(order)
            await view.get_invoice_by_id(made.id)
            assert [each.id async for each in view.iter_invoices()] == [made.id]
            await view.resolve("order-1")
            await view.with_raw_response.expire_invoice(made.id)
            await view.wait_until_final(made.id)
            await view.get_invoices("sub-2")
            await api.get_invoices()

    if world == "async":
        asyncio.run(main())
        return seen
    api = xendit.InvoiceApi(xendit.ApiClient(configuration))
    view = api.for_user("sub-1")
    server.script("rst_after_commit")
    made = view.create_invoice(order)
    view.get_invoice_by_id(made.id)
    assert [each.id for each in view.iter_invoices()] == [made.id]
    view.resolve("order-1")
    view.with_raw_response.expire_invoice(made.id)
    view.wait_until_final(made.id)
    view.get_invoices("sub-2")
    api.get_invoices()
    return seen
