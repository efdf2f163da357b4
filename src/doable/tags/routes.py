"""Tags over HTTP."""

from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import TagExists, TagNotFound, TooMany
from doable.http.documentation import CHANGED, MADE, UNLESS_UNCHANGED, WRITTEN, links, read_errors, write_errors
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
from doable.owned.answers import gone
from doable.tags.dependencies import TagId, Tags
from doable.tags.kind import TAG
from doable.tags.schemas import TagCreate, TagMerge, TagPatch, TagRead, TagsRead

router = Routes(prefix="/api/{user_id}/tags", tags=["tags"], route_class=OwnedRoute)

LINKS = links("tag_id", "get_tag", "patch_tag", "move_tag", "merge_tag", "delete_tag")


@router.get(
    "",
    summary="List tags",
    response_model=TagsRead,
    response_description="All of the tags.",
    responses=read_errors(),
)
async def list_tags(tags: Tags) -> Response:
    """All of your tags, by their positions."""
    return json_response({"tags": await tags.all()})


@router.post(
    "",
    summary="Create a tag",
    status_code=201,
    response_model=TagRead,
    response_description="The new tag.",
    responses={**write_errors(TooMany, TagExists), 201: {"links": LINKS, "headers": MADE}},
)
async def create_tag(tags: Tags, write: CurrentWrites, body: TagCreate) -> Response:
    """Add a tag behind the others. Tasks make those that they name by themselves."""
    return to_response(await write(tags.add(body.model_dump()), TAG.made))


@router.get(
    "/{tag_id}",
    summary="Read a tag",
    response_model=TagRead,
    response_description="The tag.",
    responses={**read_errors(TagNotFound), **UNLESS_UNCHANGED},
)
async def get_tag(tags: Tags, tag_id: TagId, if_none_match: IfNoneMatch = None) -> Response:
    """One of your tags."""
    row = await tags.get(str(tag_id))
    return unless_unchanged(row, TAG.etag(row["revision"]), if_none_match)


@router.put(
    "/{tag_id}",
    summary="Create a tag with an id of your own",
    status_code=201,
    response_model=TagRead,
    response_description="The new tag.",
    responses={**write_errors(TooMany, TagExists, current=[TagRead]), 201: {"headers": MADE}},
)
async def put_tag(
    tags: Tags, write: CurrentWrites, tag_id: TagId, body: TagCreate, if_none_match: IfNoneMatchAny
) -> Response:
    """Make a tag, with `If-None-Match: *`, so that a client may choose its id without a network. PATCH changes one."""
    must_be_new(if_none_match)
    return to_response(await write(tags.add(body.model_dump(), str(tag_id)), TAG.made))


@router.patch(
    "/{tag_id}",
    summary="Patch a tag",
    response_model=TagRead,
    response_description="The tag as it is now.",
    responses={**write_errors(TagNotFound, TagExists, TooMany, current=[TagRead]), 200: {"headers": CHANGED}},
)
async def patch_tag(
    tags: Tags, write: CurrentWrites, tag_id: TagId, body: TagPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396). A new name is written to every task that has it.

    With more than 499 of them that is done in parts, the tag last: asking again goes on with what is left.
    """
    id_, changes, expected = str(tag_id), body.model_dump(exclude_unset=True), expected_revisions(if_match)
    work = tags.change(id_, changes, expected=expected)
    if "name" not in changes:
        return to_response(await write(work, TAG.changed))
    part = tags.rename_part(id_, changes["name"], expected=expected)
    return to_response(await write.in_parts(work, part, TAG.changed))


@router.post(
    "/{tag_id}/merge",
    summary="Merge a tag into another",
    response_model=TagRead,
    response_description="The tag that stays.",
    responses={**write_errors(TagNotFound, TooMany, current=[TagRead]), 200: {"headers": CHANGED}},
)
async def merge_tag(
    tags: Tags, write: CurrentWrites, tag_id: TagId, body: TagMerge, if_match: IfMatch = None
) -> Response:
    """Delete a tag, and give its tasks another one.

    With more than 499 of them that is done in parts, the tag last: asking again goes on with what is left.
    """
    id_, into, expected = str(tag_id), str(body.into), expected_revisions(if_match)
    work, part = tags.merge(id_, into, expected=expected), tags.merge_part(id_, into, expected=expected)
    return to_response(await write.in_parts(work, part, TAG.changed))


@router.post(
    "/{tag_id}/move",
    summary="Put a tag in another place",
    response_model=TagRead,
    response_description="The tag as it is now.",
    responses={**write_errors(TagNotFound, current=[TagRead]), 200: {"headers": CHANGED}},
)
async def move_tag(tags: Tags, write: CurrentWrites, tag_id: TagId, body: Move, if_match: IfMatch = None) -> Response:
    """Put it before or after another tag, or in the first or last place."""
    moved = tags.move(str(tag_id), body.model_dump(), expected=expected_revisions(if_match))
    # It looks at every tag, and now and then writes a hundred.
    return to_response(await write(moved, TAG.changed, long=True))


@router.delete(
    "/{tag_id}",
    summary="Delete a tag",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses={**write_errors(TagNotFound, current=[TagRead], body=False), 204: {"headers": WRITTEN}},
)
async def delete_tag(tags: Tags, write: CurrentWrites, tag_id: TagId, if_match: IfMatch = None) -> Response:
    """Delete a tag, from its tasks too. Deleting it again is 404.

    With more than 499 of them that is done in parts, the tag last: asking again goes on with what is left.
    """
    id_, expected = str(tag_id), expected_revisions(if_match)
    work, part = tags.remove(id_, expected=expected), tags.remove_part(id_, expected=expected)
    return to_response(await write.in_parts(work, part, gone))
