"""Defects of the inbox, the worker, the endpoint and reconciling."""

from __future__ import annotations

from world.defects import Defect

ONCE = "each event is handled exactly once"
LOST = "in the end every payment has had its effect"
RANKS = "a lower state never comes after a higher one"
KEPT = "what was acknowledged is in the inbox"

PROCEDURES = "xendit.webhook.procedures"
WORK = "xendit.webhook.work"
EVENTS = "xendit.invoice.webhook"

STEPS = "a step that has ended is never taken again"

DEFECTS = (
    Defect(
        "a rank is ignored",
        RANKS,
        PROCEDURES,
        "        if any(other.rank > event.rank for other in others):\n",
        "        if False:\n",
    ),
    Defect("expired ranks above paid", RANKS, EVENTS, '"EXPIRED": 1, "PAID": 2', '"EXPIRED": 2, "PAID": 1'),
    Defect(
        "the family of an event is not asked",
        RANKS,
        PROCEDURES,
        "        if members is None or as_it_is is None or _is_held(as_it_is, now):\n",
        "        if as_it_is is None:\n            continue\n        if members is None:\n",
    ),
    Defect(
        "a lease is never taken over",
        LOST,
        "xendit.webhook.memory",
        'lapsed = [row for row in self.of_state("working") if (row.lease_until or 0.0) <= now]',
        "lapsed = []",
    ),
    Defect(
        "a lease is taken over before it has run out",
        ONCE,
        "xendit.webhook.memory",
        'lapsed = [row for row in self.of_state("working") if (row.lease_until or 0.0) <= now]',
        'lapsed = self.of_state("working")',
    ),
    Defect(
        "a fence is dropped",
        ONCE,
        "xendit.webhook.memory",
        'return row if row is not None and row.state == "working" and row.owner == statement.owner else None',
        "return row",
    ),
    Defect(
        "the event is not held while its handler runs",
        ONCE,
        PROCEDURES,
        "    result: bool = yield Hold(claim.key, claim.owner)\n    return result\n",
        "    yield ReadClock()\n    return True\n",
    ),
    Defect(
        "an event is stored under a name of its own each time",
        ONCE,
        EVENTS,
        'bounded_key(f"{_subject(callback)}/{_kind(str(callback.status))}")',
        'bounded_key(f"{_subject(callback)}/{_kind(str(callback.status))}/{delivered.webhook_id}")',
    ),
    Defect(
        "paid and settled are two events",
        ONCE,
        EVENTS,
        'kind = "paid" if status in ("PAID", "SETTLED") else key_part(status.lower())',
        "kind = key_part(status.lower())",
    ),
    Defect(
        "a second payment is taken for the first",
        "a second payment is an event of its own",
        PROCEDURES,
        "    return (yield from _add(event.as_second_payment()))\n",
        "    return added\n",
    ),
    Defect(
        "what reconcile found is taken for another payment",
        "a payment is handled once, whoever brings it",
        PROCEDURES,
        "    if there is None or payment_id is None or there.payment_id == payment_id:\n        return True\n",
        "    if there is None or there.payment_id == payment_id:\n        return True\n    return False\n",
    ),
    Defect(
        "a failed event is done",
        LOST,
        PROCEDURES,
        "    ending = Bury(claim.key, claim.owner, error) if retry_in is None else Fail(claim.key, claim.owner, error, retry_in)\n",
        '    ending = Finish(claim.key, claim.owner, "handled")\n',
    ),
    Defect(
        "an event is finished before its handler is called",
        LOST,
        WORK,
        '            yield CallHandler("the handler", function, (claim.event,))\n            settled = yield Transact(settling)\n',
        '            settled = yield Transact(settling)\n            yield CallHandler("the handler", function, (claim.event,))\n',
    ),
    Defect(
        "an upcoming event is forgotten",
        LOST,
        WORK,
        "                upcoming.extend(rest)\n",
        "",
    ),
    Defect(
        "a claim takes what another has",
        ONCE,
        "xendit.testing.world.database",
        "            taken = {key for key, holder in database.locks.items() if holder is not self}\n",
        "            taken = set()\n",
    ),
    Defect(
        "a store that drops a row now and then",
        KEPT,
        "xendit.testing.world.database",
        "        for key, row in self._writes.items():\n            if row is None:\n",
        "        for key, row in self._writes.items():\n            if len(key) + int(row.received_at * 1000) & 31 == 0:\n                continue\n            if row is None:\n",
    ),
    Defect(
        "the endpoint answers before the event is stored",
        KEPT,
        "xendit.testing.world.shop",
        "                answer = webhook.failed(error)\n",
        "                from xendit.webhook.inbox import Added\n                answer = acknowledgement(Added(answer.dedupe_key, is_new=True, state='waiting'))\n",
    ),
    Defect(
        "a clock that was ahead is not noticed",
        "an event waits for no clock that was wrong",
        PROCEDURES,
        "        count = yield MakeDue(now, now + _AHEAD)\n",
        "        count = 0\n",
    ),
    Defect(
        "reconcile looks at paid invoices alone by their first page's status",
        LOST,
        "xendit.invoice.reconciliation",
        '(("paid", ["PAID", "SETTLED"]), ("expired", ["EXPIRED"]))',
        '(("paid", ["SETTLED"]), ("expired", ["EXPIRED"]))',
    ),
    Defect(
        "a step that has ended begins anew",
        STEPS,
        PROCEDURES,
        "    if found is None or found.done_at is None:\n        yield BeginEffect(key, step)\n",
        "    yield BeginEffect(key, step)\n",
    ),
    Defect(
        "the end of a step is not kept",
        STEPS,
        PROCEDURES,
        "    if (yield EndEffect(key, step, result)):\n        return None\n",
        "    yield ReadClock()\n    return None\n",
    ),
    Defect(
        "an asynchronous worker does not ask whether a step has ended",
        STEPS,
        "xendit.webhook.effects",
        "await self._inbox.transact_async(self._attempt.beginning(step))\n        if found is not None and found.done_at is not None:\n",
        "await self._inbox.transact_async(self._attempt.beginning(step))\n        if False:\n",
    ),
    Defect(
        "an asynchronous handler is not awaited",
        LOST,
        "xendit.webhook.async_worker",
        "        result = await result\n    check_done(what, result)\n",
        "        result.close()\n        return\n    check_done(what, result)\n",
    ),
    Defect(
        "what an asynchronous handler raises is lost",
        LOST,
        "xendit.webhook.async_worker",
        "                    action = actions.throw(error)\n",
        "                    action = actions.send(None) if isinstance(error, Exception) else actions.throw(error)\n",
    ),
    Defect(
        "what an asynchronous worker waited for is not let go",
        "no task is left over in the end",
        "xendit.webhook.async_worker",
        "            for each in waits:\n                each.cancel()\n",
        "            pass\n",
    ),
    Defect(
        "reconcile adds nothing",
        LOST,
        "xendit.invoice.reconciliation",
        "            stored = inbox.add(event)\n            added += stored.is_new\n",
        "            continue\n",
    ),
)
