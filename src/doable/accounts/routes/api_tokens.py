"""Make, list and delete API tokens.

No API token may, so that a stolen one can neither make others that outlive it nor learn what else there is.
"""

from typing import Annotated, Final
from uuid import UUID, uuid4

from starlette.responses import Response

from doable.accounts.api_tokens.schemas import ApiTokenCreate, ApiTokenRead, ApiTokensRead, NewApiTokenRead
from doable.accounts.api_tokens.verifier import new_token
from doable.accounts.dependencies import BearerRoute, CurrentCredential
from doable.accounts.routes.dependencies import ApiTokens, OpenDatabase, Revoked
from doable.database import Row
from doable.digest import digest_of
from doable.errors import Invalid, StorageFull, TokenNotFound, TooManyTokens, Unauthenticated
from doable.http.documentation import errors
from doable.http.notes import Path
from doable.http.requests import Routes
from doable.http.responses import credentials_response, json_response

router = Routes(prefix="/api/auth/tokens", tags=["accounts"], route_class=BearerRoute)

# The next steps with a new token (OpenAPI 3.1, section 4.8.20).
LINKS: Final = {
    "delete_api_token": {"operationId": "delete_api_token", "parameters": {"token_id": "$response.body#/id"}}
}

TokenId = Annotated[UUID, Path(description="The API token's id.", examples=["2c7c1f0e-5b0a-4a58-9f5c-6f8a6c5c7a10"])]


@router.post(
    "",
    summary="Make an API token",
    status_code=201,
    response_model=NewApiTokenRead,
    response_description="The new API token. Its `token` is shown this once.",
    responses={**errors(Unauthenticated, TooManyTokens, body=True), 201: {"links": LINKS}},
)
async def create_api_token(
    tokens: ApiTokens, database: OpenDatabase, credential: CurrentCredential, body: ApiTokenCreate
) -> Response:
    """Make a token for a program of yours. It may do what its scopes allow, until it expires or you delete it."""
    token_id = str(uuid4())
    token = new_token(credential.user_id, token_id)
    add = tokens.add(
        credential,
        token_id=token_id,
        name=body.name,
        scopes=sorted(body.scopes),
        expires_at=body.expires_at,
        digest=digest_of(token),
    )
    row = await database.write(add, owner_id=credential.user_id)
    return credentials_response(NewApiTokenRead(**_read(row).__dict__, token=token), 201)


@router.get(
    "",
    summary="List API tokens",
    response_model=ApiTokensRead,
    response_description="The API tokens.",
    responses=errors(Unauthenticated),
)
async def list_api_tokens(tokens: ApiTokens, credential: CurrentCredential) -> Response:
    """All of your API tokens, the newest first. Expired ones stay until you delete them."""
    rows = await tokens.all(credential.user_id)
    return json_response(ApiTokensRead(tokens=[_read(row) for row in rows]))


@router.delete(
    "/{token_id}",
    summary="Delete an API token",
    status_code=204,
    response_description="It is refused from now on.",
    responses=errors(Unauthenticated, TokenNotFound, Invalid, StorageFull),
)
async def delete_api_token(
    tokens: ApiTokens, database: OpenDatabase, revocations: Revoked, credential: CurrentCredential, token_id: TokenId
) -> Response:
    """Delete it: this process refuses it at once, every other within a second."""
    remove = tokens.remove(str(token_id), credential.user_id)
    revocations.add(await database.write(remove, owner_id=credential.user_id))
    return Response(status_code=204)


def _read(row: Row) -> ApiTokenRead:
    return ApiTokenRead(**{**row, "scopes": row["scopes"].split()})
