"""The models of the Refund API by name, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.refund.dicts import CreateRefundDict as CreateRefundDict
    from xendit.refund.model.create_refund import CreateRefund as CreateRefund
    from xendit.refund.model.create_refund400_response import CreateRefund400Response as CreateRefund400Response
    from xendit.refund.model.create_refund403_response import CreateRefund403Response as CreateRefund403Response
    from xendit.refund.model.create_refund404_response import CreateRefund404Response as CreateRefund404Response
    from xendit.refund.model.create_refund409_response import CreateRefund409Response as CreateRefund409Response
    from xendit.refund.model.create_refund503_response import CreateRefund503Response as CreateRefund503Response
    from xendit.refund.model.get_all_refunds_default_response import (
        GetAllRefundsDefaultResponse as GetAllRefundsDefaultResponse,
    )
    from xendit.refund.model.refund import Refund as Refund
    from xendit.refund.model.refund_callback import RefundCallback as RefundCallback
    from xendit.refund.model.refund_callback_data import RefundCallbackData as RefundCallbackData
    from xendit.refund.model.refund_failure_code import RefundFailureCode as RefundFailureCode
    from xendit.refund.model.refund_list import RefundList as RefundList
    from xendit.refund.model.refund_reason import RefundReason as RefundReason
    from xendit.refund.model.refund_status import RefundStatus as RefundStatus

MODULES: dict[str, str] = {
    "CreateRefund": "xendit.refund.model.create_refund",
    "CreateRefund400Response": "xendit.refund.model.create_refund400_response",
    "CreateRefund403Response": "xendit.refund.model.create_refund403_response",
    "CreateRefund404Response": "xendit.refund.model.create_refund404_response",
    "CreateRefund409Response": "xendit.refund.model.create_refund409_response",
    "CreateRefund503Response": "xendit.refund.model.create_refund503_response",
    "CreateRefundDict": "xendit.refund.dicts",
    "GetAllRefundsDefaultResponse": "xendit.refund.model.get_all_refunds_default_response",
    "Refund": "xendit.refund.model.refund",
    "RefundCallback": "xendit.refund.model.refund_callback",
    "RefundCallbackData": "xendit.refund.model.refund_callback_data",
    "RefundFailureCode": "xendit.refund.model.refund_failure_code",
    "RefundList": "xendit.refund.model.refund_list",
    "RefundReason": "xendit.refund.model.refund_reason",
    "RefundStatus": "xendit.refund.model.refund_status",
}
"""The module that each public name lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    __getattr__, __dir__ = face_of(__name__, MODULES.get, MODULES.keys)
