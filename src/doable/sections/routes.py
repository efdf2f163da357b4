"""Sections over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import WithJsonSchema
from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import SectionNotFound, TooMany, UseMove
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
from doable.owned.answers import gone
from doable.sections.dependencies import SectionId, Sections
from doable.sections.kind import SECTION
from doable.sections.schemas import SectionCreate, SectionMove, SectionPatch, SectionRead, SectionsRead

router = Routes(prefix="/api/{user_id}/sections", tags=["sections"], route_class=OwnedRoute)

LINKS = links("section_id", "get_section", "patch_section", "move_section", "delete_section")


@router.get(
    "",
    summary="List sections",
    response_model=SectionsRead,
    response_description="The sections.",
    responses=read_errors(),
)
async def list_sections(
    sections: Sections,
    list_id: Annotated[
        UUID | None,
        Query(alias="list", description="The list of which they are to be."),
        WithJsonSchema({"type": "string", "format": "uuid", "examples": ["7d444840-9dc0-41d1-b245-5ffdce74fad2"]}),
    ] = None,
) -> Response:
    """All of your sections, or those of one list, by their positions."""
    found = await sections.all() if list_id is None else await sections.of_list(str(list_id))
    return json_response({"sections": found})


@router.post(
    "",
    summary="Create a section",
    status_code=201,
    response_model=SectionRead,
    response_description="The new section.",
    responses={**write_errors(TooMany), 201: {"links": LINKS, "headers": MADE}},
)
async def create_section(sections: Sections, write: CurrentWrites, body: SectionCreate) -> Response:
    """Add a section to a list, behind its others."""
    return to_response(await write(sections.add(body.model_dump()), SECTION.made))


@router.get(
    "/{section_id}",
    summary="Read a section",
    response_model=SectionRead,
    response_description="The section.",
    responses={**read_errors(SectionNotFound), **UNLESS_UNCHANGED},
)
async def get_section(sections: Sections, section_id: SectionId, if_none_match: IfNoneMatch = None) -> Response:
    """One of your sections."""
    row = await sections.get(str(section_id))
    return unless_unchanged(row, SECTION.etag(row["revision"]), if_none_match)


@router.put(
    "/{section_id}",
    summary="Create a section with an id of your own",
    status_code=201,
    response_model=SectionRead,
    response_description="The new section.",
    responses={**write_errors(TooMany, current=[SectionRead]), 201: {"headers": MADE}},
)
async def put_section(
    sections: Sections, write: CurrentWrites, section_id: SectionId, body: SectionCreate, if_none_match: IfNoneMatchAny
) -> Response:
    """Make a section, with `If-None-Match: *`, so that a client may choose its id without a network. PATCH changes one."""
    must_be_new(if_none_match)
    return to_response(await write(sections.add(body.model_dump(), str(section_id)), SECTION.made))


@router.patch(
    "/{section_id}",
    summary="Patch a section",
    response_model=SectionRead,
    response_description="The section as it is now.",
    responses={**write_errors(SectionNotFound, TooMany, UseMove, current=[SectionRead]), 200: {"headers": CHANGED}},
)
async def patch_section(
    sections: Sections, write: CurrentWrites, section_id: SectionId, body: SectionPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396)."""
    expected = expected_revisions(if_match)
    changed = sections.change(str(section_id), body.model_dump(exclude_unset=True), expected=expected)
    return to_response(await write(changed, SECTION.changed))


@router.post(
    "/{section_id}/move",
    summary="Put a section in another place or list",
    response_model=SectionRead,
    response_description="The section as it is now.",
    responses={**write_errors(SectionNotFound, current=[SectionRead]), 200: {"headers": CHANGED}},
)
async def move_section(
    sections: Sections, write: CurrentWrites, section_id: SectionId, body: SectionMove, if_match: IfMatch = None
) -> Response:
    """Put it before or after another section, or in the first or last place, of its list or of another one.

    Its tasks go along, to the end of the list that it comes to. There it is the last section, if nothing is said of a place.
    With more than 500 tasks it is done in parts, the section last: asking again goes on with what is left.
    """
    id_, to, expected = str(section_id), body.model_dump(exclude_unset=True), expected_revisions(if_match)
    work, part = sections.move(id_, to, expected=expected), sections.move_tasks(id_, to, expected=expected)
    return to_response(await write.in_parts(work, part, SECTION.changed))


@router.delete(
    "/{section_id}",
    summary="Delete a section",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses={**write_errors(SectionNotFound, current=[SectionRead], body=False), 204: {"headers": WRITTEN}},
)
async def delete_section(
    sections: Sections, write: CurrentWrites, section_id: SectionId, if_match: IfMatch = None
) -> Response:
    """Delete a section. Its tasks stay in the list, without a section.

    With more than 500 of them it is done in parts, the section last: asking again goes on with what is left. Once it is gone,
    that is 404.
    """
    id_, expected = str(section_id), expected_revisions(if_match)
    work, part = sections.remove(id_, expected=expected), sections.empty(id_, expected=expected)
    return to_response(await write.in_parts(work, part, gone))
