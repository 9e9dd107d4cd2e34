"""What the Voucher API checks beyond the types of the models, for the OpenAPI document."""

from __future__ import annotations

LIMITS = {
    "CreateVoucherRequest.reference_id": {"minLength": 1, "maxLength": 64},
    "get_vouchers.limit": {"minimum": 1, "maximum": 100},
}
