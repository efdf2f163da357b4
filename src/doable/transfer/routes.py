"""Imports over HTTP."""

from typing import Annotated

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentOwnerId, OwnedRoute
from doable.accounts.writes import to_response
from doable.errors import FileUnreadable, Forbidden, ImportInProgress, ImportNotFound, Unauthenticated
from doable.http.documentation import LOCATION, errors, read_errors
from doable.http.notes import Query
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.owned.answers import Answer
from doable.tasks.fields import MAX_DESCRIPTION_LENGTH
from doable.transfer.dependencies import ImportId, Imports, upload
from doable.transfer.reader import Reader
from doable.transfer.recognising import NAMES
from doable.transfer.schemas import AcceptedRead, DryRunRead, ImportRead, ImportsRead

router = Routes(prefix="/api/{user_id}", tags=["moving in"], route_class=OwnedRoute)

_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The file, at most 50 MiB."}
                    },
                },
            }
        },
    }
}


@router.post(
    "/import",
    summary="Import a file",
    status_code=202,
    response_model=AcceptedRead,
    response_description="The import has begun. Its progress is at the Location.",
    responses={
        **errors(Unauthenticated, Forbidden, FileUnreadable, ImportInProgress, body=True),
        200: {"model": DryRunRead, "description": "With `dry_run=true`: what would be made. Nothing was written."},
        202: {"headers": LOCATION},
    },
    openapi_extra=_FILE,
)
async def import_file(
    request: Request,
    owner_id: CurrentOwnerId,
    imports: Imports,
    *,
    dry_run: Annotated[bool, Query(description="Only say what would be made, and what is not understood.")] = False,
    format: Annotated[  # noqa: A002 - its name in the address
        str | None,
        Query(
            description=f"One of {', '.join(f'`{name}`' for name in NAMES)}; absent, it is recognised.",
            examples=["doable"],
        ),
    ] = None,
) -> Response:
    """Make tasks of a file that another program has exported, or of Doable's own export.

    What is there already stays as it is, so that the same file twice makes nothing twice. The same file once more while
    its import is under way, or was stopped, answers that import, which goes on.
    """
    state = request.app.state
    longest = request.app.limits[MAX_DESCRIPTION_LENGTH]
    reader = Reader(state.database, owner_id, state.limits, longest, beside_requests=True)
    async with upload(request, owner_id) as sent:
        if dry_run:
            return json_response(await reader.dry_run(sent.file, sent.filename, format))
        id_ = await imports.unfinished(sent.digest)
        if id_ is None:
            async with reader.read(sent.file, sent.filename, format) as (outline, slices):
                id_ = await imports.store(outline, slices, sent.filename, sent.digest)
    state.importing.wake()
    return to_response(Answer(202, to_json({"id": id_}), location=f"/api/me/imports/{id_}"))


@router.get(
    "/imports",
    summary="List imports",
    response_model=ImportsRead,
    response_description="The imports that can be undone, or were.",
    responses=read_errors(),
)
async def list_imports(imports: Imports) -> Response:
    """Your newest 50 imports, the newest first, for 7 days after their end."""
    return json_response({"imports": await imports.all()})


@router.get(
    "/imports/{import_id}",
    summary="Read an import",
    response_model=ImportRead,
    response_description="The import, and how far it has come.",
    responses=read_errors(ImportNotFound),
)
async def get_import(imports: Imports, import_id: ImportId) -> Response:
    """One of your imports. Ask once a second for its progress; what it makes is in the feed as everything is."""
    return json_response(await imports.get(str(import_id)))


@router.delete(
    "/imports/{import_id}",
    summary="Undo an import",
    status_code=202,
    response_model=ImportRead,
    response_description="The import, which is being undone.",
    responses=errors(Unauthenticated, Forbidden, ImportNotFound),
)
async def undo_import(request: Request, owner_id: CurrentOwnerId, imports: Imports, import_id: ImportId) -> Response:
    """Remove what an import has made, for 7 days after its end. What was changed since, or something else needs, stays.

    It is done in the background; one that is under way ends with it. Asked again, it answers how far it is.
    """
    state = request.app.state
    found = await state.database.write(imports.undo(str(import_id)), owner_id=owner_id)
    state.importing.wake()
    return json_response(found, 202)
