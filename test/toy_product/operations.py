"""The operations of the Voucher API as data."""

from __future__ import annotations

from xendit.operation import Operation, Parameter

_MODELS = "xendit.voucher.model"
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")

CREATE_VOUCHER = Operation(
    "create_voucher",
    "POST",
    "/vouchers",
    (
        Parameter("create_voucher_request", "body", "CreateVoucherRequest", required=True),
        _FOR_USER_ID,
        Parameter("idempotency_key", "header", "str", wire="idempotency-key"),
    ),
    returns="Voucher",
    errors={},
    models=_MODELS,
    idempotency="idempotency_key",
    noun="voucher",
)

GET_VOUCHER = Operation(
    "get_voucher",
    "GET",
    "/vouchers/{voucher_id}",
    (Parameter("voucher_id", "path", "str", required=True), _FOR_USER_ID),
    returns="Voucher",
    errors={},
    models=_MODELS,
    repeatable=True,
    noun="voucher",
)

GET_VOUCHERS = Operation(
    "get_vouchers",
    "GET",
    "/vouchers",
    (
        Parameter("reference_id", "query", "str"),
        Parameter("statuses", "query", "list[VoucherStatus]"),
        Parameter("limit", "query", "int", least=1),
        _FOR_USER_ID,
    ),
    returns="list[Voucher]",
    errors={},
    models=_MODELS,
    repeatable=True,
    noun="voucher",
)

OPERATIONS = (CREATE_VOUCHER, GET_VOUCHER, GET_VOUCHERS)
