"""The tables that the client runs too say what the server does. That its dates are right, the tests beside this one see to."""

from support.recurrence import goes_on, is_supported, next_dates, table


def test_the_rules_of_the_table() -> None:
    rules = table("rules.json")
    assert [next_dates(case) for case in rules["dates"]] == [case["dates"] for case in rules["dates"]]
    assert [is_supported(case) for case in rules["rules"]] == [case["is_supported"] for case in rules["rules"]]
    assert len(rules["dates"]) > 300


def test_the_series_of_the_table() -> None:
    series = table("series.json")["series"]
    assert [goes_on(case) for case in series] == [
        {name: case[name] for name in ("completed", "skipped")} for case in series
    ]
    assert len(series) > 100
