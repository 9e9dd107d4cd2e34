"""A webhook endpoint as a view of Django: exempt from CSRF and from login, outside the request's transaction."""

from __future__ import annotations

from xendit.installation import explain

try:
    from django.db import transaction
    from django.http import HttpRequest, HttpResponse
    from django.views.decorators.csrf import csrf_exempt
except ImportError as error:
    explain(error, "django", "xendit.webhook.adapters.django needs Django", "pip install django")

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.webhook.endpoint import Webhook

__all__ = ["webhook_view"]


def webhook_view(webhook: Webhook) -> Callable[[HttpRequest], HttpResponse]:
    """A view that answers Xendit.

        urlpatterns = [path("webhooks/xendit", webhook_view(webhook))]

    The view is marked as non-atomic, because with ATOMIC_REQUESTS an event would be acknowledged before the commit that
    stores it. It is also marked for Django's LoginRequiredMiddleware to let it pass, because Xendit has no login. A
    `functools.partial` of the view has none of these marks, so put the view itself into `urlpatterns`.

    Args:
        webhook: what judges, stores and answers.
    """
    webhook.check_sync("webhook_view")

    def receive(request: HttpRequest) -> HttpResponse:
        answer = webhook.answer(request.method or "", request.META, request.read, request.META.get("REMOTE_ADDR"))
        response = HttpResponse(answer.body, status=answer.status)
        for name, value in answer.headers:
            response[name] = value
        return response

    view: Callable[[HttpRequest], HttpResponse] = csrf_exempt(transaction.non_atomic_requests(receive))
    # What Django 5.1's login_not_required sets; the versions before it have neither this decorator nor the middleware.
    view.login_required = False  # type: ignore[attr-defined]
    return view
