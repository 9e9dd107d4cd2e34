"""Refunds in the sandbox: the routes of the API, each over the rules in `xendit.sandbox.state.refund`.

This module does not use our models. Its rules are those of the API, so if the two disagree, a test can see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route
from xendit.sandbox.state.refund.answers import ERROR_ANSWERS
from xendit.sandbox.state.refund.bodies import refund_body
from xendit.sandbox.state.refund.book import Refunds
from xendit.sandbox.state.refund.seeds import grow

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonObject


def create(refunds: Refunds, call: OperationCall) -> JsonObject:
    """Create a refund."""
    return refund_body(refunds.create(call.account, call.body, idempotency_key=call.header("idempotency-key")))


def get(refunds: Refunds, call: OperationCall) -> JsonObject:
    """Give one refund."""
    return refund_body(refunds.get(call.account, call.values["refund_id"]))


def list_some(refunds: Refunds, call: OperationCall) -> JsonObject:
    """List the refunds that the query selects."""
    found, more = refunds.list(call.account, call.query)
    return {"data": [refund_body(each) for each in found], "has_more": more}


def cancel(refunds: Refunds, call: OperationCall) -> JsonObject:
    """Cancel one refund."""
    return refund_body(refunds.cancel(call.account, call.values["refund_id"]))


def narrow(document: JsonObject, assumptions: Assumptions) -> None:
    """Narrow the OpenAPI document of the API to what this account takes."""
    document["paths"]["/refunds"]["post"]["requestBody"]["required"] = True
    ways: list[list[str]] = [["payment_request_id"], ["invoice_id"]]
    if assumptions.refund_requests == "payment_request":
        ways = [["payment_request_id", "reason"]]
    document["components"]["schemas"]["CreateRefund"]["anyOf"] = [{"required": names} for names in ways]


RULES = ProductRules(
    kind=Refunds.kind,
    book=Refunds,
    routes=(
        Route("create", "POST", "/refunds", create, creates=True),
        Route("get", "GET", "/refunds/<refund_id>", get),
        Route("list", "GET", "/refunds", list_some),
        Route("cancel", "POST", "/refunds/<refund_id>/cancel", cancel),
    ),
    webhook_statuses=("SUCCEEDED", "FAILED"),
    error_answers=ERROR_ANSWERS,
    grow=grow,
    describe=narrow,
)
