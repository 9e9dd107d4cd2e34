"""The table again, on the plain transport: the same outcomes, or "unknown" in place of "not sent"."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

import pytest

from faults.server import FaultServer
from faults.table import cells, on_the_plain_transport
from faults.test_table import GRACE, SECRETS, judge, leaks, run
from faults.worlds import WORLDS

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from faults.table import Cell

ALL = os.environ.get("HYPOTHESIS_PROFILE") == "proof"


def _in_suite(cell: Cell) -> bool:
    """Once each for a create and a read: how a call goes on is decided above both transports."""
    return cell.variant == "once" and cell.operation in ("create", "get")


@pytest.mark.parametrize(
    ("cell", "world"),
    [
        pytest.param(cell, world, id=f"{cell}-{world}")
        for world in WORLDS
        for tls in (False, True)
        for cell in cells(tls=tls, world=world)
        if ALL or (_in_suite(cell) and (not tls or cell.nature in ("unconnected", "creeping", "torn", "no tls")))
    ],
)
def test_a_call_comes_to_the_same_on_the_plain_transport(
    cell: Cell,
    world: str,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In time, in a result or our own error with an honest outcome, never twice, and without a secret anywhere."""
    # What makes certificates has no build for every Python.
    context: ssl.SSLContext | None = request.getfixturevalue("context") if cell.tls else None
    ca_file: Path | None = request.getfixturevalue("ca_file") if cell.tls else None
    caplog.set_level(logging.DEBUG)
    expected = on_the_plain_transport(cell, world)
    ran: Any = None
    wrong: list[str] = []
    for attempt in (1, 2):
        with FaultServer(context) as server:
            ran = run(cell, server, ca_file, world, "plain")
        wrong = judge(expected, ran, server)
        if not wrong or attempt == 2 or not (cell.slow or ran.seconds > ran.budget + GRACE):
            break  # a machine under load may be late
    assert not wrong, "\n".join(wrong)
    if ran.error is not None:
        assert leaks(ran.error) == []
    assert not any(secret in caplog.text + repr(ran.events) for secret in SECRETS)
