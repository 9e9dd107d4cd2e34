"""The pure decisions of a call, by tables."""

from __future__ import annotations

import itertools
import pickle

import pytest

from xendit import exceptions
from xendit.policy import (
    RETRIED_STATUSES,
    Limits,
    RetryBudget,
    RetryPolicy,
    http_date,
    may_retry,
    outcome_of,
    reset_is_absurd,
    server_hint,
)
from xendit.words import setting_name

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z


@pytest.mark.parametrize(
    ("repeatable", "sent", "status", "refused", "again"),
    [
        (True, False, None, False, True),
        (True, True, None, False, True),
        (False, False, None, False, True),
        (False, True, None, False, False),
        (True, False, None, True, False),
        (False, True, 429, False, True),
        (True, True, 429, False, True),
        (True, True, 502, False, True),
        (True, True, 503, False, True),
        (True, True, 504, False, True),
        (True, True, 500, False, True),
        (True, True, 501, False, False),
        (True, True, 408, False, True),
        (True, True, 425, False, True),
        *((True, True, status, False, True) for status in (520, 521, 522, 523, 524, 530)),
        *((False, True, status, False, False) for status in (520, 521, 522, 523, 524, 530)),
        (True, True, 525, False, False),
        (False, True, 502, False, False),
        (False, True, 503, False, False),
        (True, True, 400, False, False),
        (True, True, 302, False, False),
    ],
)
def test_what_may_be_tried_again(repeatable: bool, sent: bool, status: int | None, refused: bool, again: bool) -> None:
    """A write is repeated only when nothing was sent or the server answered 429."""
    assert may_retry(repeatable=repeatable, sent=sent, status=status, refused=refused) is again


def test_a_write_that_may_have_happened_is_never_repeated() -> None:
    """Over all combinations: not repeatable, sent, and not 429 means no."""
    for status, refused in itertools.product((None, 200, 302, 400, 404, 500, 502, 503, 504), (True, False)):
        assert not may_retry(repeatable=False, sent=True, status=status, refused=refused)


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"rate-limit-reset": "58.039"}, 58.039),
        ({"retry-after": "2", "rate-limit-reset": "58"}, 2.0),
        ({"retry-after": "soon", "rate-limit-reset": "58"}, 58.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:00 GMT"}, 20.0),
        ({"retry-after": "Wed, 18 Nov 2020 11:07:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "-x"}, None),
        ({"retry-after": "x5"}, None),
        ({"rate-limit-reset": "-5"}, None),
        ({"rate-limit-reset": "Wed, 18 Nov 2026 11:07:00 GMT"}, None),
        ({"retry-after": "Thu, 18 Nov 2027 11:06:40 GMT"}, 365 * 86400.0),
        ({"retry-after": "Fri, 19 Nov 2027 11:06:39 GMT"}, 366 * 86400.0 - 1),
        ({"retry-after": "Fri, 19 Nov 2027 11:06:40 GMT"}, None),
        ({"retry-after": "9" * 15}, 999999999999999.0),
        ({"retry-after": "9" * 16}, None),
        ({"retry-after": "1." + "0" * 6}, 1.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None),
        ({"retry-after": "99999999999"}, 99999999999.0),
        ({"retry-after": "1." + "0" * 7}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "120, 60"}, None),
        ({"retry-after": "1.2.3"}, None),
        ({"retry-after": "."}, None),
        ({"retry-after": "5."}, None),
        ({"retry-after": "9" * 23}, None),
        ({"retry-after": "Wed, 31 Feb 2026 00:00:00 GMT"}, None),
        ({"retry-after": "Wed, 18 Nov 99999 11:07:00 GMT"}, None),
        ({"retry-after": ""}, None),
        ({"rate-limit-reset": "60"}, 60.0),
        ({"rate-limit-reset": "60.001"}, 60.0),
        ({"rate-limit-reset": "3600"}, 60.0),
        ({"rate-limit-reset": "9" * 15}, 60.0),
        ({"rate-limit-reset": "1795000030"}, 60.0),
        ({"rate-limit-reset": "9" * 16}, None),
        ({"retry-after": "3600", "rate-limit-reset": "3600"}, 3600.0),
    ],
    ids=str,
)
def test_the_servers_hint_is_read_in_all_its_forms(headers: dict[str, str], hint: float | None) -> None:
    """Seconds or a date; what cannot be read is no hint, an absurd reset is capped, and nothing raises."""
    assert server_hint(headers, NOW) == hint


def test_only_a_429_is_waited_out_by_the_rate_limits_reset() -> None:
    """Xendit's answers bear it whatever they say; after another failure Retry-After alone is a hint."""
    assert server_hint({"rate-limit-reset": "58"}, NOW, limited=False) is None
    assert server_hint({"rate-limit-reset": "58", "retry-after": "2"}, NOW, limited=False) == 2.0


@pytest.mark.parametrize(
    ("text", "absurd"), [("60", False), ("60.1", True), ("3600", True), ("soon", False), ("", False)]
)
def test_a_reset_that_no_window_has_is_absurd(text: str, absurd: bool) -> None:
    """Xendit's window is a minute."""
    assert reset_is_absurd({"rate-limit-reset": text}) is absurd


def test_waits_are_fully_jittered_and_bounded() -> None:
    """Between nothing and the doubled wait, never above the longest."""
    policy = RetryPolicy()
    assert [policy.wait(attempt, None, 1.0) for attempt in range(1, 9)] == [0.25, 0.5, 1, 2, 4, 8, 8, 8]
    assert policy.wait(3, None, 0.0) == 0.0
    assert policy.wait(3, None, 0.5) == 0.5


