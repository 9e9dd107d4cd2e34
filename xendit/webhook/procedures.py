"""The inbox's algorithm, written once: each procedure is one transaction, as a generator over `statements`. No I/O.

The way of an event. `add` stores it. `claim` takes several events under a lease and begins the attempt of the first
one, whose handler then runs. `settle` finishes that event (or gives it back) and begins the attempt of the next one in
the same transaction, so that each event costs one commit. In a TransactionWorker the handler's own changes commit in
that transaction too: it runs `hold`, the handler, and `settle`.

Events together. A worker with a `batch` claims several events and begins the attempts of all of them. It calls their
handlers one after the other and ends them together, in one transaction (`batch.py`). Only events that were never tried
are taken together. So an event that kills its process costs its neighbours one attempt, and is alone from then on.

The count of attempts. A worker holds several events, but only the event whose handler is being called, or will be next,
has an attempt counted. So if an event kills the process again and again, only that event becomes a dead letter, and not
its neighbours.

One worker for a subject. Two events of one subject are never worked on by two workers at once. A worker that wants an
event locks it first, and only then looks at the other events of its subject. If two workers do so at the same time, at
least one of them finds the other's lock, and leaves its event alone. The look comes after the lock and is not a part of
the search for due events, because it would then have to be made for every event that waits.

What a lease is good for is explained in `inbox.py`. All times are by the store's clock, which all workers share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from xendit.exceptions import ApiTypeError, ApiValueError, WebhookBodyException
from xendit.marks import mark
from xendit.source import SYSTEM, Source
from xendit.webhook.event import UnreadableEvent, read_event
from xendit.webhook.inbox import Added, Claim, Claims, LeaseLost, Stored, Tally, keys_of
from xendit.webhook.statements import (
    BeginEffect,
    Bury,
    Count,
    CountDelivery,
    DeleteDone,
    EndEffect,
    Fail,
    Finish,
    FinishAndStart,
    GiveBack,
    Hold,
    HoldAll,
    Insert,
    Latest,
    LearnPayment,
    LockDue,
    LockKeys,
    MakeDue,
    OldestDue,
    Read,
    ReadClock,
    ReadEffects,
    Renew,
    Replay,
    Siblings,
    Start,
    Supersede,
    Take,
)
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.veil import Veiled
    from xendit.webhook.event import Event, Source as EventSource
    from xendit.webhook.inbox import KeptStep, State
    from xendit.webhook.statements import Steps

__all__ = [
    "KEEP_AT_LEAST",
    "Settled",
    "Watch",
    "add",
    "begin_effect",
    "begun_by",
    "claim",
    "claim_key",
    "delete_done",
    "effects",
    "end_effect",
    "fail",
    "finish",
    "give_back",
    "hold",
    "letters",
    "replay",
    "settle",
    "tally",
]

KEEP_AT_LEAST = timedelta(days=31)
"""How long a done event must be remembered. Xendit sends events again for a day, and longer when somebody asks for it
by hand; and `reconcile` looks back 30 days."""

#: How many due events a claim looks at in one go, after the first ones could not be had: superseded, or of a busy
#: subject.
_LOOKED_AT = 50
#: How often it looks again.
_LOOKS = 20
_LONGEST_ERROR = 4000
#: Seconds by which a time in the inbox may be ahead of the clock; if it is more, the clock was wrong when it was
#: written.
_AHEAD = 60.0
#: Seconds between two looks for such times.
_LOOK_AHEAD_EVERY = 60.0


@dataclass
class Watch:
    """Watches a store's clock for one inbox. Events that were written while the clock was ahead would wait for that
    time.

    Such events are looked for as soon as the clock is seen to have gone back, and also every minute, because another
    process may have written them.
    """

    source: Source = SYSTEM
    tell: Callable[[int], object] = field(default=lambda _: None)
    """Called with the number of events that were found and made due."""
    _next: float = 0.0
    _latest: float = 0.0

    def look(self, now: float) -> Steps[None]:
        """Look for such events, if it is time to; a part of a procedure."""
        went_back = now < self._latest - _AHEAD
        self._latest = now
        if not went_back and self.source.monotonic() < self._next:
            return
        self._next = self.source.monotonic() + _LOOK_AHEAD_EVERY
        count = yield MakeDue(now, now + _AHEAD)
        if count:
            mark("inbox: the clock was ahead, and events no longer wait for it")
            self.tell(count)


class Settled(NamedTuple):
    """What came of `settle`."""

    is_kept: bool
    """Whether the event was still ours."""
    started: int | None
    """The index of the upcoming event whose attempt begins; None if no attempt begins."""


# ------------------------------------------------------------------------------------------ what comes in


def add(event: Event) -> Steps[Added]:
    """Store an event, once. A second payment of the same thing, with another `payment_id`, is an event of its own."""
    added = yield from _add(event)
    if added.is_new or not event.is_payment:
        return added
    if (yield from _is_same_payment(added.key, _clean(event.payment_id))):
        return added
    mark("inbox: a second payment is an event of its own")
    return (yield from _add(event.as_second_payment()))


def _add(event: Event) -> Steps[Added]:
    row = _row_of(event)
    for _ in range(3):
        if (yield Insert(row)):
            return Added(row.key, is_new=True, state=row.state)
        there = yield Read(row.key)
        if there is not None:
            mark("inbox: an event is there already")
            yield CountDelivery(row.key)
            return Added(row.key, is_new=False, state=there.state)
    raise RuntimeError("the inbox neither takes an event nor has it: does its table have its primary key?")


def _is_same_payment(key: str, payment_id: str | None) -> Steps[bool]:
    """Whether a payment is the one that is stored. If that was stored without a payment id, it gets this one."""
    there = yield Read(key)
    if there is None or payment_id is None or there.payment_id == payment_id:
        return True
    if there.payment_id is None and (yield LearnPayment(key, payment_id)):
        mark("inbox: an event learns which payment it was")
        return True
    there = yield Read(key)
    return there is None or there.payment_id == payment_id


# ------------------------------------------------------------------------------------------ claims


def claim(watch: Watch, owner: str, lease: float, limit: int = 1, *, together: bool = False) -> Steps[Claims]:
    """Take at most `limit` due events, those first that have been due the longest, and begin the attempt of the first.

    Args:
        watch: who watches the clock.
        owner: a name that no other claim has.
        lease: seconds until another worker may take what was not settled or started by then.
        limit: how many.
        together: whether the attempts of all that `begun_by` gives begin.
    """
    now = yield ReadClock()
    yield from watch.look(now)
    claims = Claims()
    passed: list[str] = []
    for look in range(_LOOKS):
        wanted = limit - len(claims)
        looked_at = wanted if look == 0 else max(wanted, _LOOKED_AT)
        rows: list[Stored] = yield LockDue(now, looked_at, tuple(passed))
        found = yield from _claims_of(rows, now, owner, wanted)
        claims.extend(found)
        claims.met = claims.met or found.met
        passed += [row.key for row in rows]
        if len(rows) < looked_at or len(claims) == limit:
            break
    if claims:
        yield Take(keys_of(claims), owner, now, lease, keys_of(begun_by(claims, together=together)))
    return claims


def begun_by(claims: Sequence[Claim], *, together: bool) -> list[Claim]:
    """Those of the claimed events whose attempts the claim has begun: the first one; or together, all that are new.

    An event that was tried before is left to be tried alone, and so are the other events of its subject.
    """
    if together:
        alone = {each.event.subject for each in claims if each.attempt > 1}
        new = [each for each in claims if each.attempt == 1 and not (alone and each.event.subject in alone)]
        if len(new) > 1:
            return new
    return list(claims[:1])


def claim_key(watch: Watch, owner: str, lease: float, key: str) -> Steps[Claims]:
    """Take the event of a key, even before it is due, and begin its attempt. The list is empty if it cannot be had."""
    now = yield ReadClock()
    yield from watch.look(now)
    rows: list[Stored] = yield LockKeys((key,))
    rows = [row for row in rows if row.state in ("waiting", "working") and not _is_held(row, now)]
    claims = yield from _claims_of(rows, now, owner, 1)
    if claims:
        yield Take((key,), owner, now, lease, (key,))
    return claims


def _claims_of(rows: list[Stored], now: float, owner: str, wanted: int) -> Steps[Claims]:
    """The claims for those of the locked rows that can be worked on. Superseded ones are marked as done here."""
    claims = Claims()
    if not rows:
        return claims
    family, claims.met = yield from _family_of(rows, now)
    for row in rows:
        known = family[row.subject]
        if known is None:
            mark("inbox: another worker has an event of the same subject")
            continue
        if len(claims) == wanted:
            continue
        event = _event_of(row)
        others = [_event_of(other) for other in known if other.key != row.key]
        if any(other.rank > event.rank for other in others):
            mark("inbox: a lower state is superseded")
            yield Supersede(row.key)
        elif row.kind == "unreadable" and not isinstance(event, UnreadableEvent):
            # This version can read a body that an earlier one could not. Under its true key it is handled once, even
            # when another delivery brought it as well.
            yield from add(event)
            yield Supersede(row.key)
        else:
            if row.state == "working":
                mark("inbox: a lease that ran out is taken over")
            event = event.as_stored(row.key, row.kind, others)
            claims.append(Claim(row.key, event, row.attempts + 1, owner, row.due_at))
    return claims


def _family_of(rows: list[Stored], now: float) -> Steps[tuple[dict[str, list[Stored] | None], bool]]:
    """The rows of each subject of these locked rows (None: another worker has one), and whether another is claiming one."""
    own = tuple(row.key for row in rows)
    siblings: list[Stored] = yield Siblings(tuple({row.subject: None for row in rows}), own)
    # Another worker may be claiming a sibling at this moment. Then it holds the lock of that row.
    perhaps = tuple(each.key for each in siblings if each.state in ("waiting", "working") and not _is_held(each, now))
    free = {each.key: each for each in (yield LockKeys(perhaps))} if perhaps else {}
    family: dict[str, list[Stored] | None] = {}
    met = False
    for row in rows:
        family.setdefault(row.subject, []).append(row)  # type: ignore[union-attr] # none is None yet
    for each in siblings:
        members = family[each.subject]
        as_it_is = free.get(each.key) if each.key in perhaps else each
        met = met or as_it_is is None
        if members is None or as_it_is is None or _is_held(as_it_is, now):
            family[each.subject] = None
        else:
            members.append(as_it_is)
    return family, met


# ------------------------------------------------------------------------------------------ how it ends


def hold(claim: Claim, others: Sequence[Claim] = ()) -> Steps[bool]:
    """Lock claimed events in the transaction that their handlers share, so that no other worker takes one over meanwhile."""
    if others:
        count: int = yield HoldAll(keys_of((claim, *others)), claim.owner)
        return count == 1 + len(others)
    result: bool = yield Hold(claim.key, claim.owner)
    return result


def finish(claim: Claim, outcome: str = "handled") -> Steps[bool]:
    """Finish an event. False: the lease was lost, and it belongs to another worker."""
    result: bool = yield Finish(claim.key, claim.owner, outcome)
    return result


def fail(claim: Claim, error: str, retry_in: float | None) -> Steps[bool]:
    """Give an event back, to be tried again in `retry_in` seconds; None makes it a dead letter."""
    error = _clean(error, _LONGEST_ERROR) or ""
    ending = Bury(claim.key, claim.owner, error) if retry_in is None else Fail(claim.key, claim.owner, error, retry_in)
    result: bool = yield ending
    return result


def settle(ending: Steps[bool] | None, upcoming: Sequence[Claim], lease: float) -> Steps[Settled]:
    """End an event, and begin the attempt of the first of the upcoming ones whose lease was not lost.

    Args:
        ending: `finish` or `fail`; None where the event was lost already.
        upcoming: what the same worker has claimed and not started, in order.
        lease: seconds of the lease that begins.
    """
    is_kept, first = False, 0
    if ending is not None:
        statement = next(ending)  # an ending consists of one statement
        if upcoming and isinstance(statement, Finish):
            start = Start(upcoming[0].key, upcoming[0].owner, lease)
            is_kept, is_started = yield FinishAndStart(statement, start)
            if is_started:
                return Settled(is_kept, 0)
            first = 1
        else:
            is_kept = yield statement
    for place, each in enumerate(upcoming):
        if place >= first and (yield Start(each.key, each.owner, lease)):
            return Settled(is_kept, place)
        mark("inbox: the lease of an upcoming event was lost")
    return Settled(is_kept, None)


def give_back(started: Claim | None, upcoming: Sequence[Claim]) -> Steps[None]:
    """Give back events that were claimed and not handled, so that a worker that stops leaves nothing under its leases."""
    if started is not None:
        yield GiveBack(started.key, started.owner, started.due_at, is_started=True)
    for each in upcoming:
        yield GiveBack(each.key, each.owner, each.due_at, is_started=False)


def begin_effect(key: str, owner: str, lease: float | None, step: str) -> Steps[KeptStep | None]:
    """Begin a step of an event that is being handled. → the step as it was before; None when it is begun the first
    time.

    A step that has ended is left as it is.

    Args:
        key, owner: of the claim.
        lease: seconds for which the lease is renewed; None where a transaction holds the row.
        step: its name.

    Raises:
        LeaseLost: another worker has the event now, and takes the step.
    """
    if lease is not None and not (yield Renew(key, owner, lease)):
        raise LeaseLost(f"{key} was taken over by another worker")
    found: KeptStep | None = next((each for each in (yield ReadEffects(key)) if each.step == step), None)
    if found is None or found.done_at is None:
        yield BeginEffect(key, step)
    return found


def end_effect(key: str, step: str, result: Veiled) -> Steps[KeptStep | None]:
    """End a step, so that no later attempt takes it again.

    Two attempts can be in one step at once, if the lease of the first ran out in the middle of it. The result of the
    attempt that ends first is kept for ever. The other attempt is given that result too, so that all attempts at an
    event go on with the same one.

    Returns:
        The step as another attempt has ended it; None if this attempt ended it.
    """
    if (yield EndEffect(key, step, result)):
        return None
    return next((each for each in (yield ReadEffects(key)) if each.step == step and each.done_at is not None), None)


def effects(key: str) -> Steps[list[KeptStep]]:
    """The steps of an event."""
    found: list[KeptStep] = yield ReadEffects(key)
    return found


def replay(key: str) -> Steps[bool]:
    """Let an event be handled again, now. False: there is no such event, or it is being worked on."""
    result: bool = yield Replay(key)
    return result


# ------------------------------------------------------------------------------------------ looking after it


def check_age(older_than: timedelta) -> float:
    """How many seconds ago an event must have been done to be purged.

    Raises:
        ApiTypeError: it is no timedelta.
        ApiValueError: it is less than is safe.
    """
    if not isinstance(older_than, timedelta):
        raise ApiTypeError(f"older_than: {type_name(older_than)} was given, a timedelta is needed")
    if older_than < KEEP_AT_LEAST:
        raise ApiValueError(
            f"older_than must be at least {KEEP_AT_LEAST.days} days: an event that is forgotten would be"
            " handled again when it is sent again"
        )
    return older_than.total_seconds()


def delete_done(age: float, limit: int) -> Steps[int]:
    """Delete at most `limit` events that were done `age` seconds ago, or longer; say how many."""
    now = yield ReadClock()
    result: int = yield DeleteDone(now - age, limit)
    return result


def tally(watch: Watch, *, done: bool) -> Steps[Tally]:
    """Count the events by state; those that are done only on request, because they are by far the most."""
    now = yield ReadClock()
    yield from watch.look(now)
    counts = yield Count(("waiting", "working", "dead", *(("done",) if done else ())))
    due_at = yield OldestDue(now)
    return Tally(
        counts.get("waiting", 0),
        counts.get("working", 0),
        counts.get("done", 0) if done else None,
        counts.get("dead", 0),
        0.0 if due_at is None else max(0.0, now - due_at),
    )


def letters(state: State, limit: int) -> Steps[list[Stored]]:
    """The events of a state, the latest received first."""
    result: list[Stored] = yield Latest(state, limit)
    return result


# ------------------------------------------------------------------------------------------ about rows


def _is_held(row: Stored, now: float) -> bool:
    """Whether a worker has the row. A lease that began too far ahead of the clock does not count."""
    is_running = row.lease_until is not None and row.lease_until > now and row.due_at <= now + _AHEAD
    return row.state == "working" and is_running


def _row_of(event: Event) -> Stored:
    """The row of an event; the store sets its times."""
    unreadable = event.problem if isinstance(event, UnreadableEvent) else None
    return Stored(
        key=event.dedupe_key,
        subject=event.subject,
        kind=event.stored_kind,
        body=event.body,
        webhook_id=_clean(event.webhook_id),
        payment_id=_clean(event.payment_id),
        external_id=_clean(event.external_id),
        source=event.source,
        state="waiting" if unreadable is None else "dead",
        received_at=0.0,
        due_at=0.0,
        error=_clean(unreadable, _LONGEST_ERROR),
    )


def _event_of(row: Stored) -> Event:
    """The event of a row's body, as this version reads it, without what other events of its subject say about it."""
    source: EventSource = "reconcile" if row.source == "reconcile" else "webhook"
    try:
        key = None if row.kind == "unreadable" else row.key
        return read_event(row.body, webhook_id=row.webhook_id, source=source, stored_key=key)
    except WebhookBodyException as error:  # an earlier version accepted such a body
        return UnreadableEvent(row.key, row.body, str(error), webhook_id=row.webhook_id, source=source)


def _clean(text: str | None, longest: int = 255) -> str | None:
    """Text as every database takes it: no NUL, no lone surrogate, not too long."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")[:longest]
