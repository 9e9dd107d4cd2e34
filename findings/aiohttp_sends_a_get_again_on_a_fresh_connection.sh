#!/usr/bin/env bash
# aiohttp sends a GET a second time by itself, also when nothing was kept from an earlier request.
#
# aiohttp 3.14.5.
# It is known to repeat an idempotent request whose kept connection turned out to be dead, which is safe: the server had
# hung up before. It does so as well when the connection was made for this very request (force_close=True keeps none), the
# request went out whole, and the server closed without an answer. The server then handles two requests where the program
# made one call, and the program is told of one failure. ClientSession has no switch for it. Whoever counts attempts, keeps
# to a rate limit, or reads from an endpoint with an effect is off by one for each such loss. A POST is sent once.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check aiohttp==3.14.5
cat > "$place/look.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import aiohttp

arrived = []


async def take(reader, writer):
    """Read one request whole, note its method, and close without an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    arrived.append(head.split(b" ", 1)[0].decode())
    writer.close()


async def look():
    server = await asyncio.start_server(take, "127.0.0.1", 0)
    url = "http://127.0.0.1:{}/".format(server.sockets[0].getsockname()[1])
    for method in ("GET", "POST"):
        arrived.clear()
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            try:
                await session.request(method, url)
            except aiohttp.ClientError as error:
                print(f"one {method}: told one {type(error).__name__}, the server read {len(arrived)}")
    server.close()


print("aiohttp", version("aiohttp"))
asyncio.run(look())
PYTHON
"$place/venv/bin/python" "$place/look.py" | tee "$place/said"
grep -q "one GET: told one ServerDisconnectedError, the server read 2" "$place/said"
grep -q "one POST: told one ServerDisconnectedError, the server read 1" "$place/said"
