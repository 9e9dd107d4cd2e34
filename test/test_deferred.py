"""Calls in a thread of their own, as `async_req=True` makes them: they end by their result, and by nothing else."""

from __future__ import annotations

import pickle
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import xendit
from xendit.apis import InvoiceApi
from xendit.client.deferred import Deferred
from xendit.exceptions import ApiValueError, NotFoundException, TimeoutException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places at every microsecond, so that each gap between two lines is met."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_a_deferred_call_never_times_out_by_itself(hurried: None) -> None:
    """get() without a limit brings the result or the error, whenever the thread of the call ends."""
    for number in range(3000):
        assert Deferred(lambda number=number: number).get() == number  # type: ignore[misc]
    refused = NotFoundException("no such invoice", http_status=404)

    def fail() -> None:
        raise refused

    for _ in range(300):
        deferred = Deferred(fail)
        with pytest.raises(NotFoundException):
            deferred.get()
        assert deferred.ready()
        assert not deferred.successful()


def test_a_result_counts_before_its_thread_has_ended() -> None:
    """Between the last line of the call and the end of its thread, the result is there and is given."""
    gate = threading.Event()

    class Lingering(Deferred):
        def _work(self) -> None:
            super()._work()
            gate.wait(5)

    deferred = Lingering(lambda: "made")
    while not deferred._over:
        time.sleep(0.001)
    assert (deferred.ready(), deferred.successful(), deferred.get(), deferred.get(0)) == (True, True, "made", "made")
    gate.set()


def test_created_in_the_background_many_at_once(hurried: None, sandbox: Sandbox) -> None:
    """`create_invoice(..., async_req=True).get()` brings each invoice; several calls at once do not mix."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    for batch in range(12):
        handles: list[Any] = [
            api.create_invoice(external_id=f"order-{batch}-{number}", amount=1, async_req=True) for number in range(8)
        ]
        made = [handle.get() for handle in handles]
        assert [one.external_id for one in made] == [f"order-{batch}-{number}" for number in range(8)]


def test_waiting_too_short_is_in_the_tree() -> None:
    """get(timeout) raises a TimeoutException, which is Python's TimeoutError too; the call goes on and can be had."""
    go_on = threading.Event()
    deferred = Deferred(lambda: go_on.wait(5))
    for base in (TimeoutException, TimeoutError, xendit.XenditSdkException):
        with pytest.raises(base, match="has not ended yet; it goes on") as caught:
            deferred.get(0.001)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args
    assert not deferred.ready()
    with pytest.raises(ApiValueError, match="not ended"):
        deferred.successful()
    go_on.set()
    assert deferred.get() is True
