"""Defects of the client: of the exchange, the policy, and what the product says of its operations."""

from __future__ import annotations

from world.defects import Defect

ONCE = "a create is never sent twice"
TRULY = "nobody is told that a create failed while its invoice exists"
EXISTS = "an invoice that was acknowledged exists, and is the one that was asked for"
NAMED = "when the client cannot know, it says so, and leaves what it takes to find out"
BUDGET = "the time limit bounds the whole call"
EXPIRED = "an expire that is told as done has expired the invoice"

DEFECTS = (
    Defect(
        "an error holds the headers that were sent",
        "no secret stands in an error",
        "xendit.exchange.attempt",
        "        error = None if failure is None else type(failure).__name__\n",
        "        error = None if failure is None else type(failure).__name__\n"
        "        if failure is not None:\n"
        "            failure.headers.update(_authorized(request, context, None).headers)\n",
    ),
    Defect(
        "a create is repeated like a read",
        ONCE,
        "xendit.policy",
        "    return repeatable or not sent\n",
        "    return True\n",
    ),
    Defect(
        "a create is repeated after a 5xx",
        ONCE,
        "xendit.policy",
        "return status == 429 or (repeatable and status in RETRIED_STATUSES)",
        "return status == 429 or status in RETRIED_STATUSES",
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
        "a redirect is taken for a refusal",
        TRULY,
        "xendit.policy",
        'return "rejected" if 400 <= status < 500 and status not in (408, 425) else "unknown"',
        'return "rejected" if status < 500 and status not in (408, 425) else "unknown"',
    ),
    Defect(
        "a good answer that cannot be used is taken for a refusal",
        TRULY,
        "xendit.exchange.judging",
        '        operation=operation.name,\n        outcome="done",\n    )\n    problem',
        '        operation=operation.name,\n        outcome="rejected",\n    )\n    problem',
    ),
    Defect(
        "an answer is not compared with what was asked",
        EXISTS,
        "xendit.client.prepared",
        "        if problem is not None:\n            raise ApiValueError(problem)\n",
        "",
    ),
    Defect(
        "a look-up takes absence for proof",
        TRULY,
        "xendit.exchange.recovery",
        "            outcome=first.outcome,\n",
        '            outcome="not_sent",\n',
    ),
    Defect(
        "a look-up takes whatever the list holds",
        EXISTS,
        "xendit.invoice.operations",
        "bearing = [each for each in found if _same_id(self.sought.external_id, each.external_id)]",
        "bearing = list(found)",
    ),
    Defect(
        "what to look for is lost",
        NAMED,
        "xendit.exchange.recovery",
        "            error.sought = self.look_up.sought.made_since(call.server_began(), dated=call.dated)\n",
        "            pass\n",
    ),
    Defect(
        "an attempt may take as long as it likes",
        BUDGET,
        "xendit.policy",
        "return Limits(remaining, min(self.connect, remaining), min(self.read, remaining))",
        "return Limits(self.total, self.connect, self.read)",
    ),
    Defect(
        "a pause is not counted",
        BUDGET,
        "xendit.exchange.attempt",
        "        if self.elapsed() + seconds >= ends:\n",
        "        if self.elapsed() >= ends:\n",
    ),
    Defect(
        "a coroutine pauses for longer than its call has time",
        BUDGET,
        "xendit.client.asyncio",
        "await self.configuration.source.pause(step.seconds)",
        "await self.configuration.source.pause(step.seconds + 45.0)",
    ),
    Defect(
        "a look-up is begun when there is no time",
        BUDGET,
        "xendit.exchange.recovery",
        "        if call.elapsed() + seconds + SHORTEST_ATTEMPT >= call.limits.total:\n            mark(",
        "        if call.elapsed() >= 2 * call.limits.total:\n            mark(",
    ),
    Defect(
        "the retries of a pool have no budget",
        "the clients of a pool spend no more on retries than they have together",
        "xendit.policy",
        "            if cost > self._tokens:\n                return False\n",
        "",
    ),
    Defect(
        "an expire is not read back",
        EXPIRED,
        "xendit.exchange.recovery",
        "        if contradiction is None:\n",
        "        if True:\n            return self.recovery.found(brought.value, brought.response)\n        if contradiction is None:\n",
    ),
    Defect(
        "an expire that read back a paid invoice says expired",
        EXPIRED,
        "xendit.invoice.operations",
        "        return bool(found.is_expired)",
        "        return True",
    ),
    Defect(
        "a paid invoice is told for an open one",
        "an expire of a paid invoice says that it is paid",
        "xendit.invoice.operations",
        "if found.is_paid else None",
        "if not found.is_paid else None",
    ),
    Defect(
        "it is sent again though something was found",
        "with resend, a create is sent again only when the list is empty",
        "xendit.exchange.recovery",
        'if self._on_unknown != "resend" or not known.empty:',
        'if self._on_unknown != "resend":',
    ),
    Defect(
        "it is sent again at once",
        "with resend, it must be looked for in vain for resend_after seconds",
        "xendit.exchange.recovery",
        "        quiet = call.context.policy.resend_after\n",
        "        quiet = 0.0\n",
    ),
    Defect(
        "nobody looks before it is sent again",
        "with resend, one more look must have found nothing",
        "xendit.exchange.recovery",
        "        return self.next_look(1, _NO_TIME, self.lost, last=True)\n",
        "        return self.after_looking(NotFound('', empty=True), last=True)\n",
    ),
)
