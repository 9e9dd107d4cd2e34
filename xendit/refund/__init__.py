"""The Refund API: its classes and its models, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.refund import model as model
    from xendit.refund.async_refund_api import AsyncRefundApi as AsyncRefundApi
    from xendit.refund.model import *  # noqa: F403
    from xendit.refund.refund_api import RefundApi as RefundApi
else:
    from xendit.face import product_face

    __getattr__, __dir__ = product_face(__name__)
