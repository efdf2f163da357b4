"""Change one's name or password, or remove oneself."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from doable.accounts.dependencies import AccountRoute, BearerRoute, CurrentCredential, accounts, client_of
from doable.accounts.links.repository import dropping_all
from doable.accounts.schemas import Confirmation, PasswordChange, UserRead, UserUpdate
from doable.database import Transaction
from doable.errors import Unauthenticated, WeakPassword, WrongPassword
from doable.http.documentation import errors
from doable.http.responses import json_response

account = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=AccountRoute)
router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=BearerRoute)


@account.patch(
    "/me",
    summary="Change your name",
    response_model=UserRead,
    response_description="The current user, as it is now.",
    responses=errors(Unauthenticated, body=True),
)
async def update_current_user(request: Request, credential: CurrentCredential, body: UserUpdate) -> Response:
    """Go by another name. Tokens stay as they are."""
    user = await accounts(request).users.rename(credential.user_id, body.name)
    return json_response(UserRead.model_validate(user))


@router.post(
    "/password",
    summary="Change your password",
    status_code=204,
    response_description="It is changed, and all other sessions have ended.",
    responses=errors(Unauthenticated, WrongPassword, WeakPassword, body=True),
)
async def change_password(request: Request, credential: CurrentCredential, body: PasswordChange) -> Response:
    """Log in with another password from now on. This session goes on, and all others end."""
    here = accounts(request)
    user = await here.password_checks.confirm(credential.user_id, body.current_password, client_of(request))
    new = await here.passwords.hash_new(body.new_password, user["email"], field="new_password")
    change = here.users.change_password(user["id"], old=user["password_hash"], new=new)
    drop_links = dropping_all(user["id"])
    end_others = here.sessions.ending_all(user["id"], but=credential.id)

    async def work(tx: Transaction) -> list[str]:
        await change(tx)
        await drop_links(tx)
        return await end_others(tx)

    here.revocations.add(await here.database.write(work, owner_id=user["id"], long=True))
    return Response(status_code=204)


@router.delete(
    "/me",
    summary="Remove yourself",
    status_code=204,
    response_description="The user is gone.",
    responses=errors(Unauthenticated, WrongPassword, body=True),
)
async def remove_current_user(request: Request, credential: CurrentCredential, body: Confirmation) -> Response:
    """Remove your user with all sessions, tasks and everything else, for good. The e-mail may sign up again."""
    here = accounts(request)
    user = await here.password_checks.confirm(credential.user_id, body.password, client_of(request))
    await here.users.remove(user["id"], tokens_live=here.tokens.lifetime)
    here.revocations.add([user["id"]])
    return Response(status_code=204)
