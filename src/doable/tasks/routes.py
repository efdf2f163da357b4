"""Tasks over HTTP."""

from collections.abc import Mapping
from typing import Annotated

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentOwnerId, OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import (
    Circle,
    CursorInvalid,
    FilterInvalid,
    Invalid,
    Missing,
    NoNextOccurrence,
    NotASibling,
    NothingToSearch,
    NotRecurring,
    OccurrencePassed,
    RecurrenceNever,
    RecurrenceUnsupported,
    ReminderNotFound,
    SortNeeds,
    TaskCompleted,
    TaskNotFound,
    TooDeep,
    TooMany,
    UseMove,
)
from doable.http.documentation import CHANGED, MADE, UNLESS_UNCHANGED, WRITTEN, links, read_errors, write_errors
from doable.http.notes import Query
from doable.http.pagination import Cursor, Limit, Offset
from doable.http.preconditions import (
    IfMatch,
    IfNoneMatch,
    IfNoneMatchAny,
    expected_revisions,
    must_be_new,
    unless_unchanged,
)
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.owned.answers import gone
from doable.tasks.counts import counts_of
from doable.tasks.dependencies import AskedFor, Pages, ReminderId, TaskId, Tasks
from doable.tasks.fields import MAX_DESCRIPTION_LENGTH, USUAL_LENGTH
from doable.tasks.kind import TASK
from doable.tasks.moving import move
from doable.tasks.recurrence.schemas import TaskSkip
from doable.tasks.reminders import ReminderSnooze
from doable.tasks.schemas import (
    CountsRead,
    TaskComplete,
    TaskCreate,
    TaskMove,
    TaskPageRead,
    TaskPatch,
    TaskRead,
    TaskTags,
    TaskUpdate,
)


class TaskRoute(OwnedRoute):
    """A route whose body may have a description in it that is as long as the setting allows, however it is escaped."""

    def longest_body(self, limits: Mapping[str, int]) -> int:
        more = limits[MAX_DESCRIPTION_LENGTH] - USUAL_LENGTH
        # A character outside the basic plane is twelve bytes: two escapes (RFC 8259, section 7).
        return super().longest_body(limits) + max(0, more) * len(r"\ud83d\ude00")


router = Routes(prefix="/api/{user_id}/tasks", tags=["tasks"], route_class=TaskRoute)

counts = Routes(prefix="/api/{user_id}/counts", tags=["tasks"], route_class=OwnedRoute)

RULE = (RecurrenceUnsupported, RecurrenceNever)

LINKS = links("task_id", "get_task", "update_task", "complete_task", "delete_task")


@router.post(
    "",
    summary="Create a task",
    status_code=201,
    response_model=TaskRead,
    response_description="The new task.",
    responses={**write_errors(TooMany, TooDeep, *RULE), 201: {"links": LINKS, "headers": MADE}},
)
async def create_task(tasks: Tasks, write: CurrentWrites, body: TaskCreate) -> Response:
    """Add a task to the front of your tasks; by its position it stands last among its siblings."""
    return to_response(await write(tasks.add(body.model_dump(exclude_unset=True)), TASK.made))


@router.get(
    "",
    summary="List tasks",
    response_model=TaskPageRead,
    response_description="Some of the tasks, and the number of all where nothing filters.",
    responses=read_errors(CursorInvalid, FilterInvalid, NothingToSearch, SortNeeds),
)
async def list_tasks(
    pages: Pages,
    asked: AskedFor,
    limit: Limit = 50,
    *,
    offset: Offset = None,
    cursor: Cursor = None,
    total: Annotated[bool, Query(description="Count them where something filters, too.")] = False,
) -> Response:
    """Your tasks, newest first unless `sort` says otherwise. An offset past the end gives an empty list and the true total.

    The next page is had by the same parameters and the `next_cursor` of this one; it is null at the end. So a task that does
    not change meanwhile is on exactly one page, which offsets cannot promise while others are made and deleted.
    """
    if cursor is None:
        offset = offset or 0
    elif offset is not None:
        raise Invalid("an offset and a cursor contradict each other", where=("query", "offset"))
    page = await pages.page(asked, limit=limit, offset=offset or 0, cursor=cursor, total=total)
    rest = to_json({"total": page.total, "limit": limit, "offset": offset, "next_cursor": page.next_cursor})
    return Response(b'{"tasks":[%b],%b' % (page.tasks.encode(), rest[1:]), media_type="application/json")


