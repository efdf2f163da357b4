"""Saved filters over HTTP."""

from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import FilterInvalid, FilterNotFound, TooMany
from doable.filters.dependencies import FilterId, Filters
from doable.filters.kind import FILTER
from doable.filters.schemas import FilterCreate, FilterPatch, FilterRead, FiltersRead
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

router = Routes(prefix="/api/{user_id}/filters", tags=["filters"], route_class=OwnedRoute)

LINKS = links("filter_id", "get_filter", "patch_filter", "move_filter", "delete_filter")


@router.get(
    "",
    summary="List filters",
    response_model=FiltersRead,
    response_description="All of the filters.",
    responses=read_errors(),
)
async def list_filters(filters: Filters) -> Response:
    """All of your filters, by their positions."""
    return json_response({"filters": await filters.all()})


@router.post(
    "",
    summary="Create a filter",
    status_code=201,
    response_model=FilterRead,
    response_description="The new filter.",
    responses={**write_errors(TooMany, FilterInvalid), 201: {"links": LINKS, "headers": MADE}},
)
async def create_filter(filters: Filters, write: CurrentWrites, body: FilterCreate) -> Response:
    """Add a filter behind the others."""
    return to_response(await write(filters.add(body.model_dump()), FILTER.made))


@router.get(
    "/{filter_id}",
    summary="Read a filter",
    response_model=FilterRead,
    response_description="The filter.",
    responses={**read_errors(FilterNotFound), **UNLESS_UNCHANGED},
)
async def get_filter(filters: Filters, filter_id: FilterId, if_none_match: IfNoneMatch = None) -> Response:
    """One of your filters."""
    row = await filters.get(str(filter_id))
    return unless_unchanged(row, FILTER.etag(row["revision"]), if_none_match)


@router.put(
    "/{filter_id}",
    summary="Create a filter with an id of your own",
    status_code=201,
    response_model=FilterRead,
    response_description="The new filter.",
    responses={**write_errors(TooMany, FilterInvalid, current=[FilterRead]), 201: {"headers": MADE}},
)
async def put_filter(
    filters: Filters, write: CurrentWrites, filter_id: FilterId, body: FilterCreate, if_none_match: IfNoneMatchAny
) -> Response:
    """Make a filter, with `If-None-Match: *`, so that a client may choose its id without a network. PATCH changes one."""
    must_be_new(if_none_match)
    return to_response(await write(filters.add(body.model_dump(), str(filter_id)), FILTER.made))


@router.patch(
    "/{filter_id}",
    summary="Patch a filter",
    response_model=FilterRead,
    response_description="The filter as it is now.",
    responses={**write_errors(FilterNotFound, FilterInvalid, TooMany, current=[FilterRead]), 200: {"headers": CHANGED}},
)
async def patch_filter(
    filters: Filters, write: CurrentWrites, filter_id: FilterId, body: FilterPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396)."""
    expected = expected_revisions(if_match)
    changed = filters.change(str(filter_id), body.model_dump(exclude_unset=True), expected=expected)
    return to_response(await write(changed, FILTER.changed))


@router.post(
    "/{filter_id}/move",
    summary="Put a filter in another place",
    response_model=FilterRead,
    response_description="The filter as it is now.",
    responses={**write_errors(FilterNotFound, current=[FilterRead]), 200: {"headers": CHANGED}},
)
async def move_filter(
    filters: Filters, write: CurrentWrites, filter_id: FilterId, body: Move, if_match: IfMatch = None
) -> Response:
    """Put it before or after another filter, or in the first or last place."""
    moved = filters.move(str(filter_id), body.model_dump(), expected=expected_revisions(if_match))
    # It looks at every filter, and now and then writes a hundred.
    return to_response(await write(moved, FILTER.changed, long=True))


@router.delete(
    "/{filter_id}",
    summary="Delete a filter",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses={**write_errors(FilterNotFound, current=[FilterRead], body=False), 204: {"headers": WRITTEN}},
)
async def delete_filter(
    filters: Filters, write: CurrentWrites, filter_id: FilterId, if_match: IfMatch = None
) -> Response:
    """Delete a filter for good. No task is touched."""
    return to_response(await write(filters.remove(str(filter_id), expected=expected_revisions(if_match)), gone))
