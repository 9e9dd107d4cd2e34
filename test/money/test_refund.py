"""Refunds over the wire: what is sent, how real bodies are read, and what becomes of a create whose answer is lost."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from recorder import Answer

import xendit
from xendit.apis import RefundApi
from xendit.refund.model import CreateRefund, Refund, RefundList

#: The shape of a real refund, of the README of the SDK's release 0.x. Ids are made up.
REFUND = {
    "id": "rfd-4f0f9b2e-6f0d-4a51-9f0b-6a1d2c3b4a59",
    "payment_id": "ewc_b4eab1df-139f-4c96-9fb4-ec492f589895",
    "payment_request_id": "pr-90392f42-d98a-49ef-a7f3-abcezas123",
    "invoice_id": "",
    "payment_method_type": "EWALLET",
    "amount": 10000,
    "channel_code": "DANA",
    "status": "PENDING",
    "reason": "",
    "reference_id": "refund-1",
    "currency": "IDR",
    "country": "ID",
    "refund_fee_amount": None,
    "failure_code": None,
    "refund_method": "DIRECT",
    "payout_link_properties": None,
    "actions": None,
    "metadata": None,
    "created": "2999-11-04T04:44:39.220981439Z",
    "updated": "2999-11-04T04:44:39.220981439Z",
}
REQUEST = {"payment_request_id": REFUND["payment_request_id"], "reference_id": "refund-1", "amount": 10000}
FAILED = {"error_code": "SERVER_ERROR", "message": "later"}


def listed(*refunds):
    return Answer(body={"data": list(refunds), "has_more": False})


def test_create(client, recorder):
    """The body goes out exactly, the key and the sub-account as headers; the real object is read whole."""
    recorder.answers.append(Answer(body=REFUND))
    request = CreateRefund(**{**REQUEST, "amount": Decimal("10000.00")}, reason="DUPLICATE", metadata={"order": 5})
    made = RefundApi(client).create_refund("key-1", "5f9a", request)
    assert (recorder.last.method, recorder.last.target) == ("POST", "/refunds")
    assert recorder.last.json == {**REQUEST, "reason": "DUPLICATE", "metadata": {"order": 5}}
    assert (recorder.last.header("idempotency-key"), recorder.last.header("for-user-id")) == ("key-1", "5f9a")
    assert (made.status, made.reason, made.is_final, made.is_standing) == ("PENDING", "", False, True)
    assert made.created == datetime(2999, 11, 4, 4, 44, 39, 220981, tzinfo=timezone.utc)
    assert made.created_text == REFUND["created"]
    assert json.loads(made.to_json()) == REFUND


def test_other_operations(client, recorder):
    """Get, list and cancel send what is documented; a bare array is a list too."""
    api = RefundApi(client)
    recorder.answers.extend(
        [Answer(body=REFUND), listed(REFUND), Answer(body=[REFUND]), Answer(body={**REFUND, "status": "CANCELLED"})]
    )
    assert api.get_refund(REFUND["id"]).id == REFUND["id"]
    assert recorder.last.target == f"/refunds/{REFUND['id']}"
    assert isinstance(api.get_all_refunds(invoice_id="i", limit=5), RefundList)
    assert recorder.last.query == [["invoice_id", "i"], ["limit", "5"]]
    assert [each.id for each in api.iter_refunds(payment_request_id="pr-1")] == [REFUND["id"]]
    assert recorder.last.query == [["payment_request_id", "pr-1"], ["limit", "50"]]
    assert api.cancel_refund(REFUND["id"]).status == "CANCELLED"
    assert (recorder.last.method, recorder.last.target) == ("POST", f"/refunds/{REFUND['id']}/cancel")


@pytest.mark.parametrize(
    "lost",
    [
        Answer(500, FAILED),
        Answer(200, b"<html>"),
        Answer(409, {"error_code": "DUPLICATE_ERROR", "message": "there is one"}),
    ],
    ids=["500", "html", "409"],
)
def test_lost_answer_is_looked_up(client, recorder, lost):
    """A refund whose answer was lost is found among those of its payment request, and sent once."""
    other = {**REFUND, "id": "rfd-other", "reference_id": "refund-2"}
    recorder.answers.extend([lost, listed(other, REFUND)])
    made = RefundApi(client).create_refund(create_refund=REQUEST)
    assert made.id == REFUND["id"]
    assert [(each.method, each.path) for each in recorder.requests] == [("POST", "/refunds"), ("GET", "/refunds")]
    assert recorder.last.query == [["payment_request_id", REQUEST["payment_request_id"]], ["limit", "100"]]


@pytest.mark.parametrize(
    "there",
    [
        [],
        [{**REFUND, "reference_id": "refund-2"}],
        [{**REFUND, "amount": 9999}],
        [{**REFUND, "created": "2020-01-01T00:00:00.123456789Z"}],
    ],
    ids=["nothing", "another reference", "another amount", "an earlier one"],
)
def test_not_found_is_unknown_and_never_failed(client, recorder, there):
    """What is not found may exist: the error says so, is never sent again, and can be resolved later, also pickled."""
    api = RefundApi(client)
    recorder.answers.extend([Answer(500, FAILED), *[listed(*there)] * 4])
    with pytest.raises(xendit.OutcomeUnknownException, match="the refund may exist") as raised:
        api.create_refund(create_refund=REQUEST)
    assert [each.method for each in recorder.requests] == ["POST", *["GET"] * 4]
    error = pickle.loads(pickle.dumps(raised.value))
    recorder.answers.append(listed(*there, REFUND))
    assert api.resolve(error).id == REFUND["id"]


def test_resend_is_never_done(recorder):
    """A configuration that has lost creates sent again does not have it with refunds."""
    from recorder import KEY

    policy = xendit.RetryPolicy(first_wait=0.01, longest_wait=0.02, resend_after=0.0)
    configuration = xendit.Configuration(api_key=KEY, host=recorder.url, retries=policy, on_unknown="resend")
    recorder.answers.extend([Answer(500, FAILED), *[listed()] * 6])
    with pytest.raises(xendit.OutcomeUnknownException):
        RefundApi(xendit.ApiClient(configuration)).create_refund(create_refund=REQUEST)
    assert [each.method for each in recorder.requests].count("POST") == 1


def test_without_a_reference_it_is_unknown_at_once(client, recorder):
    """A refund that nothing tells from another cannot be looked up."""
    recorder.answers.append(Answer(500, FAILED))
    with pytest.raises(xendit.OutcomeUnknownException, match="it was not looked up"):
        RefundApi(client).create_refund(create_refund={"invoice_id": "i"})
    assert len(recorder.requests) == 1


def test_the_400_worth_retrying_is_retried(client, recorder):
    """TEMPORARILY_UNAVAILABLE says that nothing was done; another 400 ends the call."""
    later = Answer(400, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "later"})
    recorder.answers.extend([later, Answer(body=REFUND)])
    assert RefundApi(client).create_refund(create_refund=REQUEST).id == REFUND["id"]
    assert len(recorder.requests) == 2
    recorder.answers.append(Answer(400, {"error_code": "REFUND_IN_PROGRESS", "message": "wait"}))
    with pytest.raises(xendit.BadRequestException) as raised:
        RefundApi(client).create_refund(create_refund=REQUEST)
    assert (raised.value.outcome, type(raised.value.model).__name__) == ("rejected", "CreateRefund400Response")
    assert len(recorder.requests) == 3


def test_another_reference_in_the_answer(client, recorder):
    """An answer about another refund is no success; what leaves the reference out is one."""
    recorder.answers.append(Answer(body={**REFUND, "reference_id": ""}))
    assert RefundApi(client).create_refund(create_refund=REQUEST).reference_id == ""
    recorder.answers.extend([Answer(body={**REFUND, "reference_id": "refund-2"}), listed(REFUND)])
    assert RefundApi(client).create_refund(create_refund=REQUEST).reference_id == "refund-1"


def test_cancel_is_read_back(client, recorder):
    """A cancel whose answer is lost is tried again; one that came too late says what the refund is."""
    recorder.answers.extend([Answer(500, FAILED), Answer(404, FAILED), Answer(body={**REFUND, "status": "CANCELLED"})])
    assert RefundApi(client).cancel_refund(REFUND["id"]).status == "CANCELLED"
    recorder.answers.extend([Answer(500, FAILED), Answer(404, FAILED), Answer(body={**REFUND, "status": "SUCCEEDED"})])
    with pytest.raises(xendit.ConflictException, match="SUCCEEDED"):
        RefundApi(client).cancel_refund(REFUND["id"])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"amount": "10"}, "amount"),
        ({"amount": float("nan")}, "amount"),
        ({"reference_id": ""}, "reference_id"),
        ({"reference_id": 5}, "reference_id"),
        ({"metadata": []}, "metadata"),
    ],
)
def test_bad_requests_are_named_before_anything_is_sent(client, recorder, given, name):
    """What a refund cannot be is told with its field; nothing is sent."""
    with pytest.raises(xendit.OpenApiException, match=name):
        RefundApi(client).create_refund(create_refund={**REQUEST, **given})
    assert not recorder.requests


def test_waiting(client, recorder):
    """It waits until the refund has ended."""
    recorder.answers.append(Answer(body={**REFUND, "status": "FAILED", "failure_code": "REFUND_FAILED"}))
    ended = RefundApi(client).wait_until_final(REFUND["id"], 1)
    assert (ended.failure_code, ended.is_standing) == ("REFUND_FAILED", False)


def test_a_status_that_is_not_known_stands():
    """Money is counted as given back until it is known that it was not."""
    assert Refund.from_dict({"id": "r", "status": "ON_ITS_WAY"}).is_standing
    assert Refund.from_dict({"id": "r"}).is_standing
