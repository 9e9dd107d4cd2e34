"""Checks that schemathesis loads: what is in form may be refused with 400 for what no schema can say, and for nothing else.

They belong to `test_interop.py`, whose settings let a 400 of these operations pass; what it bears is looked at here.
"""

import schemathesis

CODES = ("INELIGIBLE_TRANSACTION_STATUS",)
"""Of an invoice that was not paid yet: no other can be in a sandbox where nobody pays."""
SPAN = ".body.filter.to"
"""What is wrong with a span of time that ends before it begins, or is too long."""


def _is_refused(response, case, label):
    """Whether data in form was refused with 400 by this operation."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    return positive and case.operation.label == label and response.status_code == 400


@schemathesis.check
def refused_refund_names_its_payment(ctx, response, case):
    """A 400 of a refund in form bears one of the codes that say what is wrong with the payment."""
    if _is_refused(response, case, "POST /refunds"):
        code = response.json().get("error_code")
        assert code in CODES, f"a refund in form was refused with {code}: {response.text[:500]}"


@schemathesis.check
def refused_report_names_its_span(ctx, response, case):
    """A 400 of a report in form is about its span of time."""
    if _is_refused(response, case, "POST /reports"):
        paths = [each["path"] for each in response.json()["validation"]["errors"]]
        assert paths == [SPAN], f"a report in form was refused for {paths}"
