"""How a browser gets a configuration profile.

Safari installs one only if it goes to an address that answers it: what a script has made becomes a file that does nothing. Such
a request has no `Authorization`, and a token in an address would be in logs. So the page hands the token over first, in a
cookie that comes back to this path alone, for five minutes. Nothing is stored.
"""

from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentGate
from doable.accounts.gate.gate import Gate, bearer_token
from doable.accounts.routes.cookie_session import SameOriginRoute, origin_of_page
from doable.accounts.routes.dependencies import Users
from doable.accounts.users.repository import UserRepository
from doable.caldav.paths import PATH as DAV
from doable.caldav.paths import Addresses
from doable.caldav.profile.document import MEDIA_TYPE, Account, profile
from doable.database import Row
from doable.errors import Unauthenticated
from doable.http.requests import Routes
from doable.http.responses import credentials_response

PATH: Final = "/account/calendar-profile"
FILE: Final = "doable.mobileconfig"
SECONDS: Final = 300
# Where somebody who comes without a cookie gets one.
SETTINGS: Final = "/settings/security"

# Not in the OpenAPI document: a client that is no page of this server has the token already.
for_pages = Routes(prefix=PATH, is_documented=False, route_class=SameOriginRoute)
for_browsers = Routes(prefix=PATH, is_documented=False)


@for_pages.post("")
async def ask(request: Request, gate: CurrentGate, users: Users) -> Response:
    """Take the API token with which this is asked, and say where its profile is. The device will ask where this page is."""
    token = bearer_token(request.scope)
    await _user_of(token, gate, users, request)
    response = credentials_response({"path": request.app.state.link(f"{PATH}/{FILE}")})
    origin = origin_of_page(request)
    response.set_cookie(
        _cookie_name(request),
        f"{token.decode()}|{quote(origin, safe='')}",
        max_age=SECONDS,
        path=request.app.state.link(PATH),
        secure=origin.startswith("https://"),
        httponly=True,
        samesite="strict",
    )
    return response


@for_browsers.get(f"/{FILE}")
async def download(request: Request, gate: CurrentGate, users: Users) -> Response:
    """The profile. Whoever comes without a token, or too late, is shown where to get one."""
    token, _, said = request.cookies.get(_cookie_name(request), "").partition("|")
    try:
        origin = _origin(unquote(said))
        user = await _user_of(token.encode(), gate, users, request)
    except (Unauthenticated, ValueError):
        return Response(status_code=303, headers={"Location": request.app.state.link(SETTINGS)})
    account = Account(
        origin=origin,
        principal=Addresses(request.app.state.link(DAV), user["id"]).principal,
        user=user["email"] or user["id"],
        token=token,
        title=request.app.document.title,
    )
    # Without a Content-Disposition: it is to be opened, and what cannot open it saves it anyway.
    return Response(profile(account), headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)


async def _user_of(token: bytes, gate: Gate, users: UserRepository, request: Request) -> Row:
    """Whose API token it is. Raises Unauthenticated for any other: a device needs one that lasts."""
    credential = await gate.admit(token, "tasks:read", request=request.scope)
    user = await users.find(credential.user_id)
    if credential.scopes is None or user is None:
        raise Unauthenticated
    return user


def _origin(said: str) -> str:
    """The origin in a cookie. Raises ValueError for one that no page here has."""
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(said)
    return said


def _cookie_name(request: Request) -> str:
    """Cookies know no ports: two servers of one machine would take each other's."""
    port = request.headers.get("host", "").rpartition(":")[2]
    return f"doable-profile-{port if port.isdecimal() else 0}"
