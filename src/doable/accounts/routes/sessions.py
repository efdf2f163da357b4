"""Refresh a session, see where one is logged in, and log out."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from doable import clock
from doable.accounts.dependencies import BearerRoute, CurrentCredential
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.routes.dependencies import AccessTokens, FromWhere, LoggingIn, OpenDatabase, Revoked, Sessions
from doable.accounts.schemas import Refresh, SessionRead, SessionsRead, TokensRead
from doable.accounts.sessions.repository import Opened
from doable.database.pages import SLICE
from doable.errors import Invalid, RefreshTokenInvalid, SessionNotFound, StorageFull, TooManyRequests, Unauthenticated
from doable.http.documentation import errors
from doable.http.notes import Path
from doable.http.requests import Routes
from doable.http.responses import credentials_response, json_response

public = Routes(prefix="/api/auth", tags=["accounts"])
router = Routes(prefix="/api/auth", tags=["accounts"], route_class=BearerRoute)


def tokens_read(tokens: Tokens, opened: Opened) -> TokensRead:
    """The tokens of a session that was just opened or refreshed. The access token does not outlive it."""
    expires_in = int(min(tokens.lifetime, opened.expires_at - clock.now()).total_seconds())
    return TokensRead(
        access_token=tokens.issue(opened.user_id, opened.session_id, opened.email.lower(), expires_in),
        expires_in=expires_in,
        refresh_token=opened.refresh_token,
    )


SessionId = Annotated[UUID, Path(description="The session's id.", examples=["0e4a3a54-6f2c-4f0e-9d5e-0a4a1f6f2a0b"])]


@public.post(
    "/refresh",
    summary="Go on with a session",
    response_model=TokensRead,
    response_description="The next two tokens.",
    responses=errors(RefreshTokenInvalid, TooManyRequests, body=True),
)
async def refresh(log_ins: LoggingIn, tokens: AccessTokens, origin: FromWhere, body: Refresh) -> Response:
    """Get the next access token, and the next refresh token in place of this one, which can be used once.

    An answer that was lost can be asked for again: the same refresh token gets the same successor for 10 seconds, and for
    as long as nobody has used that one. An older token means that somebody has a copy, and ends the session.
    """
    return credentials_response(tokens_read(tokens, await log_ins.refresh(body.refresh_token, origin)))


@router.post(
    "/logout",
    summary="Log out",
    status_code=204,
    response_description="The session has ended.",
    responses=errors(Unauthenticated, SessionNotFound, StorageFull),
)
async def log_out(
    sessions: Sessions, database: OpenDatabase, revocations: Revoked, credential: CurrentCredential
) -> Response:
    """End this session: its access tokens and its refresh token are refused from now on.

    A token of another issuer has no session here: 404. Log out at that issuer.
    """
    if credential.subject is not None:
        raise SessionNotFound
    with suppress(SessionNotFound):  # another request has ended it since the token was checked
        end = sessions.end(credential.id, credential.user_id)
        revocations.add(await database.write(end, owner_id=credential.user_id))
    return Response(status_code=204)


@router.get(
    "/sessions",
    summary="Where am I logged in",
    response_model=SessionsRead,
    response_description="The sessions.",
    responses=errors(Unauthenticated),
)
async def list_sessions(sessions: Sessions, credential: CurrentCredential) -> Response:
    """Every log-in of yours that has not ended, the last used first."""
    rows = await sessions.all(credential.user_id)
    found = [SessionRead(**row, current=row["id"] == credential.id) for row in rows]
    return json_response(SessionsRead(sessions=found))


@router.delete(
    "/sessions/{session_id}",
    summary="End a session",
    status_code=204,
    response_description="It has ended.",
    responses=errors(Unauthenticated, SessionNotFound, Invalid, StorageFull),
)
async def end_session(
    sessions: Sessions,
    database: OpenDatabase,
    revocations: Revoked,
    credential: CurrentCredential,
    session_id: SessionId,
) -> Response:
    """Log out somewhere else, or here."""
    end = sessions.end(str(session_id), credential.user_id)
    revocations.add(await database.write(end, owner_id=credential.user_id))
    return Response(status_code=204)


@router.delete(
    "/sessions",
    summary="End all other sessions",
    status_code=204,
    response_description="They have ended.",
    responses=errors(Unauthenticated, StorageFull),
)
async def end_other_sessions(
    sessions: Sessions, database: OpenDatabase, revocations: Revoked, credential: CurrentCredential
) -> Response:
    """Log out everywhere but here."""
    end_some = sessions.end_some(credential.user_id, but=credential.id)
    while True:
        ended = await database.write(end_some, owner_id=credential.user_id, long=True)
        revocations.add(ended)
        if len(ended) < SLICE:
            return Response(status_code=204)
