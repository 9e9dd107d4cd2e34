"""A check that schemathesis loads: a refund that is in form may be refused with 400 for what its payment is, and for nothing else.

It belongs to `test_interop.py`, whose settings let a 400 of `POST /refunds` pass; which code that bears is looked at here.
"""

import schemathesis

CODES = ("INELIGIBLE_TRANSACTION_STATUS",)
"""Of an invoice that was not paid yet: no other can be in a sandbox where nobody pays."""


@schemathesis.check
def refused_refund_names_its_payment(ctx, response, case):
    """A 400 of a refund in form bears one of the codes that say what is wrong with the payment."""
    if case.operation.label != "POST /refunds" or response.status_code != 400:
        return
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    code = response.json().get("error_code")
    assert code in CODES, f"a refund in form was refused with {code}: {response.text[:500]}"
