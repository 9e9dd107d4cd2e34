"""A webhook endpoint as a blueprint of Flask."""

from __future__ import annotations

from xendit.installation import explain
from xendit.static_typing import hinted

try:
    from flask import Blueprint, Response, request
except ImportError as error:
    explain(error, "flask", "xendit.webhook.adapters.flask needs Flask", "pip install flask")

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.webhook.endpoint import Webhook

__all__ = ["webhook_blueprint"]

#: The blueprint takes every method, so that the Webhook answers those that are not POST, as with every other adapter.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@hinted
def webhook_blueprint(path: str, webhook: Webhook, name: str = "xendit_webhook") -> Blueprint:
    """A blueprint that answers Xendit at one path.

        app.register_blueprint(webhook_blueprint("/webhooks/xendit", webhook))

    With Flask-WTF, exempt it: `csrf.exempt(blueprint)`.

    Args:
        path: where, such as `/webhooks/xendit`.
        webhook: what judges, stores and answers.
        name: the blueprint's name, for an application that has several.
    """
    webhook.check_sync("webhook_blueprint")
    blueprint = Blueprint(name, __name__)

    def receive() -> Response:
        answer = webhook.answer(request.method, request.environ, _body_reader(), request.remote_addr)
        return Response(answer.body, answer.status, list(answer.headers))

    blueprint.add_url_rule(path, "receive", receive, methods=_METHODS, provide_automatic_options=False)
    return blueprint


def _body_reader() -> Callable[[int], bytes]:
    """A function that reads the body of the current request, even when a hook or an APM agent has read it before.

    After `request.get_data()` or `request.get_json()` the stream is at its end, but Flask keeps what was read and gives
    it again. The stream is tried first, because only it can be read up to a limit.
    """
    began = False

    def read(size: int) -> bytes:
        nonlocal began
        part = bytes(request.stream.read(size))
        if not part and not began:
            part = request.get_data()
        began = True
        return part

    return read
