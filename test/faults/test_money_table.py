"""The table of faults, run over refunds: what holds for the operations of invoices holds for theirs, cell by cell.

Nothing is written down anew: the cells are those of `table`, the judge is that of `test_table`. `OTHERWISE` has the few
behaviours that mean something else to a refund, each with its reason.
"""

from __future__ import annotations

import logging
import os

import pytest

from faults.server import FaultServer
from faults.table import BEHAVIOURS, Cell, cells
from faults.test_table import GRACE, SECRETS, judge, leaks, run
from faults.worlds import WORLDS

ALL = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
#: Behaviours of the table that are about the fields of an invoice, or mean something else to a refund.
OTHERWISE = {
    "status:code=409,err=DUPLICATE_ERROR": "there may be such a refund: it is looked up, where an invoice is refused",
    "wrong_type:field=external_id,v=7": "a refund has no external_id",
    "null_field": "a refund may leave its reference out",
    "missing_field": "a refund may leave its reference out",
}


def test_exceptions_stand_in_the_table() -> None:
    """Every exception is a behaviour of the table, and says why it is one."""
    assert set(OTHERWISE) <= set(BEHAVIOURS)
    assert all(len(reason) > 20 for reason in OTHERWISE.values())


def _in_suite(cell: Cell, world: str) -> bool:
    """Transport is one for all products: of what only it decides, one cell a behaviour and operation is enough."""
    if cell.behaviour in OTHERWISE:
        return False
    if ALL:
        return True
    return world == "sync" and not cell.slow and cell.operation in ("create", "expire") and cell.variant == "once"


CASES = [
    pytest.param(cell, world, id=f"{cell}-{world}")
    for world in WORLDS
    for cell in cells(tls=False, world=world)
    if _in_suite(cell, world)
]


@pytest.mark.parametrize(("cell", "world"), CASES)
def test_a_refund_comes_to_what_the_table_says(
    cell: Cell, world: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """In time, in a result or our own error with the right outcome, never twice, and without a secret anywhere."""
    caplog.set_level(logging.DEBUG)
    for attempt in (1, 2):
        with FaultServer() as server:
            ran = run(cell, server, None, world, api="RefundApi")
        wrong = judge(cell, ran, server)
        if not wrong or attempt == 2 or not (cell.slow or ran.seconds > ran.budget + GRACE):
            break
    assert not wrong, "\n".join(wrong)
    if ran.error is not None:
        assert leaks(ran.error) == []
    said = caplog.text + "".join(capfd.readouterr()) + repr(ran.events)
    assert not any(secret in said for secret in SECRETS)
