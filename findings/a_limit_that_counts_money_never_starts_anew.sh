#!/usr/bin/env bash
# A daily limit that counts calls starts anew each day; the same limit counting amounts is used up once and for ever.
#
# cashews 7.6.0 with diskcache 5.6.3; its caches in memory and on disk. `incr(key, value, expire=...)` adds to a counter and takes the
# seconds after which it is to be forgotten. With steps of 1, as in every example and most tests, it does. With a step of 150000, the
# amount of a payout, say, no expiry is ever set: the disk's cache sets it when the new total is exactly 1, which is how the first call
# of a counter is known there, and the memory's when the step is 1. The counter stays, get_expire() is -1, and once the limit is
# reached no payout of that customer passes again. Nothing is raised or warned. Call expire(key, seconds) after the first step, or
# store the counter with set(key, 0, expire=..., exist=False) before.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check cashews==7.6.0 diskcache==5.6.3
cat > "$place/look.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

from cashews import Cache


async def counted(url: str, step: int) -> list[object]:
    cache = Cache()
    cache.setup(url)
    await cache.init()
    await cache.incr("paid out today", step, expire=1)
    await cache.incr("paid out today", step, expire=1)
    expires = await cache.get_expire("paid out today")
    await asyncio.sleep(1.6)
    left = await cache.get("paid out today")
    # Made before the first step, it does end.
    await cache.set("made before", 0, expire=1, exist=False)
    await cache.incr("made before", step)
    await asyncio.sleep(1.6)
    before = await cache.get("made before")
    await cache.close()
    return [expires == -1, left, before]


async def main(place: str) -> None:
    seen = {}
    for name, url in (("memory", "mem://"), ("disk", f"disk://?directory={place}/cache")):
        for step in (1, 150000):
            seen[name, step] = never, left, before = await counted(url, step)
            print(f"cashews {version('cashews')}, {name}, steps of {step}: expires never: {never}, after its time: {left}, made before: {before}")
    assert seen == {
        ("memory", 1): [False, None, None],
        ("memory", 150000): [True, 300000, None],
        ("disk", 1): [False, None, None],
        ("disk", 150000): [True, 300000, None],
    }, seen


asyncio.run(main(sys.argv[1]))
PYTHON
"$place/venv/bin/python" "$place/look.py" "$place"
