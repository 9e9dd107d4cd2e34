"""Which address leads where."""

from django.urls import path

from shop.views import buy, receipt, shelf
from shop.webhooks import webhook
from xendit.webhook.adapters.django import webhook_view

urlpatterns = [
    path("", shelf, name="shelf"),
    path("orders", buy, name="buy"),
    path("orders/<int:order_id>", receipt, name="receipt"),
    path("webhooks/xendit", webhook_view(webhook)),
]
