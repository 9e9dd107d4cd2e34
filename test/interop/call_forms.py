"""The call forms of public programs, run by any interpreter that has a package `xendit`: ours, 7.0.0 or 0.2.2.

    python call_forms.py URL RELEASE NAME...

Runs each named form of that release (`7` or `0`) against a server and prints as JSON what it returned, or which error
it raised. The base address of a form ends in its name, so that the server can tell whose a request is. Only names
that the official package of that release has are used, except in the forms that say that they fail there.
"""

import json
import os
import sys
import warnings

KEY = "xnd_development_contract=="
ID = "63cbffba77c0a60ebd31ee2b"
FORMS = {"7": {}, "0": {}}


def form(release):
    """Enter a function into the table."""

    def enter(function):
        FORMS[release][function.__name__] = function
        return function

    return enter


# ------------------------------------------------------------------------------------------ releases 3 to 7


def told(invoice):
    """What programs read of an invoice: attributes, keys, get and getattr."""
    return [
        invoice.id,
        invoice["external_id"],
        float(invoice.amount),
        str(invoice.status),
        invoice.get("invoice_url"),
        getattr(invoice, "currency", None) and str(invoice.currency),
        invoice.expiry_date.isoformat(),
        invoice["items"][0]["name"],
    ]


@form("7")
def model_by_position():
    import xendit
    from xendit.apis import InvoiceApi
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

    xendit.set_api_key(KEY)
    client = xendit.ApiClient()
    request = CreateInvoiceRequest(external_id="order-1", amount=float("150000"), description="Two bags of coffee")
    return told(InvoiceApi(client).create_invoice(request))


@form("7")
def model_with_everything():
    import xendit
    from xendit.apis import InvoiceApi
    from xendit.invoice.model import (
        CustomerObject,
        InvoiceFee,
        InvoiceItem,
        NotificationChannel,
        NotificationPreference,
    )
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=KEY)))
    return told(
        api.create_invoice(
            CreateInvoiceRequest(
                external_id="order-2",
                amount=150000.0,
                payer_email="budi@example.com",
                description="Coffee",
                invoice_duration=86400.0,
                customer=CustomerObject(
                    given_names="Budi", surname="Santoso", email="budi@example.com", mobile_number="+6281234567890"
                ),
                customer_notification_preference=NotificationPreference(
                    invoice_created=[NotificationChannel("whatsapp"), NotificationChannel("email")],
                    invoice_paid=[NotificationChannel("email")],
                ),
                success_redirect_url="https://shop.example/paid",
                failure_redirect_url="https://shop.example/failed",
                currency="IDR",
                payment_methods=["BCA", "OVO", "QRIS"],
                items=[
                    InvoiceItem(
                        name="Coffee",
                        price=75000.0,
                        quantity=2.0,
                        category="Food",
                        reference_id="sku-1",
                        url="https://shop.example/coffee",
                    )
                ],
                fees=[InvoiceFee(type="Admin", value=5000.0)],
                should_send_email=True,
                metadata={"table": "7"},
            ),
            for_user_id="5f9a3fbd571a1c4068aa40ce",
        )
    )


@form("7")
def dict_by_position():
    import xendit
    from xendit.apis import InvoiceApi

    api = InvoiceApi(xendit.ApiClient(configuration=xendit.Configuration(api_key=KEY)))
    return told(api.create_invoice({"external_id": "order-3", "amount": 150000, "payer_email": "a@example.com"}))


@form("7")
def dict_by_keyword():
    from xendit import ApiClient, Configuration
    from xendit.apis import InvoiceApi

    configuration = Configuration()
    configuration.api_key = KEY
    api = InvoiceApi(ApiClient(configuration))
    body = {
        "external_id": "order-4",
        "amount": 1000.5,
        "currency": "PHP",
        "items": [{"name": "Coffee", "price": 1000.5, "quantity": 1, "category": "Food"}],
    }
    return told(api.create_invoice(create_invoice_request=body))


@form("7")
def api_without_a_client():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    return told(InvoiceApi().get_invoice_by_id(invoice_id=ID))


@form("7")
def get_by_position():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    return told(InvoiceApi(xendit.ApiClient()).get_invoice_by_id(ID, "5f9a3fbd571a1c4068aa40ce"))


@form("7")
def list_with_filters():
    from datetime import datetime, timezone

    import xendit
    from xendit.apis import InvoiceApi
    from xendit.invoice.model import InvoiceStatus

    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=KEY)))
    found = api.get_invoices(
        external_id="order-1",
        statuses=[InvoiceStatus("PENDING"), InvoiceStatus("PAID")],
        limit=10.0,
        created_after=datetime(2026, 11, 1, tzinfo=timezone.utc),
        created_before=datetime(2026, 11, 30, 12, 30, tzinfo=timezone.utc),
        last_invoice=ID,
        payment_channels=["BCA", "OVO"],
    )
    return [told(each) for each in found]


