"""The current user: read, rename, change the password, remove."""

from starlette.responses import Response

from doable.accounts.dependencies import AccountRoute, BearerRoute, CurrentCredential
from doable.accounts.links.repository import drop_all
from doable.accounts.routes.dependencies import (
    AccessTokens,
    Checks,
    FromWhere,
    Hashing,
    OpenDatabase,
    Revoked,
    Sessions,
    Users,
)
from doable.accounts.schemas import Confirmation, PasswordChange, UserRead, UserUpdate
from doable.database import Transaction
from doable.errors import Unauthenticated, WeakPassword, WrongPassword
from doable.http.documentation import errors
from doable.http.requests import Routes
from doable.http.responses import json_response

for_api_tokens = Routes(prefix="/api/auth", tags=["accounts"], route_class=AccountRoute)
for_log_ins = Routes(prefix="/api/auth", tags=["accounts"], route_class=BearerRoute)


@for_api_tokens.get(
    "/me",
    summary="Who am I",
    response_model=UserRead,
    response_description="The current user.",
    responses=errors(Unauthenticated),
)
async def get_current_user(users: Users, credential: CurrentCredential) -> Response:
    """The user of the token."""
    user = await users.find(credential.user_id)
    if user is None:
        raise Unauthenticated
    return json_response(UserRead.model_validate(user))


@for_api_tokens.patch(
    "/me",
    summary="Change your name",
    response_model=UserRead,
    response_description="The current user, as it is now.",
    responses=errors(Unauthenticated, body=True),
)
async def update_current_user(
    users: Users, database: OpenDatabase, credential: CurrentCredential, body: UserUpdate
) -> Response:
    """Change your name. Tokens stay as they are."""
    user = await database.write(users.rename(credential.user_id, body.name), owner_id=credential.user_id)
    return json_response(UserRead.model_validate(user))


@for_log_ins.post(
    "/password",
    summary="Change your password",
    status_code=204,
    response_description="It is changed, and all other sessions have ended.",
    responses=errors(Unauthenticated, WrongPassword, WeakPassword, body=True),
)
async def change_password(
    database: OpenDatabase,
    checks: Checks,
    passwords: Hashing,
    users: Users,
    sessions: Sessions,
    revocations: Revoked,
    credential: CurrentCredential,
    origin: FromWhere,
    body: PasswordChange,
) -> Response:
    """Change the password. This session stays open, and all others end."""
    user = await checks.confirm(credential.user_id, body.current_password, origin)
    new = await passwords.hash_new(body.new_password, user["email"], field="new_password")
    change = users.change_password(user["id"], old=user["password_hash"], new=new)
    drop_links = drop_all(user["id"])
    end_others = sessions.end_all(user["id"], but=credential.id)

    async def work(tx: Transaction) -> list[str]:
        await change(tx)
        await drop_links(tx)
        return await end_others(tx)

    revocations.add(await database.write(work, owner_id=user["id"], long=True))
    return Response(status_code=204)


@for_log_ins.delete(
    "/me",
    summary="Remove yourself",
    status_code=204,
    response_description="The user is gone.",
    responses=errors(Unauthenticated, WrongPassword, body=True),
)
async def remove_current_user(
    database: OpenDatabase,
    checks: Checks,
    users: Users,
    tokens: AccessTokens,
    revocations: Revoked,
    credential: CurrentCredential,
    origin: FromWhere,
    body: Confirmation,
) -> Response:
    """Remove your user with all sessions, tasks and everything else. The e-mail may sign up again at once.

    Your tokens are refused from now on. Your tasks are deleted in the background: that takes a second, or minutes for
    500,000 of them.
    """
    user = await checks.confirm(credential.user_id, body.password, origin)
    remove = users.remove(user["id"], tokens_live=tokens.lifetime)
    await database.write(remove, owner_id=user["id"], long=True)
    revocations.add([user["id"]])
    return Response(status_code=204)
