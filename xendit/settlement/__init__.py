"""From invoices that were paid to the money in the bank: what Xendit kept, what is settled, and what does not add up.

from xendit.settlement import reconcile

with reconcile(client, "2026-01", zone="Asia/Jakarta") as found:
    for row in found:
        print(row.external_id, row.paid, row.net, row.settlement, row.problem)
    print(found.totals(), found.differences)

docs/Settlement.md goes through the close of a month.

    period           Period: a span of time in a stated time zone
    row              SettlementRow and Total: what is told of one payment, and of many
    memory           what was listed, kept and joined in memory while it is little
    store            the file in which it is kept and joined otherwise
    reading          from the pages of the API to what is kept of them
    reconciliation   reconcile and Reconciliation
"""

from __future__ import annotations

from xendit.settlement.period import Period
from xendit.settlement.reconciliation import Reconciliation, reconcile
from xendit.settlement.row import Problem, SettlementRow, Total

__all__ = ["Period", "Problem", "Reconciliation", "SettlementRow", "Total", "reconcile"]
