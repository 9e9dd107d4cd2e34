"""The shelf, the order, the receipt."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from shop.models import Order
from xendit.apis import InvoiceApi
from xendit.models import CreateInvoiceRequest

PRICE = 150_000
api = InvoiceApi()  # it looks for its key at the first call, and one serves all requests


@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """What there is to buy, and what was bought."""
    return render(request, "shelf.html", {"price": f"{PRICE:,}", "orders": Order.objects.all()})


@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    """Keep the order, create its invoice, send the payer to the payment page."""
    order = Order.objects.create(amount=PRICE)
    page = request.build_absolute_uri(reverse("receipt", args=[order.pk]))
    invoice = api.create_invoice(
        CreateInvoiceRequest(
            external_id=order.external_id,
            amount=order.amount,
            currency="IDR",
            description="Toraja coffee, 250 g",
            success_redirect_url=page,
            failure_redirect_url=page,
        )
    )
    return redirect(invoice.invoice_url)


@require_GET
def receipt(request: HttpRequest, order_id: int) -> HttpResponse:
    """Where the payer comes back to. Only the webhook says that it was paid, so this page waits for it."""
    return render(request, "receipt.html", {"order": get_object_or_404(Order, pk=order_id)})
