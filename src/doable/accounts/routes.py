"""Sign up, log in, and who am I."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute, CurrentToken, accounts
from doable.accounts.login import authenticate
from doable.accounts.registration import register
from doable.accounts.schemas import AccessTokenRead, LoggedInRead, LogIn, SignedUpRead, SignUp, UserRead
from doable.accounts.tokens import Tokens
from doable.database import Row
from doable.errors import EmailTaken, Unauthenticated, WrongCredentials
from doable.http.documentation import errors
from doable.http.requests import JSONRoute
from doable.http.responses import json_response

public = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=JSONRoute)
router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=BearerRoute)


def _access_token(tokens: Tokens, user: Row) -> AccessTokenRead:
    return AccessTokenRead(access_token=tokens.issue(user["id"], user["email"]), expires_in=tokens.lifetime_seconds)


@public.post(
    "/signup",
    summary="Sign up",
    status_code=201,
    response_model=SignedUpRead,
    response_description="The new user, logged in.",
    responses=errors(EmailTaken, body=True),
)
async def sign_up(request: Request, body: SignUp) -> Response:
    """Make a user and log it in. The e-mail is compared without regard to case."""
    here = accounts(request)
    user = await register(here.users, here.passwords, body)
    read = UserRead.model_validate(user)
    token = _access_token(here.tokens, user)
    return json_response(SignedUpRead(**read.__dict__, user=read, **token.__dict__), 201)


@public.post(
    "/login",
    summary="Log in",
    response_model=LoggedInRead,
    response_description="A token and the user.",
    responses=errors(WrongCredentials, body=True),
)
async def log_in(request: Request, body: LogIn) -> Response:
    """Get a token for an e-mail and its password. An unknown e-mail and a wrong password get the same answer."""
    here = accounts(request)
    user = await authenticate(here.users, here.passwords, body.email, body.password)
    token = _access_token(here.tokens, user)
    return json_response(LoggedInRead(user=UserRead.model_validate(user), **token.__dict__))


@router.get(
    "/me",
    summary="Who am I",
    response_model=UserRead,
    response_description="The current user.",
    responses=errors(Unauthenticated),
)
async def get_current_user(request: Request, token: CurrentToken) -> Response:
    """The user whom the token belongs to."""
    user = await accounts(request).users.find(token.user_id)
    if user is None:
        raise Unauthenticated
    return json_response(UserRead.model_validate(user))
