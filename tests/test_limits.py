"""Limits as settings say them."""

from datetime import timedelta

import pytest

from doable.settings.limits import Limit


@pytest.mark.parametrize(
    ("text", "count", "period"),
    [
        ("10/15minutes", 10, timedelta(minutes=15)),
        ("10/15minute", 10, timedelta(minutes=15)),
        ("1/second", 1, timedelta(seconds=1)),
        ("100/hour", 100, timedelta(hours=1)),
        (" 7/2DAYS ", 7, timedelta(days=2)),
        ("999999999/9999days", 999_999_999, timedelta(days=9999)),
    ],
)
def test_is_how_often_in_how_long(text: str, count: int, period: timedelta) -> None:
    assert Limit.parse(text) == Limit(count, period)


@pytest.mark.parametrize("text", ["off", "OFF", " off "])
def test_off_is_none(text: str) -> None:
    assert Limit.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "none", "0/hour", "10", "10/", "/hour", "10/0minutes", "-1/hour", "1.5/hour", "10/15", "10/hour/2"),
        *("10/weeks", "1e3/day", "10/15m", "10 /hour", "٣/hour", "10000000000/hour", "1/99999days"),
    ],
)
def test_refuses_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="as in 10/15minutes, 100/hour or 1/day, or off"):
        Limit.parse(text)
