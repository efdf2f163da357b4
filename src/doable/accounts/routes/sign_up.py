"""Sign up, log in, and who am I."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from doable.accounts.dependencies import AccountRoute, CurrentCredential, accounts, client_of
from doable.accounts.schemas import LoggedInRead, LogIn, SignedUpRead, SignUp, UnverifiedRead, UserRead
from doable.accounts.sessions.repository import Opened
from doable.accounts.users.registration import registration
from doable.database import Row, Transaction
from doable.errors import (
    EmailNotVerified,
    EmailTaken,
    TooManyRequests,
    Unauthenticated,
    WeakPassword,
    WrongCredentials,
)
from doable.http.documentation import errors
from doable.http.requests import JSONRoute
from doable.http.responses import json_response

public = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=JSONRoute)
router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=AccountRoute)


@public.post(
    "/signup",
    summary="Sign up",
    status_code=201,
    response_model=SignedUpRead | UnverifiedRead,
    response_description="The new user: logged in, or with `REQUIRE_EMAIL_VERIFICATION` the user alone.",
    responses=errors(EmailTaken, WeakPassword, TooManyRequests, body=True),
)
async def sign_up(request: Request, body: SignUp) -> Response:
    """Make a user and log it in. The e-mail is compared without regard to case, and a link to verify it is sent there."""
    here, client = accounts(request), client_of(request)
    await here.passwords.check_room()
    await here.throttle.sign_up(client.address)
    add = await registration(here.users, here.passwords, body)
    if here.require_email_verification:
        read = UserRead.model_validate(await here.database.write(add))
        here.postman.wake()
        return json_response(UnverifiedRead(**read.__dict__, user=read), 201)

    async def sign_up(tx: Transaction) -> tuple[Row, Opened]:
        user = await add(tx)
        return user, await here.sessions.open(user, client)(tx)

    user, opened = await here.database.write(sign_up)
    here.postman.wake()
    read = UserRead.model_validate(user)
    return json_response(SignedUpRead(**read.__dict__, user=read, **here.tokens_read(opened).__dict__), 201)


@public.post(
    "/login",
    summary="Log in",
    response_model=LoggedInRead,
    response_description="The tokens and the user.",
    responses=errors(WrongCredentials, EmailNotVerified, TooManyRequests, body=True),
)
async def log_in(request: Request, body: LogIn) -> Response:
    """Get the tokens for an e-mail and its password. An unknown e-mail and a wrong password get the same answer."""
    here, client = accounts(request), client_of(request)
    user = await here.password_checks.authenticate(body.email, body.password, client)
    if here.require_email_verification and user["email_verified_at"] is None:
        raise EmailNotVerified
    opened = await here.database.write(
        here.sessions.open(user, client, password_hash=user["password_hash"]), owner_id=user["id"]
    )
    return json_response(LoggedInRead(user=UserRead.model_validate(user), **here.tokens_read(opened).__dict__))


@router.get(
    "/me",
    summary="Who am I",
    response_model=UserRead,
    response_description="The current user.",
    responses=errors(Unauthenticated),
)
async def get_current_user(request: Request, credential: CurrentCredential) -> Response:
    """The user whom the token belongs to."""
    user = await accounts(request).users.find(credential.user_id)
    if user is None:
        raise Unauthenticated
    return json_response(UserRead.model_validate(user))
