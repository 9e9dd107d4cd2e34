"""A webhook endpoint as a blueprint of Flask."""

from __future__ import annotations

from xendit.webhook.adapters.wsgi import body_reader

try:
    from flask import Blueprint, Response, request
except ImportError as error:
    raise ImportError("xendit.webhook.adapters.flask needs Flask: pip install flask") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xendit.webhook.endpoint import Webhook

__all__ = ["webhook_blueprint"]

#: Every method comes to us, so that what is not POST is answered as everywhere else.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def webhook_blueprint(path: str, webhook: Webhook, name: str = "xendit_webhook") -> Blueprint:
    """A blueprint that answers Xendit at one path.

        app.register_blueprint(webhook_blueprint("/webhooks/xendit", webhook))

    With Flask-WTF, exempt it: `csrf.exempt(blueprint)`.

    Args:
        path: where, such as `/webhooks/xendit`.
        webhook: what judges, stores and answers.
        name: the blueprint's name, for an application that has several.
    """
    blueprint = Blueprint(name, __name__)

    def receive() -> Response:
        answer = webhook.answer(request.method, request.environ, body_reader(request.environ), request.remote_addr)
        return Response(answer.body, answer.status, list(answer.headers))

    blueprint.add_url_rule(path, "receive", receive, methods=_METHODS, provide_automatic_options=False)
    return blueprint
