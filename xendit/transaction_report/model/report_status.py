"""The declaration of ReportStatus, whether a report can be downloaded."""

from __future__ import annotations

from xendit.model import OpenEnum


class ReportStatus(OpenEnum):
    """Whether a report can be downloaded."""

    PENDING = "PENDING"
    """It is being written."""
    COMPLETED = "COMPLETED"
    """It can be downloaded from its `url`, for 24 hours."""
    FAILED = "FAILED"
    """It could not be written."""
