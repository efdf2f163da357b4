"""Sign up and log in."""

from fastapi import APIRouter
from starlette.responses import Response

from doable.accounts.routes.dependencies import (
    AccessTokens,
    Checks,
    FromWhere,
    OpenDatabase,
    Revoked,
    Sessions,
    SigningUp,
)
from doable.accounts.routes.sessions import tokens_read
from doable.accounts.schemas import LoggedInRead, LogIn, SignedUpRead, SignUp, UnverifiedRead, UserRead
from doable.errors import (
    EmailNotVerified,
    EmailTaken,
    TooManyRequests,
    WeakPassword,
    WrongCredentials,
)
from doable.http.documentation import errors
from doable.http.requests import JSONRoute
from doable.http.responses import credentials_response, json_response

router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=JSONRoute)


@router.post(
    "/signup",
    summary="Sign up",
    status_code=201,
    response_model=SignedUpRead | UnverifiedRead,
    response_description="The new user: logged in, or with `REQUIRE_EMAIL_VERIFICATION` the user alone.",
    responses=errors(EmailTaken, WeakPassword, TooManyRequests, body=True),
)
async def sign_up(sign_ups: SigningUp, tokens: AccessTokens, origin: FromWhere, body: SignUp) -> Response:
    """Make a user, and log in. The e-mail is compared without regard to case, and a link to verify it is sent there."""
    user, opened = await sign_ups.sign_up(body, origin)
    read = UserRead.model_validate(user)
    if opened is None:
        return json_response(UnverifiedRead(**read.__dict__, user=read), 201)
    return credentials_response(SignedUpRead(**read.__dict__, user=read, **tokens_read(tokens, opened).__dict__), 201)


@router.post(
    "/login",
    summary="Log in",
    response_model=LoggedInRead,
    response_description="The tokens and the user.",
    responses=errors(WrongCredentials, EmailNotVerified, TooManyRequests, body=True),
)
async def log_in(
    checks: Checks,
    sessions: Sessions,
    database: OpenDatabase,
    revocations: Revoked,
    tokens: AccessTokens,
    origin: FromWhere,
    body: LogIn,
) -> Response:
    """Get the tokens for an e-mail and its password. An unknown e-mail and a wrong password get the same answer."""
    user = await checks.authenticate(body.email, body.password, origin)
    opened = await database.write(sessions.open(user, origin, password_hash=user["password_hash"]), owner_id=user["id"])
    revocations.add(opened.ended)
    return credentials_response(
        LoggedInRead(user=UserRead.model_validate(user), **tokens_read(tokens, opened).__dict__)
    )