@form("7")
def list_all_of_them():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    return [each.external_id for each in InvoiceApi(xendit.ApiClient()).get_invoices()]


@form("7")
def expire():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    return str(InvoiceApi(xendit.ApiClient()).expire_invoice(ID).status)


@form("7")
def in_a_thread():
    import xendit
    from xendit.apis import InvoiceApi

    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=KEY)))
    return told(api.create_invoice({"external_id": "order-5", "amount": 1.0}, async_req=True).get())


@form("7")
def to_dict_and_status():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    held = InvoiceApi(xendit.ApiClient()).get_invoice_by_id(ID).to_dict()
    return [held["id"], held["amount"], str(held["status"]), held["created"].isoformat(), len(held["available_banks"])]


@form("7")
def refused():
    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    try:
        InvoiceApi(xendit.ApiClient()).get_invoice_by_id("refused")
    except xendit.XenditSdkException as error:
        return [error.status, error.errorCode, error.errorMessage]


@form("7")
def other_products_beside():
    import xendit
    import xendit.refund
    from xendit.apis import InvoiceApi, PaymentRequestApi, PayoutApi
    from xendit.payout.model.create_payout_request import CreatePayoutRequest
    from xendit.payout.model.digital_payout_channel_properties import DigitalPayoutChannelProperties

    client = xendit.ApiClient(xendit.Configuration(api_key=KEY))
    payouts, requests = PayoutApi(client), PaymentRequestApi(client)
    request = CreatePayoutRequest(
        reference_id="payout-1",
        channel_code="ID_BCA",
        channel_properties=DigitalPayoutChannelProperties(account_number="1", account_holder_name="Budi"),
        amount=1000.0,
        currency="IDR",
    )
    assert isinstance(payouts, PayoutApi)
    assert isinstance(requests, PaymentRequestApi)
    return [request.reference_id, told(InvoiceApi(client).get_invoice_by_id(ID))]


# What fails on 7.0.0 and works here.


@form("7")
def integers_in_models():
    import xendit
    from xendit.apis import InvoiceApi
    from xendit.invoice.model import CreateInvoiceRequest, InvoiceItem

    xendit.set_api_key(KEY)
    request = CreateInvoiceRequest(
        external_id="order-6",
        amount=150000,
        invoice_duration=86400,
        items=[InvoiceItem(name="Coffee", price=75000, quantity=2)],
    )
    return told(InvoiceApi(xendit.ApiClient()).create_invoice(request))


@form("7")
def decimals():
    from decimal import Decimal

    import xendit
    from xendit.apis import InvoiceApi

    xendit.set_api_key(KEY)
    return told(InvoiceApi(xendit.ApiClient()).create_invoice({"external_id": "order-7", "amount": Decimal("1000.00")}))


@form("7")
def key_in_a_dict():
    import xendit
    from xendit.apis import InvoiceApi

    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key={"XENDIT_API_KEY": KEY})))
    return told(api.get_invoice_by_id(ID))


@form("7")
def request_from_the_package():
    import xendit
    from xendit.invoice import CreateInvoiceRequest

    xendit.set_api_key(KEY)
    return told(xendit.apis.InvoiceApi().create_invoice(CreateInvoiceRequest(external_id="order-8", amount=1000.0)))


# ------------------------------------------------------------------------------------------ releases 0.1, 0.2


def read(invoice):
    """What programs for 0.x read of an invoice."""
    return [
        invoice.id,
        invoice.external_id,
        invoice.amount,
        invoice.status,
        invoice.invoice_url,
        invoice.expiry_date,
        invoice.available_banks[0]["bank_code"],
        sorted(vars(invoice)),
        json.loads(str(invoice))["id"],
        getattr(invoice, "paid_at", None),
    ]


@form("0")
def key_of_the_module():
    import xendit
    from xendit import Invoice

    xendit.api_key = KEY
    return read(
        Invoice.create(
            external_id="invoice-1593684000", amount=20000, payer_email="customer@domain.com", description="Demo #123"
        )
    )


@form("0")
def instance():
    from xendit import Xendit

    client = Xendit(api_key=KEY)
    return read(
        client.Invoice.create(
            external_id="invoice-2", amount=20000, payer_email="customer@domain.com", description="Demo"
        )
    )


@form("0")
def instance_by_position():
    import xendit

    return read(xendit.Xendit(KEY).Invoice.get(invoice_id=ID))


@form("0")
def instance_with_requests():
    import xendit

    try:
        import requests
    except ImportError:  # 0.2.2 requires it, ours does not
        requests = type(sys)("requests")
    x = xendit.Xendit(KEY, http_client=requests)
    invoices = x.Invoice
    return read(invoices.get(invoice_id=ID, for_user_id="5f9a", x_api_version="2021-01-01"))


