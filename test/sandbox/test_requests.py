"""The log of requests: what stands in it, over the control plane, on the dashboard and in a directory's file."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
import urllib3
from documents import Visitor

from xendit.sandbox import Sandbox
from xendit.sandbox.requests import REMEMBERED, RequestFilter


def logged(client, after=0):
    return client.ask("GET", f"/_sandbox/requests?after={after}", key="").json()


def told(entry):
    return entry["method"], entry["path"], entry["query"], entry["status"], entry["error_code"], entry["fault"]


def test_every_request_to_the_api_is_logged(client, sandbox):
    """What was asked and answered, refusals and unknown paths too; not the pages, nor the control plane, nor any key or body."""
    invoice = client.create(payer_email="ayu@example.com")
    client.ask("GET", "/v2/invoices?limit=1&statuses=PAID")
    refused = client.ask("GET", "/v2/invoices/unknown")
    client.ask("GET", "/v2/invoices", key="")
    client.ask("GET", "/v2/invoicess")
    for path in ("/", "/_sandbox/", "/_sandbox/status", f"/web/{invoice['id']}", "/static/page.css", "/openapi.json"):
        client.ask("GET", path)
    entries = logged(client)
    assert [told(one) for one in entries] == [
        ("POST", "/v2/invoices", "", 200, None, None),
        ("GET", "/v2/invoices", "limit=1&statuses=PAID", 200, None, None),
        ("GET", "/v2/invoices/unknown", "", 404, "INVOICE_NOT_FOUND_ERROR", None),
        ("GET", "/v2/invoices", "", 401, "INVALID_API_KEY", None),
        ("GET", "/v2/invoicess", "", 404, "NOT_FOUND", None),
    ]
    assert entries[2]["request_id"] == refused.headers["Request-Id"]
    assert all(one["milliseconds"] >= 0 and one["at"].endswith("Z") for one in entries)
    assert sandbox.api_key not in json.dumps(entries)
    assert "ayu@example.com" not in json.dumps(entries)
    assert [told(one) for one in logged(client, entries[-2]["number"])] == [told(entries[-1])]
    assert [one.json() for one in sandbox.requests.after()] == entries
    sandbox.reset()
    assert logged(client) == []
    client.create()
    assert logged(client)[0]["number"] == entries[-1]["number"] + 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [("error", 500), ("rate_limit", 429), ("truncate", 200), ("latency", 200), ("commit_then_error", 500)],
)
def test_a_fault_that_was_met_is_named(client, sandbox, fault, status):
    """Beside the answer stands the kind of the fault."""
    sandbox.faults.arm(fault, match="list", **({"seconds": 0.01} if fault == "latency" else {}))
    with suppress(urllib3.exceptions.HTTPError):
        client.ask("GET", "/v2/invoices")
    assert [(one["fault"], one["status"]) for one in logged(client)] == [(fault, status)]


def test_an_answer_that_never_came_has_no_status(client, sandbox):
    """Where a fault broke the connection, the log does not claim an answer."""
    sandbox.faults.arm("commit_then_reset", match="create", times=1)
    with pytest.raises(urllib3.exceptions.HTTPError):
        client.create()
    (entry,) = logged(client)
    assert (entry["status"], entry["fault"]) == (None, "commit_then_reset")


def test_only_the_last_are_remembered(client, sandbox):
    """The log is bounded; a wrong number is refused with a sentence."""
    for _ in range(REMEMBERED + 5):
        client.ask("GET", "/v2/invoices/x")
    entries = logged(client)
    assert len(entries) == REMEMBERED
    assert entries[-1]["number"] - entries[0]["number"] == REMEMBERED - 1
    for wrong in ("x", "-1", "9" * 30):
        assert client.ask("GET", f"/_sandbox/requests?after={wrong}", key="").status == 400


@pytest.mark.parametrize(
    ("wanted", "admitted"),
    [
        ({}, {1, 2, 3, 4}),
        ({"statuses": ("404",)}, {2}),
        ({"statuses": ("4XX", "2xx")}, {1, 2, 4}),
        ({"statuses": ("failed",)}, {2, 3}),
        ({"methods": ("post",)}, {3}),
        ({"path": "/v2/invoices"}, {1, 2, 3}),
        ({"path": "v2/invoices/"}, {1, 2, 3}),
        ({"path": "/v2/invoices/*"}, {2}),
        ({"path": "*expire!"}, {4}),
        ({"path": "/"}, {1, 2, 3, 4}),
        ({"path": "/v2/inv"}, set()),
    ],
)
def test_what_a_filter_admits(wanted, admitted):
    """By status or class, by method, by path and what is below it or by a pattern."""
    entries = {
        1: ("GET", "/v2/invoices", 200),
        2: ("GET", "/v2/invoices/x", 404),
        3: ("POST", "/v2/invoices", None),
        4: ("PUT", "/invoices/x/expire!", 200),
    }
    shown = RequestFilter(**wanted)
    assert {number for number, entry in entries.items() if shown.admits(*entry)} == admitted


@pytest.mark.parametrize("wrong", ["20", "6xx", "ok", "", "٤٠٤"])
def test_a_status_that_is_none(wrong):
    """A mistyped status is an error that shows how one looks."""
    with pytest.raises(ValueError, match="404, 4xx or failed"):
        RequestFilter((wrong,))


def test_the_dashboard_lists_them(client, sandbox):
    """Newest first, with the filters of the form, fifty to a page; what a query says is never markup."""
    developer = Visitor(client)
    assert "Nothing was asked" in developer.open("/_sandbox/ui/requests").text
    for number in range(60):
        client.ask("GET", f"/v2/invoices/number-{number}")
    client.ask("GET", "/v2/invoices?external_id=%3Cscript%3E")
    page = developer.open("/_sandbox/ui/requests")
    assert page.text.index("external_id=<script>") < page.text.index("number-59") < page.text.index("number-11")
    assert "number-10" not in page.text
    older = next(got["href"] for got in page.all("a") if "before=" in got["href"])
    assert "number-10" in developer.open(older).text
    shown = developer.open("/_sandbox/ui/requests?status=2xx&method=GET&path=/v2").text
    assert "script" in shown
    assert "number-59" not in shown
    assert "No request is like that" in developer.open("/_sandbox/ui/requests?path=%3Cb%3E").text
    developer.open("/_sandbox/ui/requests?status=nonsense&before=x")


def test_a_directory_holds_the_file(tmp_path):
    """A directory may be given for the file, one that is there or one that ends like one; the sandbox says which file it is."""
    for given in (str(tmp_path), f"{tmp_path}/new/"):
        with Sandbox(db=given) as sandbox:
            sandbox.load({"invoices": [{"external_id": "kept", "amount": 1_000}]})
            kept = sandbox.db
        assert kept is not None
        assert kept.name == "xendit-sandbox.db"
        assert kept.is_file()
        with Sandbox(db=kept) as again:
            assert [one["external_id"] for one in again.invoices] == ["kept"]
    with Sandbox(db=tmp_path / "named") as sandbox:
        assert sandbox.db == tmp_path / "named"