@router.get(
    "/{task_id}",
    summary="Read a task",
    response_model=TaskRead,
    response_description="The task.",
    responses={**read_errors(TaskNotFound), **UNLESS_UNCHANGED},
)
async def get_task(tasks: Tasks, task_id: TaskId, if_none_match: IfNoneMatch = None) -> Response:
    """One of your tasks."""
    row = await tasks.get(str(task_id))
    return unless_unchanged(row, TASK.etag(row["revision"]), if_none_match)


@router.put(
    "/{task_id}",
    summary="Update a task, or create it with an id of your own",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={
        **write_errors(TaskNotFound, TooMany, UseMove, TooDeep, *RULE, TaskCompleted, current=[TaskRead]),
        200: {"headers": CHANGED},
        201: {"model": TaskRead, "description": "The new task.", "headers": MADE},
    },
)
async def update_task(
    tasks: Tasks,
    write: CurrentWrites,
    task_id: TaskId,
    body: TaskUpdate,
    *,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatchAny = None,
) -> Response:
    """Change any of its members. Absent ones stay as they are; `null` clears description, due, start, recurrence, estimate and address.

    With `If-None-Match: *` the task is made instead, so that a client may choose its id without a network.
    """
    expected = expected_revisions(if_match)
    if must_be_new(if_none_match):
        if if_match is not None:
            message = "If-Match and If-None-Match contradict each other"
            raise Invalid(message, where=("header", "If-Match"))
        for name, field in TaskCreate.model_fields.items():
            if field.is_required() and name not in body.model_fields_set:
                raise Missing("body", name)
        new = TaskCreate.model_validate(body.model_dump(exclude_unset=True, by_alias=True))
        return to_response(await write(tasks.add(new.model_dump(), str(task_id)), TASK.made))
    changed = tasks.change(str(task_id), body.model_dump(exclude_unset=True), expected=expected)
    return to_response(await write(changed, TASK.changed))


