"""Invoices in the sandbox: the routes of the API, each over the rules in `xendit.sandbox.state.invoice`.

This module does not use our models. Its rules are those of the API, so if the two disagree, a test can see it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route
from xendit.sandbox.state.invoice.answers import ERROR_ANSWERS
from xendit.sandbox.state.invoice.bodies import invoice_body
from xendit.sandbox.state.invoice.invoices import Invoices
from xendit.sandbox.state.invoice.listing import unknown_names
from xendit.sandbox.state.invoice.schema import narrow
from xendit.sandbox.state.invoice.seeds import grow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xendit.sandbox.state.core.jsontext import JsonObject

logger = logging.getLogger("xendit.sandbox.invoice")


def create(invoices: Invoices, call: OperationCall) -> JsonObject:
    """Create an invoice."""
    invoice = invoices.create(
        call.account,
        call.body,
        idempotency_key=call.header("X-IDEMPOTENCY-KEY"),
        fee_rule=call.header("with-fee-rule"),
        split_rule=call.header("with-split-rule"),
    )
    return invoice_body(invoice, call.base_url)


def list_some(invoices: Invoices, call: OperationCall) -> list[JsonObject]:
    """List the invoices that the query selects."""
    warn_of_unknown(call.query)
    return [invoice_body(invoice, call.base_url) for invoice in invoices.list(call.account, call.query)]


def get(invoices: Invoices, call: OperationCall) -> JsonObject:
    """Give one invoice."""
    return invoice_body(invoices.get(call.account, call.values["invoice_id"]), call.base_url)


def expire(invoices: Invoices, call: OperationCall) -> JsonObject:
    """Expire one invoice."""
    return invoice_body(invoices.expire(call.account, call.values["invoice_id"]), call.base_url)


def warn_of_unknown(query: Sequence[tuple[str, str]]) -> None:
    """Log the unknown parameters of a list: they have no effect, which is hard to see from outside."""
    for name, near in unknown_names(query):
        guess = f"; did you mean {near!r}?" if near else ""
        logger.warning("GET /v2/invoices: the parameter %r is unknown and has no effect%s", name[:50], guess)


RULES = ProductRules(
    kind=Invoices.kind,
    book=Invoices,
    routes=(
        Route("create", "POST", "/v2/invoices", create, creates=True),
        Route("get", "GET", "/v2/invoices/<invoice_id>", get),
        Route("list", "GET", "/v2/invoices", list_some),
        Route("expire", "POST", "/invoices/<invoice_id>/expire!", expire),
    ),
    webhook_statuses=("PAID", "EXPIRED"),
    reference="external_id",
    error_answers=ERROR_ANSWERS,
    grow=grow,
    describe=narrow,
)
