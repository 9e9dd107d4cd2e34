"""The bodies that are measured: one full invoice, a page of 100, a webhook, a request. Made up, shaped like real ones.

Standard library only: every peer's process loads this, each in an environment of its own.
"""

from __future__ import annotations

import json
from typing import Any

_BANKS = ("BCA", "BNI", "BRI", "MANDIRI", "PERMATA", "BSI")
_EWALLETS = ("OVO", "DANA", "SHOPEEPAY", "LINKAJA", "ASTRAPAY")
PRODUCT = "https://toko.example.com/products/417?from=invoice"


def invoice(number: int = 0) -> dict[str, Any]:
    """An invoice as `GET /v2/invoices/{id}` answers it: 35 fields, 33 objects inside. Each number has another id."""
    return {
        "id": f"65a4f0c2b1e8d73f9a{number:06x}",
        "external_id": f"order-2026-{number:06d}",
        "user_id": "62440e322008e87fb29c1fd0",
        "payment_method": "BANK_TRANSFER",
        "status": "PAID",
        "merchant_name": "Toko Sinar Jaya",
        "merchant_profile_picture_url": "https://merchant-logos.example.com/business/production/62440e322008e87fb29c1fd0-1646208192547.png",
        "amount": 1250000,
        "paid_amount": 1250000,
        "bank_code": "BCA",
        "paid_at": "2026-01-15T08:31:07.512Z",
        "payer_email": "siti.rahayu@example.com",
        "description": "Pesanan 2026-000417, tiga barang",
        "expiry_date": "2026-01-16T08:24:34.698Z",
        "invoice_url": "https://checkout.example.com/web/65a4f0c2b1e8d73f9a000000",
        "available_banks": [
            {
                "bank_code": code,
                "collection_type": "POOL",
                "transfer_amount": 1250000,
                "bank_branch": "Virtual Account",
                "bank_account_number": "888000417212",
                "account_holder_name": "TOKO SINAR JAYA",
                "identity_amount": 0,
            }
            for code in _BANKS
        ],
        "available_retail_outlets": [
            {"retail_outlet_name": name, "payment_code": "TEST417212", "transfer_amount": 1250000}
            for name in ("ALFAMART", "INDOMARET")
        ],
        "available_ewallets": [{"ewallet_type": name} for name in _EWALLETS],
        "available_qr_codes": [{"qr_code_type": "QRIS"}],
        "available_direct_debits": [{"direct_debit_type": name} for name in ("DD_BRI", "DD_MANDIRI")],
        "available_paylaters": [{"paylater_type": name} for name in ("KREDIVO", "AKULAKU", "ATOME")],
        "should_exclude_credit_card": False,
        "should_send_email": True,
        "success_redirect_url": "https://toko.example.com/checkout/thanks?order=2026-000417",
        "failure_redirect_url": "https://toko.example.com/checkout/retry?order=2026-000417",
        "created": "2026-01-15T08:24:34.698Z",
        "updated": "2026-01-15T08:31:09.001Z",
        "currency": "IDR",
        "locale": "id",
        "items": [
            {
                "name": name,
                "quantity": quantity,
                "price": price,
                "category": "Elektronik",
                "url": PRODUCT,
            }
            for name, quantity, price in (
                ("Kipas angin", 1, 450000),
                ("Lampu meja", 2, 250000),
                ("Kabel", 4, 75000),
            )
        ],
        "fees": [{"type": "ADMIN", "value": 5000}, {"type": "SHIPPING", "value": 18000}],
        "customer": {
            "given_names": "Siti",
            "surname": "Rahayu",
            "email": "siti.rahayu@example.com",
            "mobile_number": "+6281234567890",
            "addresses": [
                {
                    "country": "Indonesia",
                    "city": "Bandung",
                    "province": "Jawa Barat",
                    "postal_code": "40115",
                }
            ],
        },
        "customer_notification_preference": {
            "invoice_created": ["whatsapp", "email"],
            "invoice_paid": ["whatsapp", "email"],
        },
        "channel_properties": {
            "cards": {
                "allowed_bins": ["411111", "522222"],
                "installment_configuration": {
                    "allow_full_payment": True,
                    "allowed_terms": [{"issuer": "BCA", "terms": [3, 6, 12]}],
                },
            }
        },
        "metadata": {"branch": "bandung-2", "cart": 417, "gift": False},
    }


def webhook() -> dict[str, Any]:
    """The body of an invoice webhook: 25 fields, three of which no library knows."""
    return {
        "id": "65a4f0c2b1e8d73f9a000000",
        "external_id": "order-2026-000000",
        "user_id": "62440e322008e87fb29c1fd0",
        "is_high": False,
        "payment_method": "BANK_TRANSFER",
        "status": "PAID",
        "merchant_name": "Toko Sinar Jaya",
        "amount": 1250000,
        "paid_amount": 1250000,
        "bank_code": "BCA",
        "paid_at": "2026-01-15T08:31:07.512Z",
        "payer_email": "siti.rahayu@example.com",
        "description": "Pesanan 2026-000417",
        "adjusted_received_amount": 1245000,
        "fees_paid_amount": 0,
        "created": "2026-01-15T08:24:34.698Z",
        "updated": "2026-01-15T08:31:09.001Z",
        "currency": "IDR",
        "payment_channel": "BCA",
        "payment_destination": "888000417212",
        "success_redirect_url": "https://toko.example.com/checkout/thanks?order=2026-000417",
        "payment_id": "va_8a1e1cc3-b67c-4951-bc1e-470bc94ad816",
        "settlement_batch": "2026-01-16",
        "risk_score": 3,
        "routing": {"acquirer": "A1", "retry": False},
    }


def request() -> dict[str, Any]:
    """What a merchant sends to create an invoice: 15 fields, three items, a customer."""
    return {
        "external_id": "order-2026-000417",
        "amount": 1250000,
        "payer_email": "siti.rahayu@example.com",
        "description": "Pesanan 2026-000417, tiga barang",
        "invoice_duration": 86400,
        "should_send_email": True,
        "success_redirect_url": "https://toko.example.com/checkout/thanks?order=2026-000417",
        "failure_redirect_url": "https://toko.example.com/checkout/retry?order=2026-000417",
        "payment_methods": ["BCA", "OVO", "QRIS", "CREDIT_CARD"],
        "currency": "IDR",
        "locale": "id",
        "reminder_time_unit": "hours",
        "items": [
            {"name": "Kipas angin", "price": 450000, "quantity": 1, "category": "Elektronik", "url": PRODUCT},
            {"name": "Lampu meja", "price": 250000, "quantity": 2, "category": "Elektronik", "url": PRODUCT},
            {"name": "Kabel", "price": 75000, "quantity": 4, "category": "Elektronik", "url": PRODUCT},
        ],
        "customer": {
            "given_names": "Siti",
            "surname": "Rahayu",
            "email": "siti.rahayu@example.com",
            "mobile_number": "+6281234567890",
        },
        "metadata": {"branch": "bandung-2", "cart": "417"},
    }


def text(body: Any) -> bytes:
    """JSON as a server sends it."""
    return json.dumps(body, separators=(",", ":")).encode()


INVOICE = text(invoice())
PAGE = text([invoice(number) for number in range(100)])
WEBHOOK = text(webhook())
ID = invoice()["id"]
