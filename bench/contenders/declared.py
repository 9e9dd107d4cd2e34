"""The measured bodies as declarations, for the libraries that make classes of them: name, type, required."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _enum(name: str, values: str) -> Any:
    return Enum(name, {value: value for value in values.split()}, type=str)


STATUS = _enum("Status", "PENDING PAID SETTLED EXPIRED")
CURRENCY = _enum("Currency", "IDR PHP THB VND MYR USD")
BANK = _enum("BankCode", "BCA BNI BRI MANDIRI PERMATA BSI BJB CIMB SAHABAT_SAMPOERNA ARTAJASA")
OUTLET = _enum("Outlet", "ALFAMART INDOMARET 7ELEVEN CEBUANA")
EWALLET = _enum("EwalletType", "OVO DANA SHOPEEPAY LINKAJA ASTRAPAY GCASH GRABPAY PAYMAYA TOUCHNGO")
METHOD = _enum("Method", "BANK_TRANSFER CREDIT_CARD EWALLET QR_CODE RETAIL_OUTLET DIRECT_DEBIT PAYLATER")
DEBIT = _enum("DebitType", "DD_BRI DD_MANDIRI DD_BCA_KLIKPAY DD_BPI")
PAYLATER = _enum("PaylaterType", "KREDIVO AKULAKU ATOME INDODANA BILLEASE")
CHANNEL = _enum("Channel", "whatsapp sms email viber")
NUMBER = int | float


def models(make: Callable[[str, dict[str, tuple[Any, bool]]], Any]) -> dict[str, Any]:
    """Every class, made by `make(name, fields)`: the inner ones first."""

    def required(**fields: Any) -> dict[str, tuple[Any, bool]]:
        return {name: (kind, True) for name, kind in fields.items()}

    def optional(**fields: Any) -> dict[str, tuple[Any, bool]]:
        return {name: (kind, False) for name, kind in fields.items()}

    made: dict[str, Any] = {}

    def many(name: str) -> Any:
        return list[made[name]]  # type: ignore[misc]

    made["Bank"] = make(
        "Bank",
        required(bank_code=BANK, collection_type=str, account_holder_name=str)
        | optional(
            bank_branch=str, bank_account_number=str, transfer_amount=NUMBER, identity_amount=NUMBER,
            alternative_displays=list[dict[str, Any]],
        ),
    )  # fmt: skip
    made["RetailOutlet"] = make(
        "RetailOutlet",
        required(retail_outlet_name=OUTLET) | optional(payment_code=str, transfer_amount=NUMBER, merchant_name=str),
    )
    made["Ewallet"] = make("Ewallet", required(ewallet_type=EWALLET))
    made["QrCode"] = make("QrCode", required(qr_code_type=str))
    made["DirectDebit"] = make("DirectDebit", required(direct_debit_type=DEBIT))
    made["Paylater"] = make("Paylater", required(paylater_type=PAYLATER) | optional(should_exclude=bool))
    made["Item"] = make(
        "Item",
        required(name=str, price=NUMBER, quantity=NUMBER) | optional(reference_id=str, url=str, category=str),
    )
    made["Fee"] = make("Fee", required(type=str, value=NUMBER))
    made["Address"] = make("Address", optional(country=str, city=str, province=str, state=str, postal_code=str))
    made["Customer"] = make(
        "Customer",
        optional(
            id=str, phone_number=str, given_names=str, surname=str, email=str, mobile_number=str, customer_id=str,
            addresses=many("Address"),
        ),
    )  # fmt: skip
    channels = list[CHANNEL]
    made["Preference"] = make(
        "Preference",
        optional(invoice_created=channels, invoice_reminder=channels, invoice_paid=channels, invoice_expired=channels),
    )
    made["Terms"] = make("Terms", optional(issuer=str, terms=list[NUMBER]))
    made["Installments"] = make("Installments", optional(allow_full_payment=bool, allowed_terms=many("Terms")))
    made["Cards"] = make("Cards", optional(allowed_bins=list[str], installment_configuration=made["Installments"]))
    made["Channels"] = make("Channels", optional(cards=made["Cards"]))
    common = optional(
        payer_email=str, description=str, payment_method=METHOD, success_redirect_url=str, failure_redirect_url=str,
        should_authenticate_credit_card=bool, fees=many("Fee"), paid_at=datetime, paid_amount=NUMBER,
        payment_channel=str, payment_destination=str, bank_code=BANK, ewallet_type=EWALLET, payment_id=str,
        payment_method_id=str, payment_details=dict[str, Any], credit_card_charge_id=str, credit_card_token=str,
        initial_amount=NUMBER, adjusted_received_amount=NUMBER, fees_paid_amount=NUMBER, initial_currency=CURRENCY,
        mid_label=str, on_demand_link=str, recurring_payment_id=str, is_high=bool,
    )  # fmt: skip
    head = required(
        id=str, external_id=str, user_id=str, status=STATUS, merchant_name=str, amount=NUMBER, created=datetime,
        updated=datetime,
    )  # fmt: skip
    made["Invoice"] = make(
        "Invoice",
        head
        | required(
            merchant_profile_picture_url=str, expiry_date=datetime, invoice_url=str,
            available_banks=many("Bank"), available_retail_outlets=many("RetailOutlet"),
            available_ewallets=many("Ewallet"), available_qr_codes=many("QrCode"),
            available_direct_debits=many("DirectDebit"), available_paylaters=many("Paylater"),
            should_send_email=bool,
        )
        | common
        | optional(
            locale=str, should_exclude_credit_card=bool, currency=CURRENCY, items=many("Item"), fixed_va=bool,
            reminder_date=datetime, customer=made["Customer"], customer_notification_preference=made["Preference"],
            channel_properties=made["Channels"], metadata=dict[str, Any],
        ),
    )  # fmt: skip
    made["Webhook"] = make(
        "Webhook",
        head
        | required(currency=CURRENCY)
        | common
        | optional(
            items=many("Item"), retail_outlet_name=OUTLET, business_id=str, business_name=str, callback_url=str,
            callback_authentication_token=str,
        ),
    )  # fmt: skip
    made["Request"] = make(
        "Request",
        required(external_id=str, amount=NUMBER)
        | optional(
            payer_email=str, description=str, invoice_duration=NUMBER, callback_virtual_account_id=str,
            should_send_email=bool, customer=made["Customer"], customer_notification_preference=made["Preference"],
            success_redirect_url=str, failure_redirect_url=str, payment_methods=list[str], mid_label=str,
            should_authenticate_credit_card=bool, currency=CURRENCY, reminder_time=NUMBER, locale=str,
            reminder_time_unit=str, items=many("Item"), fees=many("Fee"),
            channel_properties=made["Channels"], metadata=dict[str, Any], fixed_va=bool,
            should_exclude_credit_card=bool,
        ),
    )  # fmt: skip
    return made