@form("0")
def every_argument():
    import xendit

    xendit.api_key = KEY
    return read(
        xendit.Invoice.create(
            external_id="invoice-3",
            payer_email="customer@domain.com",
            description="Demo",
            amount=20000,
            customer={"given_names": "Budi", "email": "budi@example.com"},
            should_send_email=True,
            callback_virtual_account_id="5ed75086a883856178afc12e",
            invoice_duration=3600,
            success_redirect_url="https://shop.example/paid",
            failure_redirect_url="https://shop.example/failed",
            payment_methods=["BCA", "OVO"],
            mid_label="mid",
            currency="IDR",
            fixed_va=True,
            reminder_time=1,
            fees=[{"type": "ADMIN", "value": 5000}],
            items=[{"name": "Coffee", "price": 10000, "quantity": 2}],
            for_user_id="5f9a3fbd571a1c4068aa40ce",
            x_idempotency_key="key-1",
            x_api_version="2021-01-01",
        )
    )


@form("0")
def get():
    import xendit

    xendit.api_key = KEY
    return read(xendit.Invoice.get(invoice_id=ID))


@form("0")
def list_all():
    import xendit

    xendit.api_key = KEY
    return [read(each) for each in xendit.Invoice.list_all(limit=3)]


@form("0")
def list_all_filters():
    import xendit

    x = xendit.Xendit(api_key=KEY)
    found = x.Invoice.list_all(
        statuses=["PAID", "SETTLED"],
        limit=3,
        created_after="2026-11-01T00:00:00.000Z",
        created_before="2026-11-30T12:30:00.000Z",
        paid_after="2026-11-01T00:00:00.000Z",
        paid_before="2026-11-30T12:30:00.000Z",
        expired_after="2026-11-01T00:00:00.000Z",
        expired_before="2026-11-30T12:30:00.000Z",
        last_invoice_id=ID,
        client_types=["DASHBOARD", "API_GATEWAY"],
        payment_channels=["BCA", "OVO"],
        on_demand_link="test-link",
        recurring_payment_id="5f05825ff9f52d3ed204c687",
        for_user_id="5f9a3fbd571a1c4068aa40ce",
    )
    return [read(each) for each in found]


@form("0")
def expire_it():
    import xendit

    xendit.api_key = KEY
    return read(xendit.Invoice.expire(invoice_id=ID, x_idempotency_key="key-2"))


@form("0")
def expire_on_an_instance():
    from xendit import Xendit

    return Xendit(api_key=KEY).Invoice.expire(invoice_id=ID).status


@form("0")
def key_of_a_call():
    from xendit import Invoice

    return read(Invoice.get(invoice_id=ID, api_key=KEY))


@form("0")
def refused_by_0():
    from xendit import Xendit, XenditError

    try:
        Xendit(api_key=KEY).Invoice.get(invoice_id="refused")
    except XenditError as error:
        return [error.status_code, error.error_code, "invoice" in str(error)]


@form("0")
def other_names_beside():
    import xendit
    from xendit import BalanceAccountType, EWalletType, Xendit

    assert hasattr(xendit, "Disbursement")
    assert EWalletType.OVO
    assert BalanceAccountType.CASH
    x = Xendit(api_key=KEY)
    assert x.VirtualAccount.create
    return read(x.Invoice.get(invoice_id=ID))


# Never valid on 0.x, and written by programs all the same.


@form("0")
def one_dict():
    import xendit

    xendit.api_key = KEY
    made = xendit.Invoice.create({"external_id": "invoice-4", "amount": 20000, "description": "Demo"})
    return [made["id"], made["invoice_url"], made.amount]


@form("0")
def small_letter():
    from xendit import Xendit

    made = Xendit(api_key=KEY).invoice.create(external_id="invoice-5", amount=20000)
    return [made.id, made.amount]


# ------------------------------------------------------------------------------------------------- the run


def direct(url):
    """Lead the package to a server, as far as it has no way of its own."""
    import xendit

    os.environ["XENDIT_BASE_URL"] = url
    if not hasattr(xendit, "Configuration"):
        xendit.base_url = url + "/"
        xendit.Xendit.__init__.__defaults__ = (url + "/", *xendit.Xendit.__init__.__defaults__[1:])
    elif xendit.__version__ == "7.0.0" and "official" not in vars(xendit.Configuration):
        plain = xendit.Configuration.__init__

        def init(self, host=None, *rest, **named):
            plain(self, host or os.environ["XENDIT_BASE_URL"], *rest, **named)

        xendit.Configuration.__init__ = init
        xendit.Configuration.official = True


def main(url, release, *names):
    """Run forms and print what came of them."""
    warnings.simplefilter("ignore")
    results = {}
    for name in names:
        direct(f"{url}/{name}")
        try:
            results[name] = ["returned", FORMS[release][name]()]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
            results[name] = ["raised", type(error).__name__, str(error)[:200]]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
