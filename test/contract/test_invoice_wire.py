"""What calls of the Invoice API put on the wire, beyond the recorded calls of `invoice/wire`."""

from __future__ import annotations

import pytest


def test_target_is_one_line_of_ascii(api, recorder):
    """Ids and filters with spaces, slashes and letters beyond ASCII reach the server as one well-formed target."""
    odd = "a b/../c?d=e&f#g+h%20\u00e9\u2615"
    api.get_invoice_by_id(odd)
    api.get_invoices(external_id=odd)
    api.expire_invoice(odd)
    assert [request.line.count(" ") for request in recorder.requests] == [2, 2, 2]
    assert all(request.line.isascii() and request.line.endswith(" HTTP/1.1") for request in recorder.requests)
    assert recorder.requests[1].query == [["external_id", odd]]
    assert [request.path.count("/") for request in recorder.requests] == [3, 2, 3]


@pytest.mark.parametrize(
    ("parameter", "header"), [("with_fee_rule", "with-fee-rule"), ("with_split_rule", "with-split-rule")]
)
def test_rule_headers(parameter, header, api, recorder):
    """Fee and split rules, which later official releases dropped, go as headers on create."""
    api.create_invoice({"external_id": "order-1001", "amount": 1000}, **{parameter: "rule-1"})
    assert recorder.last.header(header) == "rule-1"


def test_one_connection(api, recorder):
    """Calls one after another share a connection, where the official SDK opens one a client."""
    for _ in range(3):
        api.get_invoices()
    assert recorder.connections == 1