@router.patch(
    "/{task_id}",
    summary="Patch a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={
        **write_errors(*(TaskNotFound, TooMany, UseMove, *RULE, TaskCompleted, NoNextOccurrence), current=[TaskRead]),
        200: {"headers": CHANGED},
    },
)
async def patch_task(
    tasks: Tasks, write: CurrentWrites, task_id: TaskId, body: TaskPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396)."""
    expected = expected_revisions(if_match)
    changed = tasks.change(str(task_id), body.model_dump(exclude_unset=True), expected=expected)
    return to_response(await write(changed, TASK.changed))


@router.patch(
    "/{task_id}/complete",
    summary="Complete or reopen a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={**write_errors(TaskNotFound, TooMany, NoNextOccurrence, current=[TaskRead]), 200: {"headers": CHANGED}},
)
async def complete_task(
    tasks: Tasks,
    write: CurrentWrites,
    task_id: TaskId,
    body: TaskComplete | None = None,
    if_match: IfMatch = None,
) -> Response:
    """Set whether the task is complete; with no body, toggle it. Completing a complete task keeps `completed_at`.

    The open tasks below it are completed with it, at the same instant, unless `subtasks` is `leave`. Reopening it opens
    the completed ones above it too.

    A task that recurs gets a successor, `next_id`, with its rule, at the next date that is still to come. Reopening it takes
    the successor away again, unless something was done to it: then the task stays by itself. Where the next date of a rule that
    a calendar program has made cannot be found, nothing changes.
    """
    said = TaskComplete() if body is None else body
    completed = tasks.complete(
        str(task_id),
        state=said.state,
        is_cancelled=said.is_cancelled if "is_cancelled" in said.model_fields_set else None,
        subtasks=said.subtasks,
        expected=expected_revisions(if_match),
    )
    return to_response(await write(completed, TASK.changed))


@router.post(
    "/{task_id}/tag",
    summary="Add tags to a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={**write_errors(TaskNotFound, TooMany, current=[TaskRead]), 200: {"headers": CHANGED}},
)
async def tag_task(
    tasks: Tasks, write: CurrentWrites, task_id: TaskId, body: TaskTags, if_match: IfMatch = None
) -> Response:
    """Add tags, and leave the others alone, whatever they are by now. One that it has already is no error."""
    tagged = tasks.tag(str(task_id), body.tags, expected=expected_revisions(if_match))
    return to_response(await write(tagged, TASK.changed))


@router.post(
    "/{task_id}/untag",
    summary="Take tags away from a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={**write_errors(TaskNotFound, current=[TaskRead]), 200: {"headers": CHANGED}},
)
async def untag_task(
    tasks: Tasks, write: CurrentWrites, task_id: TaskId, body: TaskTags, if_match: IfMatch = None
) -> Response:
    """Take tags away, and leave the others alone. One that it has not is no error."""
    untagged = tasks.untag(str(task_id), body.tags, expected=expected_revisions(if_match))
    return to_response(await write(untagged, TASK.changed))


@router.post(
    "/{task_id}/reminders/{reminder_id}/snooze",
    summary="Put a reminder off",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={**write_errors(TaskNotFound, ReminderNotFound, current=[TaskRead]), 200: {"headers": CHANGED}},
)
async def snooze_reminder(
    tasks: Tasks,
    write: CurrentWrites,
    task_id: TaskId,
    reminder_id: ReminderId,
    body: ReminderSnooze,
    *,
    if_match: IfMatch = None,
) -> Response:
    """Have it come then, whether it has come already or not. While the task is complete it does not come."""
    expected = expected_revisions(if_match)
    snoozed = tasks.snooze(str(task_id), str(reminder_id), body.instant, expected=expected)
    return to_response(await write(snoozed, TASK.changed))


@router.post(
    "/{task_id}/move",
    summary="Move a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={
        **write_errors(TaskNotFound, NotASibling, Circle, TooDeep, TooMany, current=[TaskRead]),
        200: {"headers": CHANGED},
    },
)
async def move_task(
    tasks: Tasks, write: CurrentWrites, task_id: TaskId, body: TaskMove, if_match: IfMatch = None
) -> Response:
    """Move it to another place, list, section or parent. What is below it goes along.

    `before` and `after` name a task that has the same list and parent after the move. A parent brings its list, and
    another list clears the section. With nothing said of a place it stands last where list or parent change.
    """
    to = body.model_dump(exclude_unset=True)
    moved = move(tasks, str(task_id), to, expected=expected_revisions(if_match))
    return to_response(await write(moved, TASK.changed))


@router.post(
    "/{task_id}/skip",
    summary="Skip a date of a task that recurs",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses={
        **write_errors(TaskNotFound, NotRecurring, OccurrencePassed, NoNextOccurrence, current=[TaskRead]),
        200: {"headers": CHANGED},
    },
)
async def skip_task(
    tasks: Tasks, write: CurrentWrites, task_id: TaskId, body: TaskSkip | None = None, if_match: IfMatch = None
) -> Response:
    """Move it to the next date of its rule, past or not. With `occurrence`, only if it stands for that date still: so twice is once."""
    occurrence = None if body is None else body.occurrence
    skipped = tasks.skip(str(task_id), occurrence=occurrence, expected=expected_revisions(if_match))
    return to_response(await write(skipped, TASK.changed))


@router.delete(
    "/{task_id}",
    summary="Delete a task",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses={**write_errors(TaskNotFound, current=[TaskRead], body=False), 204: {"headers": WRITTEN}},
)
async def delete_task(tasks: Tasks, write: CurrentWrites, task_id: TaskId, if_match: IfMatch = None) -> Response:
    """Delete a task and all that is below it. Deleting it again is 404."""
    return to_response(await write(tasks.remove(str(task_id), expected=expected_revisions(if_match)), gone))


@counts.get(
    "",
    summary="Count your open tasks",
    response_model=CountsRead,
    response_description="The numbers of open tasks.",
    responses=read_errors(),
)
async def count_tasks(request: Request, owner_id: CurrentOwnerId) -> Response:
    """The open tasks of the inbox, of each list and tag, and those that are due today or overdue.

    Lists that are archived are left out, and so is what is in them. Today is that of the time zone in your preferences.
    """
    return json_response(await counts_of(request.app.state.database, owner_id))
