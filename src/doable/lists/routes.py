"""Lists over HTTP."""

from typing import Annotated

from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import ListNotFound, TooMany
from doable.http.documentation import CHANGED, MADE, UNLESS_UNCHANGED, WRITTEN, links, read_errors, write_errors
from doable.http.notes import Query
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
from doable.http.schemas import Move
from doable.lists.dependencies import ListId, Lists
from doable.lists.kind import LIST
from doable.lists.repository import Tasks
from doable.lists.schemas import ListCreate, ListPatch, ListRead, ListsRead
from doable.owned.answers import gone

router = Routes(prefix="/api/{user_id}/lists", tags=["lists"], route_class=OwnedRoute)

LINKS = links("list_id", "get_list", "patch_list", "move_list", "delete_list")


@router.get(
    "",
    summary="List lists",
    response_model=ListsRead,
    response_description="All of the lists.",
    responses=read_errors(),
)
async def list_lists(lists: Lists) -> Response:
    """All of your lists, by their positions."""
    return json_response({"lists": await lists.all()})


@router.post(
    "",
    summary="Create a list",
    status_code=201,
    response_model=ListRead,
    response_description="The new list.",
    responses={**write_errors(TooMany), 201: {"links": LINKS, "headers": MADE}},
)
async def create_list(lists: Lists, write: CurrentWrites, body: ListCreate) -> Response:
    """Add a list behind the others."""
    return to_response(await write(lists.add(body.model_dump()), LIST.made))


@router.get(
    "/{list_id}",
    summary="Read a list",
    response_model=ListRead,
    response_description="The list.",
    responses={**read_errors(ListNotFound), **UNLESS_UNCHANGED},
)
async def get_list(lists: Lists, list_id: ListId, if_none_match: IfNoneMatch = None) -> Response:
    """One of your lists."""
    row = await lists.get(str(list_id))
    return unless_unchanged(row, LIST.etag(row["revision"]), if_none_match)


@router.put(
    "/{list_id}",
    summary="Create a list with an id of your own",
    status_code=201,
    response_model=ListRead,
    response_description="The new list.",
    responses={**write_errors(TooMany, current=[ListRead]), 201: {"headers": MADE}},
)
async def put_list(
    lists: Lists, write: CurrentWrites, list_id: ListId, body: ListCreate, if_none_match: IfNoneMatchAny
) -> Response:
    """Make a list, with `If-None-Match: *`, so that a client may choose its id without a network. PATCH changes one."""
    must_be_new(if_none_match)
    return to_response(await write(lists.add(body.model_dump(), str(list_id)), LIST.made))


@router.patch(
    "/{list_id}",
    summary="Patch a list",
    response_model=ListRead,
    response_description="The list as it is now.",
    responses={**write_errors(ListNotFound, TooMany, current=[ListRead]), 200: {"headers": CHANGED}},
)
async def patch_list(
    lists: Lists, write: CurrentWrites, list_id: ListId, body: ListPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396)."""
    expected = expected_revisions(if_match)
    changed = lists.change(str(list_id), body.model_dump(exclude_unset=True), expected=expected)
    return to_response(await write(changed, LIST.changed))


@router.post(
    "/{list_id}/move",
    summary="Put a list in another place",
    response_model=ListRead,
    response_description="The list as it is now.",
    responses={**write_errors(ListNotFound, current=[ListRead]), 200: {"headers": CHANGED}},
)
async def move_list(
    lists: Lists, write: CurrentWrites, list_id: ListId, body: Move, if_match: IfMatch = None
) -> Response:
    """Put it before or after another list, or in the first or last place."""
    moved = lists.move(str(list_id), body.model_dump(), expected=expected_revisions(if_match))
    # It looks at every list, and now and then writes a hundred.
    return to_response(await write(moved, LIST.changed, long=True))


@router.delete(
    "/{list_id}",
    summary="Delete a list",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses={**write_errors(ListNotFound, current=[ListRead], body=False), 204: {"headers": WRITTEN}},
)
async def delete_list(
    lists: Lists,
    write: CurrentWrites,
    list_id: ListId,
    tasks: Annotated[Tasks, Query(description="Where its tasks go.")] = "inbox",
    if_match: IfMatch = None,
) -> Response:
    """Delete a list with its sections, and events that calendar programs have put into it. Its tasks go to the end of the inbox, in their order, or are deleted too.

    With more than 500 of them it is done in parts, the list last: asking again goes on with what is left. Once it is gone,
    that is 404.
    """
    id_, expected = str(list_id), expected_revisions(if_match)
    work = lists.remove(id_, expected=expected, tasks=tasks)
    part = lists.empty(id_, expected=expected, tasks=tasks)
    return to_response(await write.in_parts(work, part, gone))
