"""Cassettes: what a recorder of HTTP, such as vcrpy, needs to know so that no secret is kept in a file."""

from __future__ import annotations

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie", "for-user-id")
"""Headers of requests that name an account or open it."""


@hinted
def cassette_settings(**more: Any) -> dict[str, Any]:
    """Settings of vcrpy that keep the API key out of cassettes: for `vcr.use_cassette(path, **cassette_settings())`, or as the
    fixture `vcr_config` of pytest-recording and pytest-vcr.

    Args:
        more: settings of your own, such as `record_mode="none"`; headers of your own `filter_headers` are added to ours.
    """
    own = list(more.pop("filter_headers", ()))
    return {"filter_headers": [*SECRET_HEADERS, *own], "decode_compressed_response": True, **more}
