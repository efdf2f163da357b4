"""A page has a task in the very bytes that every other answer has of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from doable.database.types import instant_to_text
from doable.tasks import dates, priorities
from doable.tasks.as_json import as_json
from doable.tasks.schemas import TaskRead
from doable.tasks.tables import NO_REST, READ, REST, as_sent

ids = st.uuids().map(str)
instants = st.datetimes(timezones=st.just(UTC)).map(instant_to_text)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.tuples(
    st.sampled_from(["2026-12-01T09:30:00", f"2026-12-01{dates.WHOLE_DAY}", "2026-12-01"]), texts, instants
)
reminders = st.builds(
    lambda id_, *values: dict(zip(("id", "offset", "relative_to", "at", "remind_at"), (id_, *values), strict=True)),
    ids,
    st.none() | texts,
    st.sampled_from([None, "due", "start"]),
    st.none() | instants,
    st.none() | instants,
)
numbers = st.integers(0, 2**53 - 1)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "id": ids,
    "title": texts,
    "description": st.none() | texts,
    "completed_at": st.none() | instants,
    "owner_id": ids,
    "created_at": instants,
    "updated_at": instants,
    "revision": numbers,
    **dict.fromkeys(("list_id", "section_id", "parent_id"), st.none() | ids),
    "position": st.none() | st.from_regex(r"\A[-0-9A-Za-z]{1,48}\Z"),
    "sequence": st.integers(1, 10**12 - 1),
    "priority": st.integers(0, len(priorities.WORDS) - 1),
    "tags": st.none() | st.lists(texts, min_size=1, max_size=3).map(lambda names: to_json(names).decode()),
    **{f"{name}_{part}": st.none() for name in ("due", "start") for part in ("local", "timezone", "at")},
    "estimate_minutes": st.none() | st.integers(1, 525_600),
    "url": st.none() | texts,
    "reminders": st.none() | st.lists(reminders, min_size=1, max_size=3).map(lambda some: to_json(some).decode()),
    **dict.fromkeys(("recurrence", "recurs_from", "occurrence"), st.none()),
    **dict.fromkeys(("series_id", "next_id"), st.none() | ids),
    "has_exceptions": st.booleans(),
    "is_cancelled": st.integers(0, 1),
}


def values_of(row: dict[str, Any]) -> list[Any]:
    """The values of READ, as the databases make them."""
    rest = [row[str(column.key)] for column in REST]
    row = {**row, "rest": None if rest == list(NO_REST) else to_json(rest).decode()}
    return [row[str(column.key)] for column in READ]


@st.composite
def rows(draw: st.DrawFn) -> list[Any]:
    row = {name: draw(values) for name, values in COLUMNS.items()}
    for name in ("due", "start"):
        if draw(st.booleans()):
            local, timezone, at = draw(moments)
            has_zone = draw(st.booleans())
            row |= {f"{name}_local": local, f"{name}_timezone": timezone if has_zone else None}
            row[f"{name}_at"] = at if has_zone else None
    if draw(st.booleans()):
        recurs_from = draw(st.sampled_from(["due", "completion"]))
        row |= {
            "recurrence": draw(texts | st.just("FREQ=DAILY")),
            "recurs_from": recurs_from,
            "occurrence": "2026-12-01",
        }
    return values_of(row)


@given(rows())
def test_it_is_what_every_other_answer_has(row: list[Any]) -> None:
    text = as_json([*row, None])
    assert text.encode() == to_json(as_sent(row))
    read = TaskRead.model_validate_json(text, strict=True)
    assert read.model_dump_json() == text
    assert read.is_completed or not read.is_cancelled


@pytest.mark.parametrize("code", [*range(0x20), 0x22, 0x5C, 0x7F, 0x85, 0x2028, 0xFFFF, 0x1F9D1])
def test_characters_are_escaped_alike(code: int) -> None:
    now = instant_to_text(datetime(2026, 12, 1, tzinfo=UTC))
    row = dict.fromkeys((str(column.key) for column in (*READ, *REST)), None) | {
        "id": str(UUID(int=1)),
        "owner_id": str(UUID(int=2)),
        "title": f"a{chr(code)}b",
        "description": chr(code),
        "url": chr(code),
        "created_at": now,
        "updated_at": now,
        "revision": 1,
        "sequence": 1,
        "priority": 0,
        "has_exceptions": False,
        "is_cancelled": 0,
    }
    values = values_of(row)
    assert as_json([*values, 1]).encode() == to_json(as_sent(values))
