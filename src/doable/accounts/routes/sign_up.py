"""Sign up and log in."""

from starlette.responses import Response

from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.routes.dependencies import AccessTokens, FromWhere, LoggingIn, SigningUp
from doable.accounts.routes.sessions import tokens_read
from doable.accounts.schemas import LoggedInRead, LogIn, SignedUpRead, SignUp, UnverifiedRead, UserRead
from doable.accounts.sessions.repository import Opened
from doable.database import Row
from doable.errors import (
    EmailNotVerified,
    EmailTaken,
    TooManyRequests,
    WeakPassword,
    WrongCredentials,
)
from doable.http.documentation import errors
from doable.http.requests import Routes
from doable.http.responses import credentials_response, json_response

router = Routes(prefix="/api/auth", tags=["accounts"])


def logged_in_read(tokens: Tokens, user: Row, opened: Opened) -> LoggedInRead:
    """What whoever has logged in gets."""
    return LoggedInRead(user=UserRead.model_validate(user), **tokens_read(tokens, opened).__dict__)


def signed_up_read(tokens: Tokens, user: Row, opened: Opened | None) -> SignedUpRead | UnverifiedRead:
    """What whoever has signed up gets; None is no session, since the address must be verified first."""
    read = UserRead.model_validate(user)
    if opened is None:
        return UnverifiedRead(**read.__dict__, user=read)
    return SignedUpRead(**read.__dict__, user=read, **tokens_read(tokens, opened).__dict__)


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
    read = signed_up_read(tokens, user, opened)
    return json_response(read, 201) if opened is None else credentials_response(read, 201)


@router.post(
    "/login",
    summary="Log in",
    response_model=LoggedInRead,
    response_description="The tokens and the user.",
    responses=errors(WrongCredentials, EmailNotVerified, TooManyRequests, body=True),
)
async def log_in(log_ins: LoggingIn, tokens: AccessTokens, origin: FromWhere, body: LogIn) -> Response:
    """Get the tokens for an e-mail and its password. An unknown e-mail and a wrong password get the same answer."""
    user, opened = await log_ins.log_in(body.email, body.password, origin)
    return credentials_response(logged_in_read(tokens, user, opened))
