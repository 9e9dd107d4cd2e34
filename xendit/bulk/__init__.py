"""Many creates at once: at the pace that Xendit allows, and with a journal that survives a process that is killed.

from xendit.bulk import create_many

batch = create_many(api, requests, journal="march.db")
for result in batch:
    print(result.external_id, result.state)
print(batch.report())
"""

from __future__ import annotations

from xendit.bulk.batch import AsyncBatch, Batch, create_many
from xendit.bulk.journal import Journal
from xendit.bulk.result import Report, Result

__all__ = ["AsyncBatch", "Batch", "Journal", "Report", "Result", "create_many"]
