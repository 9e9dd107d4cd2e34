"""A simulated world: the real client, endpoint, inbox and worker beside Xendit's rules, in virtual time, replayed by a seed.

    scheduler   World, WorldProcess, Task: virtual time, kills, the trace
    chance      Stream: the luck of an actor
    gateway     Xendit's side: the sandbox's rules, over a clock of its own
    network     what becomes of a request on its way
    deliveries  webhooks, on Xendit's schedule
    clients     the real client, driven by the scheduler
    shop        the processes of a shop, its endpoint, its inbox, its workers
    scenario    what a seed decides, and how a world is run and judged

What a shop does with a product stands in the product's module `world`: the class that it names as `PLAY`.
"""

from __future__ import annotations
