"""Defects of what is done with money after it was paid: refunds, their webhooks, transactions and balances."""

from __future__ import annotations

from typing import NamedTuple

from world.defects import Defect

ONCE = "a return is never given back twice"
TRULY = "a refund that exists is found, and never said to have failed"
EXISTS = "a refund that was acknowledged is the one that was asked for"
LEFT = "amounts are checked against what was paid and given back"
EFFECT = "each refund has its effect once"
BOOKS = "the sum of the transactions is the balance, to the cent"


class _Planted(NamedTuple):
    """As Defect; all of them are looked for in worlds in which money goes back."""

    name: str
    promise: str
    module: str
    old: str
    new: str


_PLANTED = (
    _Planted(
        "a coroutine that is cancelled says nothing",
        "whoever cancels a call is told what may exist",
        "xendit.exchange.recovery",
        "            note(interrupt, self._find())\n",
        "            pass\n",
    ),
    _Planted(
        "a lost refund is not looked for",
        TRULY,
        "xendit.refund.operations",
        "    recovery=_look_up_create,\n",
        "    recovery=None,\n",
    ),
    _Planted(
        "a look-up of a refund does not compare the reference",
        EXISTS,
        "xendit.refund.operations",
        "bearing = [each for each in found if each.reference_id == self.sought.reference_id]",
        "bearing = list(found)",
    ),
    _Planted(
        "the reference of an earlier refund is not compared",
        EXISTS,
        "xendit.refund.invoice_refund",
        "        same = [each for each in standing if each.reference_id in names]\n",
        "        same = standing\n",
    ),
    _Planted(
        "nobody looks whether the refund is there already",
        ONCE,
        "xendit.refund.invoice_refund",
        "        same = [each for each in standing if each.reference_id in names]\n",
        "        same = []\n",
    ),
    _Planted(
        "a refund is sent again at once",
        ONCE,
        "xendit.refund.operations",
        "    recovery=_look_up_create,\n",
        "    recovery=None,\n    repeatable=True,\n",
    ),
    _Planted(
        "a refusal that says that the refund exists is believed",
        TRULY,
        "xendit.refund.operations",
        'existing=frozenset({"DUPLICATE_ERROR", "IDEMPOTENCY_ERROR"})',
        "existing=frozenset()",
    ),
    _Planted(
        "the key of a refund is another one each time",
        ONCE,
        "xendit.refund.invoice_refund",
        'number_text(exact, ("amount",)), ended)',
        'number_text(exact, ("amount",)) + new_id, ended)',
    ),
    _Planted(
        "a list of refunds is believed whatever it holds",
        LEFT,
        "xendit.refund.invoice_refund",
        "if _is_of(each, invoice.id, payment)]",
        "]",
    ),
    _Planted(
        "the amount that is left is not checked",
        LEFT,
        "xendit.refund.invoice_refund",
        "    if exact > left:\n",
        "    if exact > left + exact:\n",
    ),
    _Planted(
        "a refund that failed counts as given back",
        LEFT,
        "xendit.refund.invoice_refund",
        "    standing = [each for each in known if each.is_standing]\n",
        "    standing = known\n",
    ),
    _Planted(
        "what is left is added up in binary fractions",
        LEFT,
        "xendit.refund.invoice_refund",
        "    base = wish.reference_id or",
        "    left = type(left)(float(total) - sum(float(each.amount or 0) for each in standing))\n"
        "    base = wish.reference_id or",
    ),
    _Planted(
        "a cancelled refund is not read back",
        "a refund that is told cancelled is cancelled",
        "xendit.refund.operations",
        '        return str(found.status) == "CANCELLED"\n',
        "        return True\n",
    ),
    _Planted(
        "the webhooks of all refunds are one event",
        EFFECT,
        "xendit.refund.webhook",
        "bounded_key(f\"{_subject(callback)}/{key_part(name.rpartition('.')[2])}\")",
        "bounded_key(f\"{key_part(callback.business_id)}/{key_part(name.rpartition('.')[2])}\")",
    ),
    _Planted(
        "a refund that failed is told as one that succeeded",
        EFFECT,
        "xendit.refund.webhook",
        'return key_part(self.name.replace(".", "_"))[:40]',
        'return "refund_succeeded"',
    ),
    _Planted(
        "the sum of the transactions is not kept",
        BOOKS,
        "xendit.sandbox.state.balance_and_transaction.book",
        "+= sign * part",
        "+= part",
    ),
    _Planted(
        "a refund that failed does not come back to the balance",
        BOOKS,
        "xendit.sandbox.state.balance_and_transaction.book",
        'ended = None if status == "SUCCESS" else refund.updated',
        "ended = None",
    ),
    _Planted(
        "more is given back than was paid",
        "of no payment more is given back than was paid",
        "xendit.sandbox.state.refund.book",
        "        if asked > left or asked <= 0:\n",
        "        if asked <= 0:\n",
    ),
)
DEFECTS = tuple(Defect(*each, profile="money") for each in _PLANTED)
