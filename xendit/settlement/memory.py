"""What was listed, kept and joined in memory while it is little; it answers as `store` does from its file.

Most months of most shops are a few thousand rows, and to bring these into a database and out again would cost as much as to list
them. When there are more than MOST_ROWS, all of them move to a temporary file, so that memory does not grow with their number.
"""

from __future__ import annotations

from operator import itemgetter

from xendit.settlement.store import OF_INVOICE, KeptInvoice, KeptTransaction, Store, by_creation

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, TypeAlias

    Row: TypeAlias = tuple[Any, ...]

MOST_ROWS = 30_000
"""Of invoices and transactions together. They take about 30 MiB."""
_ID, _PAID_AT = (KeptInvoice._fields.index(name) for name in ("id", "paid_at"))
_TYPE, _REFERENCE, _CREATED, _OWNER = (
    KeptTransaction._fields.index(name) for name in ("type", "reference_id", "created", "owner")
)
_BY_TIME = itemgetter(_PAID_AT, _ID)


class InMemory:
    """Answers what `Store` answers, from what it holds."""

    def __init__(self) -> None:
        self._state: dict[str, object] = {}
        # By id. Plain tuples, for Python's garbage collector looks at those once, and at named ones again and again.
        self._invoices: dict[str, Row] = {}
        self._transactions: dict[str, Row] = {}
        self._of_owner: dict[str, Row | list[Row]] = {}
        """The transactions of each invoice. Nearly all have one; a list of each would be one more thing to go through."""
        self._paid: set[str] = set()
        """The invoices that a payment belongs to."""
        self._unlinked: dict[str | None, list[Row]] = {}
        """The payments of no invoice, by their reference."""

    @property
    def is_full(self) -> bool:
        """Whether it holds so much that it should be moved to a file."""
        return len(self._invoices) + len(self._transactions) > MOST_ROWS

    def moved(self) -> Store:
        """All of it in a temporary file. Raises OSError."""
        store = Store()
        try:
            store.begin_anew(**self._state)
            store.take("invoices", self._invoices.values())
            store.take("transactions", self._transactions.values())
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Nothing is open."""

    def state(self, name: str) -> Any:
        """What is kept under a name; None where there is nothing."""
        return self._state.get(name)

    def begin_anew(self, **state: object) -> None:
        """Forget everything, and keep only these values under their names."""
        self._state = state
        self._invoices.clear()
        self._transactions.clear()

    def note(self, **state: object) -> None:
        """Keep this under its names."""
        self._state.update(state)

    def take(self, table: str, rows: Iterable[Row], **state: object) -> int:
        """Keep a page of what was listed, and how far the listing has come. Returns how many were new."""
        kept = self._table(table)
        before = len(kept)
        for row in rows:
            kept.setdefault(row[_ID], row)
        self._state.update(state)
        return len(kept) - before

    def count(self, table: str) -> int:
        """How many there are of `invoices` or `transactions`."""
        return len(self._table(table))

    def _table(self, name: str) -> dict[str, Row]:
        return self._invoices if name == "invoices" else self._transactions

    # ---- what is asked of it

    def is_listed(self) -> None:
        """Called when all is listed: sorts out what belongs to which invoice."""
        self._of_owner, self._paid, self._unlinked = {}, set(), {}
        of_owner, paid = self._of_owner, self._paid
        for row in self._transactions.values():
            owner, is_payment = row[_OWNER], row[_TYPE] == "PAYMENT"
            if owner is not None:
                if owner in of_owner:
                    self._add(owner, row)
                else:
                    of_owner[owner] = row
                if is_payment:
                    paid.add(owner)
            elif is_payment:
                self._unlinked.setdefault(row[_REFERENCE], []).append(row)

    def _add(self, owner: str, row: Row) -> None:
        """Note one more transaction of an invoice."""
        found = self._of_owner.get(owner)
        if found is None:
            self._of_owner[owner] = row
        elif isinstance(found, list):
            found.append(row)
        else:
            self._of_owner[owner] = [found, row]

    def invoices(self) -> Iterator[tuple[Row, list[Row]]]:
        """The invoices, in the order in which they were paid, each with what belongs to it, oldest first."""
        of_owner = self._of_owner
        for row in sorted(self._invoices.values(), key=_BY_TIME):
            found = of_owner.get(row[_ID], ())
            if isinstance(found, tuple):
                yield row, [found] if found and found[_TYPE] in OF_INVOICE else []
            else:
                yield row, by_creation([each for each in found if each[_TYPE] in OF_INVOICE])

    def unpaid_invoices(self) -> list[KeptInvoice]:
        """The invoices that no payment names and that were joined with none, in the order in which they were paid."""
        found = [self._invoices[each] for each in self._invoices.keys() - self._paid]
        several = map(KeptInvoice._make, sorted(found, key=_BY_TIME))
        return [each for each in several if each.external_id is not None]

    def unlinked_payments(self, external_id: str) -> list[KeptTransaction]:
        """The payments that name no invoice, bear this reference and were joined with none, oldest first."""
        return [*map(KeptTransaction._make, by_creation(self._unlinked.get(external_id, [])))]

    def others(self, begin: str, end: str) -> Iterator[KeptTransaction]:
        """The transactions of a span of time that belong to none of the invoices, oldest first."""
        invoices = self._invoices
        several = self._transactions.values()
        found = [row for row in several if row[_OWNER] not in invoices and begin <= row[_CREATED] < end]
        return map(KeptTransaction._make, by_creation(found))

    def join(self, transaction_id: str, invoice_id: str) -> None:
        """Note that a payment was joined with an invoice by its reference."""
        row = self._transactions[transaction_id]
        self._unlinked[row[_REFERENCE]].remove(row)
        joined = (*row[:_OWNER], invoice_id, *row[_OWNER + 1 :])
        self._transactions[transaction_id] = joined
        self._add(invoice_id, joined)
        self._paid.add(invoice_id)
