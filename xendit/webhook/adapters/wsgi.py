"""A webhook endpoint as a WSGI application, for any WSGI server or framework that mounts one."""

from __future__ import annotations

from http import HTTPStatus

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from xendit.webhook.endpoint import Answer, Webhook

__all__ = ["WSGIApp", "body_reader", "status_line"]


@hinted
class WSGIApp:
    """Answers every path it is mounted at. May be used from any number of threads.

    Args:
        webhook: what judges, stores and answers.
    """

    def __init__(self, webhook: Webhook) -> None:
        webhook.check_sync("WSGIApp")
        self.webhook = webhook

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 asks."""
        method, remote, read = environ["REQUEST_METHOD"], environ.get("REMOTE_ADDR"), body_reader(environ)
        request = [environ]
        del environ  # or an error tracker would show it if a line below fails
        answer: Answer = self.webhook.answer(method, request.pop(), read, remote)
        start_response(status_line(answer.status), list(answer.headers))
        return [answer.body]

    def __repr__(self) -> str:
        return f"WSGIApp({self.webhook!r})"


def status_line(status: int) -> str:
    """The status with its phrase, as WSGI wants it."""
    return f"{status} {HTTPStatus(status).phrase}"


@hinted
def body_reader(environ: dict[str, Any]) -> Callable[[int], bytes]:
    """A function that reads no further than the end of the body, past which some servers block."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if not length and environ.get("wsgi.input_terminated"):  # the server marks the end itself
        return lambda size: bytes(stream.read(size))
    left = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0

    def read(size: int) -> bytes:
        nonlocal left
        part = bytes(stream.read(min(size, left))) if left else b""
        left -= len(part)
        return part

    return read
