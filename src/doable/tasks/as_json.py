"""A task as the JSON that a page has of it.

The bytes are those of `as_sent`; a test compares them. In one step from a row's values they take less time: 14 µs
for a page of 20 plain ones in place of 36, of the 320 that the whole request takes.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any, Final

from pydantic_core import to_json

from doable.owned.positions import WIDTH
from doable.tasks import dates
from doable.tasks.priorities import WORDS


def _rest(values: Sequence[Any]) -> str:
    tags, due, due_timezone, due_at, start, start_timezone, start_at, estimate_minutes, url, is_cancelled = values
    due = "null" if due is None else to_json(dates.sent(due, due_timezone, due_at)).decode()
    start = "null" if start is None else to_json(dates.sent(start, start_timezone, start_at)).decode()
    return (
        f'"tags":{"[]" if tags is None else tags},"due":{due},"start":{start},'
        f'"estimate_minutes":{"null" if estimate_minutes is None else estimate_minutes},'
        f'"url":{"null" if url is None else encode_basestring(url)},"is_cancelled":{"true" if is_cancelled else "false"}}}'
    )


_PLAIN: Final = _rest([None] * 9 + [0])
"""What most tasks have: so it is made once."""


def as_json(values: Sequence[Any]) -> str:
    """The values of READ, and one more behind them, as they go over the wire."""
    # fmt: off
    (id_, title, description, completed_at, owner_id, created_at, updated_at, revision, list_id, section_id, parent_id,
     position, sequence, priority, tags, due, _, _, start, _, _, estimate_minutes, url, is_cancelled, _) = values
    # fmt: on
    is_cancelled = is_cancelled if completed_at else 0
    # Calls would cost more than all the rest: most of these are null in most tasks.
    is_completed, completed_at = ("false", "null") if completed_at is None else ("true", f'"{completed_at}"')
    list_id = "null" if list_id is None else f'"{list_id}"'
    section_id = "null" if section_id is None else f'"{section_id}"'
    parent_id = "null" if parent_id is None else f'"{parent_id}"'
    is_plain = tags is due is start is estimate_minutes is url is None and not is_cancelled
    rest = _PLAIN if is_plain else _rest([*values[14:-2], is_cancelled])
    return (
        f'{{"id":"{id_}","title":{encode_basestring(title)},"description":{"null" if description is None else encode_basestring(description)},'
        f'"is_completed":{is_completed},"completed_at":{completed_at},"user_id":"{owner_id}",'
        f'"created_at":"{created_at}","updated_at":"{updated_at}","revision":{revision},'
        f'"list_id":{list_id},"section_id":{section_id},"parent_id":{parent_id},'
        f'"position":"{str(sequence).zfill(WIDTH) if position is None else position}","priority":"{WORDS[priority]}",{rest}'
    )
