"""Defects of batches and their journal."""

from __future__ import annotations

from world.defects import Defect

ONCE = "no item of a batch is sent twice, whoever was killed"
TRUE = "a journal says of each item what became of it"
ENDS = "a batch that is gone on with comes to its end"

DEFECTS = (
    Defect(
        "what a killed process had sent is sent again",
        ONCE,
        "xendit.bulk.work",
        "result = yield from (self._send(turn) if turn.fresh else self._find(turn))",
        "result = yield from self._send(turn)",
    ),
    Defect(
        "an item is not marked before it is sent",
        ONCE,
        "xendit.bulk.journal",
        "\"UPDATE xendit_bulk SET state = 'sending', owner = :run",
        "\"UPDATE xendit_bulk SET state = 'pending', owner = :run",
    ),
    Defect(
        "an unknown item is failed",
        TRUE,
        "xendit.bulk.work",
        'state: Literal["failed", "unknown"] = "failed" if turn.fresh and error.outcome == "rejected" else "unknown"',
        'state: Literal["failed", "unknown"] = "failed"',
    ),
    Defect(
        "a lease of an item is never taken over",
        ENDS,
        "xendit.bulk.journal",
        "    \"state = 'sending' AND lease < :now\",\n",
        "    \"state = 'sending' AND lease < :now AND 1 = 0\",\n",
    ),
    Defect(
        "a lease of an item is taken over at once",
        ONCE,
        "xendit.bulk.journal",
        "    \"state = 'sending' AND lease < :now\",\n",
        "    \"state = 'sending' AND lease < :now + 1000\",\n",
    ),
    Defect(
        "what was found is not noted",
        TRUE,
        "xendit.bulk.work",
        'return Result(turn.external_id, "created", made.id',
        'return Result(turn.external_id, "created", None',
    ),
    Defect(
        "an item that may exist is given back",
        ONCE,
        "xendit.bulk.work",
        'if limited or failure.outcome == "not_sent":',
        "if True:",
    ),
)
