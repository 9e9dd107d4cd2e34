"""Real applications with a webhook endpoint at /hook, each in a process of its own: `python endpoints.py NAME`.

It prints the port it listens on, serves until its standard input ends, and then prints as JSON what it stored and
every exception that came out of an adapter. The token is XENDIT_WEBHOOK_TOKEN.

`python endpoints.py NAME STORE DEADLINE` has a store that hangs instead: in threads that are left behind (`left`), until the time
that it is given is over (`own`), or awaited (`awaited`). Then four threads serve WSGI, and it prints what times were given.
"""

from __future__ import annotations

import asyncio
import json
import socketserver
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from xendit.webhook import MemoryInbox, Webhook

PATH = "/hook"
FEW = 4
"""Threads of the server whose store hangs."""


class Hanging:
    """A store that answers nobody; `over` ends the threads that it holds."""

    def __init__(self, *, own_deadline: bool) -> None:
        self.own_deadline = own_deadline
        self.given: list[float] = []
        self.over = threading.Event()

    def add(self, event: Any, timeout: float) -> Any:
        """Hang."""
        self.given.append(timeout)
        self.over.wait(timeout if self.own_deadline else None)
        raise ConnectionError("canceling statement due to statement timeout")


class HangingAwaited(Hanging):
    """The same in an event loop."""

    async def add(self, event: Any, timeout: float) -> Any:
        """Hang."""
        self.given.append(timeout)
        await asyncio.Event().wait()


def hanging(store: str) -> Any:
    """One of the stores that hang."""
    return HangingAwaited(own_deadline=True) if store == "awaited" else Hanging(own_deadline=store == "own")


inbox: Any = hanging(sys.argv[2]) if len(sys.argv) > 2 else MemoryInbox()
webhook = Webhook(inbox, deadline=float(sys.argv[3])) if len(sys.argv) > 3 else Webhook(inbox)
stored: list[str] = []
escaped: list[str] = []


def note(*_: object, **__: object) -> None:
    """Keep the exception that is being handled."""
    escaped.append(traceback.format_exc())


# ------------------------------------------------------------------------------------------ the applications


def wsgi() -> Any:
    from xendit.webhook.adapters.wsgi import WSGIApp

    return WSGIApp(webhook)


def flask() -> Any:
    from flask import Flask, got_request_exception

    from xendit.webhook.adapters.flask import webhook_blueprint

    app = Flask(__name__)
    app.register_blueprint(webhook_blueprint(PATH, webhook))
    got_request_exception.connect(note, app, weak=False)
    return app


def django() -> Any:
    import django
    from django.conf import settings
    from django.core.signals import got_request_exception
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    from xendit.webhook.adapters.django import webhook_view

    middleware = ["middleware.csrf.CsrfViewMiddleware", "middleware.common.CommonMiddleware"]
    middleware += ["contrib.sessions.middleware.SessionMiddleware", "contrib.auth.middleware.AuthenticationMiddleware"]
    if django.VERSION >= (5, 1):
        middleware.append("contrib.auth.middleware.LoginRequiredMiddleware")
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="test",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        MIDDLEWARE=[f"django.{name}" for name in middleware] + [f"{__name__}.reading"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "ATOMIC_REQUESTS": True}},
    )
    globals()["urlpatterns"] = [path("hook", webhook_view(webhook))]
    got_request_exception.connect(note, weak=False)
    return get_wsgi_application()


def reading(get_response: Any) -> Any:
    """Django middleware that reads what comes in, as a request log does."""

    def middleware(request: Any) -> Any:
        if request.method == "POST" and int(request.headers.get("content-length") or 0) < 10_000:
            request.body  # noqa: B018 - reading it is the point
        return get_response(request)

    return middleware


def asgi() -> Any:
    from xendit.webhook.adapters.asgi import ASGIApp

    return ASGIApp(webhook)


def starlette() -> Any:
    from starlette.applications import Starlette

    from xendit.webhook.adapters.starlette import webhook_route

    return Starlette(routes=[webhook_route(PATH, webhook)])


def fastapi() -> Any:
    from fastapi import FastAPI

    from xendit.webhook.adapters.starlette import webhook_route

    return FastAPI(routes=[webhook_route(PATH, webhook)])


WSGI = {"wsgi": wsgi, "flask": flask, "django": django}
ASGI = {"asgi": asgi, "starlette": starlette, "fastapi": fastapi}


# ------------------------------------------------------------------------------------------ the servers


class Quiet(WSGIRequestHandler):
    """A handler that waits for nobody for long, and writes no log."""

    timeout = 5

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Threaded(socketserver.ThreadingMixIn, WSGIServer):
    """A server with a thread a request."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken connection is the client's doing; anything else is kept."""
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            note()


class FewThreads(Threaded):
    """A server with four threads, behind which further requests wait."""

    pool = ThreadPoolExecutor(FEW)
    request_queue_size = 64

    def process_request(self, request: Any, client_address: Any) -> None:
        """Have it answered by the next thread that is free."""
        self.pool.submit(self.process_request_thread, request, client_address)


def watched_wsgi(app: Any) -> Any:
    """The application, its exceptions kept."""

    def call(environ: Any, start_response: Any) -> Any:
        try:
            return app(environ, start_response)
        except Exception:
            note()
            raise

    return call


def watched_asgi(app: Any) -> Any:
    """The application, its exceptions kept."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            note()
            raise

    return call


def serve_wsgi(app: Any) -> None:
    """Serve until standard input ends."""
    kind = FewThreads if isinstance(inbox, Hanging) else Threaded
    server = make_server("127.0.0.1", 0, watched_wsgi(app), kind, Quiet)
    print(server.server_port, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever(0.05)
    server.server_close()


def serve_asgi(app: Any) -> None:
    """Serve until standard input ends."""
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(watched_asgi(app), log_level="critical", timeout_graceful_shutdown=1))
    print(listener.getsockname()[1], flush=True)

    def watch() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    name = sys.argv[1]
    if name in WSGI:
        serve_wsgi(WSGI[name]())
    else:
        serve_asgi(ASGI[name]())
    if isinstance(inbox, Hanging):
        inbox.over.set()
        print(json.dumps({"stored": stored, "escaped": escaped, "given": inbox.given}), flush=True)
        sys.exit()
    while (claim := inbox.claim(lease=60.0)) is not None:
        stored.append(claim.key)
        inbox.done(claim)
    print(json.dumps({"stored": stored, "escaped": escaped}), flush=True)
