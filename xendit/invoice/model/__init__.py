"""The models of the Invoice API by name, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import (
        AddressObjectDict as AddressObjectDict,
        ChannelPropertiesCardsDict as ChannelPropertiesCardsDict,
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict as ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict,
        ChannelPropertiesCardsInstallmentConfigurationDict as ChannelPropertiesCardsInstallmentConfigurationDict,
        ChannelPropertiesDict as ChannelPropertiesDict,
        CreateInvoiceRequestDict as CreateInvoiceRequestDict,
        CustomerObjectDict as CustomerObjectDict,
        InvoiceFeeDict as InvoiceFeeDict,
        InvoiceItemDict as InvoiceItemDict,
        NotificationPreferenceDict as NotificationPreferenceDict,
    )
    from xendit.invoice.model.alternative_display_item import AlternativeDisplayItem as AlternativeDisplayItem
    from xendit.invoice.model.bad_request_error import BadRequestError as BadRequestError
    from xendit.invoice.model.channel_properties import (
        ChannelProperties as ChannelProperties,
        ChannelPropertiesCards as ChannelPropertiesCards,
        ChannelPropertiesCardsInstallmentConfiguration as ChannelPropertiesCardsInstallmentConfiguration,
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner as ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner,
    )
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest as CreateInvoiceRequest
    from xendit.invoice.model.customer_object import AddressObject as AddressObject, CustomerObject as CustomerObject
    from xendit.invoice.model.forbidden_error import ForbiddenError as ForbiddenError
    from xendit.invoice.model.invoice import Invoice as Invoice
    from xendit.invoice.model.invoice_callback import InvoiceCallback as InvoiceCallback
    from xendit.invoice.model.invoice_callback_item import InvoiceCallbackItem as InvoiceCallbackItem
    from xendit.invoice.model.invoice_client_type import InvoiceClientType as InvoiceClientType
    from xendit.invoice.model.invoice_error404_response_definition import (
        InvoiceError404ResponseDefinition as InvoiceError404ResponseDefinition,
    )
    from xendit.invoice.model.invoice_lines import InvoiceFee as InvoiceFee, InvoiceItem as InvoiceItem
    from xendit.invoice.model.invoice_not_found_error import InvoiceNotFoundError as InvoiceNotFoundError
    from xendit.invoice.model.invoice_values import (
        InvoiceCurrency as InvoiceCurrency,
        InvoicePaymentMethod as InvoicePaymentMethod,
        InvoiceStatus as InvoiceStatus,
    )
    from xendit.invoice.model.notification_preference import (
        NotificationChannel as NotificationChannel,
        NotificationPreference as NotificationPreference,
    )
    from xendit.invoice.model.payment_channels import (
        Bank as Bank,
        BankCode as BankCode,
        DirectDebit as DirectDebit,
        DirectDebitType as DirectDebitType,
        Ewallet as Ewallet,
        EwalletType as EwalletType,
        Paylater as Paylater,
        PaylaterType as PaylaterType,
        QrCode as QrCode,
        QrCodeType as QrCodeType,
        RetailOutlet as RetailOutlet,
        RetailOutletName as RetailOutletName,
    )
    from xendit.invoice.model.payment_details import PaymentDetails as PaymentDetails
    from xendit.invoice.model.server_error import ServerError as ServerError
    from xendit.invoice.model.unauthorized_error import UnauthorizedError as UnauthorizedError

MODULES: dict[str, str] = {
    "AddressObject": "xendit.invoice.model.customer_object",
    "AddressObjectDict": "xendit.invoice.dicts",
    "AlternativeDisplayItem": "xendit.invoice.model.alternative_display_item",
    "BadRequestError": "xendit.invoice.model.bad_request_error",
    "Bank": "xendit.invoice.model.payment_channels",
    "BankCode": "xendit.invoice.model.payment_channels",
    "ChannelProperties": "xendit.invoice.model.channel_properties",
    "ChannelPropertiesCards": "xendit.invoice.model.channel_properties",
    "ChannelPropertiesCardsDict": "xendit.invoice.dicts",
    "ChannelPropertiesCardsInstallmentConfiguration": "xendit.invoice.model.channel_properties",
    "ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner": "xendit.invoice.model.channel_properties",
    "ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict": "xendit.invoice.dicts",
    "ChannelPropertiesCardsInstallmentConfigurationDict": "xendit.invoice.dicts",
    "ChannelPropertiesDict": "xendit.invoice.dicts",
    "CreateInvoiceRequest": "xendit.invoice.model.create_invoice_request",
    "CreateInvoiceRequestDict": "xendit.invoice.dicts",
    "CustomerObject": "xendit.invoice.model.customer_object",
    "CustomerObjectDict": "xendit.invoice.dicts",
    "DirectDebit": "xendit.invoice.model.payment_channels",
    "DirectDebitType": "xendit.invoice.model.payment_channels",
    "Ewallet": "xendit.invoice.model.payment_channels",
    "EwalletType": "xendit.invoice.model.payment_channels",
    "ForbiddenError": "xendit.invoice.model.forbidden_error",
    "Invoice": "xendit.invoice.model.invoice",
    "InvoiceCallback": "xendit.invoice.model.invoice_callback",
    "InvoiceCallbackItem": "xendit.invoice.model.invoice_callback_item",
    "InvoiceClientType": "xendit.invoice.model.invoice_client_type",
    "InvoiceCurrency": "xendit.invoice.model.invoice_values",
    "InvoiceError404ResponseDefinition": "xendit.invoice.model.invoice_error404_response_definition",
    "InvoiceFee": "xendit.invoice.model.invoice_lines",
    "InvoiceFeeDict": "xendit.invoice.dicts",
    "InvoiceItem": "xendit.invoice.model.invoice_lines",
    "InvoiceItemDict": "xendit.invoice.dicts",
    "InvoiceNotFoundError": "xendit.invoice.model.invoice_not_found_error",
    "InvoicePaymentMethod": "xendit.invoice.model.invoice_values",
    "InvoiceStatus": "xendit.invoice.model.invoice_values",
    "NotificationChannel": "xendit.invoice.model.notification_preference",
    "NotificationPreference": "xendit.invoice.model.notification_preference",
    "NotificationPreferenceDict": "xendit.invoice.dicts",
    "Paylater": "xendit.invoice.model.payment_channels",
    "PaylaterType": "xendit.invoice.model.payment_channels",
    "PaymentDetails": "xendit.invoice.model.payment_details",
    "QrCode": "xendit.invoice.model.payment_channels",
    "QrCodeType": "xendit.invoice.model.payment_channels",
    "RetailOutlet": "xendit.invoice.model.payment_channels",
    "RetailOutletName": "xendit.invoice.model.payment_channels",
    "ServerError": "xendit.invoice.model.server_error",
    "UnauthorizedError": "xendit.invoice.model.unauthorized_error",
}
"""The module that each public name lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    __getattr__, __dir__ = face_of(__name__, MODULES.get, MODULES.keys)
