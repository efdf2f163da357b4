"""A task as the JSON that a page has of it.

The bytes are those of `as_sent`; a test compares them. In one step from a row's values they take less time: 14 µs
for a page of 20 plain ones in place of 36, of the 320 that the whole request takes.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any

from pydantic_core import from_json, to_json

from doable.owned.positions import last
from doable.tasks import dates
from doable.tasks.priorities import WORDS
from doable.tasks.tables import NO_REST, recurrence


def _rest(section_id: str | None, parent_id: str | None, position: str, priority: int, *values: Any) -> str:
    # fmt: off
    (tags, due, due_timezone, due_at, start, start_timezone, start_at, estimate_minutes, url, reminders,
     rule, recurs_from, occurrence, series_id, next_id, has_exceptions, is_cancelled) = values
    # fmt: on
    due = "null" if due is None else to_json(dates.sent(due, due_timezone, due_at)).decode()
    start = "null" if start is None else to_json(dates.sent(start, start_timezone, start_at)).decode()
    recurs = "null"
    if rule is not None:
        recurs = to_json(recurrence(rule, recurs_from, occurrence, has_exceptions=has_exceptions)).decode()
    return (
        f'"section_id":{_text(section_id)},"parent_id":{_text(parent_id)},"position":"{position}",'
        f'"priority":"{WORDS[priority]}","tags":{"[]" if tags is None else tags},"due":{due},"start":{start},'
        f'"estimate_minutes":{"null" if estimate_minutes is None else estimate_minutes},'
        f'"url":{_text(url)},"reminders":{"[]" if reminders is None else reminders},"is_cancelled":{"true" if is_cancelled else "false"},'
        f'"recurrence":{recurs},"series_id":{_text(series_id)},"next_id":{_text(next_id)}}}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value)


_BEFORE, _AFTER = _rest(NO_REST[0], NO_REST[1], "|", *NO_REST[3:]).split("|")
"""What most tasks have around their position: so it is made once."""


def as_json(values: Sequence[Any]) -> str:
    """The values of READ, and whatever is behind them, as they go over the wire."""
    # fmt: off
    (id_, title, description, completed_at, owner_id, created_at, updated_at, revision, list_id, sequence, rest, *_) = values
    # fmt: on
    if rest is None:
        rest = f"{_BEFORE}{sequence:012}{_AFTER}"
    else:
        (
            section_id,
            parent_id,
            position,
            *others,
            rule,
            recurs_from,
            occurrence,
            series,
            next_id,
            excepts,
            is_cancelled,
        ) = from_json(rest)
        position = last(sequence) if position is None else position
        rule = rule if completed_at is None else None
        series = (rule, recurs_from, occurrence, series, next_id, excepts)
        rest = _rest(section_id, parent_id, position, *others, *series, is_cancelled and completed_at)
    # Calls would cost more than all the rest: most of these are null in most tasks.
    is_completed, completed_at = ("false", "null") if completed_at is None else ("true", f'"{completed_at}"')
    list_id = "null" if list_id is None else f'"{list_id}"'
    return (
        f'{{"id":"{id_}","title":{encode_basestring(title)},"description":{"null" if description is None else encode_basestring(description)},'
        f'"is_completed":{is_completed},"completed_at":{completed_at},"user_id":"{owner_id}",'
        f'"created_at":"{created_at}","updated_at":"{updated_at}","revision":{revision},"list_id":{list_id},{rest}'
    )
