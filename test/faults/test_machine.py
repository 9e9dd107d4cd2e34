"""A state machine that uses a client as a day of work would, over a server that fails, with a dict as its model.

Hypothesis chooses what is done and which faults are met; what it finds it shrinks to the shortest list of steps. Such a
list is committed below as a test of its own (`machine.create(...)`, `machine.get(...)`, in order).

The suite runs a few dozen days with the same choices each time; `HYPOTHESIS_PROFILE=proof` runs hundreds with new ones.
"""

from __future__ import annotations

import json
import os
import pickle
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import xendit
from faults import chaos
from faults.behaviours import parse
from faults.server import FaultServer
from xendit.apis import InvoiceApi

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET = 0.4
SLACK = 1.0
"""Seconds that a call may take longer than its budget on a machine that is busy; the faults would hold it for a minute."""
HOLDING = [
    "hang_on_accept",
    "tls_stall",
    "hang_after_request",
    "hang_after_commit",
    "body_stall",
    "drip_headers:gap=0.02",
    "continue_drip:gap=0.02",
    "drip_body:gap=0.02",
]
"""They hold a call for a minute: in silence, or with something now and then."""
_LATE = 0.08
_OTHER_CONTENT = {"amount", "unknown_enum"}  # answers that are well formed and say something else: none can know
FAULTS = [
    text
    for text in [*chaos._weather(50, 0.02, _LATE), *chaos.CONNECTIONS]
    if not {parse(text).name} & {*_OTHER_CONTENT, *(parse(each).name for each in HOLDING)}
]

orders = st.sampled_from(["order-1", "order-2", "order-3"])
picks = st.integers(0, 7)
_ALL = [*FAULTS, *HOLDING]
some_faults = st.lists(st.integers(0, len(_ALL) - 1).map(lambda place: _ALL[place]), max_size=3)


