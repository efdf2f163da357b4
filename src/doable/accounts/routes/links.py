"""Routes that work by mail: a new password, and verified addresses."""

from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute, CurrentCredential
from doable.accounts.links.postman import Postman
from doable.accounts.links.repository import ask_for_change
from doable.accounts.links.tokens import read_mail_token
from doable.accounts.mail_addresses import check_reachable
from doable.accounts.routes.dependencies import (
    Checks,
    FromWhere,
    Hashing,
    MailTokens,
    OpenDatabase,
    Post,
    Revoked,
    Throttling,
)
from doable.accounts.schemas import ChangeEmail, ForgotPassword, ResendVerification, ResetPassword, VerifyEmail
from doable.accounts.users.emails import key_of
from doable.database import Database
from doable.errors import EmailTaken, MailTokenInvalid, TooManyRequests, Unauthenticated, WeakPassword, WrongPassword
from doable.http.documentation import errors
from doable.http.requests import Routes
from doable.outbox import repository as outbox

public = Routes(prefix="/api/auth", tags=["accounts"])
router = Routes(prefix="/api/auth", tags=["accounts"], route_class=BearerRoute)


@public.post(
    "/password/forgot",
    summary="Ask for a new password",
    status_code=202,
    response_class=Response,  # which has no content
    response_description="If there is such a user, a link is on its way.",
    responses=errors(TooManyRequests, body=True),
)
async def forgot_password(
    throttle: Throttling, database: OpenDatabase, postman: Post, origin: FromWhere, body: ForgotPassword
) -> Response:
    """Have a link sent for choosing a new password. It is good for one hour, and once.

    The answer is the same for an address that nobody has, and comes in the same time.
    """
    await throttle.reset(body.email, origin)
    return await _queue(database, postman, outbox.RESET, body.email)


@public.post(
    "/password/reset",
    summary="Choose a new password",
    status_code=204,
    response_description="It is the password from now on.",
    responses=errors(MailTokenInvalid, WeakPassword, TooManyRequests, body=True),
)
async def reset_password(
    tokens: MailTokens,
    database: OpenDatabase,
    revocations: Revoked,
    passwords: Hashing,
    throttle: Throttling,
    origin: FromWhere,
    body: ResetPassword,
) -> Response:
    """Choose a new password with the token of a mailed link.

    All sessions and all API tokens of the user end, the calendar, and all other links that were sent. The address counts as verified.
    """
    async with throttle.token(origin, wrong=MailTokenInvalid):
        token = read_mail_token(body.token)
        user = await tokens.user_to_reset(token)
        new = await passwords.hash_new(body.new_password, user["email"], field="new_password")
        revocations.add(await database.write(tokens.reset(token, new), owner_id=token.user_id, long=True))
        await throttle.forget_passwords(user["email"], origin)
    return Response(status_code=204)


@public.post(
    "/email/verify",
    summary="Verify an address",
    status_code=204,
    response_description="The address is verified.",
    responses=errors(MailTokenInvalid, EmailTaken, TooManyRequests, body=True),
)
async def verify_email(
    tokens: MailTokens, database: OpenDatabase, throttle: Throttling, origin: FromWhere, body: VerifyEmail
) -> Response:
    """Verify the address that a link was sent to. If it is a new address, it becomes the user's."""
    async with throttle.token(origin, wrong=MailTokenInvalid):
        token = read_mail_token(body.token)
        await tokens.check(token)
        await database.write(tokens.verify(token), owner_id=token.user_id)
    return Response(status_code=204)


@public.post(
    "/email/resend",
    summary="Ask for the link once more",
    status_code=202,
    response_class=Response,  # which has no content
    response_description="If there is such a user whose address is not verified, a link is on its way.",
    responses=errors(TooManyRequests, body=True),
)
async def resend_verification(
    throttle: Throttling, database: OpenDatabase, postman: Post, origin: FromWhere, body: ResendVerification
) -> Response:
    """Have the link for verifying an address sent again. It is good for 24 hours, and once.

    The answer is the same for an address that nobody has or that is verified, and comes in the same time.
    """
    await throttle.verification(body.email, origin)
    return await _queue(database, postman, outbox.VERIFY, body.email)


@router.post(
    "/email",
    summary="Change the address",
    status_code=202,
    response_class=Response,  # which has no content
    response_description="A link is on its way to the new address.",
    responses=errors(Unauthenticated, WrongPassword, EmailTaken, body=True),
)
async def change_email(
    checks: Checks,
    throttle: Throttling,
    database: OpenDatabase,
    postman: Post,
    credential: CurrentCredential,
    origin: FromWhere,
    body: ChangeEmail,
) -> Response:
    """Have a link sent to another address. It becomes the user's when somebody opens the link, within 24 hours.

    The present address is told at once. Only the newest request counts, and a reset of the password stops it.
    """
    if checks.verified_only:
        check_reachable(body.new_email, field="new_email")
    user = await checks.confirm(credential.user_id, body.password, origin)
    await throttle.verification(body.new_email, origin)
    await database.write(ask_for_change(user, body.new_email), owner_id=credential.user_id)
    postman.wake()
    return Response(status_code=202)


async def _queue(database: Database, postman: Postman, kind: str, email: str) -> Response:
    """The postman finds out whether anybody has this address. The answer must not depend on it."""
    await database.write(outbox.queue(kind, key_of(email)))
    postman.wake()
    return Response(status_code=202)
