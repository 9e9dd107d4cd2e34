"""BalanceApi: the Balance API's operation as a method, over an ApiClient."""

from __future__ import annotations

from xendit.balance_and_transaction.operations import GET_BALANCE
from xendit.client.product_api import ProductApi, answered

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import date

    from typing_extensions import Unpack

    from xendit.balance_and_transaction.model.balance import Balance
    from xendit.client.options import RequestOptions


class BalanceApi(ProductApi):
    """Read what the business holds.

    A key that may not do this is answered with 403: it lacks the permission "Money-out Read", to which the balance
    belongs. That says nothing about what else the key may do.

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    @property
    def with_raw_response(self) -> RawBalanceApi:
        """The operation, returning an `ApiResponse`: the data, and the answer that it came from."""
        return RawBalanceApi(self._view(answered=True))

    def get_balance(
        self,
        account_type: str | None = None,
        currency: str | None = None,
        at_timestamp: date | str | None = None,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Balance:
        """Read a balance: GET /balance.

        Args:
            account_type: an AccountType or its text: CASH (the default), HOLDING or TAX.
            currency: a Currency or its text; else the currency of the business.
            at_timestamp: the moment whose balance is wanted; else now. Without an offset it is UTC.
            for_user_id: business id of the sub-account (xenPlatform).

        Raises:
            ForbiddenException: the key lacks the permission "Money-out Read".
            XenditSdkException: any other failure.
        """
        arguments = {
            "account_type": account_type,
            "currency": currency,
            "at_timestamp": at_timestamp,
            "for_user_id": for_user_id,
        }
        balance: Balance = self._call(GET_BALANCE, arguments, options)
        return balance


class RawBalanceApi:
    """The operation of BalanceApi, returning an ApiResponse. Made by `BalanceApi.with_raw_response`."""

    def __init__(self, api: BalanceApi) -> None:
        self.get_balance = answered(api.get_balance)
