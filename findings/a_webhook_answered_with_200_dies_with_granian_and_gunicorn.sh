#!/usr/bin/env bash
# granian drops the background task of an answered request at SIGTERM; gunicorn does if the caller sent `Connection: close`.
#
# starlette 1.10.0 with granian 2.8.9, gunicorn 27.0.1 (its own worker `asgi`), daphne 4.2.3 and uvicorn 0.54.0. A handler
# answers a webhook with 200 and does the work in a BackgroundTask of three seconds; SIGTERM comes during it. uvicorn
# waits for it. granian waits for a request whose answer is still to come, but ends at once, with exit code 0, where the
# answer has been sent; the task gets no CancelledError, so that no `except` and no `finally` of it runs. gunicorn waits
# where the connection is kept alive; where the caller asked for `Connection: close` it does not, in spite of its graceful
# timeout of 30 s, and cancels the task only after the lifespan has ended, when a database's pool is closed already.
# daphne cancels it, too. Nothing is logged as an error, and the sender, who has its 200, does not send the webhook again.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    starlette==1.10.0 granian==2.8.9 gunicorn==27.0.1 daphne==4.2.3 uvicorn==0.54.0
cat > "$place/shop.py" <<'PYTHON'
import asyncio
import contextlib

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def work():
    print("EVENT begun", flush=True)
    try:
        await asyncio.sleep(3)
        print("EVENT done", flush=True)
    except asyncio.CancelledError:
        print("EVENT cancelled", flush=True)
        raise


async def answered_before(request):
    return PlainTextResponse("ok", background=BackgroundTask(work))


async def answered_after(request):
    await work()
    return PlainTextResponse("ok")


@contextlib.asynccontextmanager
async def lifespan(app):
    yield
    print("EVENT lifespan ended", flush=True)


routes = [Route("/before", answered_before, methods=["POST"]), Route("/after", answered_after, methods=["POST"])]
app = Starlette(routes=routes, lifespan=lifespan)
PYTHON
cat > "$place/look.py" <<'PYTHON'
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PROGRAMS = sys.argv[1]
SERVERS = {
    "uvicorn": ["uvicorn", "shop:app", "--port", "{port}"],
    "granian": ["granian", "--interface", "asgi", "shop:app", "--port", "{port}"],
    "gunicorn": ["gunicorn", "-k", "asgi", "shop:app", "-b", "127.0.0.1:{port}", "--no-control-socket"],
    "daphne": ["daphne", "shop:app", "-p", "{port}"],
}
DONE, LEFT, CANCELLED = "done, lifespan ended", "lifespan ended", "lifespan ended, cancelled"
EXPECTED = {
    ("uvicorn", "/before", "close"): DONE,
    ("granian", "/before", "close"): LEFT,
    ("granian", "/before", "keep-alive"): LEFT,
    ("granian", "/after", "close"): DONE,
    ("gunicorn", "/before", "close"): CANCELLED,
    ("gunicorn", "/before", "keep-alive"): DONE,
    ("gunicorn", "/after", "close"): DONE,
    ("daphne", "/before", "close"): "cancelled",
}


def told_to_end(server, path, connection):
    """The answer of a webhook, and what happens to its work when SIGTERM comes a moment after it has begun."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [part.format(port=port) for part in SERVERS[server]]
    process = subprocess.Popen(
        [f"{PROGRAMS}/{command[0]}", *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines, begun, answers, over = [], threading.Event(), [], threading.Event()

    def read():
        for line in process.stdout:
            if line.startswith("EVENT "):
                lines.append(line.strip().removeprefix("EVENT "))
                begun.set()

    def send():
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        client.request("POST", path, b"{}", {"Connection": connection})
        answer = client.getresponse()
        answer.read()
        answers.append(answer.status)
        over.wait(30)  # and keep the connection

    reader, sender = threading.Thread(target=read), threading.Thread(target=send, daemon=True)
    reader.start()
    sender.start()
    begun.wait(40)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    reader.join(10)
    over.set()
    return answers, ", ".join(lines[1:])


changed = False
with ThreadPoolExecutor(2) as pool:
    results = pool.map(lambda case: told_to_end(*case), EXPECTED)
    for (server, path, connection), (answers, found) in zip(EXPECTED, results, strict=True):
        print(f"{server}, answered {path[1:]} the work, {connection}: {answers}, then: {found}", flush=True)
        changed |= (answers, found) != ([200], EXPECTED[server, path, connection])
sys.exit("this has changed" if changed else 0)
PYTHON
cd "$place"
"$place/venv/bin/python" "$place/look.py" "$place/venv/bin"
