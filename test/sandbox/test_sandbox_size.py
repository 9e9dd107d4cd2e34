"""A sandbox with many records: what is asked for is found by an order that is kept, not by a look at every record."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.ledger import Ledger
from xendit.sandbox.state.invoice.invoices import Invoices

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Note:
    """The least that a ledger holds."""

    id: str
    account: Account
    created: datetime
    reference: str
    status: str = "KEPT"


def calls_of(function, *arguments, **named):
    """Count the calls of Python functions, and the steps of generators, that a call takes."""
    counted = 0

    def count(_frame, what, _argument):
        nonlocal counted
        counted += what == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*arguments, **named)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("seed", range(20))
def test_every_order_is_that_of_a_plain_list(seed):
    """Whatever was added and forgotten, every walk gives what a search through a sorted list of all gives."""
    dice = random.Random(seed)
    ledger, notes = Ledger(lambda note: note.reference), {}
    accounts = [Account(f"xnd_development_{name}", None, "write") for name in "ab"]
    for number in range(300):
        moment = BEGIN + timedelta(seconds=dice.randrange(50))
        note = Note(f"n{number}", dice.choice(accounts), moment, dice.choice(["", "x", "y", "z"]))
        ledger.put(note)
        notes[note.id] = note
        if dice.random() < 0.3:
            gone = dice.choice(list(notes))
            ledger.forget(gone)
            del notes[gone]
    arrived = list(notes.values())
    ordered = sorted(arrived, key=lambda note: (note.created, int(note.id[1:])))
    assert list(ledger) == arrived
    assert list(ledger.newest()) == arrived[::-1]
    for note in arrived[::7]:
        assert list(ledger.newest(note.id)) == arrived[: arrived.index(note)][::-1]
    for reference in ("x", "y", "z", "unknown"):
        assert list(ledger.bearing(reference)) == [note for note in ordered[::-1] if note.reference == reference]
        for account in accounts:
            mine = [note for note in ordered if note.account == account]
            wanted = [note for note in mine if note.reference == reference]
            assert list(ledger.of_account(account, reference=reference)) == wanted[::-1]
            for cursor in mine[::5]:
                at = mine.index(cursor)
                for inclusive in (False, True):
                    older = mine[: at + 1] if inclusive else mine[:at]
                    newer = mine[at:] if inclusive else mine[at + 1 :]
                    named = {"cursor": cursor.id, "inclusive": inclusive}
                    assert list(ledger.of_account(account, **named)) == older[::-1]
                    assert list(ledger.of_account(account, newer=True, **named)) == newer
                    fitting = [note for note in older if note.reference == reference]
                    assert list(ledger.of_account(account, reference=reference, **named)) == fitting[::-1]
                    fitting = [note for note in newer if note.reference == reference]
                    assert list(ledger.of_account(account, reference=reference, newer=True, **named)) == fitting
    for note in arrived:
        ledger.forget(note.id)
    assert list(ledger.newest()) == list(ledger.bearing("x")) == list(ledger.of_account(accounts[0])) == []


def steps_among(size, clock):
    """Count the steps of what a user asks, in a sandbox of so many invoices."""
    invoices = Invoices.alone(now=clock)
    account = invoices.shared.account("xnd_development_a")
    made = [invoices.create(account, {"external_id": f"order-{number}", "amount": 10_000}) for number in range(size)]
    return [
        calls_of(invoices.list, account, [("external_id", "order-0")]),
        calls_of(invoices.list, account, [("external_id", "nobody")]),
        calls_of(invoices.recent, limit=51),
        calls_of(invoices.recent, limit=51, before=made[60].id),
    ]


def test_what_is_asked_for_costs_the_same_among_many(clock):
    """A list by external_id, the dashboard's page and the one after it take no more steps among 4,000 than among 100."""
    few, many = steps_among(100, clock), steps_among(4_000, clock)
    # A search by halves takes some steps more among more.
    assert all(more <= less + 20 for less, more in zip(few, many, strict=True)), (few, many)
