"""The declaration of InvoiceClientType, what created an invoice."""

from __future__ import annotations

from xendit.model import OpenEnum


class InvoiceClientType(OpenEnum):
    """What created an invoice; a filter of `InvoiceApi.get_invoices`."""

    DASHBOARD = "DASHBOARD"
    """Created in Xendit's dashboard."""
    API_GATEWAY = "API_GATEWAY"
    """Created through the API."""
    INTEGRATION = "INTEGRATION"
    """Created by an integration, such as a shop plugin."""
    ON_DEMAND = "ON_DEMAND"
    """Created from an on-demand link."""
    RECURRING = "RECURRING"
    """Created by a recurring payment."""
    MOBILE = "MOBILE"
    """Created in Xendit's mobile application."""
