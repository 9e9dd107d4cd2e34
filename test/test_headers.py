"""Headers: a whole dict whose names are found in any case, whichever of its methods is asked."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from xendit.exceptions import XenditSdkException
from xendit.headers import Headers


@pytest.fixture
def headers() -> Headers:
    """Two headers of an answer."""
    return Headers({"Request-Id": "r1", "Date": "d"})


def test_a_header_is_found_in_any_case(headers: Headers) -> None:
    """By index, get and `in`, and written down in lower case."""
    assert headers["REQUEST-ID"] == headers.get("Request-id") == "r1"
    assert "Request-ID" in headers
    assert 7 not in headers
    assert list(headers) == ["request-id", "date"]
    assert headers.get("Missing") is None
    assert headers.get("Missing", "x") == "x"


def test_a_header_is_set_and_taken_out_in_any_case(headers: Headers) -> None:
    """What is set under one spelling is read, replaced and removed under every other."""
    headers["X-New"] = "1"
    headers["x-NEW"] = "2"
    assert headers["X-new"] == "2"
    assert len(headers) == 3
    assert headers.setdefault("REQUEST-ID", "other") == "r1"
    assert headers.setdefault("Other", "o") == "o"
    assert headers.pop("X-New") == "2"
    assert headers.pop("X-New", None) is None
    with pytest.raises(KeyError):
        headers.pop("X-New")
    del headers["DATE"]
    with pytest.raises(KeyError):
        headers["date"]
    headers.update({"Request-ID": "r2"}, Via="proxy")
    headers.update([("VIA", "other")])
    assert dict(headers) == {"request-id": "r2", "other": "o", "via": "other"}


def test_what_is_made_of_headers_are_headers(headers: Headers) -> None:
    """Copies, unions and pickles keep finding names in any case, and leave the first as it was."""
    for made in (headers.copy(), copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert type(made) is Headers
        assert made == headers
        assert made["REQUEST-ID"] == "r1"
    assert (headers | {"DATE": "e"})["Date"] == "e"
    assert ({"DATE": "e", "Via": "v"} | headers) == {"date": "d", "via": "v", "request-id": "r1"}
    joined = headers
    joined |= {"DATE": "f"}
    assert joined is headers
    assert headers["date"] == "f"
    assert Headers.fromkeys(["A", "a"], "1") == {"a": "1"}
    for odd in (lambda: headers | 7, lambda: 7 | headers):  # type: ignore[operator]
        with pytest.raises(TypeError):
            odd()


def test_headers_compare_by_their_names_in_any_case(headers: Headers) -> None:
    """With each other and with dicts; with anything else they are unequal, and they are not hashed."""
    assert headers == {"REQUEST-ID": "r1", "date": "d"}
    assert headers != {"request-id": "r1"}
    assert headers != [("request-id", "r1"), ("date", "d")]
    with pytest.raises(TypeError):
        hash(headers)


def test_the_headers_of_an_error_are_whole(headers: Headers) -> None:
    """What a program adds to them, it finds again; they are JSON, too."""
    error = XenditSdkException("x", headers=headers)
    error.headers["X-Tried-By"] = "worker-7"
    assert error.headers["x-tried-by"] == "worker-7"
    assert error.request_id == "r1"
    assert json.loads(json.dumps(error.headers)) == dict(error.headers)


def test_a_header_that_comes_twice_is_joined() -> None:
    """As every HTTP library does."""
    assert Headers.joined([("Via", "a"), ("date", "d"), ("VIA", "b")]) == {"via": "a, b", "date": "d"}
