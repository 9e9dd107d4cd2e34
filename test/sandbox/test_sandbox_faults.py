"""Faults: each kind over a real socket, who meets them and how often, and what a webhook can meet."""

from __future__ import annotations

import json

import pytest
import urllib3

from xendit.sandbox.faults import Fault, Faults, error_answers

BODY = {"external_id": "order-1", "amount": 10_000}


def create(client, **fields):
    return client.ask("POST", "/v2/invoices", {**BODY, **fields})


def count(client):
    return len(client.ask("GET", "/v2/invoices?limit=100").json())


@pytest.mark.parametrize(
    ("kind", "options", "problem", "commits"),
    [
        ("hang", {"seconds": 0.05}, "RemoteDisconnected", False),
        ("reset", {}, "ConnectionResetError", False),
        ("garbage", {}, "BadStatusLine", False),
        ("truncate", {}, "IncompleteRead", True),
        ("commit_then_reset", {}, "ConnectionResetError", True),
        ("commit_then_timeout", {"seconds": 0.05}, "RemoteDisconnected", True),
    ],
)
def test_broken_connections(sandbox, client, kind, options, problem, commits):
    """The connection breaks as the fault says, once, and the invoice is there exactly when it says so."""
    sandbox.faults.arm(kind, match="create", times=1, **options)
    with pytest.raises(urllib3.exceptions.HTTPError, match=problem):
        create(client)
    assert count(client) == commits
    assert create(client).status == 200


@pytest.mark.parametrize(
    ("kind", "options", "status", "code", "commits"),
    [
        ("error", {}, 500, "SERVER_ERROR", False),
        ("error", {"status": 503, "error_code": "MAINTENANCE", "message": "Soon."}, 503, "MAINTENANCE", False),
        ("error", {"error_code": "ACCESS_SUSPENDED"}, 403, "ACCESS_SUSPENDED", False),
        ("commit_then_error", {}, 500, "SERVER_ERROR", True),
        ("rate_limit", {}, 429, "RATE_LIMIT_EXCEEDED", False),
    ],
)
def test_error_answers(sandbox, client, kind, options, status, code, commits):
    """Errors come in the API's shape, and the invoice is there exactly when the fault says so."""
    sandbox.faults.arm(kind, match="create", times=1, **options)
    answer = create(client)
    assert (answer.status, answer.json()["error_code"]) == (status, code)
    if kind == "rate_limit":
        assert answer.headers["Rate-Limit-Remaining"] == "0"
        assert float(answer.headers["Rate-Limit-Reset"]) <= 60
    assert count(client) == commits


def test_html_and_latency(sandbox, client):
    """A gateway's page is HTML with 502; latency lets the answer come, later."""
    sandbox.faults.arm("html", times=1)
    answer = create(client)
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    armed = sandbox.faults.arm("latency", times=1, seconds=0.05)
    assert create(client).status == 200
    assert armed.struck == 1


def test_limiter_is_a_true_one(sandbox, client):
    """The limiter counts by endpoint, refuses what is over, and lets go when the sandbox's minute is over."""
    sandbox.freeze()
    sandbox.faults.arm("limiter", limit=2, match="create")
    assert [create(client).status for _ in range(4)] == [200, 200, 429, 429]
    assert client.ask("GET", "/v2/invoices").status == 200
    over = create(client)
    assert (over.headers["Rate-Limit-Limit"], over.headers["Rate-Limit-Remaining"]) == ("2", "0")
    sandbox.advance(float(over.headers["Rate-Limit-Reset"]))
    assert create(client).status == 200


def test_match_after_times(sandbox, client):
    """`after` lets some pass, `times` ends it, `match` and `external_id` choose."""
    sandbox.faults.arm("error", match="create", external_id="b", after=1, times=2)
    seen = [create(client, external_id=one).status for one in "abbabba"]
    assert seen == [200, 200, 500, 200, 500, 200, 200]


def test_probability_is_repeatable():
    """The same seed gives the same run, and about as many as the probability says."""

    def run(seed):
        faults = Faults()
        faults.arm("error", probability=0.3, seed=seed)
        return [bool(faults.meet("invoice", "get", None)) for _ in range(1_000)]

    assert run(1) == run(1) != run(2)
    assert 200 < sum(run(1)) < 400


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"kind": "nope"}, "kind"),
        ({}, "kind"),
        ({"kind": "error", "match": "pay"}, "match"),
        ({"kind": "webhook_drop", "match": "create"}, "match"),
        ({"kind": "error", "times": 0}, "times"),
        ({"kind": "error", "times": True}, "times"),
        ({"kind": "error", "after": -1}, "after"),
        ({"kind": "error", "probability": 2}, "probability"),
        ({"kind": "error", "status": 200}, "status"),
        ({"kind": "error", "seconds": "1"}, "seconds"),
        ({"kind": "error", "colour": 1}, "colour"),
        ({"kind": "limiter", "limit": -1}, "limit"),
    ],
)
def test_wrong_faults_are_refused(client, wrong, named):
    """A fault that makes no sense is refused with the name of what is wrong, in Python and over HTTP."""
    answer = client.ask("POST", "/_sandbox/faults", wrong)
    assert (answer.status, answer.json()["error_code"]) == (400, "SANDBOX_INVALID_REQUEST")
    assert named in answer.json()["message"].lower()


