"""A simulated world: the real client, endpoint, inbox and worker with Xendit's rules, in virtual time, repeatable by a
seed.

    scheduler   World, WorldProcess, Task: virtual time, kills, the trace
    chance      Stream: the luck of an actor
    gateway     Xendit's side: the sandbox's rules, over a clock of its own
    network     what becomes of a request on its way
    deliveries  webhooks, on Xendit's schedule
    clients     the real client, driven by the scheduler
    shop        the processes of a shop, its endpoint, its inbox, its workers
    scenario    what a seed decides, and how a world is run and judged

No code is patched: a world hands in the one source of time, chance and ids (`xendit.source`), a transport and a store.
What must hold is checked by *checkers*, which know nothing about how our code achieves it: functions that compare what
the shop was told with what is in Xendit's books. To write one, decorate a function of the scenario and a shop with
`@checker` in the product's module of checkers, begin its docstring with the promise, and call `world.violate(name,
sentence)` for each breach.

Planted defects show that the worlds would notice a mistake; test/world/defects/__init__.py of the repository says how
to plant one. `xendit.marks` tells which rare branches a run has reached.

What a shop does with a product is written in the product's module `world`, in the class that it names as `PLAY`.
"""

from __future__ import annotations
