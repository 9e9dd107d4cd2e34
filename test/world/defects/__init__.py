"""Planted defects: each takes one promise away from the product, and the simulated worlds must notice.

A world that never fails proves nothing until it has failed on purpose. So each defect here replaces a text in the source of one
module of the product, in a process of its own, and seeds are run until a checker complains. test_defects.py runs the seed that
is known for each; `make world-teeth` looks for it anew, and docs/Reliability.md shows the table.

How to plant one: write a `Defect` into the file of its area (`client.py`, `inbox.py`, ...). `old` must stand exactly once in the
module, so that a defect whose line was changed is noticed and not passed over. Then

    cd test && PYTHONPATH=.. ../.venv/bin/python -m world.defects NAME      # looks for a seed, and prints what it broke

writes nothing; `--all --write` looks for all of them and writes found.json. When no seed is found, the world does not
reach the state in which the defect matters: teach the world to, and do not make the defect coarser.

How to write a checker: a function beside the others in `world/checkers.py` of the product, which compares what the shop was
told with what stands in Xendit's books. It must not ask the product what is right.
"""

from __future__ import annotations

from typing import NamedTuple


class Defect(NamedTuple):
    """A text in the product that is replaced by another one."""

    name: str
    """What is wrong, in a few words: `a rank is ignored`."""
    promise: str
    """Which promise it breaks, in the words of the documents."""
    module: str
    """Where: `xendit.webhook.procedures`."""
    old: str
    new: str
    profile: str = "full"
    """In which worlds it is looked for."""


def defects() -> dict[str, Defect]:
    """All of them, by name."""
    from world.defects import bulk, client, inbox, money

    every = [*client.DEFECTS, *inbox.DEFECTS, *bulk.DEFECTS, *money.DEFECTS]
    found = {each.name: each for each in every}
    assert len(found) == len(every), "two defects have one name"
    return found