def test_faults_over_http(client):
    """Faults are armed, seen, taken back and cleared over HTTP; a request of the API can arm none."""
    armed = client.ask("POST", "/_sandbox/faults", {"kind": "error", "match": "get", "times": 1}).json()
    assert client.ask("GET", "/v2/invoices/" + "0" * 24).status == 500
    (shown,) = client.ask("GET", "/_sandbox/faults").json()["faults"]
    assert (shown["id"], shown["struck"], shown["spent"]) == (armed["id"], 1, True)
    assert client.ask("DELETE", f"/_sandbox/faults/{armed['id']}").status == 200
    assert client.ask("DELETE", f"/_sandbox/faults/{armed['id']}").status == 404
    client.ask("POST", "/_sandbox/faults", {"kind": "error"})
    assert client.ask("DELETE", "/_sandbox/faults").status == 200
    assert client.ask("GET", "/_sandbox/faults").json()["faults"] == []
    assert create(client).status == 200


def test_number_of_faults_is_bounded():
    """Nobody arms faults without end."""
    faults = Faults()
    with pytest.raises(ValueError, match="100 faults"):
        for _ in range(101):
            faults.add(Fault(kind="error"))


def test_every_code_has_an_error_status():
    """The catalogue of codes holds errors only."""
    assert {status // 100 for status, _ in error_answers().values()} == {4, 5}


# ------------------------------------------------------------------------------------------------- webhooks


@pytest.fixture
def got(sandbox):
    """What a function in this process received: token and external id."""
    received = []
    sandbox.deliver_to(
        lambda headers, body: received.append((headers["x-callback-token"], json.loads(body)["external_id"]))
    )
    return received


def pay(sandbox, client, external_id):
    sandbox.pay(client.create(external_id=external_id)["id"])


def test_webhook_drop_and_fail(sandbox, client, got):
    """A dropped webhook never comes and is not tried again; a failed one is."""
    sandbox.freeze()
    sandbox.faults.arm("webhook_drop", times=1)
    pay(sandbox, client, "lost")
    assert (got, sandbox.deliveries[0].outcome, sandbox.deliveries[0].next_attempt) == ([], "DROPPED", None)
    sandbox.faults.arm("webhook_fail", times=1, status=502)
    pay(sandbox, client, "late")
    assert (got, sandbox.deliveries[1].response_status) == ([], 502)
    sandbox.advance("15m")
    assert [one for _, one in got] == ["late"]


def test_webhook_duplicate_and_token(sandbox, client, got):
    """A duplicate has the same id; a wrong token is really wrong."""
    sandbox.faults.arm("webhook_duplicate", times=1)
    pay(sandbox, client, "twice")
    assert [one for _, one in got] == ["twice", "twice"]
    assert len({one.id for one in sandbox.deliveries}) == 1
    sandbox.faults.arm("webhook_token", times=1)
    pay(sandbox, client, "forged")
    assert got[-1][0] != sandbox.callback_token


def test_webhook_delay_and_reorder(sandbox, client, got):
    """A delayed webhook comes when its time has passed; an overtaken one right after the next."""
    sandbox.freeze()
    sandbox.faults.arm("webhook_delay", times=1, seconds=120)
    pay(sandbox, client, "slow")
    assert got == []
    sandbox.advance("2m")
    assert [one for _, one in got] == ["slow"]
    sandbox.faults.arm("webhook_reorder", times=1)
    pay(sandbox, client, "first")
    pay(sandbox, client, "second")
    assert [one for _, one in got] == ["slow", "second", "first"]


def test_an_overtaken_webhook_comes_in_any_case(sandbox, client, got):
    """When no other webhook follows, an overtaken one comes after a minute."""
    sandbox.freeze()
    sandbox.faults.arm("webhook_reorder", times=1)
    pay(sandbox, client, "alone")
    sandbox.advance("1m")
    assert [one for _, one in got] == ["alone"]


def test_faults_end_with_a_reset(sandbox, client):
    """A reset takes faults back too."""
    sandbox.faults.arm("error")
    sandbox.reset()
    assert create(client).status == 200