@pytest.mark.parametrize("hint", [0.0, 1.0, 58.039, 3600.0])
def test_a_hint_is_never_undercut(hint: float) -> None:
    """The wait is the hint and a little more, so that clients do not come back all at once."""
    policy = RetryPolicy()
    assert policy.wait(1, hint, 0.0) == hint
    assert hint < policy.wait(1, hint, 1.0) <= hint + 1.0


def test_values_are_frozen_comparable_and_pickle() -> None:
    """Policies and limits can be shared, used as keys and sent to workers."""
    policy = RetryPolicy(retries=1)
    assert policy == RetryPolicy(1, 0.25, 8.0) != RetryPolicy()
    assert policy != Limits(1, 0.25, 8.0)
    assert hash(policy) == hash(RetryPolicy(1))
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert repr(policy) == "RetryPolicy(retries=1, first_wait=0.25, longest_wait=8.0, lookups=4, resend_after=10.0)"
    with pytest.raises(AttributeError, match="make another"):
        policy.retries = 5


def test_an_attempt_is_given_no_more_than_is_left() -> None:
    """Connecting and reading are clipped to the rest of the call's time."""
    assert Limits(30, 3, 10).within(2.0) == Limits(2.0, 2.0, 2.0)
    assert Limits(30, 3, 10).within(29.0) == Limits(29.0, 3, 10)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Thu, 01 Jan 1970 00:00:10 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:00:10 +0000", None),
        ("Thu, 01 Jan 1970 00:00:10", None),
        ("Thu, 01 Jan 1970 00:00:10            GMT", 10.0),
        ("Thu, 01 Jan 1970 00:00:10             GMT", None),
        ("Thu, 01 Jan 1970 00:00:٣0 GMT", None),
        ("GMT", None),
        ("Thu, 99 Jan 1970 00:00:10 GMT", None),
        ("", None),
    ],
    ids=str,
)
def test_dates_of_http_and_no_others(text: str, read: float | None) -> None:
    """In GMT, in ASCII, of 40 characters at most."""
    assert http_date(text) == read


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *[(status, "rejected") for status in (400, 401, 403, 404, 407, 409, 410, 424, 426, 429, 499)],
        *[(status, "unknown") for status in (100, 204, 301, 302, 399, 408, 425, 500, 501, 503, 599, 999)],
    ],
)
def test_what_a_status_says_about_the_request(status: int, outcome: str) -> None:
    """A 4xx was not done, but for the two that servers in between send."""
    assert outcome_of(status) == outcome


def test_the_statuses_that_say_not_now() -> None:
    """Those and no others."""
    assert sorted(RETRIED_STATUSES) == [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530]


@pytest.mark.parametrize("name", ["retries", "lookups"])
@pytest.mark.parametrize("value", [True, 1.0, "2", None, -1, 21], ids=repr)
def test_a_count_that_cannot_be_used_is_named(name: str, value: object) -> None:
    """An int up to 20; lookups from 1."""
    least = {"retries": 0, "lookups": 1}[name]
    with pytest.raises(exceptions.ConfigurationException) as caught:
        RetryPolicy(**{name: value})  # type: ignore[arg-type]
    assert (
        str(caught.value)
        == f"RetryPolicy: {name} must be an int from {least} to 20, {setting_name(value)} was given; no request was made"
    )


@pytest.mark.parametrize("name", ["first_wait", "longest_wait", "resend_after"])
@pytest.mark.parametrize("value", [True, "2", None, -0.1, 3600.1, float("nan"), float("inf")], ids=repr)
def test_a_wait_that_cannot_be_used_is_named(name: str, value: object) -> None:
    """Seconds up to an hour."""
    with pytest.raises(exceptions.ConfigurationException) as caught:
        RetryPolicy(**{name: value})  # type: ignore[arg-type]
    assert (
        str(caught.value)
        == f"RetryPolicy: {name} must be from 0 to 3600 seconds, {setting_name(value)} was given; no request was made"
    )


def test_the_ends_of_what_a_policy_takes() -> None:
    """Both ends are in it; whole seconds become floats."""
    assert RetryPolicy(20, 3600, 3600, 20, 3600).resend_after == 3600.0
    least = RetryPolicy(0, 0, 0, 1, 0)
    assert (least.retries, least.lookups, least.first_wait) == (0, 1, 0.0)
    assert isinstance(least.first_wait, float)
    with pytest.raises(exceptions.ConfigurationException):
        RetryPolicy(lookups=0)


def test_the_budget_is_a_bucket_of_500() -> None:
    """It is never overdrawn and never overflows; what it refuses costs nothing."""
    budget = RetryBudget()
    assert (budget.tokens, budget.CAPACITY, budget.RETRY, budget.AFTER_TIMEOUT) == (500, 500, 5, 10)
    assert budget.take(500) is True
    assert budget.take(1) is False
    assert budget.take(0) is True
    budget.give(3)
    assert budget.take(4) is False
    assert budget.tokens == 3
    budget.give(498)
    assert budget.tokens == 500


def test_a_value_says_that_it_cannot_be_changed() -> None:
    """And what to do instead."""
    with pytest.raises(AttributeError) as caught:
        Limits(1, 1, 1).read = 2
    assert str(caught.value) == "Limits cannot be changed; make another one"
