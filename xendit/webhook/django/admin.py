"""The admin page: it shows what is in the inbox and lets events be handled again. Nothing can be edited or deleted
there, because a deleted event would be handled a second time when Xendit sends it again.
"""

from __future__ import annotations

import json
from contextlib import suppress

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.utils.html import format_html
from django.utils.timezone import localtime

from xendit.webhook.django.inbox import DjangoInbox
from xendit.webhook.django.models import InboxEvent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from django.http import HttpRequest

#: What is asked before an event that is done is handled again.
_PAGE = """
{% extends "admin/base_site.html" %}
{% block content %}
<p>{{ done }} of the {{ keys|length }} chosen events {{ done|pluralize:"was,were" }} handled already. Handled again, your function is
called with {{ done|pluralize:"it,them" }} once more: what is shipped, booked or mailed there is shipped, booked or mailed a second
time, unless the function finds out by itself.</p>
<form method="post">{% csrf_token %}
{% for key in keys %}<input type="hidden" name="{{ chosen }}" value="{{ key }}">{% endfor %}
<input type="hidden" name="action" value="handle_again">
<input type="hidden" name="confirmed" value="yes">
<input type="submit" value="Handle them again"> <a href="" class="button cancel-link">No, take me back</a>
</form>
{% endblock %}
"""


def _shown(moment: datetime) -> str:
    """A time in the site's zone, to the second: what logs are searched for."""
    return localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if settings.USE_TZ else f"{moment:%Y-%m-%d %H:%M:%S}"


@admin.register(InboxEvent)
class InboxEventAdmin(admin.ModelAdmin):
    """Events by state, with their error and what was sent."""

    list_display = ("received_on", "external_id", "subject", "kind", "amount", "state", "attempts", "outcome")
    list_display_links = ("received_on", "external_id")
    list_filter = ("state", "kind", "source", "outcome")
    search_fields = ("key", "external_id", "payment_id", "webhook_id")
    ordering = ("-received_at",)
    actions = ("handle_again",)
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("external_id", "kind", "amount", "state", "outcome", "source", "received_on", "done_on")}),
        ("Handling", {"fields": ("attempts", "deliveries", "failure")}),
        ("Identity", {"fields": ("key", "subject", "payment_id", "webhook_id")}),
        ("What was sent", {"fields": ("text",)}),
    )
    readonly_fields = ("amount", "received_on", "done_on", "failure", "text")

    @admin.display(description="received", ordering="received_at")
    def received_on(self, event: InboxEvent) -> object:
        """When it came in."""
        return _shown(event.received)

    @admin.display(description="done")
    def done_on(self, event: InboxEvent) -> object:
        """When it was done."""
        return "-" if event.done is None else _shown(event.done)

    @admin.display(description="amount")
    def amount(self, event: InboxEvent) -> str:
        """The amount and the currency that the body, or the data of an envelope, names."""
        with suppress(ValueError):
            body = json.loads(bytes(event.body))
            inner = body.get("data", body) if isinstance(body, dict) else None
            if isinstance(inner, dict) and inner.get("amount") is not None:
                return f"{inner.get('currency') or ''} {inner['amount']}".strip()
        return "-"

    @admin.display(description="last error")
    def failure(self, event: InboxEvent) -> object:
        """Why it failed the last time, with the line breaks of the traceback."""
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', event.error) if event.error else "-"

    @admin.display(description="body")
    def text(self, event: InboxEvent) -> object:
        """The body as indented JSON."""
        body = bytes(event.body).decode("utf-8", "replace")
        with suppress(ValueError):  # then it is shown as it came
            body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", body)

    @admin.action(description="Handle again", permissions=["change"])
    def handle_again(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Let the chosen events be handled again by the next worker that looks.

        For an event that was handled already the page asks first, because its effect would come a second time.
        """
        inbox = DjangoInbox(using=queryset.db)
        states = dict(queryset.values_list("key", "state"))
        done = sum(state == "done" for state in states.values())
        if done and "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Handle again what was handled already?",
                "done": done,
                "keys": list(states),
                "chosen": ACTION_CHECKBOX_NAME,
            }
            return HttpResponse(Template(_PAGE).render(RequestContext(request, context)))
        again = sum(inbox.replay(key) for key in states)
        if again:
            self.message_user(request, f"{again} to be handled again by the next worker.", messages.SUCCESS)
        if again < len(states):
            busy = len(states) - again
            self.message_user(request, f"{busy} left alone: a worker has them right now.", messages.WARNING)
        return None

    def has_add_permission(self, request: object) -> bool:
        """Nobody adds by hand."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Nobody deletes by hand; `xendit_drain --purge` deletes old events."""
        return False

    def change_view(
        self, request: object, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> object:
        """Show an event, without buttons to save what cannot be changed."""
        context = {"show_save": False, "show_save_and_continue": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_readonly_fields(self, request: object, obj: object = None) -> object:
        """Make every field read-only, whoever looks."""
        return (*self.readonly_fields, *(field.name for field in InboxEvent._meta.fields))  # noqa: SLF001
