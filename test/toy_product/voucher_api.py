"""VoucherApi: the Voucher API's operations as methods, over an ApiClient."""

from __future__ import annotations

from xendit.client.product_api import ProductApi, answered
from xendit.voucher.operations import CREATE_VOUCHER, GET_VOUCHER, GET_VOUCHERS

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

    from xendit.client.options import RequestOptions
    from xendit.voucher.dicts import CreateVoucherRequestDict
    from xendit.voucher.model.voucher import CreateVoucherRequest, Voucher


class VoucherApi(ProductApi):
    """Create, read and list vouchers."""

    @property
    def with_raw_response(self) -> RawVoucherApi:
        """The operations, each returning an `ApiResponse`."""
        return RawVoucherApi(self._view(answered=True))

    def create_voucher(
        self,
        create_voucher_request: CreateVoucherRequest | CreateVoucherRequestDict,
        for_user_id: str | None = None,
        *,
        idempotency_key: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Voucher:
        """Create a voucher: POST /vouchers.

        Args:
            create_voucher_request: what to create, as a model or as a dict.
            for_user_id: business id of the sub-account (xenPlatform).
            idempotency_key: the same for every attempt to create this voucher; else one is made.
        """
        arguments = {
            "create_voucher_request": create_voucher_request,
            "for_user_id": for_user_id,
            "idempotency_key": idempotency_key,
        }
        voucher: Voucher = self._call(CREATE_VOUCHER, arguments, options)
        return voucher

    def get_voucher(
        self, voucher_id: str, for_user_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> Voucher:
        """Read one voucher: GET /vouchers/{voucher_id}.

        Args:
            voucher_id: Xendit's id of the voucher.
            for_user_id: business id of the sub-account (xenPlatform).
        """
        voucher: Voucher = self._call(GET_VOUCHER, {"voucher_id": voucher_id, "for_user_id": for_user_id}, options)
        return voucher

    def get_vouchers(
        self,
        reference_id: str | None = None,
        statuses: Sequence[str] | None = None,
        limit: int | None = None,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> list[Voucher]:
        """List vouchers, newest first: GET /vouchers.

        Args:
            reference_id: your own id.
            statuses: VoucherStatus members or their texts.
            limit: vouchers a page.
            for_user_id: business id of the sub-account (xenPlatform).
        """
        arguments = {
            "reference_id": reference_id,
            "statuses": statuses,
            "limit": limit,
            "for_user_id": for_user_id,
        }
        vouchers: list[Voucher] = self._call(GET_VOUCHERS, arguments, options)
        return vouchers


class RawVoucherApi:
    """The operations of VoucherApi, returning an ApiResponse."""

    def __init__(self, api: VoucherApi) -> None:
        self.create_voucher = answered(api.create_voucher)
        self.get_voucher = answered(api.get_voucher)
        self.get_vouchers = answered(api.get_vouchers)