class Day(RuleBasedStateMachine):
    """One day: a server, a client, and what we know. An order is told from another by its amount.

    There are no preconditions: what a day allows depends on sockets and threads, and hypothesis must see the same
    choices each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.server = FaultServer()
        self.made = 0
        self.known: dict[str, str] = {}
        """The state of each invoice that we know of, by id."""
        self.lost: dict[tuple[str, int], bytes] = {}
        """The pickled errors of the creates whose outcome is not known."""
        self.client = self.new_client()
        self.slowest = 0.0

    def new_client(self) -> xendit.ApiClient:
        return xendit.ApiClient(
            xendit.Configuration(
                api_key="xnd_development_machine",
                host=self.server.url,
                timeout=BUDGET,
                connect_timeout=0.1,
                read_timeout=0.05,
                retries=xendit.RetryPolicy(first_wait=0.002, longest_wait=0.02),
            )
        )

    @property
    def api(self) -> InvoiceApi:
        return InvoiceApi(self.client)

    def call(self, faults: list[str], do: Callable[[], Any]) -> Any:
        """The result of a call or its error, when that is one of ours; any other exception ends the day."""
        self.server.script(*faults)
        begun = time.monotonic()
        try:
            return do()
        except xendit.XenditSdkException as error:
            assert error.outcome in ("not_sent", "rejected", "unknown", "done"), repr(error)
            assert error.attempts == len(error.history) > 0
            return error
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.server.script()

    def ids_of(self, order: str, amount: int) -> list[str]:
        return [each["id"] for each in self.server.ledger.of(order) if each["amount"] == amount]

    def picked(self, pick: int) -> str:
        return list(self.known)[pick % len(self.known)]

    # ---- what is done

    @rule(order=orders, faults=some_faults)
    def create(self, order: str, faults: list[str]) -> None:
        self.made += 1
        amount = 10_000 + self.made
        told = self.call(faults, lambda: self.api.create_invoice({"external_id": order, "amount": amount}))
        if not isinstance(told, xendit.XenditSdkException):
            assert self.ids_of(order, amount) == [told.id]
            self.known[told.id] = "PENDING"
        elif told.outcome in ("not_sent", "rejected"):
            assert self.ids_of(order, amount) == []
        else:
            assert isinstance(told, xendit.OutcomeUnknownException)
            self.lost[order, amount] = pickle.dumps(told)

    @rule(pick=picks, faults=some_faults)
    def resolve(self, pick: int, faults: list[str]) -> None:
        """What was there before we asked is found, unless asking fails."""
        if not self.lost:
            return
        order, amount = list(self.lost)[pick % len(self.lost)]
        there = self.ids_of(order, amount)
        error = pickle.loads(self.lost[order, amount])
        told = self.call(faults, lambda: self.api.resolve(error))
        if not isinstance(told, xendit.XenditSdkException):
            assert [told.id] == self.ids_of(order, amount)
            del self.lost[order, amount]
            self.known[told.id] = told.status.value
        elif not faults and isinstance(told, xendit.OutcomeUnknownException):
            assert there == []

    @rule(pick=picks, faults=some_faults)
    def get(self, pick: int, faults: list[str]) -> None:
        if not self.known:
            return
        invoice_id = self.picked(pick)
        told = self.call(faults, lambda: self.api.get_invoice_by_id(invoice_id))
        if not isinstance(told, xendit.XenditSdkException):
            assert (told.id, told.status) == (invoice_id, self.known[invoice_id])
        else:
            assert faults

    @rule(order=orders, faults=some_faults)
    def look_through(self, order: str, faults: list[str]) -> None:
        told = self.call(faults, lambda: self.api.get_invoices(external_id=order, limit=100))
        if not isinstance(told, xendit.XenditSdkException) and "json_200" not in faults:
            assert [each.id for each in told] == [each["id"] for each in self.server.ledger.of(order)][::-1]

    @rule(pick=picks, faults=some_faults)
    def expire(self, pick: int, faults: list[str]) -> None:
        if not self.known:
            return
        invoice_id = self.picked(pick)
        before = self.known[invoice_id]
        told = self.call(faults, lambda: self.api.expire_invoice(invoice_id))
        found = self.server.ledger.find(invoice_id)
        assert found is not None
        after = found["status"]
        if not isinstance(told, xendit.XenditSdkException):
            assert told.id == invoice_id
            assert told.status == after == "EXPIRED"
        elif told.outcome in ("not_sent", "rejected"):
            assert after == before, told
        elif isinstance(told, xendit.NotFoundException):
            assert before != "PENDING"
        self.known[invoice_id] = after

    # ---- what happens

    @rule(pick=picks)
    def is_paid(self, pick: int) -> None:
        waiting = [each for each, status in self.known.items() if status == "PENDING"]
        if not waiting:
            return
        invoice_id = waiting[pick % len(waiting)]
        found = self.server.ledger.find(invoice_id)
        assert found is not None
        found["status"] = self.known[invoice_id] = "PAID"

    @rule(skew=st.sampled_from([-86400.0, -61.0, 0.0, 61.0, 86400.0]))
    def clock(self, skew: float) -> None:
        """The server's clock jumps; not while the moment of a lost create is known by ours alone."""
        if all(pickle.loads(each).sought.dated for each in self.lost.values()):
            self.server.xendit.skew = skew

    @rule(pick=picks)
    def fork(self, pick: int) -> None:
        """A child and its parent use the client at once, after it was used: each reads what it asked for."""
        if not self.known:
            return
        invoice_id, other = self.picked(pick), self.picked(pick + 1)
        self.call([], lambda: self.api.get_invoice_by_id(invoice_id))
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads: the server's
            child = os.fork()
        if child == 0:
            try:
                ids = [self.api.get_invoice_by_id(invoice_id).id for _ in range(3)]
                os.write(write, json.dumps(ids).encode())
            finally:
                os._exit(0)
        os.close(write)
        ours = [self.api.get_invoice_by_id(other).id for _ in range(3)]
        with os.fdopen(read, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        assert json.loads(told) == [invoice_id] * 3
        assert ours == [other] * 3

    @rule(faults=some_faults)
    def threads(self, faults: list[str]) -> None:
        """Four threads at once: each reads what it asked for, or one of our errors."""
        asked = [*self.known] * 2
        self.server.script(*faults)

        def one(invoice_id: str) -> bool:
            try:
                return self.api.get_invoice_by_id(invoice_id).id == invoice_id
            except xendit.XenditSdkException:
                return True

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(one, asked[:8]))
        self.server.script()

    @rule()
    def close(self) -> None:
        """A closed client says so; the next one shares the pool and its budget."""
        self.client.close()
        with pytest.raises(xendit.ConfigurationException, match="closed"):
            self.api.get_invoices()
        self.client = self.new_client()

    # ---- what always holds

    @invariant()
    def nothing_is_there_twice(self) -> None:
        counted = Counter((each["external_id"], each["amount"]) for each in self.server.ledger)
        assert max(counted.values(), default=1) == 1, counted

    @invariant()
    def no_call_outlives_its_budget(self) -> None:
        assert self.slowest < BUDGET + SLACK

    @invariant()
    def the_budget_for_retries_is_a_bucket(self) -> None:
        assert 0 <= self.client._shared_transport().budget.tokens <= 500

    def teardown(self) -> None:
        """In the evening every lost create is known to be there or not."""
        late = time.monotonic() + _LATE
        for (order, amount), error in self.lost.items():
            time.sleep(max(0.0, late - time.monotonic()))
            told = self.call([], lambda error=error: self.api.resolve(pickle.loads(error)))  # type: ignore[misc]
            found = [] if isinstance(told, xendit.XenditSdkException) else [told.id]
            assert found == self.ids_of(order, amount)
        self.client.close()
        self.server.close()


_WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
Day.TestCase.settings = settings(max_examples=300 if _WHOLE else 60, stateful_step_count=40 if _WHOLE else 15)
TestDay = Day.TestCase
