"""Defects of the client: of the exchange, the policy, and what the product says of its operations."""

from __future__ import annotations

from world.defects import Defect

ONCE = "a create is never sent twice"
TRULY = "nobody is told that a create failed while its invoice exists"
EXISTS = "an invoice that was acknowledged exists, and is the one that was asked for"
BUDGET = "the time limit bounds the whole call"

DEFECTS = (
    Defect(
        "a create is repeated like a read",
        ONCE,
        "xendit.policy",
        "    return repeatable or not sent\n",
        "    return True\n",
    ),
    Defect(
        "a lost sent flag",
        TRULY,
        "xendit.exchange.judging",
        'error.outcome = "done" if good else "unknown" if answer.sent else "not_sent"',
        'error.outcome = "done" if good else "not_sent"',
    ),
    Defect(
        "a 5xx is taken for a refusal",
        TRULY,
        "xendit.policy",
        'return "rejected" if 400 <= status < 500 and',
        'return "rejected" if 400 <= status < 600 and',
    ),
    Defect(
        "an answer is not compared with what was asked",
        EXISTS,
        "xendit.client.prepared",
        "        if problem is not None:\n            raise ApiValueError(problem)\n",
        "",
    ),
    Defect(
        "an attempt may take as long as it likes",
        BUDGET,
        "xendit.policy",
        "return Limits(remaining, min(self.connect, remaining), min(self.read, remaining))",
        "return Limits(self.total, self.connect, self.read)",
    ),
)
