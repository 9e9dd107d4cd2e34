"""The underscored options that every method takes: their types, their names, and what their values mean."""

from __future__ import annotations

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.policy import Limits
from xendit.setting_checks import LONGEST
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import TypedDict

    class RequestOptions(TypedDict, total=False):
        """The options that every method takes, official names first; docs/InvoiceApi.md explains each."""

        async_req: bool
        _return_http_data_only: bool
        _preload_content: bool
        _request_timeout: float | tuple[float, float]
        _check_input_type: bool
        _check_return_type: bool
        _spec_property_naming: bool
        _content_type: str | None
        _host_index: int | None
        _request_auths: list[object] | None
        _headers: Mapping[str, str]


OPTIONS = (
    "async_req",
    "_return_http_data_only",
    "_preload_content",
    "_request_timeout",
    "_check_input_type",
    "_check_return_type",
    "_spec_property_naming",
    "_content_type",
    "_host_index",
    "_request_auths",
    "_headers",
)
_SWITCHES = (
    "async_req",
    "_return_http_data_only",
    "_preload_content",
    "_check_input_type",
    "_check_return_type",
    "_spec_property_naming",
)


def check_options(given: Mapping[str, object]) -> None:
    """Raise ApiTypeError or ApiValueError for an option whose value means nothing."""
    for name in _SWITCHES:
        if name in given and not isinstance(given[name], bool):
            raise ApiTypeError(f"{name}: {type_name(given[name])} was given, bool is needed", (name,))
    if given.get("_host_index") not in (None, 0):
        raise ApiValueError("_host_index: there is one host only, 0", ("_host_index",))
    if given.get("_request_auths"):
        raise ApiValueError(
            "_request_auths: the key belongs to the client; make another client for another key", ("_request_auths",)
        )
    headers = given.get("_headers")
    if headers is not None and not hasattr(headers, "keys"):
        raise ApiTypeError(f"_headers: {type_name(headers)} was given, a dict is needed", ("_headers",))


def options_of(name: str, timeout: float | tuple[float, float] | None) -> RequestOptions:
    """The options of a call with this time limit, or none for None. Errors use the name under which it was given."""
    if timeout is None:
        return {}
    limits_of(Limits(LONGEST, LONGEST, LONGEST), timeout, name)
    return {"_request_timeout": timeout}


def limits_of(limits: Limits, timeout: object, name: str = "_request_timeout") -> Limits:
    """The limits of one call: a number bounds the whole call, a pair is (connect, read)."""
    if timeout is None:
        return limits
    if isinstance(timeout, tuple):
        if len(timeout) != 2:
            raise ApiValueError(f"{name}: a tuple must be (connect, read)", (name,))
        # A list, because when a generator is unpacked, PyPy replaces our TypeError, which names the type, by its own.
        connect, read = [_seconds(each, name) for each in timeout]
        return Limits(max(limits.total, connect + read), connect, read)
    total = _seconds(timeout, name)
    return Limits(total, min(limits.connect, total), total)


def _seconds(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ApiTypeError(
            f"{name}: {type_name(value)} was given, a number of seconds or a tuple (connect, read) is needed",
            (name,),
        )
    if not 0 < value <= LONGEST:
        raise ApiValueError(f"{name}: it must be more than 0 and at most {LONGEST:.0f} seconds", (name,))
    return float(value)
