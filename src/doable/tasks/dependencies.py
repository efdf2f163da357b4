"""The current user's tasks, and what is asked of them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from doable.accounts.dependencies import CurrentOwnerId
from doable.tasks.listing import INBOX, NONE, Listing, Sort
from doable.tasks.pages import TaskPages
from doable.tasks.repository import TaskRepository


async def task_repository(request: Request, owner_id: CurrentOwnerId) -> TaskRepository:
    """A repository made for one owner, which cannot reach anybody else's tasks."""
    return TaskRepository(request.app.state.database, owner_id, request.app.state.limits)


async def task_pages(request: Request, owner_id: CurrentOwnerId) -> TaskPages:
    """The pages of one owner's tasks, which have nobody else's."""
    return TaskPages(request.app.state.database, owner_id)


def _id_or(word: str) -> tuple[AfterValidator, dict[str, Any]]:
    def check(value: str) -> str:
        if value == word:
            return value
        try:
            return str(UUID(value))
        except ValueError:
            raise PydanticCustomError("no_id", "must be a UUID or {word}", {"word": word}) from None

    return AfterValidator(check), {"anyOf": [{"const": word}, {"type": "string", "format": "uuid"}]}


_ID_OR_NONE, _ID_OR_NONE_SCHEMA = _id_or(NONE)
_ID_OR_INBOX, _ID_OR_INBOX_SCHEMA = _id_or(INBOX)


def listing(
    *,
    completed: Annotated[
        bool | None,
        Query(description="Only those that are complete, or only those that are not."),
        WithJsonSchema({"type": "boolean"}),
    ] = None,
    lists: Annotated[
        list[Annotated[str, _ID_OR_INBOX]] | None,
        Query(
            alias="list", description="Only those in this list; `inbox` is that of no list. Several: in any of them."
        ),
        WithJsonSchema({"type": "array", "items": _ID_OR_INBOX_SCHEMA, "maxItems": 100}),
    ] = None,
    section: Annotated[
        str | None,
        Query(description="Only those in this section, or in `none`."),
        _ID_OR_NONE,
        WithJsonSchema(_ID_OR_NONE_SCHEMA),
    ] = None,
    parent: Annotated[
        str | None,
        Query(description="Only the subtasks of this task; `none` is all that are nobody's subtask."),
        _ID_OR_NONE,
        WithJsonSchema(_ID_OR_NONE_SCHEMA),
    ] = None,
    sort: Annotated[
        Sort,
        Query(
            description="`-` is the newest first. `position` needs one `list` or a `parent`, and `-completed_at` needs "
            "`completed=true`: otherwise 422 `sort_needs`."
        ),
    ] = "-created_at",
) -> Listing:
    """What is asked for, whatever the page."""
    return Listing(completed, tuple(sorted(set(lists or ()))), section, parent, sort)


Tasks = Annotated[TaskRepository, Depends(task_repository)]
Pages = Annotated[TaskPages, Depends(task_pages)]
Asked = Annotated[Listing, Depends(listing)]
TaskId = Annotated[UUID, Path(description="The task's id, a UUID.", examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]
