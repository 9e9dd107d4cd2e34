#!/usr/bin/env bash
# "paid", stored without an expiry over a lock of some seconds, is gone after those seconds, and the payment is made again.
#
# cashews 7.6.0 with diskcache 5.6.3; its caches in memory and on disk; Redis 7's SET, beside it, by fakeredis 2.41.0 and redis 8.1.0. A
# key of idempotency is taken by set(key, "in progress", expire=60, exist=False), and when the payment is made by set(key, "paid"), which
# is to stay. With Redis it stays: SET takes the expiry of what was there away, as its documentation says. In memory and on disk a
# value that is stored without an expiry takes over the one that the key had, so "paid" is forgotten when the lock would have been. The
# three are one interface, and an application is tested with memory and runs with Redis, or the other way about. Give an expiry with
# each set, or delete the key before.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check cashews==7.6.0 diskcache==5.6.3 fakeredis==2.41.0 redis==8.1.0
cat > "$place/look.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import fakeredis
from cashews import Cache


async def paid(url: str) -> object:
    cache = Cache()
    cache.setup(url)
    await cache.init()
    assert await cache.set("order-7", "in progress", expire=1, exist=False)
    await cache.set("order-7", "paid")
    await asyncio.sleep(1.6)
    left = await cache.get("order-7")
    again = await cache.set("order-7", "in progress", expire=1, exist=False)
    await cache.close()
    return left, bool(again)


async def main(place: str) -> None:
    seen = {"memory": await paid("mem://"), "disk": await paid(f"disk://?directory={place}/cache")}
    server = fakeredis.FakeAsyncRedis()
    await server.set("order-7", "in progress", ex=1, nx=True)
    await server.set("order-7", "paid")
    await asyncio.sleep(1.6)
    left = (await server.get("order-7")).decode()
    seen["SET of Redis"] = left, bool(await server.set("order-7", "in progress", ex=1, nx=True))
    for name, (left, again) in seen.items():
        print(f"cashews {version('cashews')}, {name}: {left!r} is there after the seconds of the lock, and the key can be taken again: {again}")
    assert seen == {"memory": (None, True), "disk": (None, True), "SET of Redis": ("paid", False)}, seen


asyncio.run(main(sys.argv[1]))
PYTHON
"$place/venv/bin/python" "$place/look.py" "$place"
