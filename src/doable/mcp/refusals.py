"""What a model is told when a call cannot be done: what is wrong, where, and what to do next."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from doable.database import Row
from doable.errors import DoableError, Forbidden, Invalid, PreconditionFailed, TaskNotFound
from doable.http.problems import Problems, sentence
from doable.mcp.writing import AT

_NEXT: Final[Mapping[str, str]] = {
    "task_not_found": "find_tasks finds tasks and their ids.",
    "list_not_found": "get_overview has the lists and their ids.",
    "precondition_failed": "It has changed since: look at `current`, and send its revision or leave if_revision out.",
    "cursor_invalid": "Call find_tasks again without cursor.",
    "nothing_to_search": "Send query with a letter or a number in it, or leave it out.",
    "sort_needs": "Sort completed needs status completed, and position needs list or parent.",
    "idempotency_key_reused": "This request_id was used for another call. Send a new one.",
    "request_in_progress": "Send the same call again in a moment.",
    "answers_full": "Send it again without request_id.",
    "undo_not_found": "It was undone before, is older than 30 days, or is no undo of an answer.",
    "not_recurring": "Skip is for open tasks that repeat: update_tasks with due moves any other.",
    "no_next_occurrence": 'Instead of skipping, complete it. Where that is refused, end its series first: repeat "".',
    "task_completed": "Reopen it first: complete_tasks with outcome reopen.",
    "too_deep": "Choose a parent further up.",
}
_SAID_ALONE: Final = frozenset({"cursor_invalid", "sort_needs", "idempotency_key_reused", "undo_not_found"})
"""Whose own words speak of the API."""

_ARGUMENTS: Final[Mapping[str, str]] = {
    "list_id": "list",
    "section_id": "section",
    "parent_id": "parent",
    "recurrence": "repeat",
    "q": "query",
    "Idempotency-Key": "request_id",
}
_HINTS: Final[Mapping[str, str]] = {
    "list": "get_overview has the lists; save_list makes one.",
    "parent": "find_tasks finds tasks and their ids.",
}


def of_arguments(error: ValidationError) -> Row:
    """Arguments that are not what the tool takes."""
    problems = Problems()
    problems.add_all(error, ("arguments",))
    told = [sentence(problem.loc, problem.msg) for problem in problems.listed[:5]]
    more = problems.count - len(told)
    text = " ".join([*told, *([f"And {more} more."] if more else [])])
    return {"error": f"{text} Nothing was done.", "code": "arguments_invalid"}


def of_domain(error: DoableError) -> Row:
    """What the domain refuses. Somebody else's things are as if they were not there."""
    if isinstance(error, Forbidden):
        error = _as_not_there(error)
    details: dict[str, Any] = dict(error.details)
    place = [details.pop(AT, None)]
    if isinstance(error, Invalid) and error.where[1:]:
        place.append(_ARGUMENTS.get(error.where[1], error.where[1]))
    text = f"{error}".rstrip(".")
    field = ".".join(filter(None, place))
    if error.code in _SAID_ALONE:
        text = _NEXT[error.code].rstrip(".")
        hint = None
    else:
        hint = _NEXT.get(error.code) or _HINTS.get(place[-1] or "")
    if field:
        first = text[:1] if text[1:2].isupper() else text[:1].lower()  # FREQ stays as it is
        text = f"{field}: {first}{text[1:]}"
    told = f"{text}. {hint}" if hint else f"{text}."
    if isinstance(error, PreconditionFailed):
        current = details.pop("current")
        details["current"] = {
            name: current[name] for name in ("id", "title", "is_completed", "revision") if name in current
        }
    details.pop("limit", None)
    return {"error": told, "code": error.code, **details}


def _as_not_there(error: Forbidden) -> TaskNotFound:
    other = TaskNotFound()
    other.details = error.details
    return other
