"""A webhook endpoint as a route of Starlette and FastAPI."""

from __future__ import annotations

from xendit.installation import explain
from xendit.static_typing import hinted
from xendit.webhook.adapters.asgi import ASGIApp

try:
    from starlette.routing import Route
except ImportError as error:
    explain(error, "starlette", "xendit.webhook.adapters.starlette needs Starlette or FastAPI", "pip install starlette")

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.webhook.endpoint import Webhook

__all__ = ["webhook_route"]


@hinted
def webhook_route(path: str, webhook: Webhook) -> Route:
    """A route that answers Xendit.

        app = FastAPI(routes=[webhook_route("/webhooks/xendit", webhook)])

    Args:
        path: where, such as `/webhooks/xendit`.
        webhook: what judges, stores and answers.
    """
    return Route(path, ASGIApp(webhook), name="xendit_webhook", include_in_schema=False)
