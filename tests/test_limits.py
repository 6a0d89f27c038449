"""How often something may be done, and what happens at the bound, when a period is over, and without a cache."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from bookwhen import limits
from bookwhen.client_address import UNKNOWN
from bookwhen.limits import DAY, HOUR, MINUTE, Limit, Rate, TooManyError, minutes_text

NOON = datetime(2030, 1, 15, 12, tzinfo=UTC)
THREE = Limit("three", (Rate(3, 10 * MINUTE), Rate(5, DAY)))
ALL = [each for each in vars(limits).values() if isinstance(each, Limit)]


def tries(times: int, subject: str = "ada", *, now: datetime = NOON) -> list[bool]:
    return [_one(subject, now) for _time in range(times)]


def _one(subject: str, now: datetime) -> bool:
    try:
        limits.count((THREE, subject), now=now)
    except TooManyError:
        return False
    return True


def test_as_many_as_the_rate_says_and_no_more() -> None:
    assert tries(5) == [True] * 3 + [False] * 2
    assert tries(1, "bea") == [True]


def test_the_next_period_begins_anew_and_the_longer_one_goes_on() -> None:
    tries(4)
    assert tries(4, now=NOON + timedelta(minutes=10)) == [True] * 2 + [False] * 2
    assert tries(1, now=NOON + DAY) == [True]


def test_a_period_begins_with_the_first_and_not_by_the_clock() -> None:
    began = NOON + timedelta(minutes=9, seconds=58)
    assert tries(2, now=began) + tries(2, now=began + timedelta(seconds=4)) == [True] * 3 + [False]


def test_it_says_how_long_to_wait() -> None:
    tries(3)
    with pytest.raises(TooManyError) as refused:
        limits.count((THREE, "ada"), now=NOON + timedelta(minutes=3, seconds=30))
    assert (refused.value.limit, refused.value.wait) == (THREE, timedelta(minutes=6, seconds=30))
    assert refused.value.wait_text == "7 minutes"


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (timedelta(seconds=1), "1 minute"),
        (MINUTE, "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (2 * HOUR, "2 hours"),
        (timedelta(hours=11, minutes=1), "12 hours"),
    ],
)
def test_a_wait_is_told_in_words(wait: timedelta, said: str) -> None:
    assert minutes_text(wait) == said


def test_what_came_of_nothing_is_given_back() -> None:
    for _time in range(9):
        limits.count((THREE, "ada"), now=NOON).give_back()
    assert tries(4) == [True] * 3 + [False]


def test_what_is_refused_by_one_limit_counts_for_none() -> None:
    other = Limit("other", (Rate(1, HOUR),))
    limits.count((other, "bea"), now=NOON)
    for _time in range(5):
        with pytest.raises(TooManyError):
            limits.count((THREE, "ada"), (other, "bea"), now=NOON)
    assert tries(4) == [True] * 3 + [False]


def test_forgetting_begins_anew() -> None:
    tries(3)
    limits.forget(THREE, "ada")
    assert tries(1) == [True]


def test_of_many_at_one_instant_as_many_get_through_as_may() -> None:
    with ThreadPoolExecutor(12) as pool:
        through = list(pool.map(lambda _number: _one("ada", NOON), range(12)))
    assert Counter(through) == {True: 3, False: 9}


def test_who_cannot_be_told_apart_may_do_ten_times_as_much_together() -> None:
    roomy = Limit("roomy", (Rate(3, HOUR),))
    for _time in range(30):
        limits.count((roomy, UNKNOWN), now=NOON)
    with pytest.raises(TooManyError):
        limits.count((roomy, UNKNOWN), now=NOON)


def test_without_a_cache_nothing_is_refused(settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert tries(9) == [True] * 9
    limits.forget(THREE, "ada")


def test_every_limit_has_a_name_of_its_own_and_grows_with_its_period() -> None:
    assert len({each.name for each in ALL}) == len(ALL)
    for each in ALL:
        amounts = [rate.amount for rate in sorted(each.rates, key=lambda rate: rate.period)]
        assert amounts == sorted(amounts)
