"""The declaration of RefundStatus, where a refund is in its life."""

from __future__ import annotations

from xendit.model import OpenEnum


class RefundStatus(OpenEnum):
    """Where a refund is in its life. The official model of a refund lacks its status altogether."""

    PENDING = "PENDING"
    """It was accepted. A webhook tells how it ended."""
    SUCCEEDED = "SUCCEEDED"
    """The payer has the money."""
    FAILED = "FAILED"
    """The payer does not get it; `failure_code` says why."""
    CANCELLED = "CANCELLED"
    """It was cancelled while it was pending."""
