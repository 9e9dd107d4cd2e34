"""TransactionApi: the Transaction API's operations as methods, over an ApiClient."""

from __future__ import annotations

from xendit.balance_and_transaction.operations import GET_ALL_TRANSACTIONS, GET_TRANSACTION_BY_ID
from xendit.client.product_api import ProductApi, answered

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from typing_extensions import TypedDict, Unpack

    from xendit.balance_and_transaction.dicts import DateRangeFilterDict
    from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter
    from xendit.balance_and_transaction.model.transaction_response import TransactionResponse
    from xendit.balance_and_transaction.model.transactions_response import TransactionsResponse
    from xendit.client.options import RequestOptions
    from xendit.operation import ApiResponse

    class TransactionFilters(TypedDict, total=False):
        """What `get_all_transactions` takes, as the keywords of a walk; `limit` is the size of a page."""

        for_user_id: str | None
        types: Sequence[str] | None
        statuses: Sequence[str] | None
        channel_categories: Sequence[str] | None
        reference_id: str | None
        product_id: str | None
        account_identifier: str | None
        amount: float | Decimal | None
        currency: str | None
        created: DateRangeFilter | DateRangeFilterDict | None
        updated: DateRangeFilter | DateRangeFilterDict | None
        limit: float | None
        after_id: str | None
        before_id: str | None
        _request_timeout: float | tuple[float, float]
        _headers: Mapping[str, str]


class TransactionApi(ProductApi):
    """Read the transactions of the business: what moved, what Xendit kept, and when it can be used.

    The key needs the permission "Transaction Read".

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    @property
    def with_raw_response(self) -> RawTransactionApi:
        """The operations, each returning an `ApiResponse`: the data, and the answer that it came from."""
        return RawTransactionApi(self._view(answered=True))

    def get_transaction_by_id(
        self,
        id: str,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> TransactionResponse:
        """Read one transaction: GET /transactions/{id}.

        Args:
            id: Xendit's id of the transaction, `txn_…`.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such transaction.
            XenditSdkException: any other failure.
        """
        transaction: TransactionResponse = self._call(
            GET_TRANSACTION_BY_ID, {"id": id, "for_user_id": for_user_id}, options
        )
        return transaction

    def get_all_transactions(
        self,
        for_user_id: str | None = None,
        types: Sequence[str] | None = None,
        statuses: Sequence[str] | None = None,
        channel_categories: Sequence[str] | None = None,
        reference_id: str | None = None,
        product_id: str | None = None,
        account_identifier: str | None = None,
        amount: float | Decimal | None = None,
        currency: str | None = None,
        created: DateRangeFilter | DateRangeFilterDict | None = None,
        updated: DateRangeFilter | DateRangeFilterDict | None = None,
        limit: float | None = None,
        after_id: str | None = None,
        before_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> TransactionsResponse:
        """List transactions, newest first, one page: GET /transactions. `iter_transactions` goes through all pages.

        Times are datetimes (without an offset: UTC), dates (their first moment in UTC) or ISO 8601 text, and are
        sent in whole milliseconds.

        Args:
            for_user_id: business id of the sub-account to list (xenPlatform).
            types: TransactionTypes members or their texts.
            statuses: TransactionStatuses members or their texts.
            channel_categories: ChannelsCategories members or their texts.
            reference_id: your own id: of an invoice's payment, the invoice's `external_id`.
            product_id: id of what moved the money.
            account_identifier: the account at the channel.
            amount: in major units.
            currency: a Currency or its text.
            created: when it was made: a DateRangeFilter, or a dict such as `{"gte": start, "lte": end}`.
            updated: when it last changed, likewise.
            limit: transactions a page, 1 to 50; the server's default is 10.
            after_id: id of the last transaction of the page before.
            before_id: id of the first transaction of the page after.

        Raises:
            XenditSdkException: the call failed.
        """
        page: TransactionsResponse = self._call(
            GET_ALL_TRANSACTIONS,
            {
                "for_user_id": for_user_id,
                "types": types,
                "statuses": statuses,
                "channel_categories": channel_categories,
                "reference_id": reference_id,
                "product_id": product_id,
                "account_identifier": account_identifier,
                "amount": amount,
                "currency": currency,
                "created": created,
                "updated": updated,
                "limit": limit,
                "after_id": after_id,
                "before_id": before_id,
            },
            options,
        )
        return page

    def iter_transactions(
        self, *, read_ahead: bool = False, **filters: Unpack[TransactionFilters]
    ) -> Iterator[TransactionResponse]:
        """All transactions that fit, newest first: `get_all_transactions` page after page, asked as you go.

        It remembers one page, and the ids at which pages began, so its memory hardly grows with the length of the list.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: those of `get_all_transactions`; `limit` is the size of a page, 1 to 50, by default 50. Of the
                options `_request_timeout`, which bounds each page, and `_headers`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        return self._each(self.pages(read_ahead=read_ahead, **filters))

    def pages(
        self, *, read_ahead: bool = False, **filters: Unpack[TransactionFilters]
    ) -> Iterator[ApiResponse[list[TransactionResponse]]]:
        """The same by pages: `data` is the list of transactions that were not on the page before, with the answer.

        Args:
            read_ahead: ask for the next page while you work on this one.
            **filters: as of `iter_transactions`.

        Raises:
            ResponseException: the server does not follow its own cursor.
            XenditSdkException: a page could not be read.
        """
        return self._pages(GET_ALL_TRANSACTIONS, {**filters}, read_ahead=read_ahead)


class RawTransactionApi:
    """The operations of TransactionApi, returning an ApiResponse. Made by `TransactionApi.with_raw_response`."""

    def __init__(self, api: TransactionApi) -> None:
        self.get_transaction_by_id = answered(api.get_transaction_by_id)
        self.get_all_transactions = answered(api.get_all_transactions)
